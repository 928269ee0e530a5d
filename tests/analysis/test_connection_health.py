"""When a connection is closed, tried singly, held, and open again."""

import pytest

from docstage.analysis.connection_health import SUSPECT_TASKS, Health, Hold
from docstage.domain.tasks import FailureKind

NOW = 1_000.0


def _fail(
    health: Health, task: int, kind: FailureKind, *, now: float = NOW, retry_after: float | None = None
) -> bool:
    return health.failed(task, kind, "as told", retry_after, now, jitter=1.0)


def _troubled(health: Health) -> bool:
    return health.trouble is not None


@pytest.mark.parametrize("kind", [FailureKind.AUTH, FailureKind.QUOTA, FailureKind.UNKNOWN_MODEL])
def test_what_no_waiting_mends_holds_at_once(kind: FailureKind) -> None:
    """A wrong key, used-up credit or an unknown model holds the lane, and no task is blamed."""
    health = Health(hold_after=60.0)
    assert not _fail(health, 1, kind)
    assert health.hold is not None
    assert (health.hold.kind, health.is_open(NOW + 1e6)) == (kind, False)


def test_a_rate_limit_closes_for_as_long_as_the_provider_asks() -> None:
    """Retry-After is obeyed, then one call at a time is tried until one succeeds."""
    health = Health(hold_after=60.0)
    assert not _fail(health, 1, FailureKind.RATE_LIMITED, retry_after=7.0)
    assert not health.is_open(NOW + 6.9)
    assert health.is_open(NOW + 7.0)
    assert health.is_suspect
    health.succeeded()
    assert not health.is_suspect


def test_refusals_of_one_wave_close_only_once() -> None:
    """Calls that were in flight at the first refusal do not lengthen the pause."""
    health = Health(hold_after=60.0)
    for task in range(10):
        _fail(health, task, FailureKind.RATE_LIMITED, retry_after=5.0)
    assert health.is_open(NOW + 5.0)


def test_the_longest_wait_that_was_asked_for_is_kept() -> None:
    """Of several refusals of one wave the most patient one counts, whichever comes first."""
    health = Health(hold_after=60.0)
    _fail(health, 1, FailureKind.RATE_LIMITED)
    _fail(health, 2, FailureKind.RATE_LIMITED, retry_after=20.0)
    _fail(health, 3, FailureKind.RATE_LIMITED, retry_after=5.0)
    assert not health.is_open(NOW + 19.9)
    assert health.is_open(NOW + 20.0)
    _fail(health, 4, FailureKind.RATE_LIMITED, retry_after=7_200.0)
    assert health.hold is not None


def test_a_server_that_answers_is_well_whatever_it_says() -> None:
    """After a refusal of a document the connection is open again, and not tried with single calls."""
    health = Health(hold_after=60.0)
    _fail(health, 1, FailureKind.RATE_LIMITED)
    for task in range(SUSPECT_TASKS):
        _fail(health, task, FailureKind.OVERLOADED)
    assert health.is_suspect
    assert _fail(health, 9, FailureKind.CONTEXT_OVERFLOW)
    assert not health.is_suspect


def test_trouble_is_over_when_a_server_answers() -> None:
    """What comes minutes after a refusal of a document is new trouble, not the old one going on."""
    health = Health(hold_after=60.0)
    _fail(health, 1, FailureKind.RATE_LIMITED)
    _fail(health, 2, FailureKind.REFUSAL)
    _fail(health, 1, FailureKind.RATE_LIMITED, now=NOW + 300.0)
    assert health.hold is None


def test_a_wait_that_is_too_long_holds_with_the_reason() -> None:
    """A provider that asks to come back in hours is not waited for in silence."""
    health = Health(hold_after=60.0)
    _fail(health, 1, FailureKind.RATE_LIMITED, retry_after=7_200.0)
    assert health.hold is not None
    assert "7,200 s" in health.hold.reason


def test_one_poisoned_task_is_blamed_itself() -> None:
    """A task that fails again and again among successes uses up its own tries."""
    health = Health(hold_after=60.0)
    for _ in range(5):
        assert _fail(health, 7, FailureKind.OVERLOADED)
        health.succeeded()
    assert health.is_open(NOW)


def test_the_last_poisoned_task_is_blamed_too() -> None:
    """Even when nothing else is left to succeed, one task alone does not make the connection suspect."""
    health = Health(hold_after=60.0)
    assert all(_fail(health, 7, FailureKind.TIMEOUT) for _ in range(5))


def test_many_tasks_failing_in_a_row_are_the_connections_fault() -> None:
    """Past a few different tasks, failures no longer count against tasks, and the lane pauses."""
    health = Health(hold_after=60.0)
    counted = [_fail(health, task, FailureKind.OVERLOADED) for task in range(6)]
    assert counted == [True] * (SUSPECT_TASKS - 1) + [False] * (6 - SUSPECT_TASKS + 1)
    assert not health.is_open(NOW)


def test_trouble_that_lasts_holds_the_lane() -> None:
    """A server that cannot be reached for long holds the lane; a success before that clears everything."""
    health = Health(hold_after=60.0)
    now = NOW
    while health.hold is None:
        now = max(now, health.closed_until)
        health.unreachable("refused", now, jitter=1.0)
        assert now - NOW < 120.0
    assert health.hold.kind is FailureKind.CONNECTION
    assert now - NOW > 60.0


@pytest.mark.parametrize("kind", [FailureKind.CONTEXT_OVERFLOW, FailureKind.TRUNCATED])
def test_a_failure_of_the_task_itself_counts_and_says_nothing_of_the_connection(kind: FailureKind) -> None:
    """An overflow or a document that was cut short is the document's business."""
    health = Health(hold_after=60.0)
    assert all(_fail(health, task, kind) for task in range(10))
    assert health.is_open(NOW)
    assert not health.is_suspect


def test_a_lane_knows_why_it_stalls_and_since_when() -> None:
    """The first trouble in a row says since when, the last one why; a hold keeps its own moment."""
    health = Health(hold_after=600.0)
    _fail(health, 1, FailureKind.RATE_LIMITED, retry_after=5.0)
    _fail(health, 1, FailureKind.RATE_LIMITED, now=NOW + 6, retry_after=9.0)
    assert health.trouble == Hold(FailureKind.RATE_LIMITED, "as told", NOW)
    assert _troubled(health)
    health.succeeded()
    assert not _troubled(health)
    health.unreachable("refused", NOW + 20, jitter=1.0)
    assert health.trouble == Hold(FailureKind.CONNECTION, "refused", NOW + 20)
    _fail(health, 2, FailureKind.AUTH, now=NOW + 30)
    health.succeeded()
    assert health.hold == Hold(FailureKind.AUTH, "as told", NOW + 30)
