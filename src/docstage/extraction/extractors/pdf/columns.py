"""Columns of a table in a PDF: fragments above each other, and what spans several of them."""

import itertools
from collections import Counter
from dataclasses import dataclass, field

from docstage.extraction.extractors.pdf.fragments import Fragment, split
from docstage.extraction.extractors.pdf.rows import Row

# Fragments whose edges overlap by less than this, in points, stand beside each other.
_TOUCH = 1.0


@dataclass(slots=True)
class Column:
    """Where it stands, and in which rows it has something."""

    left: float
    right: float
    rows: set[int] = field(default_factory=set)

    @property
    def middle(self) -> float:
        """Halfway between its edges."""
        return (self.left + self.right) / 2


def columns_of(rows: list[Row], edges: list[float]) -> list[Column]:
    """The columns from left to right.

    Args:
        rows: of one table.
        edges: where upright rules stand along it; columns between two of them, never both in a row, are one.
    """
    columns, spanning = _clusters(rows)
    columns = _joined(columns, spanning)
    return _never_both_joined(_heads_joined(columns), edges)


def _clusters(rows: list[Row]) -> tuple[list[Column], Counter[tuple[int, int]]]:
    """Columns grown from the narrowest fragments on; and how often something spans which two of them."""
    columns: list[Column] = []
    spans: list[tuple[Column, Column]] = []
    placed = [(fragment, index) for index, row in enumerate(rows) for fragment in row.fragments]
    placed.sort(key=lambda each: each[0].box.right - each[0].box.left)
    for fragment, index in placed:
        met = [columns[place] for place in _met(fragment, columns)]
        met.sort(key=lambda each: each.left)
        if not met and rows[index].is_gapped:
            columns.append(Column(fragment.box.left, fragment.box.right, {index}))
        elif len(met) == 1:
            met[0].rows.add(index)
            _grow(met[0], fragment, columns)
        elif rows[index].is_gapped:
            spans += itertools.pairwise(met)
    columns.sort(key=lambda each: each.left)
    places = {id(column): place for place, column in enumerate(columns)}
    return columns, Counter((places[id(one)], places[id(other)]) for one, other in spans)


def _met(fragment: Fragment, columns: list[Column]) -> list[int]:
    """Into which columns the fragment reaches; asked for every fragment of every table."""
    left, _, right, _ = fragment.box
    return [
        place
        for place, column in enumerate(columns)
        if left < column.right - _TOUCH and right > column.left + _TOUCH
    ]


def _grow(column: Column, fragment: Fragment, columns: list[Column]) -> None:
    """Widen a column, up to its neighbours."""
    if column.left <= fragment.box.left and fragment.box.right <= column.right:
        return
    others = [other for other in columns if other is not column]
    before = max((other.right for other in others if other.right <= column.left + _TOUCH), default=-1e9)
    after = min((other.left for other in others if other.left >= column.right - _TOUCH), default=1e9)
    column.left = min(column.left, max(fragment.box.left, before))
    column.right = max(column.right, min(fragment.box.right, after))


def _joined(columns: list[Column], spans: Counter[tuple[int, int]]) -> list[Column]:
    """Columns that are spanned more often than both have something in a row are one."""
    result: list[Column] = []
    for place, column in enumerate(columns):
        if result and place and spans[place - 1, place] > len(result[-1].rows & column.rows):
            before = result[-1]
            before.right = max(before.right, column.right)
            before.rows |= column.rows
        else:
            result.append(column)
    return result


def _heads_joined(columns: list[Column]) -> list[Column]:
    """A head that stands beside the values of its column, not above them, belongs to them."""
    result: list[Column] = []
    for column in columns:
        before = result[-1] if result else None
        if before and not before.rows & column.rows and ({0} in (before.rows, column.rows)):
            before.right = column.right
            before.rows |= column.rows
        else:
            result.append(column)
    return result


def _never_both_joined(columns: list[Column], edges: list[float]) -> list[Column]:
    """Join columns between the same two rules of which no row has both, such as words and numbers."""
    if len(edges) < 3:
        return columns
    result: list[Column] = []
    for column in columns:
        before = result[-1] if result else None
        between = before and any(before.right - _TOUCH <= edge <= column.left + _TOUCH for edge in edges)
        if before and not between and not before.rows & column.rows:
            before.right = column.right
            before.rows |= column.rows
        else:
            result.append(column)
    return result


def place(fragment: Fragment, columns: list[Column]) -> list[tuple[Fragment, int, int]]:
    """In which columns it stands, from the first to the last; taken apart where it has a gap between two."""
    met = _met(fragment, columns)
    if len(met) < 2:
        index = met[0] if met else _nearest(fragment, columns)
        return [(fragment, index, index)]
    if len(fragment.words) == 1 and fragment.words[0].is_figure:
        index = max(met, key=lambda each: _common(fragment, columns[each]))
        return [(fragment, index, index)]
    for left, right in itertools.pairwise(met):
        at = _gap_between(fragment, columns[left], columns[right])
        if at:
            first, second = split(fragment, at)
            return [*place(first, columns), *place(second, columns)]
    return [(fragment, met[0], met[-1])]


def _gap_between(fragment: Fragment, left: Column, right: Column) -> int:
    """Which word of it begins the right column: the one after a gap that is wide, and between the two."""
    widths = [
        after.box.left - before.box.right
        for before, after in zip(fragment.words, fragment.words[1:], strict=False)
    ]
    for index, width in enumerate(widths):
        begins = fragment.words[index + 1].box.left
        ends = fragment.words[index].box.right
        other = min((w for i, w in enumerate(widths) if i != index), default=0.36 * fragment.size)
        is_between = begins >= right.left - _TOUCH and ends <= left.right + _TOUCH
        if (is_between and width > 1.3 * other) or _are_figures_of(fragment, index, left, right):
            return index + 1
    return 0


def _are_figures_of(fragment: Fragment, index: int, left: Column, right: Column) -> bool:
    """Whether a word and the next one have digits, and stand in these: figures may be as close as words."""
    one, other = fragment.words[index], fragment.words[index + 1]
    if not all(any(map(str.isdigit, word.text)) for word in (one, other)):
        return False
    border = (left.right + right.left) / 2
    return one.box.left + one.box.right < 2 * border < other.box.left + other.box.right


def _common(fragment: Fragment, column: Column) -> float:
    """How much of it stands in a column."""
    return min(fragment.box.right, column.right) - max(fragment.box.left, column.left)


def _nearest(fragment: Fragment, columns: list[Column]) -> int:
    distances = [max(column.left - _centre(fragment), _centre(fragment) - column.right) for column in columns]
    return distances.index(min(distances))


def _centre(fragment: Fragment) -> float:
    return (fragment.box.left + fragment.box.right) / 2
