"""Finds the tables on a sheet: what lies far apart becomes regions, which cost what they hold."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from docstage.extraction.extractors.sheets.model import Area, Row

# A table may have this many places for each cell that it holds, or this many in all, before it is cut.
_SPARSE, _SMALL = 4, 200
# Rows that may stand between an empty one and the head of the next table.
_TITLES = 3
_FIGURE = re.compile(r"[^\w]{0,3}(?:[A-Z]{3} ?)?-?\d[\d.,' %:-]*\)?(?: ?\S{1,3})?$")
_YEAR = re.compile(r"(?:19|20)\d\d")


class Region:
    """Rows of cells that make one table.

    Attributes:
        numbers: its rows, those without cells left out, in ascending order.
        area: the rectangle around its cells.
    """

    def __init__(self, rows: dict[int, Row], numbers: Sequence[int]) -> None:
        self.rows = rows
        self.numbers = numbers
        left = min(min(rows[number]) for number in numbers)
        right = max(max(rows[number]) for number in numbers)
        self.area = Area(numbers[0], left, numbers[-1], right)

    @property
    def is_sparse(self) -> bool:
        """Whether a table of it would be mostly empty."""
        places = len(self.numbers) * (self.area.right - self.area.left + 1)
        return places > _SMALL and places > _SPARSE * sum(map(len, map(self.rows.__getitem__, self.numbers)))


def regions_of(rows: dict[int, Row]) -> Iterator[Region]:
    """The tables of a sheet from top to bottom; those beside each other from left to right."""
    numbers = sorted(rows)
    if not numbers:
        return
    for block in _blocks(rows, numbers):
        waiting = [Region(rows, block)]
        while waiting:
            region = waiting.pop()
            if region.is_sparse:
                waiting += reversed(_cut(region))
            else:
                yield region


def _blocks(rows: dict[int, Row], numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    """Rows between empty ones, where what follows these is no continuation of what precedes them."""
    start, widest = 0, 0
    for place, (number, following) in enumerate(pairwise(numbers), 1):
        widest = max(widest, len(rows[number]))
        if following > number + 1 and _begins_anew(rows, numbers, place, widest):
            yield numbers[start:place]
            start, widest = place, 0
    yield numbers[start:]


def _begins_anew(rows: dict[int, Row], numbers: Sequence[int], place: int, widest: int) -> bool:
    """Whether another table begins here: it has other columns, or below a title or not, a head of its own."""
    before, row = rows[numbers[place - 1]], rows[numbers[place]]
    if widest == 1 or min(row) > max(before) or max(row) < min(before):
        return True
    head = next((at for at in range(place, place + _TITLES) if len(_row(rows, numbers, at)) > 1), None)
    if head is None or not any(map(_is_figure, before.values())):
        return False
    labels, figures = _row(rows, numbers, head).values(), _row(rows, numbers, head + 1).values()
    return not any(map(_is_quantity, labels)) and any(map(_is_figure, figures))


def _row(rows: dict[int, Row], numbers: Sequence[int], place: int) -> Row:
    return rows[numbers[place]] if place < len(numbers) else {}


def _is_figure(text: str) -> bool:
    return bool(_FIGURE.match(text))


def _is_quantity(text: str) -> bool:
    """Whether it is a figure that heads no column, as years do."""
    return _is_figure(text) and not _YEAR.fullmatch(text)


def _cut(region: Region) -> list[Region]:
    """The region in parts, at its widest gaps between columns or rows; in the middle where it has none.

    All gaps that are at least half as wide as the widest are cut at once, so that few passes do.
    """
    columns = sorted({column for number in region.numbers for column in region.rows[number]})
    across = max((after - one for one, after in pairwise(columns)), default=1)
    down = max((after - one for one, after in pairwise(region.numbers)), default=1)
    if across > 1 and (across >= down or len(region.numbers) == 1):
        return _cut_columns(region, [b for a, b in pairwise(columns) if b - a > 1 and 2 * (b - a) >= across])
    places = [len(region.numbers) // 2]
    if down > 1:
        gaps = enumerate(pairwise(region.numbers), 1)
        places = [place for place, (a, b) in gaps if b - a > 1 and 2 * (b - a) >= down]
    bounds = pairwise([0, *places, len(region.numbers)])
    return [Region(region.rows, region.numbers[start:end]) for start, end in bounds]


def _cut_columns(region: Region, starts: list[int]) -> list[Region]:
    bands: list[dict[int, Row]] = [{} for _ in range(len(starts) + 1)]
    for number in region.numbers:
        for column, text in region.rows[number].items():
            bands[bisect_right(starts, column)].setdefault(number, {})[column] = text
    return [Region(band, list(band)) for band in bands if band]
