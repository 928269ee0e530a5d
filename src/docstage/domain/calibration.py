"""What a connection's calls really took, beside what was expected of them.

A line through the calls of a connection with a model: what was told is `slope` times what was expected, and
`offset` more for each call, which its template of a chat adds. The line is the one with the least squared
error in proportion to what was expected; over its own calls it sums up to exactly what was told.
"""

from collections.abc import Iterable
from dataclasses import dataclass

# Older calls fade as newer ones come, so that a server that was changed is followed.
_REMEMBERED_CALLS = 1_000.0
# So many calls as expected are taken for granted, lest a single odd one decide.
_PRIOR_CALLS = 2.0
_ENOUGH_FOR_LINE = 8
_LEAST_SLOPE = 0.1


@dataclass(frozen=True, slots=True)
class Calibration:
    """Sums over calls whose input was text and whose tokens were told.

    Attributes:
        calls: how many there were.
        weight: how many count, as older ones fade.
        expected: sum of the tokens that were expected.
        told: sum of those that were told.
        inverse: sum of 1 / expected.
        ratio: sum of told / expected.
    """

    calls: int = 0
    weight: float = 0.0
    expected: float = 0.0
    told: float = 0.0
    inverse: float = 0.0
    ratio: float = 0.0

    def learn(self, calls: Iterable[tuple[int, int]]) -> "Calibration":
        """With further calls, each as tokens expected and tokens told, both above zero."""
        new = list(calls)
        fade = min(1.0, max(0.0, 1.0 - (self.weight + len(new) - _REMEMBERED_CALLS) / max(self.weight, 1.0)))
        return Calibration(
            self.calls + len(new),
            self.weight * fade + len(new),
            self.expected * fade + sum(expected for expected, _ in new),
            self.told * fade + sum(told for _, told in new),
            self.inverse * fade + sum(1 / expected for expected, _ in new),
            self.ratio * fade + sum(told / expected for expected, told in new),
        )

    def tokens(self, expected: float, calls: int = 1) -> int:
        """What so many calls will take that are expected to take so many tokens in all, rounded."""
        slope, offset = self._line()
        return round(slope * expected + offset * calls)

    def expecting(self, told: int) -> int:
        """What one call may be expected to take, to take so many tokens at most: the reverse of `tokens`."""
        slope, offset = self._line()
        return int((told - offset) / slope)

    def _line(self) -> tuple[float, float]:
        if not self.weight:
            return 1.0, 0.0
        spread = self.expected * self.inverse - self.weight**2
        if self.calls >= _ENOUGH_FOR_LINE and spread > 1e-6 * self.weight**2:
            slope = (self.told * self.inverse - self.ratio * self.weight) / spread
            offset = (self.expected * self.ratio - self.weight * self.told) / spread
            if slope >= _LEAST_SLOPE and offset >= 0:
                return slope, offset
        prior = _PRIOR_CALLS * self.expected / self.weight
        return (self.told + prior) / (self.expected + prior), 0.0


UNKNOWN = Calibration()
