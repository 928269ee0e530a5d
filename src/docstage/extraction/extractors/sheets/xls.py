"""Workbooks of Excel 2.0 to 2003 ([MS-XLS]; those before Excel 5 are one stream without a compound file)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Limits, Unreadable
from docstage.extraction.extractors.compound import CompoundFile
from docstage.extraction.extractors.office.embedded_pictures import Pictures
from docstage.extraction.extractors.sheets.biff import (
    BOF,
    EOF,
    Record,
    Texts,
    records,
    shared_texts,
    version_of,
)
from docstage.extraction.extractors.sheets.model import Allowance, Sheet
from docstage.extraction.extractors.sheets.xls_cells import SheetRecords
from docstage.extraction.extractors.sheets.xls_pictures import DrawnPictures
from docstage.extraction.extractors.sheets.xlsx_styles import Look, look_of

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DAMAGED = "The workbook is damaged or cut off. Open it in Excel or LibreOffice and save it anew."
_LOCKED = "The workbook is locked with a password. Save a copy without one."
_MOST_SHEETS = 2_000
_CODE_PAGE, _DATE_MODE, _FILE_PASS, _BOUND_SHEET, _STRINGS = 0x42, 0x22, 0x2F, 0x85, 0xFC
_FORMATS, _STYLES = frozenset({0x001E, 0x041E}), frozenset({0x0043, 0x0243, 0x0443, 0x00E0})
_REFERRED = 0x17
_BUNDLE = 0x8F  # the name of the next sheet in a workbook of Excel 4
_MODULE, _CHART = 6, 2


@dataclass(slots=True)
class Workbook:
    """What the sheets of a workbook share.

    Attributes:
        formats: codes by their numbers; of Excel 2 to 4, whose files hold all, in their order.
        styles: numbers of formats.
        pictures: that are stored for all sheets.
        names: of sheets, by the numbers by which formulas refer to them.
    """

    texts: Texts
    allowance: Allowance
    pictures: DrawnPictures
    since_1904: bool = False
    strings: list[str] = field(default_factory=list)
    formats: dict[int, str] = field(default_factory=dict)
    styles: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    looks: dict[int, Look] = field(default_factory=dict)

    def look(self, style: int) -> Look:
        """How cells of a style show values; of Excel 2, the number of a format itself."""
        if self.texts.version > 2:
            style = self.styles[style] if style < len(self.styles) else 0
        return self.by_format(style)

    def by_format(self, number: int) -> Look:
        """How a format shows values."""
        found = self.looks.get(number)
        if found is None:
            found = self.looks[number] = look_of(number, self.formats, since_1904=self.since_1904)
        return found


@dataclass(frozen=True, slots=True)
class _Bound:
    """A sheet as the workbook names it."""

    at: int
    hidden: bool
    kind: int
    name: str


def read_xls(data: bytes, limits: Limits, pictures: Pictures) -> list[Sheet]:
    """The sheets of a workbook in their order.

    Raises:
        Unreadable: TOO_COMPLEX, TOO_LARGE, PASSWORD or DAMAGED.
    """
    try:
        stream, objects = _stream(data)
        sheets = list(_read(stream, limits, pictures))
    except (struct.error, IndexError, OverflowError) as error:
        raise Unreadable(DocumentReason.DAMAGED, _DAMAGED) from error
    if sheets and objects:
        what = "1 embedded object is" if objects == 1 else f"{objects:,} embedded objects are"
        sheets[0].left_out.append(f"{what} not read. Save the workbook as .xlsx, and they will be.")
    return sheets


def _stream(data: bytes) -> tuple[bytes, int]:
    """The stream of the workbook, and how many objects are embedded in its file."""
    if not data.startswith(_OLE):
        return data, 0
    try:
        root = CompoundFile(data).root
        stream = root.stream("Workbook") or root.stream("Book")
    except Unreadable as problem:
        raise Unreadable(DocumentReason.DAMAGED, _DAMAGED) from problem
    if stream is None:
        raise Unreadable(DocumentReason.DAMAGED, _DAMAGED)
    return stream, len(root.storages("MBD"))


def _read(stream: bytes, limits: Limits, pictures: Pictures) -> Iterator[Sheet]:
    begin = next(records(stream), None)
    if begin is None or begin.kind not in BOF:
        raise Unreadable(DocumentReason.DAMAGED, _DAMAGED)
    book = Workbook(Texts(version_of(begin)), Allowance(limits.text_characters), DrawnPictures(pictures))
    if book.texts.version < 5:
        yield from _old_sheets(stream, book)
        return
    bound = _globals(stream, book)
    if len(bound) > _MOST_SHEETS:
        detail = f"It has {len(bound):,} sheets, more than {_MOST_SHEETS:,}. Split the workbook."
        raise Unreadable(DocumentReason.TOO_COMPLEX, detail)
    if not any(_begins(stream, one.at) for one in bound):
        raise Unreadable(DocumentReason.DAMAGED, _DAMAGED)
    for one in bound:
        if one.kind != _MODULE:
            yield _sheet(stream, book, one)


def _begins(stream: bytes, at: int) -> bool:
    begin = next(records(stream, at), None)
    return begin is not None and begin.kind in BOF


def _globals(stream: bytes, book: Workbook) -> list[_Bound]:
    """Read what all sheets share, and where these are."""
    bound: list[_Bound] = []
    referred = b""
    for record in records(stream):
        if record.kind == EOF:
            break
        if record.kind == _REFERRED:
            referred += record.whole[2:]
        if record.kind == _BOUND_SHEET:
            at, state, kind = struct.unpack_from("<IBB", record.data)
            bound.append(_Bound(at, state & 3 != 0, kind, book.texts.short(record.data, 6)))
        else:
            _share(record, book)
    # Each says in three numbers: of which workbook, from which sheet on, to which one.
    for _, first, _ in struct.iter_unpack("<HHH", referred[: len(referred) // 6 * 6]):
        book.names.append(bound[first].name if first < len(bound) else "#REF")
    return bound


def _share(record: Record, book: Workbook) -> None:
    """Take a record that says something about all sheets."""
    data = record.data
    match record.kind:
        case 0x2F:
            raise Unreadable(DocumentReason.PASSWORD, _LOCKED)
        case 0x42:
            book.texts.set_code_page(int.from_bytes(data[:2], "little"))
        case 0x22:
            book.since_1904 = data[:1] == b"\x01"
        case 0xFC:
            book.strings = shared_texts(record)
        case 0xEB:
            book.pictures.add(record.whole)
        case kind if kind in _FORMATS:
            _take_format(data, book)
        case kind if kind in _STYLES:
            book.styles.append(_format_of_style(record))


def _take_format(data: bytes, book: Workbook) -> None:
    match book.texts.version:
        case 2 | 3:
            book.formats[len(book.formats)] = book.texts.short(data, 0)
        case 4:
            book.formats[len(book.formats)] = book.texts.short(data, 2)
        case 5:
            book.formats[int.from_bytes(data[:2], "little")] = book.texts.short(data, 2)
        case _:
            book.formats[int.from_bytes(data[:2], "little")] = book.texts.long(data, 2)


def _format_of_style(record: Record) -> int:
    if record.kind == 0xE0:
        return int.from_bytes(record.data[2:4], "little")
    return record.data[2] & 0x3F if record.kind == 0x43 else record.data[1]


def _sheet(stream: bytes, book: Workbook, bound: _Bound) -> Sheet:
    sheet = Sheet(bound.name, bound.hidden)
    if not _begins(stream, bound.at):
        sheet.left_out.append("The sheet is not included: it does not lie in the file.")
        return sheet
    reader = SheetRecords(sheet, book)
    for record in records(stream, bound.at):
        if not reader.take(record):
            break
    else:
        sheet.left_out.append("The sheet is cut off: what follows is not in the file.")
    reader.finish()
    book.pictures.place(reader.drawing, sheet)
    return sheet


def _old_sheets(stream: bytes, book: Workbook) -> Iterator[Sheet]:
    """The one sheet of a file of Excel 2 to 4, or those of a workbook of Excel 4, one behind the other."""
    name, reader, count = "", None, 0
    for record in records(stream):
        if record.kind == _BUNDLE:
            name = book.texts.short(record.data, 4)
        elif reader is None and record.kind in BOF and record.data[2:4] != b"\x00\x01":
            count += 1
            sheet = Sheet(name or f"Sheet{count}")
            reader = SheetRecords(sheet, book)
            reader.take(record)
        elif reader is None:
            _share(record, book)
        else:
            _share(record, book)
            if not reader.take(record):
                reader.finish()
                yield sheet
                name, reader = "", None
    if reader is not None:
        sheet.left_out.append("The sheet is cut off: what follows is not in the file.")
        reader.finish()
        yield sheet
