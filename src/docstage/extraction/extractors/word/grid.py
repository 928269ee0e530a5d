"""Cells of a document's table as Markdown, whatever file they are from."""

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass

from docstage.extraction.extractors.pipe_tables import pipe_table, spread
from docstage.extraction.extractors.word.document import Block

# A text that is longer is not repeated; nor are cells below the head where that doubles the table.
_SHORT, _BEARABLE, _HEADS = 100, 500, 2


@dataclass(slots=True)
class Cell:
    """A cell with what it holds.

    Attributes:
        row: counted from 0.
        column: of the table's grid, counted from 0.
        columns: how many of them it spans.
        rows: how many rows it spans.
    """

    row: int
    column: int
    columns: int
    blocks: list[Block]
    rows: int = 1


def grid_blocks(
    cells: list[Cell], counted: dict[str, int], narrow: frozenset[int] = frozenset()
) -> list[Block]:
    """A table, and the tables inside it below; a frame around paragraphs is these paragraphs.

    Args:
        counted: how many tables inside others there were, as `table`.
        narrow: columns in which no word has room, as in tables whose rows do not quite match.
    """
    if _is_frame(cells):
        return [block for cell in cells for block in cell.blocks]
    inner: list[Block] = []
    texts = []
    for cell in cells:
        lines = [_line(block, inner, counted) for block in cell.blocks]
        texts.append("\n".join(line for line in lines if line))
    footnotes = [
        mark for cell in cells for block in cell.blocks if not block.is_table for mark in block.footnotes
    ]
    table = pipe_table(spread(_placed(cells, texts, _columns(cells, narrow))))
    return ([Block(table, is_table=True, footnotes=footnotes)] if table else []) + inner


def _columns(cells: list[Cell], narrow: frozenset[int]) -> list[int]:
    """The columns of the grid that a reader sees: those in which cells begin, narrow ones within the next."""
    rows: dict[int, set[int]] = defaultdict(set)
    for cell in cells:
        rows[cell.column].add(cell.row)
    columns: list[int] = []
    for column in sorted(rows):
        before = columns[-1] if columns else None
        if (
            before is not None
            and narrow.issuperset(range(before, column))
            and not rows[before] & rows[column]
        ):
            rows[column] |= rows[before]
            columns[-1] = column
        else:
            columns.append(column)
    return columns


def _placed(cells: list[Cell], texts: list[str], columns: list[int]) -> list[tuple[int, int, int, int, str]]:
    """Cells as they are written, repeated wherever they reach as long as that helps more than it costs."""
    alone = Counter(cell.row for cell in cells)
    reach = [
        (bisect_left(columns, cell.column), bisect_left(columns, cell.column + cell.columns))
        for cell in cells
    ]
    cost = sum(
        len(text) * (end - start - 1) for text, (start, end) in zip(texts, reach, strict=True) if end > start
    )
    is_costly = cost > sum(map(len, texts)) + _BEARABLE
    placed = []
    for cell, text, (start, end) in zip(cells, texts, reach, strict=True):
        is_line = alone[cell.row] == 1 and start == 0 and end >= len(columns)
        is_head = cell.row < _HEADS
        across = len(text) <= _SHORT and not is_line and (is_head or not is_costly)
        down = cell.rows if len(text) <= _SHORT else 1
        placed.append((cell.row, start, down, max(end - start, 1) if across else 1, text))
    return placed


def _is_frame(cells: list[Cell]) -> bool:
    """Whether a table only holds paragraphs together: one cell, or one column with tables inside."""
    if len({cell.row for cell in cells}) == len(cells) and all(cell.column == 0 for cell in cells):
        return len(cells) <= 1 or any(block.is_table for cell in cells for block in cell.blocks)
    return False


def _line(block: Block, inner: list[Block], counted: dict[str, int]) -> str:
    """What a block of a cell is in its cell; a table is only named there."""
    if not block.is_table:
        return block.words
    counted["table"] = counted.get("table", 0) + 1
    name = f"Inner table {counted['table']}"
    inner += [Block(f"{name}:"), block]
    return f"[{name}, below]"
