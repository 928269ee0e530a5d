"""Tables of binary Word documents: paragraphs whose ends are ends of cells and rows ([MS-DOC] 2.4.3)."""

from dataclasses import dataclass, field

from docstage.extraction.extractors.pipe_tables import MOST_CELLS
from docstage.extraction.extractors.word.document import Block
from docstage.extraction.extractors.word.grid import Cell, grid_blocks
from docstage.extraction.extractors.word_old.properties import Paragraph

# Edges that are as near as that, in twentieths of a point, are the same: programs round them.
_NEAR = 40


@dataclass(slots=True)
class _Row:
    cells: list[list[Block]]
    edges: tuple[int, ...] = ()
    merges: tuple[tuple[bool, bool], ...] = ()


@dataclass(slots=True)
class _Table:
    rows: list[_Row] = field(default_factory=list)
    cells: list[list[Block]] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def end_cell(self) -> None:
        self.cells.append(self.blocks)
        self.blocks = []

    def end_row(self, said: Paragraph) -> None:
        if self.cells:
            self.rows.append(_Row(self.cells, said.edges, said.merges))
        self.cells = []


class OldTables:
    """Puts paragraphs where they belong: into tables, and into tables inside these.

    Attributes:
        blocks: all that is complete.
    """

    def __init__(self, counted: dict[str, int]) -> None:
        self.blocks: list[Block] = []
        self._counted = counted
        self._open: list[_Table] = []

    def add(self, said: Paragraph, blocks: list[Block], ending: str) -> None:
        """Take the next paragraph.

        Args:
            said: its properties.
            blocks: what it is.
            ending: the character that ends it.
        """
        self.go_to(said.depth)
        if not said.depth:
            self.blocks += blocks
        elif said.ends_row and (ending == "\x07" or said.depth > 1):
            self._open[-1].end_row(said)
        else:
            self._open[-1].blocks += blocks
            if said.ends_inner_cell if said.depth > 1 else ending == "\x07":
                self._open[-1].end_cell()

    def go_to(self, depth: int) -> None:
        """Close tables, or open them, until as many are open."""
        while len(self._open) > depth:
            table = self._open.pop()
            if table.blocks:
                table.end_cell()
            if table.cells:
                table.end_row(Paragraph())
            outer = self._open[-1].blocks if self._open else self.blocks
            outer += grid_blocks(_cells(table.rows), self._counted)
        while len(self._open) < depth:
            self._open.append(_Table())


def _cells(rows: list[_Row]) -> list[Cell]:
    """The cells on the grid of all edges that rows have."""
    columns = _columns(rows)
    cells: list[Cell] = []
    above: dict[int, Cell] = {}
    for at, row in enumerate(rows):
        if len(cells) > MOST_CELLS:
            break
        before: Cell | None = None
        for number, blocks in enumerate(row.cells):
            left, right = _place(row, number, columns)
            beside, below = row.merges[number] if number < len(row.merges) else (False, False)
            if beside and before is not None:
                before.columns += right - left
            elif below and left in above and above[left].row + above[left].rows == at:
                above[left].rows += 1
            else:
                before = above[left] = Cell(at, left, right - left, blocks)
                cells.append(before)
    return cells


def _columns(rows: list[_Row]) -> dict[int, int]:
    """The column that begins at each edge, counted from 0."""
    columns: dict[int, int] = {}
    last, column = None, -1
    for edge in sorted({edge for row in rows for edge in row.edges}):
        if last is None or edge - last > _NEAR:
            column += 1
            last = edge
        columns[edge] = column
    return columns


def _place(row: _Row, number: int, columns: dict[int, int]) -> tuple[int, int]:
    """First column of a cell, and the one behind its last; they follow each other where edges are unknown."""
    if number + 1 >= len(row.edges):
        beyond = columns[row.edges[-1]] + number + 1 - len(row.edges) if row.edges else number
        return beyond, beyond + 1
    left, right = columns[row.edges[number]], columns[row.edges[number + 1]]
    return left, max(right, left + 1)
