"""Cells of a document's table as Markdown, whatever file they are from."""

from dataclasses import dataclass

from docstage.extraction.extractors.pipe_tables import pipe_table, spread
from docstage.extraction.extractors.word_document import Block


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


def grid_blocks(cells: list[Cell], counted: dict[str, int]) -> list[Block]:
    """A table, and the tables inside it below; a frame around paragraphs is these paragraphs.

    Args:
        counted: how many tables inside others there were, as `table`.
    """
    if _is_frame(cells):
        return [block for cell in cells for block in cell.blocks]
    inner: list[Block] = []
    footnotes: list[str] = []
    placed = []
    for cell in cells:
        lines = [_line(block, inner, counted) for block in cell.blocks]
        footnotes += [mark for block in cell.blocks if not block.is_table for mark in block.footnotes]
        placed.append(
            (cell.row, cell.column, cell.rows, cell.columns, "\n".join(line for line in lines if line))
        )
    text = pipe_table(spread(placed))
    return ([Block(text, is_table=True, footnotes=footnotes)] if text else []) + inner


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
