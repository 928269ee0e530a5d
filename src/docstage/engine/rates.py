"""How fast something goes, lately."""

from collections import deque

WINDOW_SECONDS = 15.0


class RateMeter:
    """Events a second over the last seconds. Times are of a monotonic clock."""

    def __init__(self, now: float) -> None:
        self._samples: deque[tuple[float, int]] = deque([(now, 0)])

    def update(self, total: int, now: float) -> float:
        """Tell how many there have been in all; returns the present rate."""
        self._samples.append((now, total))
        while len(self._samples) > 2 and self._samples[1][0] < now - WINDOW_SECONDS:
            self._samples.popleft()
        begun, before = self._samples[0]
        return (total - before) / (now - begun) if now > begun else 0.0
