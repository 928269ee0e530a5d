"""The cells of a sheet of Office Open XML (ECMA-376 part 1, 18.3), read in one pass."""

from collections.abc import Callable
from dataclasses import dataclass, field

from docstage.extraction.extractors.sheets.formulas import link_of, moved, typed
from docstage.extraction.extractors.sheets.model import (
    MOST_COLUMNS,
    Allowance,
    Area,
    Row,
    Sheet,
    address,
    area_of,
    column_number,
    runs,
)
from docstage.extraction.extractors.sheets.xlsx_rich import RichValue
from docstage.extraction.extractors.sheets.xlsx_styles import Look, unescaped
from docstage.extraction.extractors.sheets.xml import Events, relation

_DIGITS = "0123456789"
_TRUE = ("1", "true")
_MOST_VEILED = 1_000


@dataclass(frozen=True, slots=True)
class Book:
    """What all sheets of a workbook share.

    Attributes:
        distrusted: the program that wrote it computed nothing (`fullCalcOnLoad`): a zero is no value.
        rich: what cells show that are more than a number or a text.
    """

    strings: list[str]
    looks: list[Look]
    allowance: Allowance
    distrusted: bool = False
    rich: dict[str, RichValue] = field(default_factory=dict)


@dataclass(slots=True)
class Referred:
    """What a sheet refers to: by ids of relationships, and pictures in cells by the names of their parts."""

    pictures: list[tuple[int, int, RichValue]] = field(default_factory=list)

    drawings: list[str] = field(default_factory=list)
    links: list[tuple[Area, str, str]] = field(default_factory=list)


class SheetEvents(Events):
    """Fills a sheet with what its part says."""

    def __init__(self, sheet: Sheet, book: Book) -> None:
        super().__init__()
        self.referred = Referred()
        self._sheet, self._book = sheet, book
        self._strings, self._looks = book.strings, book.looks
        self._columns: dict[str, int] = {}
        self._by_style: dict[str, Look] = {}
        self._row: Row = {}
        self._number = 0
        self._column = 0
        self._hidden: list[int] = []
        self._masters: dict[str, tuple[str, int, int]] = {}
        self._zeros = True
        self._cell: dict[str, str] = {}
        self._value: list[str] = []
        self._text: list[str] = []
        self._formula: list[str] | None = None
        self._shared: dict[str, str] = {}
        self._margin: list[str] = []
        self._aside = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins: those of cells come first, since there are millions of them."""
        local = self.names[name]
        if local == "c":
            self._cell = attributes
            self._value, self._text, self._formula = [], [], None
        elif local == "v":
            self.listen(self._value)
        elif local == "f":
            self._formula, self._shared = [], attributes
            self.listen(self._formula)
        elif local == "t":
            if not self._aside:
                self.listen(self._text)
        elif local == "row":
            self._begin_row(attributes)
        else:
            handler = _STARTS.get(local)
            if handler:
                handler(self, attributes)

    def end(self, name: str) -> None:
        """An element ends."""
        local = self.names[name]
        if local == "c":
            self._end_cell()
        elif local in _HEARD:
            self.listen(None)
        elif local == "row":
            self._end_row()
        elif local == "rPh":
            self._aside -= 1
        elif local in _MARGINS:
            self.listen(None)
            self._sheet.margins.append((_MARGINS[local], "".join(self._margin)))

    def finish(self) -> None:
        """Nothing more comes."""
        self._sheet.hidden_rows = runs(sorted(set(self._hidden)))
        self._sheet.rows = self._sheet.rows if self._in_order else dict(sorted(self._sheet.rows.items()))

    _in_order = True

    # --- rows and cells

    def _begin_row(self, attributes: dict[str, str]) -> None:
        given = attributes.get("r", "")
        number = int(given) if given.isdecimal() and len(given) < 9 else self._number + 1
        self._in_order = self._in_order and number > self._number
        self._number, self._column, self._row = number, 0, {}
        if attributes.get("hidden") in _TRUE:
            self._hidden.append(number)

    def _end_row(self) -> None:
        row = self._row
        if row:
            self._book.allowance.spend(row)
            rows = self._sheet.rows
            if self._number in rows or not _ascending(row):
                row = dict(sorted({**rows.get(self._number, {}), **row}.items()))
            rows[self._number] = row

    def _end_cell(self) -> None:
        reference = self._cell.get("r")
        if reference is None:
            column = self._column + 1
        else:
            letters = reference.rstrip(_DIGITS)
            column = self._columns.get(letters) or self._find_column(letters)
        self._column = column
        text = self._shown(column)
        if text and not text.isspace():
            self._row[column] = text

    def _find_column(self, letters: str) -> int:
        number = column_number(letters)
        if not 1 <= number <= MOST_COLUMNS:
            return self._column + 1
        self._columns[letters] = number
        return number

    def _shown(self, column: int) -> str:
        """What the cell shows."""
        cell = self._cell
        value = self._value[0] if len(self._value) == 1 else "".join(self._value)
        kind = cell.get("t", "n")
        rich = self._book.rich.get(cell["vm"]) if self._book.rich and "vm" in cell else None
        if rich is not None:
            if rich.picture:
                self.referred.pictures.append((self._number, column, rich))
            return "" if rich.picture else rich.text
        if self._formula is not None:
            self._keep_formula(column)
            if self._is_uncomputed(kind, value):
                return self._uncomputed(column)
        if not value and kind != "inlineStr":
            return ""
        if kind == "n":
            return self._number_shown(column, value)
        return self._other(kind, value)

    def _look(self) -> Look:
        style = self._cell.get("s", "")
        return self._by_style.get(style) or self._find_look(style)

    def _find_look(self, style: str) -> Look:
        number = int(style) if style.isdecimal() else 0
        look = self._by_style[style] = self._looks[number] if number < len(self._looks) else self._looks[0]
        return look

    def _number_shown(self, column: int, value: str) -> str:
        look = self._look()
        shown = look.number(value)
        if shown:
            return "" if value == "0" and not self._zeros else shown
        if look.format and look.format.hides:
            self._veil(column)
            return _PLAIN.number(value)
        return ""

    def _veil(self, column: int) -> None:
        if len(self._sheet.veiled) < _MOST_VEILED:
            self._sheet.veiled.append(address(self._number, column))

    def _other(self, kind: str, value: str) -> str:
        match kind:
            case "s":
                number = int(value) if value.strip().isdecimal() else -1
                return self._look().text(self._strings[number]) if 0 <= number < len(self._strings) else ""
            case "b":
                return "TRUE" if value in _TRUE else "FALSE"
            case "inlineStr":
                return self._look().text(unescaped("".join(self._text) or value))
            case "str":
                return self._look().text(unescaped(value))
            case "d":
                return _iso(value)
        return value

    # --- formulas

    def _keep_formula(self, column: int) -> None:
        """Keep what other cells share, and addresses that it leads to."""
        assert self._formula is not None
        text = "".join(self._formula)
        name = self._shared.get("si", "")
        if self._shared.get("t") == "shared" and name and text:
            self._masters[name] = (text, self._number, column)
        if target := link_of(text):
            self._sheet.links.append((Area(self._number, column, self._number, column), target))

    def _is_uncomputed(self, kind: str, value: str) -> bool:
        if kind == "str":
            return False
        return not value or (self._book.distrusted and value == "0")

    def _uncomputed(self, column: int) -> str:
        assert self._formula is not None
        text = "".join(self._formula)
        if not text and (master := self._masters.get(self._shared.get("si", ""))):
            text = moved(master[0], self._number - master[1], column - master[2])
        if not text:
            return ""
        self._sheet.uncomputed.append(address(self._number, column))
        return typed(text)

    # --- what lies around the cells

    def _take_columns(self, attributes: dict[str, str]) -> None:
        first, last = attributes.get("min", ""), attributes.get("max", "")
        hidden = attributes.get("hidden") in _TRUE or attributes.get("width") == "0"
        if hidden and first.isdecimal() and last.isdecimal():
            self._sheet.hidden_columns.append((int(first[:6]), min(int(last[:6]), MOST_COLUMNS)))

    def _take_merged(self, attributes: dict[str, str]) -> None:
        if area := area_of(attributes.get("ref", "")):
            self._sheet.merged.append(area)

    def _take_link(self, attributes: dict[str, str]) -> None:
        if area := area_of(attributes.get("ref", "")):
            self.referred.links.append((area, relation(attributes), attributes.get("location", "")))

    def _take_drawing(self, attributes: dict[str, str]) -> None:
        self.referred.drawings.append(relation(attributes))

    def _take_view(self, attributes: dict[str, str]) -> None:
        self._zeros = attributes.get("showZeros", "1") in _TRUE

    def _begin_aside(self, _attributes: dict[str, str]) -> None:
        self._aside += 1

    def _begin_margin(self, _attributes: dict[str, str]) -> None:
        self._margin = []
        self.listen(self._margin)


_STARTS: dict[str, Callable[[SheetEvents, dict[str, str]], None]] = {
    "col": SheetEvents._take_columns,
    "mergeCell": SheetEvents._take_merged,
    "hyperlink": SheetEvents._take_link,
    "drawing": SheetEvents._take_drawing,
    "sheetView": SheetEvents._take_view,
    "rPh": SheetEvents._begin_aside,
    "oddHeader": SheetEvents._begin_margin,
    "oddFooter": SheetEvents._begin_margin,
}
_HEARD = frozenset({"v", "f", "t"})
_MARGINS = {"oddHeader": "header", "oddFooter": "footer"}
_PLAIN = Look(None)


def _ascending(row: Row) -> bool:
    last = 0
    for column in row:
        if column < last:
            return False
        last = column
    return True


def _iso(value: str) -> str:
    """A date as `t="d"` keeps it, without a time at midnight."""
    day, _, time = value.rstrip("Z").partition("T")
    return f"{day} {time}" if time.strip("0:.") else day
