"""An event loop whose time leaps to whatever it would wait for: hours pass in no time."""

import asyncio
import selectors


class _Leaping(selectors.DefaultSelector):
    """Where a loop would wait, its time leaps."""

    def __init__(self, at: float) -> None:
        super().__init__()
        self.at = at

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.at += timeout or 0.0
        return super().select(0)


class LeapingLoop(asyncio.SelectorEventLoop):
    """Its time begins at `at` seconds."""

    def __init__(self, at: float = 0.0) -> None:
        self._leaping = _Leaping(at)
        super().__init__(self._leaping)

    def time(self) -> float:
        """Seconds, as far as it has leapt."""
        return self._leaping.at
