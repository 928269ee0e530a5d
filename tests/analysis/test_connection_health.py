"""When a connection is closed, tried singly, held, and open again."""

import pytest

from docstage.analysis.connection_health import LONGEST_WAIT, Health
from docstage.analysis.gaps import LONGEST_GAP, Failed, Hold
from docstage.analysis.streams import SUSPECT_TASKS, Stream
from docstage.domain.tasks import FailureKind

NOW = 1_000.0
HOUR = 3_600.0
PATIENCE = 12 * HOUR


class Seen:
    """A connection over which some prompts are asked, and what its calls come to."""

    def __init__(self, prompts: int = 1, give_up_after: float = PATIENCE) -> None:
        self.health = Health(give_up_after, prompts=prompts)
        self.streams = [Stream(give_up_after) for _ in range(prompts)]
        self.now = NOW

    def fail(
        self,
        task: int,
        kind: FailureKind,
        *,
        prompt: int = 0,
        retry_after: float | None = None,
        message: str = "as told",
    ) -> bool:
        """A call fails; whether that counts against its task."""
        failed = Failed(task, kind, message, begun_at=self.now, retry_after=retry_after)
        return self.health.failed(self.streams[prompt], failed, self.now, jitter=1.0)

    def answer(self, prompt: int = 0) -> None:
        """A call is answered that left a moment ago."""
        self.health.succeeded(self.streams[prompt], self.now)

    def away_for(self, seconds: float, kind: FailureKind, retry_after: float | None = None) -> int:
        """Every try fails for so long; returns how many there were."""
        tries, ends = 0, self.now + seconds
        while self.health.hold is None:
            self.now = max(self.now, self.health.closed_until)
            if self.now >= ends:
                break
            self.fail(tries, kind, retry_after=retry_after)
            tries += 1
        return tries


@pytest.mark.parametrize("kind", [FailureKind.AUTH, FailureKind.QUOTA, FailureKind.UNKNOWN_MODEL])
def test_what_no_waiting_mends_holds_at_once(kind: FailureKind) -> None:
    """A wrong key, used-up credit or an unknown model holds the lane, and no task is blamed."""
    seen = Seen()
    assert not seen.fail(1, kind)
    assert seen.health.hold is not None
    assert (seen.health.hold.kind, seen.health.is_open(NOW + 1e6)) == (kind, False)


def test_a_quota_whose_new_period_is_named_is_waited_for() -> None:
    """What is regained at a named time heals by itself; then one call at a time is tried."""
    seen = Seen()
    assert not seen.fail(1, FailureKind.QUOTA, retry_after=12 * HOUR)
    assert seen.health.hold is None
    assert not seen.health.is_open(NOW + 12 * HOUR - 1)
    assert seen.health.is_open(NOW + 12 * HOUR)
    assert seen.health.is_suspect


@pytest.mark.parametrize("named", [30.0, LONGEST_WAIT + 1])
def test_a_short_look_does_not_bring_back_credit(named: float) -> None:
    """Who asks to wait some seconds although credit is used up names no new period; nor does a year."""
    seen = Seen()
    seen.fail(1, FailureKind.QUOTA, retry_after=named)
    assert seen.health.hold is not None


def test_a_rate_limit_closes_for_as_long_as_the_provider_asks() -> None:
    """Retry-After is obeyed, then one call at a time is tried until one succeeds."""
    seen = Seen()
    assert not seen.fail(1, FailureKind.RATE_LIMITED, retry_after=7.0)
    assert not seen.health.is_open(NOW + 6.9)
    assert seen.health.is_open(NOW + 7.0)
    assert seen.health.is_suspect
    seen.answer()
    assert not _is_suspect(seen)


def test_refusals_of_one_wave_close_only_once() -> None:
    """Calls that were in flight at the first refusal do not lengthen the pause."""
    seen = Seen()
    for task in range(10):
        seen.fail(task, FailureKind.RATE_LIMITED, retry_after=5.0)
    assert seen.health.is_open(NOW + 5.0)


def test_the_longest_wait_that_was_asked_for_is_kept() -> None:
    """Of several refusals of one wave the most patient one counts, whichever comes first."""
    seen = Seen()
    for wait in (None, 20.0, 5.0):
        seen.fail(1, FailureKind.RATE_LIMITED, retry_after=wait)
    assert not seen.health.is_open(NOW + 19.9)
    assert seen.health.is_open(NOW + 20.0)
    seen.fail(4, FailureKind.RATE_LIMITED, retry_after=7_200.0)
    assert not seen.health.is_open(NOW + 7_199.0)
    assert seen.health.is_open(NOW + 7_200.0)


@pytest.mark.parametrize("hours", [0.04, 2, 11, 24, 5 * 24, 31 * 24])
def test_a_named_wait_of_any_length_is_waited_for(hours: float) -> None:
    """Also one beyond the patience, such as that of a limit a day or a month; then calls leave again."""
    seen = Seen()
    seen.fail(1, FailureKind.RATE_LIMITED, retry_after=hours * HOUR)
    assert not seen.health.is_open(NOW + hours * HOUR - 1)
    seen.now += hours * HOUR
    assert seen.health.is_open(seen.now)
    seen.fail(1, FailureKind.RATE_LIMITED, retry_after=30.0)  # clocks differ a little
    assert seen.health.hold is None
    seen.now += 30.0
    assert seen.health.is_open(seen.now)


def test_a_wait_beyond_all_limits_needs_a_person() -> None:
    """Nobody waits for a year; the reason says how long was asked for."""
    seen = Seen()
    seen.fail(1, FailureKind.RATE_LIMITED, retry_after=LONGEST_WAIT + 86_400)
    assert seen.health.hold is not None
    assert "33 days" in seen.health.hold.reason


def test_a_limit_a_day_that_names_no_time_is_waited_out() -> None:
    """Refusals for a day, without a time or each with a short one: tried with growing gaps, never held."""
    for named in (None, 20.0):
        seen = Seen()
        tries = seen.away_for(24 * HOUR, FailureKind.RATE_LIMITED, named)
        assert seen.health.hold is None
        assert tries < 24 * HOUR / LONGEST_GAP + 20


def test_a_limit_that_never_ends_is_held_at_last() -> None:
    """More than a day of refusals, each with a short wait: somebody must look."""
    seen = Seen()
    seen.away_for(48 * HOUR, FailureKind.RATE_LIMITED, 36.0)
    assert seen.health.hold is not None
    assert "27 hours" in seen.health.hold.reason


@pytest.mark.parametrize(
    ("kind", "most"),
    [(FailureKind.OVERLOADED, 160), (FailureKind.CONNECTION, 160), (FailureKind.TIMEOUT, 62)],
)
def test_a_server_that_is_away_is_tried_until_patience_ends(kind: FailureKind, most: int) -> None:
    """Half a day with few calls, fewest where they may be billed; then it is held, and no task is blamed."""
    seen = Seen()
    tries = seen.away_for(20 * HOUR, kind)
    assert seen.health.hold is not None
    assert "No call has succeeded for 12 hours" in seen.health.hold.reason
    assert tries <= most
    assert seen.now - NOW < 12.5 * HOUR


@pytest.mark.parametrize("minutes", [1, 5, 10, 60])
def test_an_outage_costs_hardly_more_time_than_it_lasts(minutes: float) -> None:
    """The next try comes soon after its end: at most as late again as it lasted, and five minutes."""
    seen = Seen()
    seen.away_for(minutes * 60, FailureKind.OVERLOADED)
    assert seen.health.hold is None
    late = seen.now - (NOW + minutes * 60)
    assert late <= min(minutes * 60, LONGEST_GAP) + 1
    seen.answer()
    assert seen.health.is_open(seen.now)
    assert not seen.health.is_suspect


def test_nothing_that_listens_is_looked_for_more_often() -> None:
    """A look costs nothing: at most a minute passes until the next, for as long as patience lasts."""
    seen, looks = Seen(), 0
    while seen.health.hold is None:
        seen.now = max(seen.now, seen.health.closed_until)
        seen.health.unreachable("refused", seen.now, jitter=1.0)
        assert seen.health.closed_until - seen.now <= 60.0
        looks += 1
    assert seen.health.hold.kind is FailureKind.CONNECTION
    assert (PATIENCE < seen.now - NOW < PATIENCE + 120, looks < 740) == (True, True)


def test_trouble_is_over_when_a_server_answers() -> None:
    """What comes minutes after a refusal of a document is new trouble, not the old one going on."""
    seen = Seen(give_up_after=60.0)
    seen.fail(1, FailureKind.RATE_LIMITED)
    for task in range(SUSPECT_TASKS):
        seen.fail(task, FailureKind.OVERLOADED)
    assert seen.health.is_suspect
    assert seen.fail(9, FailureKind.CONTEXT_OVERFLOW)
    assert not _is_suspect(seen)
    seen.now += 300.0
    seen.fail(1, FailureKind.RATE_LIMITED)
    assert seen.health.hold is None


def test_one_poisoned_task_is_blamed_itself() -> None:
    """A task that fails again and again among successes uses up its own tries."""
    seen = Seen()
    for _ in range(5):
        assert seen.fail(7, FailureKind.OVERLOADED)
        seen.answer()
    assert seen.health.is_open(NOW)
    assert all(seen.fail(7, FailureKind.TIMEOUT) for _ in range(5))  # also when nothing else is left


def test_many_tasks_failing_in_a_row_are_the_connections_fault() -> None:
    """Past a few different tasks, failures no longer count against tasks, and the lane pauses."""
    seen = Seen()
    counted = [seen.fail(task, FailureKind.OVERLOADED) for task in range(6)]
    assert counted == [True] * (SUSPECT_TASKS - 1) + [False] * (6 - SUSPECT_TASKS + 1)
    assert not seen.health.is_open(NOW)


def test_a_prompt_that_breaks_the_server_rests_alone() -> None:
    """Its tasks fail while others are answered: it is tried singly, they go on, and no task is blamed."""
    seen = Seen(prompts=2)
    counted = [seen.fail(task, FailureKind.OVERLOADED) for task in range(6)]
    assert counted[SUSPECT_TASKS - 1 :] == [False] * 4
    assert seen.health.is_open(NOW)
    assert not seen.health.is_suspect
    assert (seen.streams[0].is_open(NOW), seen.streams[0].at_once) == (False, 1)
    assert seen.streams[1].is_open(NOW)
    seen.answer(prompt=1)
    assert not seen.streams[0].is_open(NOW)


def test_two_prompts_that_fail_are_the_connections_fault() -> None:
    """Then nothing leaves for a while, whichever prompt it asks."""
    seen = Seen(prompts=5)
    for task in range(SUSPECT_TASKS):
        seen.fail(task, FailureKind.OVERLOADED, prompt=task % 2)
    assert not seen.health.is_open(NOW)


def test_a_prompt_that_always_breaks_the_server_is_held_while_others_are_answered() -> None:
    """Ten alike, others answered between: a grammar that the server cannot read is no overload."""
    seen, calls = Seen(prompts=2), 0
    while seen.streams[0].hold is None:
        seen.now = max(seen.now, seen.streams[0].closed_until)
        seen.fail(calls, FailureKind.OVERLOADED, message=f"failed to parse grammar {calls}")
        seen.now += 1.0
        seen.answer(prompt=1)
        calls += 1
    assert calls == 10
    assert seen.health.is_open(seen.now)
    assert seen.now - NOW < 600.0


def test_an_outage_holds_no_prompt() -> None:
    """Without answers to other prompts it is the server's trouble, however many calls fail alike."""
    seen = Seen(prompts=2)
    for n in range(60):
        seen.now = max(seen.now, seen.health.closed_until)
        seen.fail(n, FailureKind.OVERLOADED, prompt=n % 2)
    assert [stream.hold for stream in seen.streams] == [None, None]
    assert seen.health.hold is None


@pytest.mark.parametrize(
    "kind", [FailureKind.CONTEXT_OVERFLOW, FailureKind.TRUNCATED, FailureKind.CUT_OFF, FailureKind.REFUSAL]
)
def test_a_failure_of_the_task_itself_counts_and_says_nothing_of_the_connection(kind: FailureKind) -> None:
    """A document that is too long, or an answer that was cut off, comes from a server that works."""
    seen = Seen()
    seen.fail(0, FailureKind.RATE_LIMITED)
    assert seen.health.is_suspect
    assert all(seen.fail(task, kind) for task in range(100))
    assert not _is_suspect(seen)
    assert seen.health.trouble is None


def test_a_lane_knows_why_it_stalls_and_since_when() -> None:
    """The first trouble in a row says since when, the last one why; a hold keeps its own moment."""
    seen = Seen()
    seen.fail(1, FailureKind.RATE_LIMITED, retry_after=5.0)
    seen.now += 6
    seen.fail(1, FailureKind.RATE_LIMITED, retry_after=9.0)
    assert seen.health.trouble == Hold(FailureKind.RATE_LIMITED, "as told", NOW)
    seen.answer()
    assert _trouble_of(seen.health) is None
    seen.health.unreachable("refused", NOW + 20, jitter=1.0)
    assert _trouble_of(seen.health) == Hold(FailureKind.CONNECTION, "refused", NOW + 20)
    seen.now = NOW + 30
    seen.fail(2, FailureKind.AUTH)
    seen.answer()
    assert seen.health.hold == Hold(FailureKind.AUTH, "as told", NOW + 30)


def test_an_engine_that_starts_anew_begins_with_one_call() -> None:
    """Trouble that the last engine saw goes on: one try at once, and patience counts from its begin."""
    seen = Seen()
    seen.health.suspect(Hold(FailureKind.OVERLOADED, "sick", NOW - 11 * HOUR))
    assert seen.health.is_open(NOW)
    assert seen.health.is_suspect
    seen.away_for(3 * HOUR, FailureKind.OVERLOADED)
    assert seen.health.hold is not None
    assert "12 hours" in seen.health.hold.reason


def test_somebody_who_resumes_tries_at_once_and_carefully() -> None:
    """The wait is cut short, and the next refusal is obeyed again."""
    seen = Seen()
    seen.fail(1, FailureKind.RATE_LIMITED, retry_after=HOUR)
    seen.health.try_now(NOW)
    assert seen.health.is_open(NOW)
    assert seen.health.is_suspect
    seen.fail(1, FailureKind.RATE_LIMITED, retry_after=HOUR)
    assert not seen.health.is_open(NOW + HOUR - 1)


def _trouble_of(health: Health) -> Hold | None:
    return health.trouble


def _is_suspect(seen: Seen) -> bool:
    return seen.health.is_suspect
