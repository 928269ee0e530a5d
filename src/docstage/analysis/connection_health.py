"""Whether a connection works as a whole, apart from the luck of single tasks and prompts.

Three states. Normally calls leave as the limits allow. After trouble that concerns the connection it is
*closed* for a while, and then tried with one call at a time, with growing gaps: that heals by itself. When
only a person can help, or nothing has succeeded for very long, it is *held*: no call leaves until somebody
mends it and resumes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from docstage.analysis.gaps import LONGEST_GAP, Failed, Gaps, Hold
from docstage.analysis.limits import backoff
from docstage.analysis.streams import SUSPECT_TASKS, Stream
from docstage.domain.tasks import POLICIES, TIME_HEALS, FailureKind

# Nobody listens: a look costs nothing, and it may be back at any moment.
LONGEST_GAP_UNREACHABLE = 60.0
# Limits a day, and those a month, end by then. What is asked beyond that needs a person.
LONGEST_WAIT = 32 * 86_400.0
# A rate limit that names no time, or a short one each time, may be one a day: with the default of twelve
# hours it is waited for a day and some hours.
LIMIT_PATIENCE = 2.25
# Nothing was sent, or nobody knows whether a server has answered.
_UNTOLD = TIME_HEALS | {FailureKind.INTERNAL, FailureKind.UNSUPPORTED_INPUT}


@dataclass(slots=True, eq=False)
class Health(Gaps):
    """What the last calls say about a connection. Times are of a monotonic clock.

    Attributes:
        prompts: how many prompts are asked over it at the moment.
    """

    prompts: int = 1
    _troubled: set[Stream] = field(default_factory=set)  # since the last answer to any prompt
    _failing: set[Stream] = field(default_factory=set)  # since the last answer to the prompt itself

    @property
    def is_suspect(self) -> bool:
        """Whether it is tried with one call at a time."""
        return self.refusals > 0 or self._is_shared

    @property
    def _is_shared(self) -> bool:
        """Whether different tasks fail one after another, and not those of one prompt among others."""
        if len(self._troubled) < min(2, self.prompts):
            return False
        return sum(len(stream.failing) for stream in self._troubled) >= SUSPECT_TASKS

    def succeeded(self, stream: Stream, begun_at: float) -> None:
        """A call was answered: whatever was wrong with the connection is over.

        Args:
            stream: the prompt's.
            begun_at: when the call left.
        """
        stream.succeeded()
        self._failing.discard(stream)
        for other in self._failing:
            other.answered_beside(begun_at)
        self._answered()

    def forget(self, streams: Iterable[Stream]) -> None:
        """These prompts are asked no more."""
        self._troubled.difference_update(streams)
        self._failing.difference_update(streams)

    def suspect(self, trouble: Hold) -> None:
        """Begin with one call at a time: it was in trouble when an engine saw it last."""
        self.trouble, self.refusals = trouble, 1
        self.patience_from = trouble.since

    def failed(self, stream: Stream, failed: Failed, now: float, jitter: float) -> bool:
        """A call failed; returns whether that counts against its task.

        Args:
            stream: the prompt's.
            jitter: a random number from 0 to 1.
        """
        policy = POLICIES[failed.kind]
        if failed.kind is FailureKind.RATE_LIMITED or _is_renewed(failed):
            self._refused(failed, now, jitter)
            return False
        if policy.holds or failed.needs_person:
            self.hold = Hold(failed.kind, failed.message, now)
            return False
        stream.failed(failed, now)
        if failed.heals:
            return self._trouble(stream, failed, now, jitter)
        if failed.is_billed or failed.kind not in _UNTOLD:
            self._answered()  # only a server that works says so: it is the task's failure, or the prompt's
        return policy.counts

    def unreachable(self, message: str, now: float, jitter: float) -> None:
        """Nothing listens at the connection's address."""
        self._troubled.clear()
        self.refusals += 1
        wait = backoff(self.refusals, jitter, most=LONGEST_GAP_UNREACHABLE)
        self.close(FailureKind.CONNECTION, message, wait, now, self.give_up_after)

    def _answered(self) -> None:
        self._troubled.clear()
        self.recovered()

    def _refused(self, failed: Failed, now: float, jitter: float) -> None:
        # A call that left before the first refusal tells nothing new, unless it is asked to wait longer.
        known, named = now < self.closed_until, failed.retry_after
        if known and named is None:
            return
        self.refusals += not known
        if named is not None and named > LONGEST_WAIT:
            reason = f"The provider asks to wait {named / 86_400:,.0f} days. {failed.message}"
            self.hold = Hold(FailureKind.RATE_LIMITED, reason, now)
        elif known:
            self.closed_until = max(self.closed_until, now + (named or 0.0))
        else:
            self._wait_for(failed, now, jitter)
        if named is not None and named > LONGEST_GAP:
            self.patience_from = max(self.patience_from, now + named)  # patience begins when that is over

    def _wait_for(self, failed: Failed, now: float, jitter: float) -> None:
        """Wait as long as is asked for; longer each time where that was not enough."""
        own = backoff(self.refusals, jitter, base=1.0, most=LONGEST_GAP)
        named = failed.retry_after
        wait = own if named is None else named if self.refusals == 1 else max(named, own)
        self.close(failed.kind, failed.message, wait, now, self.give_up_after * LIMIT_PATIENCE)

    def _trouble(self, stream: Stream, failed: Failed, now: float, jitter: float) -> bool:
        self._troubled.add(stream)
        self._failing.add(stream)
        if self.is_suspect:
            if now >= self.closed_until:
                self.pause(failed, now, jitter)
            return False
        if len(stream.failing) < SUSPECT_TASKS:
            return failed.blames_task
        if now >= stream.closed_until:
            stream.pause(failed, now, jitter)
        return False


def _is_renewed(failed: Failed) -> bool:
    """Whether a quota is used up whose new period begins at a named time: that needs no person.

    Credit that is used up comes back at no time; what servers say of their next look then is short.
    """
    named = failed.retry_after
    return failed.kind is FailureKind.QUOTA and named is not None and LONGEST_GAP < named <= LONGEST_WAIT
