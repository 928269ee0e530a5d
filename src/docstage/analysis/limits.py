"""What a lane may do at the moment: calls at once, requests and tokens a minute.

Times are seconds of a monotonic clock, passed in, so that nothing here sleeps or looks at the clock.
"""

from dataclasses import dataclass, field
from typing import Literal

# A bucket holds this many seconds' worth: enough for a burst, too little to spend a whole minute at once.
BURST_SECONDS = 5.0


@dataclass(slots=True)
class Bucket:
    """A token bucket. It may be overdrawn by one withdrawal, so that a large request passes when it is full.

    Attributes:
        per_minute: how much flows in.
    """

    per_minute: float
    _level: float = field(init=False)
    _at: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._level = self.capacity

    @property
    def capacity(self) -> float:
        """The most it holds, at least one."""
        return max(1.0, self.per_minute / 60 * BURST_SECONDS)

    def wait(self, amount: float, now: float) -> float:
        """Seconds until the amount may be taken; 0 means now."""
        self._fill(now)
        missing = min(amount, self.capacity) - self._level
        return max(0.0, missing / (self.per_minute / 60))

    def take(self, amount: float, now: float) -> None:
        """Take the amount; what was taken too much is given back with a negative one."""
        self._fill(now)
        self._level = min(self.capacity, self._level - amount)

    def _fill(self, now: float) -> None:
        if self._at:
            self._level = min(self.capacity, self._level + (now - self._at) * self.per_minute / 60)
        self._at = now


@dataclass(slots=True)
class Concurrency:
    """Calls at once: halved when the provider is too busy, grown back by one a round of successes.

    Additive increase and multiplicative decrease, as TCP does it (RFC 5681), because many clients that share
    a provider then settle at fair shares.

    Attributes:
        most: the connection's own limit.
    """

    most: int
    _limit: float = field(init=False)
    _cut_at: float = field(init=False, default=float("-inf"))

    def __post_init__(self) -> None:
        self._limit = float(self.most)

    @property
    def limit(self) -> int:
        """Calls that may be in flight now."""
        return int(self._limit)

    def succeeded(self) -> None:
        """A call was answered."""
        self._limit = min(float(self.most), self._limit + 1 / self._limit)

    def slow_down(self, begun_at: float, in_flight: int, now: float) -> None:
        """A call was refused because there were too many.

        Calls that had begun before the last cut only tell what is known already.
        """
        if begun_at <= self._cut_at:
            return
        self._limit = max(1.0, min(self._limit, float(in_flight)) / 2)
        self._cut_at = now


def backoff(failures: int, jitter: float, *, base: float = 0.5, most: float = 60.0) -> float:
    """Seconds to wait after the given number of failures in a row: doubling, spread over the upper half.

    Args:
        failures: 1 after the first.
        jitter: a random number from 0 to 1, so that calls that failed together do not return together.
    """
    full = min(most, base * 2.0 ** min(failures - 1, 30))
    return full * (0.5 + jitter / 2)


class Quotas:
    """Requests and tokens a minute together."""

    def __init__(self, requests_per_minute: int | None, tokens_per_minute: int | None) -> None:
        self._requests = Bucket(requests_per_minute) if requests_per_minute else None
        self._tokens = Bucket(tokens_per_minute) if tokens_per_minute else None

    def wait(self, tokens: int, now: float) -> float:
        """Seconds until a call with so many input tokens may leave; 0 means now."""
        amounts = ((self._requests, 1), (self._tokens, tokens))
        return max((bucket.wait(amount, now) for bucket, amount in amounts if bucket), default=0.0)

    def short_of(self, tokens: int, now: float) -> Literal["requests", "tokens"]:
        """Which of the two a call with so many input tokens waits for longer."""
        requests = self._requests.wait(1, now) if self._requests else 0.0
        spent = self._tokens.wait(tokens, now) if self._tokens else 0.0
        return "tokens" if spent > requests else "requests"

    def take(self, tokens: int, now: float) -> None:
        """Count a call that leaves."""
        if self._requests:
            self._requests.take(1, now)
        if self._tokens:
            self._tokens.take(tokens, now)

    def correct(self, estimated: int, counted: int, now: float) -> None:
        """Replace an estimate by what the provider counted."""
        if self._tokens:
            self._tokens.take(counted - estimated, now)
