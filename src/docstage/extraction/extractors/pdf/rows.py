"""Rows of a PDF page, and those of them that may make up a table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from docstage.extraction.extractors.pdf.fragments import Fragment
from docstage.extraction.extractors.pdf.text import Box

# Rows of a table are at most so far apart, in heights of their letters.
_FAR = 2.6
# Lines without a gap that a table may have between its rows: what a cell needs more lines for, a heading.
_MOST_SINGLES = 4
_LEAST_SHARED_GAP = 0.25
# Lines of a cell begin at one place, in points, and are closer than rows, in heights of their letters.
_IN_LINE = 2.0
_LINE_STEP = 1.3


@dataclass(slots=True)
class Row:
    """Fragments that stand at one height, from left to right.

    Attributes:
        fragments: at least one.
        box: around them.
        size: of their largest letters, in points.
        gaps: from where to where nothing stands between them.
    """

    fragments: list[Fragment]
    box: Box
    size: float
    gaps: list[tuple[float, float]] = field(default_factory=list)

    @property
    def is_gapped(self) -> bool:
        """Whether it has several fragments."""
        return len(self.fragments) > 1


def rows_of(fragments: Iterable[Fragment]) -> list[Row]:
    """The rows from the top to the bottom."""
    rows: list[Row] = []
    for fragment in sorted(fragments, key=lambda each: -each.box.middle):
        if rows and _at_one_height(rows[-1], fragment):
            row = rows[-1]
            row.fragments.append(fragment)
            row.box = row.box.around(fragment.box)
            row.size = max(row.size, fragment.size)
        else:
            rows.append(Row([fragment], fragment.box, fragment.size))
    for row in rows:
        row.fragments.sort(key=lambda each: each.box.left)
        row.gaps = _gaps(row.fragments)
    return rows


def _gaps(fragments: list[Fragment]) -> list[tuple[float, float]]:
    gaps, end = [], fragments[0].box.right
    for fragment in fragments[1:]:
        if fragment.box.left > end:
            gaps.append((end, fragment.box.left))
        end = max(end, fragment.box.right)
    return gaps


def blocks_of(rows: list[Row]) -> Iterator[list[Row]]:
    """Rows below each other whose gaps fit: each list may be a table; the last cells may have more lines."""
    block: list[Row] = []
    singles: list[Row] = []
    for row in rows:
        known = [*block, *singles]
        ends = bool(block) and (
            not _near(known[-1], row)
            or (row.is_gapped and not _fits(block, row, apart=bool(singles)))
            or len(singles) >= _MOST_SINGLES
        )
        if ends:
            yield _with_last_lines(block, singles)
            block, singles = [], []
        if row.is_gapped:
            block += [*singles, row]
            singles = []
        elif block:
            singles.append(row)
    if block:
        yield _with_last_lines(block, singles)


def _with_last_lines(block: list[Row], singles: list[Row]) -> list[Row]:
    """The rows, and those lines closely below them that go on in one of the last cells."""
    cells, above = block[-1].fragments, block[-1]
    for row in singles:
        box = row.box
        begins = [place for place, cell in enumerate(cells) if abs(cell.box.left - box.left) < _IN_LINE]
        close = above.box.middle - box.middle < _LINE_STEP * max(row.size, above.size)
        if not close or not begins or any(cell.box.left < box.right for cell in cells[begins[0] + 1 :]):
            break
        block, above = [*block, row], row
    return block


def _at_one_height(row: Row, fragment: Fragment) -> bool:
    """Whether more than half of the lower one of the two stands beside the other."""
    _, low, _, high = row.box
    _, bottom, _, top = fragment.box
    common = min(high, top) - max(low, bottom)
    return common > 0.5 * min(high - low, top - bottom)


def _near(above: Row, below: Row) -> bool:
    return above.box.bottom - below.box.top < _FAR * max(above.size, below.size)


def _fits(block: list[Row], row: Row, *, apart: bool) -> bool:
    """Whether at least half of the gaps of the row are gaps of one of the last rows of the table.

    After a heading, words without a figure below rows of figures are the head of another table.
    """
    if apart and not _has_figures(row) and any(map(_has_figures, block)):
        return False
    gaps = row.gaps
    least = _LEAST_SHARED_GAP * row.size
    for other in block[-3:]:
        theirs = other.gaps
        shared = sum(any(_shared(gap, their) > least for their in theirs) for gap in gaps)
        if shared and shared * 2 >= min(len(gaps), len(theirs)):
            return True
    return False


def _has_figures(row: Row) -> bool:
    return any(character.isdigit() for fragment in row.fragments for character in fragment.text)


def _shared(one: tuple[float, float], other: tuple[float, float]) -> float:
    return min(one[1], other[1]) - max(one[0], other[0])
