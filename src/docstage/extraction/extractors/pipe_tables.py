"""Tables as Markdown writes them, with pipes."""

import re
from collections.abc import Iterable, Sequence

MOST_CELLS = 1_000_000
"""Cells that a table may have, whatever it says about itself."""

# Characters that spanning cells may add by being repeated: people's tables stay far below, bombs do not.
_MOST_REPEATED = 5_000_000
# A text that is longer names nothing that values below or beside it need: it is repeated in the head alone.
_LONG = 120
_BREAKS = re.compile(r"\s*[\n\v\f\r\x85\u2028\u2029]\s*")


def pipe_table(rows: Iterable[Sequence[str]]) -> str:
    """The rows as a Markdown table, the first of them as its head; nothing when no cell has words.

    Rows that are shorter than the widest one are filled up, so that each value stands below its head. What
    would end a cell is escaped, and a line break in a cell is `<br>`.
    """
    cells = [[_cell(text) for text in row] for row in rows]
    width = max(map(len, cells), default=0)
    if not any(text for row in cells for text in row):
        return ""
    lines = [f"| {' | '.join([*row, *[''] * (width - len(row))])} |" for row in cells]
    return "\n".join([lines[0], f"|{' --- |' * width}", *lines[1:]])


def _cell(text: str) -> str:
    return _BREAKS.sub("<br>", text.strip()).replace("|", "\\|")


def spread(cells: Iterable[tuple[int, int, int, int, str]], most: int = MOST_CELLS) -> list[list[str]]:
    """Rows of all columns from cells that may span several; a spanning cell is repeated wherever it reaches
    and nothing else stands, unless it is long. Cells that lie on each other stand in one.

    Args:
        cells: row and column of each, counted from 0, rows and columns that it takes, its text.
        most: cells that the table may have; what lies beyond is cut off.
    """
    placed = list(cells)
    width = max((column + 1 for _, column, *_ in placed), default=0)
    height = min(max((row + 1 for row, *_ in placed), default=0), most // max(width, 1))
    grid = [[""] * width for _ in range(height)]
    left = _MOST_REPEATED
    for row, column, _, _, text in placed:  # each in its own place first, whatever others say of theirs
        if text and row < height:
            before = grid[row][column]
            grid[row][column] = f"{before} {text}" if before else text
    for row, column, rows, columns, text in placed:
        right, below = min(column + columns, width), min(row + rows, height)
        left -= (right - column) * (below - row) * len(text)
        if left < 0 or (row and len(text) > _LONG):
            right, below = column + 1, min(row + 1, height)
        for line in grid[row:below] if text else ():
            line[column:right] = [old or text for old in line[column:right]]
    return grid
