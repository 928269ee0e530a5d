"""Tries that are repeated with growing gaps, until one succeeds or there is no patience left.

Times are seconds of a monotonic clock, passed in.
"""

from dataclasses import dataclass

from docstage.analysis.limits import backoff
from docstage.domain.tasks import TIME_HEALS, FailureKind

LONGEST_GAP = 300.0
# Nobody knows whether a call that timed out is billed: such calls are made more seldom.
LONGEST_GAP_BILLED = 900.0


@dataclass(frozen=True, slots=True)
class Hold:
    """Why no calls are made, and since when, by a monotonic clock.

    Attributes:
        calls: how many ended so, where they were counted.
    """

    kind: FailureKind
    reason: str
    since: float
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """A call that failed.

    Attributes:
        begun_at: when it might leave, by a monotonic clock.
        retry_after: seconds that the provider asks to wait, or None.
        blames_task: False where it may be others that kept it from its answer.
        is_billed: the server answered and counted tokens: it is not away, and each further try costs again.
        is_last: its task is not tried again.
        needs_person: no waiting mends the connection.
    """

    task_id: int
    kind: FailureKind
    message: str
    begun_at: float = 0.0
    status_code: int | None = None
    retry_after: float | None = None
    blames_task: bool = True
    is_billed: bool = False
    is_last: bool = True
    needs_person: bool = False

    @property
    def heals(self) -> bool:
        """Whether it may be tried again for long, because it passes without a person and costs nothing."""
        return self.kind in TIME_HEALS and not self.is_billed


@dataclass(slots=True, eq=False)
class Gaps:
    """What is tried again and again.

    Attributes:
        give_up_after: seconds without a success after which it is held.
        hold: why no calls are made until somebody mends it, or None.
        trouble: why it waits between tries, until one succeeds; or None.
        closed_until: no call leaves before.
        refusals: tries in a row that came to nothing.
        patience_from: when the patience began that `give_up_after` limits.
    """

    give_up_after: float
    hold: Hold | None = None
    trouble: Hold | None = None
    closed_until: float = float("-inf")
    refusals: int = 0
    patience_from: float = 0.0

    def is_open(self, now: float) -> bool:
        """Whether calls may leave."""
        return self.hold is None and now >= self.closed_until

    def try_now(self, now: float) -> None:
        """Wait no longer, but go on carefully."""
        self.closed_until = min(self.closed_until, now)

    def recovered(self) -> None:
        """A try has succeeded."""
        self.refusals = 0
        self.trouble = None

    def pause(self, failed: Failed, now: float, jitter: float) -> None:
        """Wait before the next try, longer than before the last one; or give up."""
        self.refusals += 1
        most = LONGEST_GAP_BILLED if failed.kind is FailureKind.TIMEOUT else LONGEST_GAP
        wait = backoff(self.refusals, jitter, base=1.0, most=most)
        self.close(failed.kind, failed.message, wait, now, self.give_up_after)

    def close(self, kind: FailureKind, message: str, wait: float, now: float, patience: float) -> None:
        """Let no call leave for so long; give up when nothing has succeeded for as long as the patience."""
        if self.trouble is None:
            self.patience_from = now
        self.closed_until = now + wait
        since = self.trouble.since if self.trouble else now
        self.trouble = Hold(kind, message, since)
        if now - self.patience_from > patience:
            reason = f"No call has succeeded for {_duration(now - since)}. {message}"
            self.hold = Hold(kind, reason, since)


def _duration(seconds: float) -> str:
    """A duration in words, rounded."""
    for name, length in (("hours", 3_600.0), ("minutes", 60.0)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {name}"
    return f"{seconds:,.0f} s"
