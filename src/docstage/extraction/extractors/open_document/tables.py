"""Tables of OpenDocument as rows and columns, whatever they say how often something is repeated."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.open_document.names import TABLE, whole
from docstage.extraction.extractors.pipe_tables import MOST_CELLS, pipe_table, spread

_ROWS = frozenset({f"{TABLE}table-header-rows", f"{TABLE}table-rows", f"{TABLE}table-row-group"})
_CELLS = frozenset({f"{TABLE}table-cell", f"{TABLE}covered-table-cell"})
# Rows without words between others; more of them are left out.
_MOST_EMPTY = 20


@dataclass(slots=True)
class _Budget:
    cells: int = MOST_CELLS


def table_text(table: Element, words: Callable[[Element], str]) -> str:
    """A table in Markdown. A merged cell is repeated in all columns and rows that it spans.

    Args:
        words: what a cell shows.
    """
    return pipe_table(spread(_placed(table, words)))


def _placed(table: Element, words: Callable[[Element], str]) -> Iterator[tuple[int, int, int, int, str]]:
    number, empty, budget = 0, 0, _Budget()
    for row in table_rows(table):
        cells = list(_row(row, words, budget))
        again = max(whole(row, f"{TABLE}number-rows-repeated", 1), 1)
        if not cells:
            kept = min(again, max(_MOST_EMPTY - empty, 0)) if number else 0
            empty += kept
            number += kept
            continue
        empty = 0
        for _ in range(again):
            budget.cells -= len(cells)
            if budget.cells < 0:
                return
            yield from ((number, *cell) for cell in cells)
            number += 1


def table_rows(table: Element) -> Iterator[Element]:
    """The rows of a table, those in groups too."""
    waiting = list(reversed(table))
    while waiting:
        one = waiting.pop()
        if one.tag == f"{TABLE}table-row":
            yield one
        elif one.tag in _ROWS:
            waiting += reversed(one)


def _row(
    row: Element, words: Callable[[Element], str], budget: _Budget
) -> Iterator[tuple[int, int, int, str]]:
    """Column, rows and columns that it spans, and text of each cell that has words."""
    column = 0
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        again = max(whole(cell, f"{TABLE}number-columns-repeated", 1), 1)
        covered = cell.tag == f"{TABLE}covered-table-cell"
        text = "" if covered else words(cell)
        rows = max(whole(cell, f"{TABLE}number-rows-spanned", 1), 1)
        columns = max(whole(cell, f"{TABLE}number-columns-spanned", 1), 1)
        for place in range(min(again, budget.cells) if text.strip() else 0):
            budget.cells -= 1
            yield column + place, rows, columns, text
        column += again
