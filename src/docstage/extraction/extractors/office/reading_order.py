"""The order in which people read what lies about on a slide.

Boxes are cut apart along a gap that crosses all of them, and one side is read before the other (the "XY cut"
of page analysis): from top to bottom, but from left to right where columns stand much further apart than what
is in them. So a head stays with the words below it, and the rows of a grid follow each other.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

_T = TypeVar("_T")

# Boxes of text are larger than their words and may overlap by so much of the smallest one on each side.
_MARGIN = 0.1
# Rows that stand this much nearer to each other than columns do belong to the columns.
_NEAR = 0.5
# What begins less than this part of its height below another one stands in the same line.
_TOLERANCE = 0.3
# Cutting takes time by the square. A slide of so many boxes is read line by line.
_MOST = 400
# Boxes that begin in the same lines in all columns, so many lines of them, are a table made of boxes.
_LINES_OF_TABLE = 3


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, in any unit."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height

    def share_of(self, other: "Box") -> float:
        """How much of the other one it covers, 0 to 1."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        area = other.width * other.height
        return max(width, 0.0) * max(height, 0.0) / area if area > 0 else 0.0


def around(boxes: Sequence[Box]) -> Box | None:
    """The smallest box around all of them."""
    if not boxes:
        return None
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(left, top, right - left, bottom - top)


def in_reading_order(items: Sequence[_T], box: Callable[[_T], Box | None]) -> list[_T]:
    """The items as they are read; what has no box comes last, in the order given."""
    placed = [(item, found) for item in items if (found := box(item))]
    ordered = _by_lines(placed) if len(placed) > _MOST else _cut(placed)
    return [item for item, _ in ordered] + [item for item in items if box(item) is None]


_Placed = tuple[_T, Box]


def _cut(placed: list[_Placed[_T]]) -> list[_Placed[_T]]:
    ordered, waiting = [], [placed]
    while waiting:
        some = waiting.pop()
        pieces = [some] if len(some) < 2 else _without_background(some) or _parts(some)
        if len(pieces) == 1:
            ordered += _by_lines(pieces[0])
        else:
            waiting += reversed(pieces)
    return ordered


def _without_background(some: list[_Placed[_T]]) -> list[list[_Placed[_T]]]:
    """A box that lies around all others, apart from these: it would hide every gap."""
    for index, (_, box) in enumerate(some):
        others = some[:index] + some[index + 1 :]
        if all(_inside(other, box) for _, other in others):
            return [[some[index]], others]
    return []


def _inside(inner: Box, outer: Box) -> bool:
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and inner.right <= outer.right
        and inner.bottom <= outer.bottom
        and inner != outer
    )


def _parts(some: list[_Placed[_T]]) -> list[list[_Placed[_T]]]:
    if _is_table(some):
        return [[item] for item in _by_lines(some)]
    down, across = _widest_gap(some, upright=False), _widest_gap(some, upright=True)
    if down is None and across is None:
        return [some]
    upright = down is None or (across is not None and down[0] < _NEAR * across[0])
    gap = across if upright else down
    assert gap is not None
    sides: tuple[list[_Placed[_T]], list[_Placed[_T]]] = ([], [])
    for item in some:
        start, _ = _side(item[1], upright)
        sides[start >= gap[1]].append(item)
    return [side for side in sides if side]


def _side(box: Box, upright: bool) -> tuple[float, float]:
    """Where a box begins and how long it is, from the left or from above."""
    return (box.left, box.width) if upright else (box.top, box.height)


def _widest_gap(some: Sequence[_Placed[_T]], upright: bool) -> tuple[float, float] | None:
    """How wide the widest gap is and where it ends, None when there is none."""
    sides = sorted(_side(box, upright) for _, box in some)
    overlap = 2 * _MARGIN * min(size for _, size in sides)
    best, reached = None, sum(sides[0])
    for start, size in sides[1:]:
        gap = start - reached + overlap
        if gap > 0 and (best is None or gap > best[0]):
            best = (gap, start)
        reached = max(reached, start + size)
    return best


def _is_table(some: Sequence[_Placed[_T]]) -> bool:
    """Whether the boxes are about as high as each other and stand in lines that all have as many of them."""
    heights = [box.height for _, box in some]
    if max(heights) > 2 * min(heights):
        return False
    counts = [len(line) for line in _lines(some)]
    return len(counts) >= _LINES_OF_TABLE and counts[0] > 1 and len(set(counts)) == 1


def _by_lines(some: Sequence[_Placed[_T]]) -> list[_Placed[_T]]:
    return [item for line in _lines(some) for item in sorted(line, key=lambda one: one[1].left)]


def _lines(some: Sequence[_Placed[_T]]) -> list[list[_Placed[_T]]]:
    lines: list[list[_Placed[_T]]] = []
    for item in sorted(some, key=lambda one: (one[1].top, one[1].left)):
        first = lines[-1][0][1] if lines else None
        if first and item[1].top - first.top <= _TOLERANCE * min(first.height, item[1].height):
            lines[-1].append(item)
        else:
            lines.append([item])
    return lines
