"""The records of one sheet of Excel 2.0 to 2003."""

import struct
from collections.abc import Callable, Iterator
from typing import Protocol

from docstage.extraction.extractors.sheets.biff import BOF, EOF, Record, Texts, continued_text
from docstage.extraction.extractors.sheets.model import (
    ERRORS,
    Allowance,
    Area,
    Comment,
    Drawn,
    Row,
    Sheet,
    address,
    listed,
    runs,
)
from docstage.extraction.extractors.sheets.xls_charts import CHART, ChartRecords
from docstage.extraction.extractors.sheets.xls_formulas import typed_formula
from docstage.extraction.extractors.sheets.xls_links import target_of
from docstage.extraction.extractors.sheets.xlsx_styles import Look

_PLACE = struct.Struct("<HHH")
_HIDDEN_ROW, _HIDDEN_COLUMN, _ZEROS = 0x20, 0x01, 0x10
_MOST_VEILED = 1_000
_COMMENT_OBJECT = 0x19
_CONTINUED_NOTE = 0xFFFF
_EMPTY = 3  # the kind of value of a formula that shows nothing, or was never computed
_HEADER = 0x0014


class Shared(Protocol):
    """What the sheets of a workbook share."""

    @property
    def texts(self) -> Texts: ...
    @property
    def allowance(self) -> Allowance: ...
    @property
    def strings(self) -> list[str]: ...
    @property
    def names(self) -> list[str]: ...
    def look(self, style: int, /) -> Look: ...
    def by_format(self, number: int, /) -> Look: ...


def unpacked(packed: int) -> float:
    """A number that was packed into 30 bits ([MS-XLS] 2.5.217)."""
    if packed & 2:
        value = float((packed if packed < 1 << 31 else packed - (1 << 32)) >> 2)
    else:
        (value,) = struct.unpack("<d", struct.pack("<II", 0, packed & 0xFFFFFFFC))
    return value / 100 if packed & 1 else value


class SheetRecords:
    """Fills a sheet with what its records say."""

    def __init__(self, sheet: Sheet, book: Shared) -> None:
        self._sheet, self._book = sheet, book
        self._version = book.texts.version
        self._deep = 0
        self._charts = 0
        self._chart: ChartRecords | None = None
        self._chart_at = 0
        self._uncomputed: list[str] = []
        self._computed = False
        self._valueless: list[tuple[int, int, bytes]] = []
        self._zeros = True
        self._rows: dict[int, Row] = {}
        self._hidden: list[int] = []
        self._awaited: tuple[int, int, Look] | None = None
        self._object: tuple[int, int] | None = None
        self._object_texts: dict[int, str] = {}
        self._notes: list[tuple[int, int, int, str]] = []
        self._places: list[tuple[int, int]] = []
        self._drawing = bytearray()

    @property
    def drawing(self) -> bytes:
        """What is drawn above the cells, in the records of drawings."""
        return bytes(self._drawing)

    def take(self, record: Record) -> bool:
        """Take a record; False when it is the last one of the sheet."""
        if record.kind in BOF:
            self._deep += 1
            if record.data[2:4] == CHART and self._chart is None:
                self._chart, self._chart_at = ChartRecords(self._book), self._deep
        elif record.kind == EOF:
            self._end_chart()
            self._deep -= 1
            return self._deep > 0
        elif self._chart is not None:
            self._chart.take(record)
        elif self._deep == 1:
            handler = _HANDLERS.get(record.kind)
            if handler:
                handler(self, record)
        return True

    def finish(self) -> None:
        """Nothing more comes."""
        self._show_formulas()
        for number in sorted(self._rows):
            row = dict(sorted(self._rows[number].items()))
            self._book.allowance.spend(row)
            self._sheet.rows[number] = row
        self._sheet.hidden_rows = runs(sorted(set(self._hidden)))
        self._finish_objects()
        self._sheet.left_out += self._missing()

    def _end_chart(self) -> None:
        if self._chart is not None and self._deep == self._chart_at:
            text = self._chart.text()
            self._chart = None
            if text:
                self._sheet.drawn.append(Drawn(0, 0, text))
            else:
                self._charts += 1

    def _missing(self) -> Iterator[str]:
        if self._charts:
            what = "1 chart is" if self._charts == 1 else f"{self._charts:,} charts are"
            yield f"{what} not included: the file keeps no copy of the figures."
        if self._uncomputed:
            where = listed(self._uncomputed)
            yield f"Values of formulas are not included, which the file does not keep: {where}."

    # --- cells

    def _put(self, row: int, column: int, text: str) -> None:
        if text.strip():
            self._rows.setdefault(row + 1, {})[column + 1] = text

    def _cell(self, data: bytes) -> tuple[int, int, Look, bytes]:
        """Row, column and look, and what follows; cells of Excel 2 have three bytes of attributes."""
        row, column, style = _PLACE.unpack_from(data)
        if self._version == 2:
            return row, column, self._book.look(data[5] & 0x3F), data[7:]
        return row, column, self._book.look(style), data[6:]

    def _number(self, row: int, column: int, look: Look, value: float) -> None:
        if value == 0 and not self._zeros:
            return
        shown = look.number(repr(value))
        if not shown and look.format and look.format.hides:
            shown = _PLAIN.number(repr(value))
            if len(self._sheet.veiled) < _MOST_VEILED:
                self._sheet.veiled.append(address(row + 1, column + 1))
        self._put(row, column, shown)

    def _take_number(self, record: Record) -> None:
        row, column, look, rest = self._cell(record.data)
        self._number(row, column, look, struct.unpack_from("<d", rest)[0])

    def _take_integer(self, record: Record) -> None:
        row, column, look, rest = self._cell(record.data)
        self._number(row, column, look, float(struct.unpack_from("<H", rest)[0]))

    def _take_packed(self, record: Record) -> None:
        row, column, look, rest = self._cell(record.data)
        self._number(row, column, look, unpacked(struct.unpack_from("<I", rest)[0]))

    def _take_many_packed(self, record: Record) -> None:
        row, column = struct.unpack_from("<HH", record.data)
        for number, at in enumerate(range(4, len(record.data) - 7, 6)):
            style, packed = struct.unpack_from("<HI", record.data, at)
            self._number(row, column + number, self._book.look(style), unpacked(packed))

    def _take_shared(self, record: Record) -> None:
        row, column, look, rest = self._cell(record.data)
        (number,) = struct.unpack_from("<I", rest)
        if number < len(self._book.strings):
            self._put(row, column, look.text(self._book.strings[number]))

    def _take_label(self, record: Record) -> None:
        row, column, look, rest = self._cell(record.data)
        if self._version == 8 and record.more:
            count = int.from_bytes(rest[:2], "little")
            text = continued_text((rest[2:], *record.more), count)
        else:
            text = self._book.texts.short(rest, 0) if self._version == 2 else self._book.texts.long(rest, 0)
        self._put(row, column, look.text(text))

    def _take_truth(self, record: Record) -> None:
        row, column, _, rest = self._cell(record.data)
        self._put(row, column, ERRORS.get(rest[0], "#ERROR") if rest[1] else _truth(rest[0]))

    def _take_formula(self, record: Record) -> None:
        """A formula's value; a text follows in a record of its own."""
        row, column, look, rest = self._cell(record.data)
        if rest[6:8] != b"\xff\xff":
            self._number(row, column, look, struct.unpack_from("<d", rest)[0])
        elif rest[0] == 0:
            self._awaited = (row, column, look)
        elif rest[0] == 1:
            self._put(row, column, _truth(rest[2]))
        elif rest[0] == 2:
            self._put(row, column, ERRORS.get(rest[2], "#ERROR"))
        elif rest[0] == _EMPTY:
            self._valueless.append((row, column, rest))
            return
        self._computed = True

    def _show_formulas(self) -> None:
        """Show formulas whose value is nothing, where the program that wrote them computed none of them."""
        for row, column, rest in self._valueless if not self._computed else ():
            formula = self._typed(rest)
            self._put(row, column, formula or "")
            (self._sheet.uncomputed if formula else self._uncomputed).append(address(row + 1, column + 1))

    def _typed(self, rest: bytes) -> str | None:
        """A formula as it is typed, where the file keeps no value of it."""
        if self._version != 8:
            return None
        (size,) = struct.unpack_from("<H", rest, 14)
        return typed_formula(rest[16 : 16 + size], self._book.names)

    def _take_text_of_formula(self, record: Record) -> None:
        if self._awaited is not None:
            row, column, look = self._awaited
            self._awaited = None
            data = record.data
            if self._version == 8:
                text = continued_text((data[2:], *record.more), int.from_bytes(data[:2], "little"))
            else:
                text = (
                    self._book.texts.short(data, 0) if self._version == 2 else self._book.texts.long(data, 0)
                )
            self._put(row, column, look.text(text))

    # --- what lies around the cells

    def _take_row(self, record: Record) -> None:
        if len(record.data) >= 14 and record.data[12] & _HIDDEN_ROW:
            self._hidden.append(int.from_bytes(record.data[:2], "little") + 1)

    def _take_columns(self, record: Record) -> None:
        first, last, width, _, options = struct.unpack_from("<HHHHH", record.data)
        if options & _HIDDEN_COLUMN or not width:
            self._sheet.hidden_columns.append((first + 1, min(last, 255) + 1))

    def _take_merged(self, record: Record) -> None:
        for top, bottom, left, right in struct.iter_unpack(
            "<HHHH", record.data[2 : 2 + (len(record.data) - 2) // 8 * 8]
        ):
            self._sheet.merged.append(Area(top + 1, left + 1, bottom + 1, right + 1))

    def _take_window(self, record: Record) -> None:
        self._zeros = bool(record.data[0] & _ZEROS)

    def _take_link(self, record: Record) -> None:
        data = record.whole
        top, bottom, left, right = struct.unpack_from("<HHHH", data)
        if target := target_of(data):
            self._sheet.links.append((Area(top + 1, left + 1, bottom + 1, right + 1), target))

    # --- comments and text boxes

    def _take_object(self, record: Record) -> None:
        """The kind and number of what is drawn next ([MS-XLS] 2.5.143)."""
        if len(record.data) >= 8 and record.data[:2] == b"\x15\x00":
            kind, number = struct.unpack_from("<HH", record.data, 4)
            self._object = (kind, number)

    def _take_drawing(self, record: Record) -> None:
        self._drawing += record.whole

    def _take_text_object(self, record: Record) -> None:
        if len(record.data) >= 12 and record.more:
            text = continued_text(record.more, int.from_bytes(record.data[10:12], "little"))
            kind, number = self._object or (0, 0)
            self._object = None
            if kind == _COMMENT_OBJECT:
                self._object_texts[number] = text
            elif text.strip():
                self._sheet.drawn.append(Drawn(0, 0, f"Text box: {text.strip()}"))

    def _take_note(self, record: Record) -> None:
        row, column, _flags = _PLACE.unpack_from(record.data)
        if self._version == 8:
            number = int.from_bytes(record.data[6:8], "little")
            self._notes.append((row, column, number, self._book.texts.long(record.data, 8)))
        elif row == _CONTINUED_NOTE and self._sheet.comments:
            last = self._sheet.comments.pop()
            text = last.text + self._book.texts.plain(record.data[6:])
            self._sheet.comments.append(Comment(last.row, last.column, text))
        else:
            self._sheet.comments.append(Comment(row + 1, column + 1, self._book.texts.plain(record.data[6:])))

    def _finish_objects(self) -> None:
        for row, column, number, author in self._notes:
            text = self._object_texts.get(number, "").strip()
            first, colon, rest = text.partition(":")
            if colon and first.strip() == author.strip():
                text = rest.strip()
            if text:
                self._sheet.comments.append(Comment(row + 1, column + 1, text, author.strip()))

    def _take_margin(self, record: Record) -> None:
        texts, data = self._book.texts, record.data
        if data:
            text = texts.long(data, 0) if self._version == 8 else texts.short(data, 0)
            self._sheet.margins.append(("header" if record.kind == _HEADER else "footer", text))


_HANDLERS: dict[int, Callable[[SheetRecords, Record], None]] = {
    0x0002: SheetRecords._take_integer,
    **dict.fromkeys((0x0003, 0x0203), SheetRecords._take_number),
    **dict.fromkeys((0x0004, 0x0204, 0x00D6), SheetRecords._take_label),
    **dict.fromkeys((0x0005, 0x0205), SheetRecords._take_truth),
    **dict.fromkeys((0x0006, 0x0206, 0x0406), SheetRecords._take_formula),
    **dict.fromkeys((0x0007, 0x0207), SheetRecords._take_text_of_formula),
    0x027E: SheetRecords._take_packed,
    0x00BD: SheetRecords._take_many_packed,
    0x00FD: SheetRecords._take_shared,
    0x0208: SheetRecords._take_row,
    0x007D: SheetRecords._take_columns,
    0x00E5: SheetRecords._take_merged,
    0x023E: SheetRecords._take_window,
    0x01B8: SheetRecords._take_link,
    0x005D: SheetRecords._take_object,
    0x00EC: SheetRecords._take_drawing,
    0x01B6: SheetRecords._take_text_object,
    0x001C: SheetRecords._take_note,
    **dict.fromkeys((_HEADER, 0x0015), SheetRecords._take_margin),
}
_PLAIN = Look(None)


def _truth(value: int) -> str:
    return "TRUE" if value else "FALSE"
