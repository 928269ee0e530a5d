"""Limits of a provider: requests and tokens a minute, requests a day, and calls at once."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from docstage.simulator.schedule import Clock, DailyCount


class TokenBucket:
    """A bucket that holds one minute's worth and fills evenly."""

    def __init__(self, per_minute: int, clock: Clock) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._level = float(per_minute)
        self._at = clock()

    def level(self) -> float:
        """What is in it now; below 0 while a large request is being paid off."""
        now = self._clock()
        self._level = min(self.per_minute, self._level + (now - self._at) * self.per_minute / 60)
        self._at = now
        return self._level

    def wait(self, amount: int) -> float:
        """Seconds until the amount can be taken, 0 if at once.

        An amount larger than the bucket can be taken when it is full; it would never pass otherwise.
        """
        missing = min(amount, self.per_minute) - self.level()
        return max(0.0, missing * 60 / self.per_minute)

    def take(self, amount: int) -> None:
        """Take the amount out."""
        self._level = self.level() - amount

    def reset(self) -> float:
        """Seconds until it is full."""
        return (self.per_minute - self.level()) * 60 / self.per_minute


@dataclass(frozen=True, slots=True)
class Denial:
    """A limit that was reached.

    Attributes:
        limit: which one, in words.
        retry_after: seconds until the call would pass.
    """

    limit: str
    retry_after: float


class Limits:
    """All limits of one model."""

    def __init__(
        self,
        requests: int | None,
        tokens: int | None,
        concurrency: int | None,
        clock: Clock,
        daily: DailyCount | None = None,
    ) -> None:
        self._buckets = {
            name: TokenBucket(per_minute, clock)
            for name, per_minute in (("requests", requests), ("tokens", tokens))
            if per_minute is not None
        }
        self._daily = daily
        self._concurrency = concurrency
        self._in_flight = 0

    def admit(self, tokens: int) -> Denial | None:
        """Take a request of so many tokens from the buckets, or say why not; a denied one takes nothing."""
        if self._concurrency is not None and self._in_flight >= self._concurrency:
            return Denial(f"{self._concurrency} calls at once", 1.0)
        if self._daily is not None and (seconds := self._daily.wait()):
            return Denial(f"{self._daily.most:.0f} requests per day", seconds)
        amounts = {"requests": 1, "tokens": tokens}
        for name, bucket in self._buckets.items():
            seconds = bucket.wait(amounts[name])
            if seconds > 0:
                return Denial(f"{bucket.per_minute} {name} per minute", seconds)
        for name, bucket in self._buckets.items():
            bucket.take(amounts[name])
        if self._daily is not None:
            self._daily.add(1)
        return None

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """Count an admitted call as long as it lasts."""
        self._in_flight += 1
        try:
            yield
        finally:
            self._in_flight -= 1

    def headers(self) -> dict[str, str]:
        """The `x-ratelimit-*` headers, as OpenAI sends them with every answer."""
        shown: dict[str, str] = {}
        for name, bucket in self._buckets.items():
            shown[f"x-ratelimit-limit-{name}"] = str(bucket.per_minute)
            shown[f"x-ratelimit-remaining-{name}"] = str(max(0, math.floor(bucket.level())))
            shown[f"x-ratelimit-reset-{name}"] = f"{bucket.reset():.3f}s"
        return shown
