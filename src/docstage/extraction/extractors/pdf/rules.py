"""Upright and level rules of a PDF page, as far as they part the rows and columns of a table."""

from docstage.extraction.extractors.pdf.rows import Row
from docstage.extraction.extractors.pdf.text import Box

# Rules that begin and end within so many points of each other are one.
_SAME_PLACE = 3.0
# Boxes, such as those of a drawing, are along a part of it only; merged cells interrupt the rules of a table.
_ALONG = 0.6
_PARTED = 0.3


class Rules:
    """Those around and within one table.

    Attributes:
        edges: where upright rules stand along most of it, from left to right, with both of its sides.
        levels: at which heights level rules go along most of it, from the top to the bottom.
        uprights: all upright rules that reach into it.
    """

    def __init__(self, rows: list[Row], rules: list[Box]) -> None:
        around = rows[0].box
        for row in rows[1:]:
            around = around.around(row.box)
        reach = Box(around.left - 150, around.bottom - 30, around.right + 150, around.top + 30)
        near = [rule for rule in rules if rule.meets(reach)]
        self.uprights = [rule for rule in near if rule.right - rule.left <= _SAME_PLACE < rule.height]
        self._around = around
        self._by_height: dict[float, list[float]] = {}
        self.edges = _edges(self.uprights, around)
        self.levels = _levels(near, around)
        self.inner = [level for level in self.levels if rows[-1].box.middle < level < rows[0].box.middle]

    @property
    def are_a_grid(self) -> bool:
        """Whether they part columns and rows."""
        return len(self.edges) >= 3 and len(self.levels) >= 2 and bool(self.inner)

    def part(self, left: float, right: float) -> bool:
        """Whether upright rules stand between the two, along a good part of the table."""
        places = (rule for rule in self.uprights if left - _SAME_PLACE <= rule.left <= right + _SAME_PLACE)
        around = self._around
        length = sum(max(min(rule.top, around.top) - max(rule.bottom, around.bottom), 0.0) for rule in places)
        return length >= _PARTED * around.height

    def hold(self, box: Box) -> bool:
        """Whether something above or below the rows stands in a cell of the same grid."""
        cell = self.cell(box)
        return cell is not None and any(
            abs(level - edge) <= max(box.height, 2 * _SAME_PLACE)
            for level in self.levels
            for edge in (box.top, box.bottom)
        )

    def cell(self, box: Box) -> tuple[float, float] | None:
        """Between which two upright rules it stands; None where there are not two."""
        here = self._at(box.middle)
        left = max((place for place in here if place <= box.left + _SAME_PLACE), default=None)
        right = min((place for place in here if place >= box.right - _SAME_PLACE), default=None)
        return None if left is None or right is None else (left, right)

    def _at(self, height: float) -> list[float]:
        """Where upright rules stand at this height; it is asked for every word of a row."""
        known = self._by_height.get(height)
        if known is None:
            known = [rule.left for rule in self.uprights if rule.bottom <= height <= rule.top]
            self._by_height[height] = known
        return known


def _edges(uprights: list[Box], around: Box) -> list[float]:
    along: dict[int, float] = {}
    for rule in uprights:
        key = round(rule.left / _SAME_PLACE)
        along[key] = along.get(key, 0.0) + min(rule.top, around.top) - max(rule.bottom, around.bottom)
    edges: list[float] = []
    for place in sorted(
        key * _SAME_PLACE for key, length in along.items() if length >= _ALONG * around.height
    ):
        if not edges or place - edges[-1] > 2 * _SAME_PLACE:
            edges.append(place)
    if not edges:
        return []
    before = [] if edges[0] <= around.left + _SAME_PLACE else [around.left - 1]
    after = [] if edges[-1] >= around.right - _SAME_PLACE else [around.right + 1]
    return [*before, *edges, *after]


def _levels(rules: list[Box], around: Box) -> list[float]:
    along: dict[int, float] = {}
    for rule in rules:
        if rule.height <= _SAME_PLACE:
            key = round(rule.middle / _SAME_PLACE)
            length = min(rule.right, around.right) - max(rule.left, around.left)
            along[key] = along.get(key, 0.0) + max(length, 0.0)
    least = _ALONG * (around.right - around.left)
    return sorted((key * _SAME_PLACE for key, length in along.items() if length >= least), reverse=True)
