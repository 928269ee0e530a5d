"""Old Office files, and workbooks of binary parts, that are endless or refer to one thing many times."""

import struct
from itertools import chain, repeat

from tests.hostile.bomb import MB, Bomb, made
from tests.hostile.compound import Storage, Stream, compound_file
from tests.hostile.containers import Member, blown_up, member, zip_file
from tests.staging.samples import content_types, relationships

_BINARY = "application/vnd.ms-excel"

# --- XLS: records of [MS-XLS] 2.4

_BOF, _EOF, _BOUND_SHEET, _DIMENSIONS, _STRINGS, _LABEL, _NUMBER = (
    0x809, 0x0A, 0x85, 0x200, 0xFC, 0xFD, 0x203,
)  # fmt: skip
_CELLS = struct.pack("<IIHHH", 0, 65_536, 0, 256, 0)


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _begin(kind: int) -> bytes:
    return _record(_BOF, struct.pack("<HHHHII", 0x600, kind, 0, 0x7CC, 0, 6))


def _workbook(sheet: bytes, *, sheets: int = 1, strings: bytes = b"", offset: int | None = None) -> bytes:
    """A workbook whose sheets are all the same one, or begin at `offset`."""
    bound = len(_record(_BOUND_SHEET, bytes(9)))
    start = len(_begin(5)) + sheets * bound + len(strings) + len(_record(_EOF))
    at = start if offset is None else offset
    one = _record(_BOUND_SHEET, struct.pack("<IHBB", at, 0, 1, 0) + b"S")
    stream = _begin(5) + one * sheets + strings + _record(_EOF) + _begin(0x10) + sheet + _record(_EOF)
    # One of the readers takes no file without a short stream.
    short = Stream(bytes(64))
    return compound_file(Storage({"Workbook": Stream(stream.ljust(4_096, b"\0")), "Short": short}))


def _string_table(count: int, text: bytes = b"words") -> bytes:
    one = struct.pack("<HB", len(text), 0) + text
    return _record(_STRINGS, struct.pack("<II", count, count) + one)


def _label(row: int, column: int) -> bytes:
    return _record(_LABEL, struct.pack("<HHHI", row & 0xFFFF, column, 0, 0))


def _corners() -> bytes:
    """Two cells as far from one another as can be."""
    numbers = [struct.pack("<HHHd", row, column, 0, 1.0) for row, column in ((0, 0), (65_535, 255))]
    return _record(_DIMENSIONS, _CELLS) + b"".join(_record(_NUMBER, number) for number in numbers)


def _labels(count: int) -> bytes:
    return b"".join(_label(n // 250, n % 250) for n in range(count))


# --- DOC: [MS-DOC] 2.4.1, a text is a table of pieces


def _pieces(count: int, characters: int, told: int | None = None) -> bytes:
    """A document whose pieces are all the same piece of text."""
    text_at = 2_048
    head = bytearray(text_at)
    places = struct.pack(f"<{count + 1}I", *(n * characters & 0x7FFFFFFF for n in range(count + 1)))
    piece = struct.pack("<HIH", 0, text_at * 2 | 1 << 30, 0)  # bit 30: a byte for each character
    table = b"\x02" + struct.pack("<I", len(places) + 8 * count) + places + piece * count
    struct.pack_into("<HHHHHHH", head, 0, 0xA5EC, 0xC1, 0, 0x409, 0, 0x1200, 0xBF)
    struct.pack_into("<H", head, 32, 14)
    struct.pack_into("<H", head, 62, 22)
    struct.pack_into("<I", head, 76, min(count * characters, 0x7FFFFFFF))
    struct.pack_into("<H", head, 152, 93)
    struct.pack_into("<II", head, 0x1A2, 0, len(table) if told is None else told)
    streams = {"WordDocument": Stream(bytes(head) + b"word " * (characters // 5)), "1Table": Stream(table)}
    return compound_file(Storage(dict(streams)))


# --- PPT: [MS-PPT] 2.3, records lie in one another


def _slides(stream: bytes) -> bytes:
    user = struct.pack("<HHIIIIHHBB2x", 0, 0xFF6, 20, 20, 0xE391C05F, 0, 0, 0x3F4, 3, 0)
    streams = {"PowerPoint Document": Stream(stream.ljust(4_096, b"\0")), "Current User": Stream(user)}
    return compound_file(Storage(dict(streams)))


def _atom(kind: int, data: bytes) -> bytes:
    return struct.pack("<HHI", 0, kind, len(data)) + data


def _containers(depth: int) -> bytes:
    text = _atom(4_000, "words".encode("utf-16-le"))
    sizes = range(len(text) + 8 * (depth - 1), len(text) - 8, -8)
    return b"".join(struct.pack("<HHI", 0xF, 1_000, size) for size in sizes) + text


def _far_record() -> bytes:
    return struct.pack("<HHI", 0xF, 1_000, 0xFFFFFFFF) + struct.pack("<HHI", 0, 4_000, 0xFFFFFFF0) + b"x\0"


# --- XLSB: records of [MS-XLSB] 2.1.4 in a ZIP file


def _brief(kind: int, data: bytes = b"") -> bytes:
    number = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return number + bytes([len(data)]) + data


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _row(number: int) -> bytes:
    return _brief(0, struct.pack("<IIHBBBI", number, 0, 300, 0, 0, 0, 0))


def _real(column: int) -> bytes:
    return _brief(5, struct.pack("<IId", column, 0, 1.0))


def _binary_workbook(sheet: Member, strings: Member | None = None) -> bytes:
    bundle = _brief(156, struct.pack("<II", 0, 1) + _wide("r0") + _wide("Only"))
    book = _brief(131) + _brief(143) + bundle + _brief(144) + _brief(132)
    kinds = {
        "/xl/workbook.bin": f"{_BINARY}.sheet.binary.macroEnabled.main",
        "/xl/worksheets/sheet1.bin": f"{_BINARY}.worksheet",
        "/xl/sharedStrings.bin": f"{_BINARY}.sharedStrings",
    }
    targets = {"worksheets/sheet1.bin": "worksheet", "sharedStrings.bin": "sharedStrings"}
    return zip_file(
        [
            member("[Content_Types].xml", content_types(kinds)),
            member("_rels/.rels", relationships({"xl/workbook.bin": "officeDocument"})),
            member("xl/_rels/workbook.bin.rels", relationships(targets)),
            member("xl/workbook.bin", book),
            sheet,
            *([strings] if strings else []),
        ]
    )


_SHEET_HEAD = _brief(129) + _brief(148, struct.pack("<IIII", 0, 1_048_575, 0, 16_383)) + _brief(145)
_SHEET_TAIL = _brief(146) + _brief(130)


def _binary_sheet(size: int) -> bytes:
    cells = _row(1) + b"".join(_real(n) for n in range(100))
    return _binary_workbook(blown_up("xl/worksheets/sheet1.bin", _SHEET_HEAD, cells, _SHEET_TAIL, size))


def _binary_span() -> bytes:
    cells = _row(0) + _real(0) + _row(1_048_575) + _real(16_383)
    return _binary_workbook(member("xl/worksheets/sheet1.bin", _SHEET_HEAD + cells + _SHEET_TAIL))


def _binary_strings() -> bytes:
    """A table of four thousand million texts, of which there is one, that says it is as long."""
    one = _brief(19, b"\0" + struct.pack("<I", 0xFFFFFFF0) + b"x\0")
    table = _brief(159, struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF)) + one + _brief(160)
    cells = b"".join(chain([_row(0)], repeat(_brief(7, struct.pack("<III", 0, 0, 0)), 9)))
    sheet = member("xl/worksheets/sheet1.bin", _SHEET_HEAD + cells + _SHEET_TAIL)
    return _binary_workbook(sheet, member("xl/sharedStrings.bin", table))


OFFICE: dict[str, Bomb] = {
    "span.xls": made(lambda: _workbook(_corners()), harmless=True),
    "strings.xls": made(
        lambda: _workbook(_label(0, 0), strings=_string_table(0xFFFFFFFF)), harmless=True, quick=True
    ),
    "repeats.xls": made(lambda: _workbook(_labels(200_000), strings=_string_table(1, b"x" * 8_000))),
    "sheets.xls": made(lambda: _workbook(_labels(1_000), sheets=60_000, strings=_string_table(1))),
    "offset.xls": made(lambda: _workbook(b"", sheets=9, offset=0), harmless=True, quick=True),
    "far-sheet.xls": made(lambda: _workbook(b"", offset=0xFFFFFFF0), harmless=True, quick=True),
    "pieces.doc": made(lambda: _pieces(500_000, 30_000), harmless=True),
    "far-pieces.doc": made(lambda: _pieces(10, 5_000, told=0xFFFFFFF0), harmless=True, quick=True),
    "deep.ppt": made(lambda: _slides(_containers(500_000)), harmless=True),
    "far-record.ppt": made(lambda: _slides(_far_record()), harmless=True, quick=True),
    "text.ppt": made(lambda: _slides(_atom(4_008, b"x" * (190 * MB)))),
    "part.xlsb": made(lambda: _binary_sheet(900 * MB), harmless=True),
    "span.xlsb": made(_binary_span, harmless=True),
    "strings.xlsb": made(_binary_strings, harmless=True, quick=True),
}
