"""Workbooks that tests build themselves: of XML, of binary parts, of old records, of OpenDocument."""

import struct
from collections.abc import Mapping, Sequence

from tests.hostile.compound import Storage, Stream, compound_file
from tests.staging.samples import OFFICE, SHEET, TYPES, content_types, relationships, zipped

DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_SPACES = f'xmlns="{SHEET}" xmlns:r="{OFFICE}"'
_ODF = "urn:oasis:names:tc:opendocument:xmlns"


def sheet(cells: str, after: str = "", before: str = "") -> str:
    """The part of a sheet with these rows."""
    return f"<worksheet {_SPACES}>{before}<sheetData>{cells}</sheetData>{after}</worksheet>"


def row(number: int, *cells: str, attributes: str = "") -> str:
    """A row; what is no element becomes a text, from column A on; nothing is no cell."""
    written = "".join(_written(cell, f"{chr(65 + column)}{number}") for column, cell in enumerate(cells))
    return f'<row r="{number}" {attributes}>{written}</row>'


def _written(cell: str, place: str) -> str:
    if cell.startswith("<c"):
        return cell.replace("<c", f'<c r="{place}"', 1)
    return f'<c r="{place}" t="inlineStr"><is><t>{cell}</t></is></c>' if cell else ""


def value(number: float, style: int = 0, formula: str = "") -> str:
    """A number."""
    return f'<c s="{style}">{formula and f"<f>{formula}</f>"}<v>{number}</v></c>'


def workbook(
    *sheets: str | tuple[str, str],
    formats: Sequence[str] = (),
    book: str = "",
    strings: str = "",
    more: Mapping[str, str | bytes] | None = None,
    links: Mapping[str, str] | None = None,
) -> bytes:
    """A workbook.

    Args:
        sheets: parts of sheets, or these with attributes of theirs, such as `state="hidden"`.
        formats: codes; the first is that of style 1.
        book: elements behind the list of sheets.
        strings: the items that cells share.
        more: further parts.
        links: what the workbook refers to besides, as `samples.relationships` takes it.
    """
    named = [one if isinstance(one, tuple) else (one, "") for one in sheets]
    entries = "".join(
        f'<sheet name="S{number}" sheetId="{number}" r:id="r{number - 1}" {attributes}/>'
        for number, (_, attributes) in enumerate(named, 1)
    )
    codes = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{code}"/>' for n, code in enumerate(formats))
    styles = "".join(f'<xf numFmtId="{number}"/>' for number in (0, *range(200, 200 + len(formats))))
    targets = {f"worksheets/sheet{number}.xml": "worksheet" for number in range(1, len(named) + 1)}
    targets |= {"styles.xml": "styles", "sharedStrings.xml": "sharedStrings"} | dict(links or {})
    return zipped(
        {
            "[Content_Types].xml": content_types(
                {"/xl/workbook.xml": f"{TYPES}.spreadsheetml.sheet.main+xml"}
            ),
            "_rels/.rels": relationships({"xl/workbook.xml": "officeDocument"}),
            "xl/_rels/workbook.xml.rels": relationships(targets),
            "xl/workbook.xml": f"<workbook {_SPACES}>{book}<sheets>{entries}</sheets></workbook>",
            "xl/styles.xml": f"<styleSheet {_SPACES}><numFmts>{codes}</numFmts>"
            f"<cellXfs>{styles}</cellXfs></styleSheet>",
            "xl/sharedStrings.xml": f"<sst {_SPACES}>{strings}</sst>",
            **{f"xl/worksheets/sheet{number}.xml": part for number, (part, _) in enumerate(named, 1)},
            **(more or {}),
        }
    )


def record(kind: int, data: bytes = b"") -> bytes:
    """A record of an old workbook."""
    return struct.pack("<HH", kind, len(data)) + data


def old_workbook(*sheets: tuple[str, int, bytes], shared: bytes = b"") -> bytes:
    """A workbook of Excel 97: names, states (1: hidden) and records of its sheets."""
    begin = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0x7CC, 0, 6))
    bounds = sum(len(record(0x85, bytes(8) + name.encode())) for name, _, _ in sheets)
    at = len(begin) + bounds + len(shared) + 4
    head, bodies = b"", b""
    for name, state, records in sheets:
        data = struct.pack("<IBBBB", at + len(bodies), state, 0, len(name), 0) + name.encode()
        head += record(0x85, data)
        bodies += record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0x7CC, 0, 6)) + records + record(0x0A)
    stream = begin + head + shared + record(0x0A) + bodies
    return compound_file(Storage({"Workbook": Stream(stream.ljust(4_096, b"\0"))}))


def brief(kind: int, data: bytes = b"") -> bytes:
    """A record of a binary part."""
    number = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return number + bytes([len(data)]) + data


def wide(text: str) -> bytes:
    """A text of a binary part."""
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def open_sheets(body: str, styles: str = "", more: Mapping[str, str | bytes] | None = None) -> bytes:
    """A spreadsheet of OpenDocument with this markup."""
    names = ("office", "text", "table", "draw", "style", "chart")
    spaces = " ".join(f'xmlns:{name}="{_ODF}:{"drawing" if name == "draw" else name}:1.0"' for name in names)
    others = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'
    content = (
        f"<office:document-content {spaces} {others}>"
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    return zipped(
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content, **(more or {})}
    )
