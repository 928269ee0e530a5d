"""The pace of a run: what came back of its calls, and when."""

from tests.support.stores import NOW, analyze, answered, calls_for, failed, record_begun, record_ended

from docstage.domain.tasks import AttemptOutcome, TaskStatus
from docstage.store.database import Database
from docstage.store.throughput import Second, calls_by_second

_WHOLE = int(NOW)


def test_calls_are_counted_by_the_second(database: Database) -> None:
    """Calls of one second are added up, whatever became of them; what was dropped never came back."""
    staged = analyze(database, 5, lanes=1)
    calls = calls_for(database, staged)
    record_begun(database, calls)
    record_ended(
        database,
        [
            answered(calls[0], at=_WHOLE + 0.01),
            failed(calls[1], at=_WHOLE + 0.99),
            answered(calls[2], at=_WHOLE + 3.5, cost=None),
            answered(calls[3], at=_WHOLE + 3.6, outcome=AttemptOutcome.DISCARDED),
            failed(calls[4], TaskStatus.QUEUED, at=_WHOLE + 7, outcome=AttemptOutcome.DROPPED),
        ],
    )
    with database.read() as c:
        assert calls_by_second(c, staged.run_id) == [
            Second(_WHOLE, 2, 1, 280.0, 7, 0),
            Second(_WHOLE + 3, 2, 0, 500.0, 7, 1),
        ]


def test_a_second_without_known_prices_has_no_cost(database: Database) -> None:
    """Unknown is not zero. Calls of other runs do not count."""
    staged = analyze(database, 1, lanes=1)
    other = analyze(database, 1, "Letters of June", lanes=1)
    for one in (staged, other):
        calls = calls_for(database, one)
        record_begun(database, calls)
        record_ended(database, [answered(call, cost=None, at=_WHOLE) for call in calls])
    with database.read() as c:
        assert calls_by_second(c, staged.run_id) == [Second(_WHOLE, 2, 0, 500.0, None, 2)]
