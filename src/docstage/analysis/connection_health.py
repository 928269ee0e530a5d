"""Whether a connection works as a whole, apart from the luck of single tasks.

Three states. Normally calls leave as the limits allow. After trouble that concerns the connection it is
*closed* for a while, and then tried with one call at a time. When that does not help for long, or cannot
help, it is *held*: no call leaves until somebody mends it and resumes.
"""

from dataclasses import dataclass, field

from docstage.analysis.limits import backoff
from docstage.domain.tasks import POLICIES, FailureKind

# So many different tasks failing one after another, none succeeding, are the connection's fault, not theirs.
SUSPECT_TASKS = 3
_SHARED_TROUBLE = frozenset({FailureKind.OVERLOADED, FailureKind.TIMEOUT, FailureKind.CONNECTION})
# Only a server that works says these. They are failures of the task, not of the connection.
_ANSWERED = frozenset(
    {
        FailureKind.CONTEXT_OVERFLOW,
        FailureKind.TRUNCATED,
        FailureKind.REFUSAL,
        FailureKind.BAD_REQUEST,
        FailureKind.REJECTED_INPUT,
        FailureKind.CUT_OFF,
        FailureKind.BAD_ANSWER,
    }
)


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a connection makes no calls, and since when, by a monotonic clock."""

    kind: FailureKind
    reason: str
    since: float


@dataclass(slots=True)
class Health:
    """What the last calls say about a connection. Times are of a monotonic clock.

    Attributes:
        hold_after: seconds of trouble without a single success after which it is held.
        hold: why it is held, or None.
        trouble: why it was closed, until a call succeeds again; or None.
        closed_until: no call leaves before.
    """

    hold_after: float
    hold: Hold | None = None
    trouble: Hold | None = None
    closed_until: float = float("-inf")
    _failing: set[int] = field(default_factory=set)
    _refusals: int = 0

    @property
    def is_suspect(self) -> bool:
        """Whether it is tried with one call at a time."""
        return self._refusals > 0 or len(self._failing) >= SUSPECT_TASKS

    def is_open(self, now: float) -> bool:
        """Whether calls may leave."""
        return self.hold is None and now >= self.closed_until

    def succeeded(self) -> None:
        """A call was answered: whatever was wrong is over."""
        self._failing.clear()
        self._refusals = 0
        self.trouble = None

    def failed(
        self,
        task_id: int,
        kind: FailureKind,
        message: str,
        retry_after: float | None,
        now: float,
        jitter: float,
    ) -> bool:
        """A call failed; returns whether that counts against its task.

        Args:
            retry_after: seconds that the provider asks to wait, or None.
            jitter: a random number from 0 to 1.
        """
        policy = POLICIES[kind]
        if policy.holds:
            self.hold = Hold(kind, message, now)
            return False
        if kind is FailureKind.RATE_LIMITED:
            self._refused(message, retry_after, now, jitter)
            return False
        if kind in _SHARED_TROUBLE:
            return self._troubled(task_id, kind, message, now, jitter)
        if kind in _ANSWERED:
            self.succeeded()  # as far as the connection is concerned
        return policy.counts

    def unreachable(self, message: str, now: float, jitter: float) -> None:
        """Nothing listens at the connection's address."""
        self._failing.clear()
        self._refusals += 1
        self._close(FailureKind.CONNECTION, message, backoff(self._refusals, jitter, most=10.0), now)

    def _refused(self, message: str, retry_after: float | None, now: float, jitter: float) -> None:
        # A call that left before the first refusal tells nothing new, unless it is asked to wait longer.
        known = now < self.closed_until
        if known and retry_after is None:
            return
        self._refusals += not known
        wait = retry_after if retry_after is not None else backoff(self._refusals, jitter, base=1.0)
        if wait > self.hold_after:
            reason = f"The provider asks to wait {wait:,.0f} s. {message}"
            self.hold = Hold(FailureKind.RATE_LIMITED, reason, now)
        elif known:
            self.closed_until = max(self.closed_until, now + wait)
        else:
            self._close(FailureKind.RATE_LIMITED, message, wait, now)

    def _troubled(self, task_id: int, kind: FailureKind, message: str, now: float, jitter: float) -> bool:
        self._failing.add(task_id)
        if not self.is_suspect:
            return True
        if now >= self.closed_until:
            self._refusals += 1
            self._close(kind, message, backoff(self._refusals, jitter, base=1.0, most=15.0), now)
        return False

    def _close(self, kind: FailureKind, message: str, wait: float, now: float) -> None:
        self.closed_until = now + wait
        since = self.trouble.since if self.trouble else now
        self.trouble = Hold(kind, message, since)
        if now - since > self.hold_after:
            self.hold = Hold(kind, f"No call has succeeded for {now - since:,.0f} s. {message}", since)
