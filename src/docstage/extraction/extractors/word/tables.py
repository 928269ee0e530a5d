"""Tables of Word as Markdown, with each value below the head of its column."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.pipe_tables import MOST_CELLS
from docstage.extraction.extractors.word.document import Block, Host
from docstage.extraction.extractors.word.grid import Cell, grid_blocks
from docstage.extraction.extractors.word.xml import MC, W, chosen, number, switch, value

_MOST_COLUMNS = 1_000
_ROOM = 150  # twentieths of a point: a letter and the margins of its cell
_WRAPPERS = frozenset({f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo")})
_HIDDEN_ONE = "A hidden row of a table is left out."
_HIDDEN_MANY = "{} hidden rows of tables are left out."


@dataclass(slots=True)
class _Grid:
    """Cells where they stand, as far as the table has been read."""

    cells: list[Cell] = field(default_factory=list)
    open: dict[int, Cell] = field(default_factory=dict)


def table_blocks(table: Element, host: Host) -> list[Block]:
    """A table, and the tables inside it below; a frame around paragraphs is these paragraphs.

    Raises:
        Unreadable: TOO_COMPLEX, when it is nested too deeply.
    """
    grid = _Grid()
    for at, row in enumerate(_rows(table, host)):
        _read_row(row, at, grid, host)
        if len(grid.cells) > MOST_CELLS:
            host.document.remarks.leave_out(f"A table is cut off after {at + 1:,} rows.")
            break
    return grid_blocks(grid.cells, host.document.counted, _narrow(table))


def _narrow(table: Element) -> frozenset[int]:
    """The columns of a table in which no word has room."""
    widths = (number(one.get(f"{W}w"), _ROOM) for one in table.findall(f"{W}tblGrid/{W}gridCol"))
    return frozenset(column for column, width in enumerate(widths) if width < _ROOM)


def _read_row(row: Element, at: int, grid: _Grid, host: Host) -> None:
    properties = row.find(f"{W}trPr")
    column = _columns(value(properties, "gridBefore"), 0)
    before: Cell | None = None
    for element in _children(row, "tc"):
        own = element.find(f"{W}tcPr")
        width = _columns(value(own, "gridSpan"), 1)
        above = grid.open.get(column) if _goes_on(own, "vMerge") else None
        if _goes_on(own, "hMerge") and before is not None:
            before.columns += width
        elif above is not None and above.row + above.rows == at:
            above.rows += 1
        else:
            grid.open.pop(column, None)
            before = Cell(at, column, width, _contents(element, own, host))
            grid.cells.append(before)
            grid.open[column] = before
        column = min(column + width, _MOST_COLUMNS)


def _contents(cell: Element, properties: Element | None, host: Host) -> list[Block]:
    is_deleted = properties is not None and properties.find(f"{W}cellDel") is not None
    return [] if is_deleted else host.blocks(cell)


def _goes_on(properties: Element | None, name: str) -> bool:
    """Whether a cell is merged with the one before it in its row or column."""
    found = None if properties is None else properties.find(W + name)
    return found is not None and found.get(f"{W}val", "continue") == "continue"


def _columns(said: str | None, default: int) -> int:
    return min(max(number(said, default), default), _MOST_COLUMNS)


def _rows(table: Element, host: Host) -> Iterator[Element]:
    for row in _children(table, "tr"):
        properties = row.find(f"{W}trPr")
        if properties is not None and properties.find(f"{W}del") is not None:
            continue
        if switch(properties, "hidden"):
            host.document.remarks.count(_HIDDEN_ONE, _HIDDEN_MANY)
            continue
        yield row


def _children(parent: Element, name: str) -> Iterator[Element]:
    """The rows or cells in an element, those in content controls too."""
    waiting = list(reversed(parent))
    while waiting:
        one = waiting.pop()
        if one.tag == W + name:
            yield one
        elif one.tag in _WRAPPERS:
            waiting += reversed(one)
        elif one.tag == f"{MC}AlternateContent":
            waiting += reversed(chosen(one))
