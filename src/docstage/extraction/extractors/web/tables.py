"""Tables of pages: those with data as Markdown, those that only arrange a page as text in reading order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from docstage.extraction.extractors.web.columns import (
    FIGURE,
    Filled,
    columns_of,
    head_rows,
    joined_pieces,
    over,
)
from docstage.extraction.extractors.web.flow import Block

# HTML, "Tables": what a browser takes of a span, 4.9.11.
_WIDEST, _TALLEST = 1_000, 65_534
_SECTIONS = ("thead", "tbody", "tfoot")
# A cell that goes over several rows is said again in each, so that a row can be read by itself.
_LONGEST_REPEAT = 200
_MOST_REPEATS = 20_000
# Cells from above that a row has to make room for.
_MOST_HANGING = 500
_MOST_OVER = 50
# Beyond this a cell holds a part of a page rather than a value.
_LARGE_CHARACTERS, _LARGE_BLOCKS = 600, 6
_SHORT = 200
_MARKER = re.compile(r"[•·‣◦▪■□●○◆–—*o§-]|\(?[0-9]{1,3}[.)]|\(?[a-zA-Z][.)]|\(?[ivxlcIVXLC]{1,7}[.)]")


def span(found: dict[str, str], name: str) -> int:
    """How many rows or columns a cell takes, given its attributes."""
    digits = re.match(r"\s*(\d{1,9})", found.get(name, ""))
    return int(digits[1]) if digits else 1


@dataclass(slots=True)
class Cell:
    """A cell as the page has it."""

    blocks: list[Block]
    is_head: bool = False
    columns: int = 1
    rows: int = 1

    def __post_init__(self) -> None:
        self.columns = min(max(self.columns, 1), _WIDEST)
        self.rows = min(self.rows, _TALLEST) if self.rows > 0 else _TALLEST

    @property
    def holds_table(self) -> bool:
        """Whether there is a table in it."""
        return any(block.kind == "table" for block in self.blocks)

    def text(self) -> str:
        """All of it in one line, but for the tables in it."""
        lines = (_one_line(block) for block in self.blocks if block.kind != "table")
        return "<br>".join(line for line in lines if line)


@dataclass(slots=True)
class Table:
    """A table while it is read.

    Attributes:
        arranges: it says itself that it has no data.
    """

    arranges: bool = False
    caption: list[Block] = field(default_factory=list)
    rows: dict[str, list[list[Cell]]] = field(default_factory=dict)
    section: str = "tbody"

    def begin_row(self) -> None:
        """A row begins."""
        self.rows.setdefault(self.section, []).append([])

    def add(self, cell: Cell) -> None:
        """A cell ends."""
        if not self.rows.get(self.section):
            self.begin_row()
        self.rows[self.section][-1].append(cell)

    def blocks(self) -> list[Block]:
        """The table in Markdown, or what is in it."""
        heads = len(self.rows.get("thead", ()))
        rows = [row for section in _SECTIONS for row in self.rows.get(section, ())]
        cells = [cell for row in rows for cell in row]
        is_marked = heads > 0 or bool(self.caption) or any(cell.is_head for cell in cells)
        if not is_marked and any(cell.holds_table for cell in cells):
            return [*self.caption, *_laid_out(rows)]
        grid = Grid.of(rows)
        if not grid.is_data(is_marked, self.arranges):
            return [*self.caption, *_laid_out(rows, grid.is_list)]
        nested = [block for cell in cells for block in cell.blocks if block.kind == "table"]
        return [*self.caption, Block(grid.markdown(), "table"), *nested]


@dataclass(slots=True)
class Grid:
    """The cells of a table that say something, in the columns that a reader sees.

    Attributes:
        rows: the cells of each row that has any.
        columns: where each column begins and ends.
    """

    rows: list[list[Filled]]
    columns: list[tuple[int, int]]

    @classmethod
    def of(cls, rows: Sequence[Sequence[Cell]]) -> "Grid":
        """Put the cells where their spans have them."""
        placed = [joined_pieces(row) for row in _placed(rows)]
        filled = [row for row in placed if row]
        return cls(filled, columns_of(filled))

    @property
    def is_list(self) -> bool:
        """Whether it is a list, with bullets or numbers in a column of their own."""
        return len(self.columns) == 2 and all(
            _MARKER.fullmatch(row[0].text) and len(row) == 2 for row in self.rows
        )

    def is_data(self, is_marked: bool, arranges: bool) -> bool:
        """Whether the columns mean something."""
        if len(self.columns) < 2 or len(self.rows) < 2 or self.is_list:
            return False
        if arranges:
            return self._figures() >= 2
        large = sum(cell.is_large for row in self.rows for cell in row)
        return is_marked or large * len(self.columns) < len(self.rows)

    def _figures(self) -> int:
        """Rows that have a figure behind some words."""
        return sum(
            any(FIGURE.fullmatch(cell.text) for cell in row[1:]) and not any(cell.is_large for cell in row)
            for row in self.rows
        )

    def markdown(self) -> str:
        """All rows with all columns; the first one is the head, as Markdown wants one."""
        heads = head_rows(self.rows)
        lines = [self._line(row, number < heads) for number, row in enumerate(self.rows)]
        lines.insert(1, "|" + " --- |" * len(self.columns))
        return "\n".join(lines)

    def _line(self, row: Sequence[Filled], is_head: bool) -> str:
        values = [""] * len(self.columns)
        for cell in row:
            first, behind = over(self.columns, cell)
            # A title over all columns is said once, the head of several columns over each.
            is_repeated = is_head and (first > 0 or len(row) > 1)
            if FIGURE.fullmatch(cell.text) and not is_head:
                first = behind - 1  # figures stand to the right, beside their signs
            for number in range(first, min(behind, first + _MOST_OVER) if is_repeated else first + 1):
                values[number] = f"{values[number]} {cell.text}".strip()
        return "| " + " | ".join(values) + " |"


def _placed(rows: Sequence[Sequence[Cell]]) -> Iterator[list[Filled]]:
    """The cells of each row with the columns they take, those from the rows above among them."""
    hanging: list[tuple[Filled, int]] = []
    repeats = 0
    for cells in rows:
        column = 0
        row: list[Filled] = []
        still: list[tuple[Filled, int]] = []
        taken = sorted(hanging, key=lambda item: item[0].start)
        for cell in cells:
            column = _first_free(taken, column)
            text = cell.text()
            filled = Filled(column, column + cell.columns, text, cell.is_head, _is_large(cell, text))
            row.append(filled)
            if cell.rows > 1 and len(taken) + len(still) < _MOST_HANGING:
                still.append((filled, cell.rows - 1))
            column = filled.end
        for filled, left in taken:
            repeats += 1
            if len(filled.text) <= _LONGEST_REPEAT and repeats <= _MOST_REPEATS:
                row.append(filled)
            if left > 1 and repeats <= _MOST_REPEATS:
                still.append((filled, left - 1))
        hanging = still
        yield sorted((cell for cell in row if cell.text), key=lambda cell: cell.start)


def _first_free(taken: Sequence[tuple[Filled, int]], column: int) -> int:
    for filled, _ in taken:
        if filled.start <= column < filled.end:
            column = filled.end
    return column


def _is_large(cell: Cell, text: str) -> bool:
    kinds = {block.kind for block in cell.blocks}
    return (
        len(cell.blocks) > _LARGE_BLOCKS
        or (len(text) > _LARGE_CHARACTERS and len(cell.blocks) > 1)
        or bool(kinds & {"heading", "table"})
    )


def _laid_out(rows: Sequence[Sequence[Cell]], is_list: bool = False) -> Iterator[Block]:
    """What is in the cells, one after the other; what stands in one line stays in one line."""
    for row in rows:
        texts = [cell.text() for cell in row]
        said = [text for text in texts if text]
        is_line = len(said) > 1 and all(
            len(cell.blocks) <= 1 and len(text) <= _SHORT and "<br>" not in text and not cell.holds_table
            for cell, text in zip(row, texts, strict=True)
        )
        has_mark = len(said) > 1 and _MARKER.fullmatch(said[0]) and len(said) == 2
        if is_list or (has_mark and not any(cell.holds_table for cell in row)):
            yield Block(f"{said[0]} {said[1].replace('<br>', ' ')}", "item")
        elif is_line:
            yield Block(" | ".join(said))
        else:
            yield from (block for cell in row for block in cell.blocks)


def _one_line(block: Block) -> str:
    text = block.text.lstrip("#").lstrip() if block.kind == "heading" else block.text
    return text.replace("|", "\\|").replace("\n", "<br>")
