"""Workbooks of Excel in binary parts ([MS-XLSB]); what lies above the cells is XML as in others."""

import struct
from collections.abc import Callable, Iterator

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.office.embedded_pictures import Pictures
from docstage.extraction.extractors.office.package import Package
from docstage.extraction.extractors.sheets.model import ERRORS, Area, Comment, Row, Sheet, address, runs
from docstage.extraction.extractors.sheets.xls_cells import unpacked
from docstage.extraction.extractors.sheets.xlsx import Entry, PackagedWorkbook
from docstage.extraction.extractors.sheets.xlsx_cells import Book, Referred
from docstage.extraction.extractors.sheets.xlsx_styles import Look, look_of

_DAMAGED = "A part of the workbook is damaged. Open it in Excel and save it anew."
_PROPERTIES, _BUNDLE = 153, 156
_FORMAT, _STYLE, _STYLES, _STYLES_END = 44, 47, 617, 618
_SHARED = 19
_AUTHOR, _COMMENT, _COMMENT_TEXT = 632, 635, 637
_NO_TEXT = 0xFFFFFFFF
_HIDDEN_ROW, _ZEROS = 0x10, 0x10


def read_xlsb(package: Package, pictures: Pictures) -> list[Sheet]:
    """The sheets of a workbook in their order.

    Raises:
        Unreadable: TOO_COMPLEX, TOO_LARGE or DAMAGED.
    """
    try:
        return _BinaryWorkbook(package, pictures).read()
    except (struct.error, IndexError) as error:
        raise Unreadable(DocumentReason.DAMAGED, _DAMAGED) from error


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Kinds and contents of the records that are whole ([MS-XLSB] 2.1.4)."""
    at, end = 0, len(data)
    while at < end:
        kind = data[at]
        at += 1
        if kind & 0x80 and at < end:
            kind = kind & 0x7F | (data[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while at < end and shift < 28:
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        if at + size > end:
            return
        yield kind, data[at : at + size]
        at += size


def _text(data: bytes, at: int) -> tuple[str, int]:
    """A text and where it ends."""
    (count,) = struct.unpack_from("<I", data, at)
    if count == _NO_TEXT:
        return "", at + 4
    end = at + 4 + 2 * count
    return data[at + 4 : end].decode("utf-16-le", "replace"), end


class _BinaryWorkbook(PackagedWorkbook):
    def __init__(self, package: Package, pictures: Pictures) -> None:
        super().__init__(package, pictures)
        self._named: list[Entry] = []
        since_1904 = False
        for kind, data in _records(package.read(self.main) or b""):
            if kind == _PROPERTIES:
                since_1904 = bool(data[0] & 1)
            elif kind == _BUNDLE:
                relation, at = _text(data, 8)
                self._named.append(Entry(_text(data, at)[0], data[0] != 0, relation))
        strings = [
            _text(data, 1)[0]
            for kind, data in _records(package.read(self.related("sharedStrings")) or b"")
            if kind == _SHARED
        ]
        styles = package.read(self.related("styles")) or b""
        self._book = Book(strings, _looks(styles, since_1904=since_1904), self.allowance)

    def entries(self) -> list[Entry]:
        return self._named

    def fill(self, sheet: Sheet, data: bytes) -> Referred:
        reader = _SheetReader(sheet, self._book)
        for kind, content in _records(data):
            reader.take(kind, content)
        reader.finish()
        return reader.referred

    def comments(self, part: str) -> list[Comment]:
        found: list[Comment] = []
        for name in self.package.related(part, "comments"):
            found += _comments(self.package.read(name) or b"")
        return found


def _looks(data: bytes, *, since_1904: bool) -> list[Look]:
    codes: dict[int, str] = {}
    looks: list[Look] = []
    within = False
    for kind, content in _records(data):
        if kind == _FORMAT:
            codes[int.from_bytes(content[:2], "little")] = _text(content, 2)[0]
        elif kind in (_STYLES, _STYLES_END):
            within = kind == _STYLES
        elif kind == _STYLE and within:
            looks.append(look_of(int.from_bytes(content[2:4], "little"), codes, since_1904=since_1904))
    return looks or [Look(None, since_1904)]


def _comments(data: bytes) -> Iterator[Comment]:
    authors: list[str] = []
    number = row = column = 0
    for kind, content in _records(data):
        if kind == _AUTHOR:
            authors.append(_text(content, 0)[0])
        elif kind == _COMMENT:
            number, row, _, column = struct.unpack_from("<IIII", content)
        elif kind == _COMMENT_TEXT:
            author = authors[number] if number < len(authors) else ""
            text = _text(content, 1)[0].strip()
            yield Comment(row + 1, column + 1, text.removeprefix(f"{author}:").strip() or text, author)


class _SheetReader:
    """Fills a sheet with what its records say."""

    def __init__(self, sheet: Sheet, book: Book) -> None:
        self.referred = Referred()
        self._sheet, self._book = sheet, book
        self._row: Row = {}
        self._number = 0
        self._column = -1
        self._zeros = True
        self._hidden: list[int] = []

    def take(self, kind: int, data: bytes) -> None:
        """Take a record."""
        read = _CELLS.get(kind)
        if read is not None:
            short = kind in _SHORT
            self._column = self._column + 1 if short else int.from_bytes(data[:4], "little")
            self._take_cell(read, data if not short else b"\0\0\0\0" + data)
        elif handler := _OTHERS.get(kind):
            handler(self, data)

    def finish(self) -> None:
        """Nothing more comes."""
        self._end_row()
        self._sheet.rows = dict(sorted(self._sheet.rows.items()))
        self._sheet.hidden_rows = runs(sorted(set(self._hidden)))

    def _take_cell(self, read: "_ReadCell", data: bytes) -> None:
        style = int.from_bytes(data[4:7], "little")
        looks = self._book.looks
        look = looks[style] if style < len(looks) else looks[0]
        value = read(self._book, data[8:])
        if isinstance(value, str):
            text = look.text(value)
        else:
            text = look.number(repr(value)) if value or self._zeros else ""
            if not text and look.format and look.format.hides:
                text = _PLAIN.number(repr(value))
                self._sheet.veiled.append(address(self._number, self._column + 1))
        if text.strip():
            self._row[self._column + 1] = text

    def _take_row(self, data: bytes) -> None:
        self._end_row()
        self._number = int.from_bytes(data[:4], "little") + 1
        self._row, self._column = {}, -1
        if data[11] & _HIDDEN_ROW:
            self._hidden.append(self._number)

    def _end_row(self) -> None:
        if self._row:
            self._book.allowance.spend(self._row)
            rows = self._sheet.rows
            rows[self._number] = dict(sorted({**rows.get(self._number, {}), **self._row}.items()))

    def _take_columns(self, data: bytes) -> None:
        first, last, width = struct.unpack_from("<III", data)
        if data[16] & 1 or not width:
            self._sheet.hidden_columns.append((first + 1, min(last, 16_383) + 1))

    def _take_merged(self, data: bytes) -> None:
        self._sheet.merged.append(_area(data))

    def _take_link(self, data: bytes) -> None:
        relation, at = _text(data, 16)
        self.referred.links.append((_area(data), relation, _text(data, at)[0]))

    def _take_drawing(self, data: bytes) -> None:
        self.referred.drawings.append(_text(data, 0)[0])

    def _take_view(self, data: bytes) -> None:
        self._zeros = bool(data[0] & _ZEROS)


def _area(data: bytes) -> Area:
    top, bottom, left, right = struct.unpack_from("<IIII", data)
    return Area(top + 1, left + 1, bottom + 1, right + 1)


_ReadCell = Callable[[Book, bytes], str | float]


def _packed(_book: Book, data: bytes) -> float:
    return unpacked(int.from_bytes(data[:4], "little"))


def _real(_book: Book, data: bytes) -> float:
    return float(struct.unpack_from("<d", data)[0])


def _error(_book: Book, data: bytes) -> str:
    return ERRORS.get(data[0], "#ERROR")


def _truth(_book: Book, data: bytes) -> str:
    return "TRUE" if data[0] else "FALSE"


def _own_text(_book: Book, data: bytes) -> str:
    return _text(data, 0)[0]


def _rich_text(_book: Book, data: bytes) -> str:
    return _text(data, 1)[0]


def _shared_text(book: Book, data: bytes) -> str:
    number = int.from_bytes(data[:4], "little")
    return book.strings[number] if number < len(book.strings) else ""


_CELLS: dict[int, _ReadCell] = {
    **dict.fromkeys((2, 13), _packed),
    **dict.fromkeys((3, 11, 14), _error),
    **dict.fromkeys((4, 10, 15), _truth),
    **dict.fromkeys((5, 9, 16), _real),
    **dict.fromkeys((6, 8, 17), _own_text),
    **dict.fromkeys((7, 18), _shared_text),
    62: _rich_text,
}
_SHORT = frozenset(range(13, 19))  # cells that stand behind the one before them
_OTHERS: dict[int, Callable[[_SheetReader, bytes], None]] = {
    0: _SheetReader._take_row,
    60: _SheetReader._take_columns,
    137: _SheetReader._take_view,
    176: _SheetReader._take_merged,
    494: _SheetReader._take_link,
    550: _SheetReader._take_drawing,
}
_PLAIN = Look(None)
