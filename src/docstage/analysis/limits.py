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
    a provider then settle at fair shares. Near where it was too busy last it grows more slowly.

    Attributes:
        most: the connection's own limit.
        begins: calls at once at first, where nobody knows what the server can do; None: the limit. Then more
            are let out as long as that makes it faster.
    """

    most: int
    begins: int | None = None
    _limit: float = field(init=False)
    _cut_at: float = field(init=False, default=float("-inf"))
    _ceiling: float = field(init=False, default=float("inf"))
    _climb: "Climb | None" = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._limit = float(self.most)
        if self.begins is not None and self.begins < self.most:
            self._limit = float(self.begins)
            self._climb = Climb(self.begins, self.most)

    @property
    def limit(self) -> int:
        """Calls that may be in flight now."""
        return int(self._limit)

    def succeeded(self, begun_at: float, now: float) -> None:
        """A call was answered."""
        if self._climb:
            self._limit = float(self._climb.answered(begun_at, now))
        elif self._limit < self.most:
            self._grow()

    def slow_down(self, begun_at: float, in_flight: int, now: float) -> None:
        """A call was refused because there were too many, or waited for too long.

        Calls that had begun before the last cut only tell what is known already.
        """
        if begun_at <= self._cut_at:
            return
        self._ceiling = self._limit
        self._limit = max(1.0, min(self._limit, float(in_flight)) / 2)
        self._cut_at = now
        if self._climb:
            self._climb.cut(int(self._limit), now)

    def _grow(self) -> None:
        """By one a round; by a tenth of that from just below where it was too busy."""
        pace = 0.1 if self._ceiling - 1 <= self._limit < self._ceiling else 1.0
        self._limit = min(float(self.most), self._limit + pace / self._limit)


ROUNDS = 2  # of answers, by which it is seen how fast a server is with so many calls
WORTH = 1.15  # how much faster it must become by twice as many
SETTLED_ANSWERS = 100  # after so many it is tried again whether more would be faster


@dataclass(slots=True)
class Climb:
    """How many calls at once a server is given whose capacity nobody knows: more while that is faster.

    How fast it is with so many is that number by the mean time of an answer (Little's law).

    Attributes:
        level: calls at once now.
        most: the connection's own limit.
    """

    level: int
    most: int
    _good: int = field(init=False)  # the level that was fastest
    _pace: float = field(init=False, default=0.0)  # answers a second there
    _since: float = field(init=False, default=float("-inf"))
    _answers: int = field(init=False, default=0)
    _seconds: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._good = self.level

    def answered(self, begun_at: float, now: float) -> int:
        """A call was answered; returns the calls at once from now on."""
        if begun_at < self._since:  # it had other neighbours
            return self.level
        self._answers += 1
        self._seconds += now - begun_at
        is_settled = self._good == self.level and self._pace > 0
        if self._answers >= (SETTLED_ANSWERS if is_settled else ROUNDS * self.level):
            self._judge(now, is_settled=is_settled)
        return self.level

    def cut(self, level: int, now: float) -> None:
        """It was too busy: stay at so many for a while."""
        self._good, self._pace = level, self._pace or 1e-9
        self._go_to(level, now)

    def _judge(self, now: float, *, is_settled: bool) -> None:
        pace = self.level * self._answers / max(self._seconds, 1e-9)
        if is_settled or pace >= self._pace * WORTH:
            self._good, self._pace = self.level, pace
            self._go_to(min(self.most, self.level * 2), now)
        else:
            self._go_to(self._good, now)

    def _go_to(self, level: int, now: float) -> None:
        self.level, self._since = level, now
        self._answers, self._seconds = 0, 0.0


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
