"""Tables of a PDF page: what stands in which row and column, empty cells included."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from docstage.extraction.extractors.pdf.columns import Column, columns_of, place
from docstage.extraction.extractors.pdf.discipline import (
    Cells,
    are_columns_of_text,
    as_text,
    as_texts,
    is_number,
    is_table,
)
from docstage.extraction.extractors.pdf.fragments import Fragment
from docstage.extraction.extractors.pdf.rows import Row, blocks_of, rows_of
from docstage.extraction.extractors.pdf.rules import Rules
from docstage.extraction.extractors.pdf.text import Box

# Lines of one row are at most so far apart, in heights of their letters, and rows so much farther than lines.
_TIGHT = 1.45
_APART = 1.2
_MOST_LINES_OF_ROW = 8
# Rows above a table that are one merged cell: its title, a unit of measure.
_MOST_MERGED = 3
_MOST_COLUMNS = 200
_MOST_SPANNED = 4
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it stands on a page.

    Attributes:
        cells: rows of as many texts as there are columns, the head first.
        lines: the numbers of the lines of the page that it holds, whole.
        columns: from where to where they stand, in points.
        is_prose: its columns are texts of their own, to be read one after the other.
    """

    cells: list[list[str]]
    lines: frozenset[int]
    columns: tuple[tuple[float, float], ...]
    is_prose: bool = False


def tables_of(fragments: list[Fragment], rules: list[Box]) -> Iterator[Table]:
    """The tables that fragments of a page make up, and texts in columns that were written line by line.

    Args:
        fragments: all of those lines that may belong to a table.
        rules: upright and level lines on the page.
    """
    whole = Counter(fragment.line for fragment in fragments)
    rows = rows_of(fragments)
    places = {id(row): place for place, row in enumerate(rows)}
    taken = 0
    for block in blocks_of(rows):
        if (
            sum(row.is_gapped for row in block) < 2
            or max(len(row.fragments) for row in block) > _MOST_COLUMNS
        ):
            continue
        first, last = places[id(block[0])], places[id(block[-1])]
        grid = Rules(block, rules)
        wider = _within_rules(rows, max(taken, first - _MOST_MERGED), first, last, grid)
        here = Counter(fragment.line for row in wider for fragment in row.fragments)
        if all(whole[line] == count for line, count in here.items()):
            table = _table(wider, grid if len(wider) == len(block) else Rules(wider, rules), frozenset(here))
            if table is not None:
                taken = last + 1
                yield table


def _within_rules(rows: list[Row], least: int, first: int, last: int, found: Rules) -> list[Row]:
    """The rows from the first to the last, with those around them that are merged cells of the same grid."""
    if not found.are_a_grid:
        return rows[first : last + 1]
    while first > least and found.hold(rows[first - 1].box):
        first -= 1
    while last + 1 < len(rows) and not rows[last + 1].is_gapped and found.hold(rows[last + 1].box):
        last += 1
    return rows[first : last + 1]


def _table(rows: list[Row], rules: Rules, lines: frozenset[int]) -> Table | None:
    columns = columns_of(rows, rules.edges)
    if len(columns) < 2:
        return None
    cells = _cells(rows, columns, rules)
    places = tuple((each.left, each.right) for each in columns)
    if are_columns_of_text(cells, rows):
        return Table(as_texts(cells), lines, places, is_prose=True)
    if not is_table(cells, rows, ruled=rules.are_a_grid):
        return None
    return Table(as_texts(_with_long_cells(cells, rows, rules)), lines, places)


def _cells(rows: list[Row], columns: list[Column], rules: Rules) -> Cells:
    """What is in each cell; what spans several columns, by rules or in the head, stands in each of these."""
    cells: Cells = []
    placed = [[each for fragment in row.fragments for each in place(fragment, columns)] for row in rows]
    full = max(map(len, placed))
    in_head = True
    for row, pieces in zip(rows, placed, strict=True):
        in_head = in_head and row.is_gapped and len(pieces) < full and not _are_values(pieces)
        line: list[list[Fragment]] = [[] for _ in columns]
        for piece, first, last in pieces:
            ruled = _between_rules(piece, row, columns, rules)
            if not ruled and in_head:
                ruled = _centred_over(piece, first, last, columns)
            for index in ruled or (first,):
                line[index].append(piece)
        cells.append(line)
    return cells


def _are_values(pieces: list[tuple[Fragment, int, int]]) -> bool:
    """Whether most of a row but its name are figures, and not the years of a head."""
    values = [piece.text for piece, _, _ in pieces[1:]]
    figures = sum(is_number(text) and not _YEAR.fullmatch(text) for text in values)
    return len(values) > 1 and figures * 2 > len(values)


def _centred_over(fragment: Fragment, first: int, last: int, columns: list[Column]) -> list[int]:
    """The columns above whose middle a head stands; those that it reaches where there is no such middle."""
    middle = (fragment.box.left + fragment.box.right) / 2
    spans = [(left, right) for left in range(first, -1, -1) for right in range(last, len(columns))]
    spans = [(left, right) for left, right in spans if right - left < _MOST_SPANNED]
    off = {
        (left, right): abs((columns[left].left + columns[right].right) / 2 - middle) for left, right in spans
    }
    best = min(
        off, key=lambda span: (off[span] > fragment.size / 2, span[1] - span[0]), default=(first, last)
    )
    if off.get(best, 0.0) > fragment.size / 2:
        best = (first, last)
    return list(range(best[0], best[1] + 1))


def _between_rules(fragment: Fragment, row: Row, columns: list[Column], rules: Rules) -> list[int]:
    """The columns that a ruled cell goes over: those that rules part in other rows, but not in this one."""
    cell = rules.cell(fragment.box) if rules.are_a_grid else None
    if cell is None:
        return []
    left, right = cell
    if any(left < other.box.left < right for other in row.fragments if other is not fragment):
        return []
    inside = [i for i, column in enumerate(columns) if left - 1 <= column.middle <= right + 1]
    parted = all(rules.part(columns[one].middle, columns[other].middle) for one, other in pairwise(inside))
    return inside if parted else []


def _with_long_cells(cells: Cells, rows: list[Row], rules: Rules) -> Cells:
    """Rows with what goes on in the next line of a cell joined."""
    groups = _between(rows, rules.inner) if len(rules.inner) > 1 else _by_distance(rows)
    joined: Cells = []
    for start, end in groups:
        group = cells[start:end]
        joined += [_in_one(group)] if _is_one_row(group) else group
    return joined


def _between(rows: list[Row], levels: list[float]) -> Iterator[tuple[int, int]]:
    """From which to which row they stand between the same two rules."""
    start = 0
    for index in range(1, len(rows) + 1):
        if index == len(rows) or any(
            rows[index].box.middle < level < rows[index - 1].box.middle for level in levels
        ):
            yield start, index
            start = index


def _by_distance(rows: list[Row]) -> Iterator[tuple[int, int]]:
    """From which to which row they stand closer to each other than to the others."""
    steps = [above.box.middle - below.box.middle for above, below in pairwise(rows)]
    least = min(steps, default=0.0)
    size = max(row.size for row in rows)
    tight = least <= _TIGHT * size and any(step > _APART * least for step in steps)
    start = 0
    for index in range(1, len(rows) + 1):
        if index == len(rows) or not tight or steps[index - 1] > _APART * least:
            yield start, index
            start = index


def _is_one_row(group: Cells) -> bool:
    """Whether close lines are one row: one cell has one line, and no column has two numbers."""
    if not 1 < len(group) <= _MOST_LINES_OF_ROW:
        return False
    columns = [[as_text(cell) for cell in column if cell] for column in zip(*group, strict=True)]
    counts = [len(column) for column in columns if column]
    numbers = (sum(map(is_number, column)) for column in columns)
    return len(counts) > 1 and min(counts) == 1 < max(counts) and max(numbers) < 2


def _in_one(group: Cells) -> list[list[Fragment]]:
    return [[fragment for cell in column for fragment in cell] for column in zip(*group, strict=True)]
