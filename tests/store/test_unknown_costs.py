"""Money of unknown outcome never counts as zero: in its run, in the ledger, for the budget, after a crash."""

from dataclasses import replace
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import select, text, update
from tests.support.stores import (
    NOW,
    Staged,
    analyze,
    answered,
    assert_tallies_hold,
    calls_for,
    failed,
    record_begun,
    record_ended,
)

from docstage.domain.tasks import AttemptOutcome, FailureKind, TaskStatus
from docstage.domain.usage import Usage
from docstage.store import recording, runs
from docstage.store.database import Database
from docstage.store.invariants import INVARIANTS
from docstage.store.migrate import FOLDER
from docstage.store.recording import CallBegun
from docstage.store.spending import spent
from docstage.store.tables import attempt, spending, tally

MOST = 1_000
OF_MONEY = {"call counters", "ledger", "answers paid once"}
_DAY = 86_400


def _begun(database: Database, number: int, most: int | None = MOST) -> tuple[Staged, list[CallBegun]]:
    staged = analyze(database, 4, lanes=1)
    calls = [replace(call, possible_cost=most) for call in calls_for(database, staged)[:number]]
    record_begun(database, calls)
    return staged, calls


def _money(database: Database, staged: Staged) -> tuple[int, int, int]:
    """Known, of how many unknown, and these at most."""
    with database.read() as c:
        total = runs.totals(c, [staged.run_id])[staged.run_id]
    return total.cost, total.unpriced_calls, total.possible_cost


def _ledger(database: Database) -> tuple[int, int, int]:
    with database.read() as c:
        found = spent(c, (0, NOW + 10 * _DAY))
    return (
        sum(one.sums.cost for one in found),
        sum(one.sums.unpriced_calls for one in found),
        sum(one.sums.possible_cost for one in found),
    )


def _check(database: Database) -> None:
    assert_tallies_hold(database)
    with database.read() as c:
        assert [one.broken(c).where for one in INVARIANTS if one.name in OF_MONEY] == [()] * len(OF_MONEY)


def _dropped(call: CallBegun, **changes: Any) -> Any:
    given_up = failed(call, TaskStatus.QUEUED, outcome=AttemptOutcome.DROPPED, failure_kind=None, cost=None)
    return replace(given_up, status_code=None, **changes)


def test_a_call_is_booked_at_its_most_until_it_is_over(database: Database) -> None:
    """In flight it may cost its most; answered it costs what it cost; refused nothing."""
    staged, (one, two, three) = _begun(database, 3)
    assert _money(database, staged) == (0, 0, 3 * MOST)
    assert _ledger(database) == (0, 0, 0)
    record_ended(database, [answered(one), failed(two)])
    assert _money(database, staged) == (7, 0, MOST)
    record_ended(database, [answered(three, usage=None, cost=None)])
    assert _money(database, staged) == (7, 1, MOST)
    assert _ledger(database) == (7, 1, MOST)
    _check(database)


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_call_that_was_given_up_is_of_unknown_cost(database: Database, cancelled: bool) -> None:
    """It stays booked at its most, also when its task was cancelled before; one that never left is free."""
    staged, (one, two) = _begun(database, 2)
    if cancelled:
        with database.write() as c:
            runs.cancel_tasks(c, staged.run_id)
    record_ended(database, [_dropped(one), _dropped(two, cost=0)])
    assert _money(database, staged) == _ledger(database) == (0, 1, MOST)
    _check(database)


def test_a_timeout_is_of_unknown_cost(database: Database) -> None:
    """A try that brought no answer may have been billed; the next one adds its own cost."""
    staged, (one,) = _begun(database, 1)
    late = failed(one, TaskStatus.QUEUED, failure_kind=FailureKind.TIMEOUT, status_code=None, cost=None)
    record_ended(database, [late])
    again = replace(one, attempt=2, possible_cost=MOST)
    record_begun(database, [again])
    record_ended(database, [answered(again, tries=2)])
    assert _money(database, staged) == _ledger(database) == (7, 1, MOST)
    _check(database)


def test_calls_that_were_lost_with_their_engine(database: Database) -> None:
    """They are of unknown cost in their run and in the ledger; what is free at most has cost nothing."""
    staged, calls = _begun(database, 3)
    free = replace(calls_for(database, staged)[0], possible_cost=0)
    dear = replace(calls_for(database, staged)[1], possible_cost=None)
    record_begun(database, [free, dear])
    record_ended(database, [answered(calls[0])])
    with database.write() as c:
        assert recording.recover(c, NOW + 9) == 4
    assert _money(database, staged) == _ledger(database) == (7, 3, 2 * MOST)
    _check(database)


def test_a_call_that_was_thought_lost_comes_back(database: Database) -> None:
    """Then its cost is known after all, and it is unknown no more, neither in its run nor in the ledger."""
    staged, (one, two) = _begun(database, 2)
    with database.write() as c:
        recording.recover(c, NOW + 9)
    record_ended(database, [answered(one), _dropped(two)])
    assert _money(database, staged) == _ledger(database) == (7, 1, MOST)
    _check(database)


_LATER = ("cache_write_tokens", "reasoning_tokens")  # which the ledger has since 0010


def test_a_migration_counts_what_was_free_before(database: Database) -> None:
    """Calls without an end, and of a try that timed out, were free; they are unknown, in the ledger too."""
    staged, (one, two, three, four) = _begun(database, 4)
    slow = failed(three, failure_kind=FailureKind.TIMEOUT, status_code=None, cost=None)
    record_ended(database, [answered(one, usage=Usage(1, 0, 1)), _dropped(two), slow, failed(four)])
    wanted = (_money(database, staged)[:2], _ledger(database)[:2])
    with database.write() as c:  # as it was before
        c.execute(update(attempt).where(attempt.c.outcome != "completed").values(cost=None))
        c.execute(update(tally).values(unpriced_calls=0))
        c.execute(update(spending).values(unpriced_calls=0))
        for table in ("attempt", "tally", "spending"):
            c.execute(text(f"ALTER TABLE {table} DROP COLUMN possible_cost"))
        for column in _LATER:
            c.execute(text(f"ALTER TABLE spending DROP COLUMN {column}"))
        with Operations.context(MigrationContext.configure(c)):
            ScriptDirectory(str(FOLDER)).get_revision("0007").module.upgrade()
        for column in _LATER:
            c.execute(text(f"ALTER TABLE spending ADD COLUMN {column} BIGINT NOT NULL DEFAULT 0"))
        known = c.execute(select(attempt.c.outcome, attempt.c.failure_kind, attempt.c.cost)).all()
    assert (_money(database, staged)[:2], _ledger(database)[:2]) == wanted == ((7, 2), (7, 2))
    assert ("failed", "overloaded", 0) in known
    _check(database)
