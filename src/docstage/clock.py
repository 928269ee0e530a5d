"""Time, behind a protocol, so that tests can turn the hands."""

import time
from typing import Protocol


class Clock(Protocol):
    """A source of time."""

    def now(self) -> float:
        """Seconds since the epoch, UTC. May jump; only for timestamps that people read."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go backwards. For durations, limits and back-off."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some moment of the past."""
        return time.monotonic()
