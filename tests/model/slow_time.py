"""Time that goes a thousand times slower for an engine than for all others, and jumps when a test says so."""

import asyncio
import selectors
import time

SLOWER = 1_000.0


class SlowTime:
    """A clock that goes slowly, and jumps when it is told to."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._ahead = 0.0
        self.wall = 0.0  # what the wall clock was set forwards or back

    def monotonic(self) -> float:
        """Seconds that never go backwards."""
        return 1_000.0 + (time.monotonic() - self._begun) / SLOWER + self._ahead

    def now(self) -> float:
        """Seconds since the epoch."""
        return 1_800_000_000.0 + self.monotonic() + self.wall

    def jump(self, seconds: float) -> None:
        """Let time pass at once."""
        self._ahead += seconds


class _Selector(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(min(timeout * SLOWER, 60.0) if timeout and timeout > 0 else timeout)


class Loop(asyncio.SelectorEventLoop):
    """An event loop in slow time."""

    def __init__(self, clock: SlowTime) -> None:
        self._clock = clock
        self.ahead = 0.0  # for a loop that is being given up
        super().__init__(_Selector())

    def time(self) -> float:
        return self._clock.monotonic() + self.ahead
