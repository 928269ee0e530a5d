"""Endless Word, Excel and PowerPoint files of Office Open XML."""

from tests.hostile.bomb import GB, MB
from tests.hostile.containers import (
    Member,
    blown_up,
    member,
    zip_file,
)
from tests.staging.samples import OFFICE, SHEET, TYPES, WORD, content_types, relationships

_SPACES = f'xmlns:w="{WORD}" xmlns:r="{OFFICE}"'


def _word(document: Member, *more: Member) -> bytes:
    main = f"{TYPES}.wordprocessingml.document.main+xml"
    return zip_file(
        [
            member("[Content_Types].xml", content_types({"/word/document.xml": main})),
            member("_rels/.rels", relationships({"word/document.xml": "officeDocument"})),
            document,
            *more,
        ]
    )


def word_text(text: str, doctype: str = "") -> Member:
    """The main part of a Word document."""
    return member(
        "word/document.xml",
        f'<?xml version="1.0"?>{doctype}<w:document {_SPACES}><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p>'
        "</w:body></w:document>",
    )


def word(text: str, doctype: str = "") -> bytes:
    """A Word document of these words, below this document type."""
    return _word(word_text(text, doctype))


def word_part(size: int, declared: int | None = None) -> bytes:
    one = blown_up(
        "word/document.xml",
        f"<w:document {_SPACES}><w:body>".encode(),
        b"<w:p><w:r><w:t>x</w:t></w:r></w:p>",
        b"</w:body></w:document>",
        size,
    )
    if declared is not None:
        one = Member(one.name, one.packed, one.crc, declared)
    return _word(one)


def word_margins(size: int) -> bytes:
    headers = [
        blown_up(
            f"word/header{n}.xml",
            f"<w:hdr {_SPACES}>".encode(),
            b"<w:p><w:t>x</w:t></w:p>",
            b"</w:hdr>",
            size,
        )
        for n in range(9)
    ]
    return _word(word_text("fine"), *headers)


def word_media() -> bytes:
    picture = blown_up("word/media/image1.png", b"\x89PNG\r\n\x1a\n", b"\0", b"", 2 * GB)
    return _word(word_text("fine"), picture)


def word_nested() -> bytes:
    inner = word_part(90 * MB)
    for depth in range(20):
        inner = zip_file([member(f"{depth}.zip", inner), member("word/document.xml", "<x/>")])
    return _word(word_text("fine"), member("word/embeddings/1.docx", inner))


def word_deep(depth: int, tag: str = "w:sdt") -> bytes:
    body = f"<{tag}>" * depth + "<w:p><w:r><w:t>deep</w:t></w:r></w:p>" + f"</{tag}>" * depth
    return _word(member("word/document.xml", f"<w:document {_SPACES}><w:body>{body}</w:body></w:document>"))


def word_tables(depth: int) -> bytes:
    start = "<w:tbl><w:tr><w:tc>"
    body = start * depth + "<w:p><w:r><w:t>deep</w:t></w:r></w:p>" + "</w:tc></w:tr></w:tbl>" * depth
    return _word(member("word/document.xml", f"<w:document {_SPACES}><w:body>{body}</w:body></w:document>"))


def word_overlapping() -> bytes:
    return zip_file(
        [member("[Content_Types].xml", content_types({})), word_text("x" * 5_000)], overlapping=3_000
    )


def word_crowd() -> bytes:
    return _word(word_text("fine"), *(Member(f"word/{n}", b"\3\0", 0, 0) for n in range(60_000)))


def _sheet(rows: str | Member, *, doctype: str = "", strings: Member | None = None) -> bytes:
    overrides = {
        "/xl/workbook.xml": f"{TYPES}.spreadsheetml.sheet.main+xml",
        "/xl/worksheets/sheet1.xml": f"{TYPES}.spreadsheetml.worksheet+xml",
        "/xl/sharedStrings.xml": f"{TYPES}.spreadsheetml.sharedStrings+xml",
    }
    sheet = rows
    if isinstance(sheet, str):
        sheet = member("xl/worksheets/sheet1.xml", f'{doctype}<worksheet xmlns="{SHEET}">{sheet}</worksheet>')
    return zip_file(
        [
            member("[Content_Types].xml", content_types(overrides)),
            member("_rels/.rels", relationships({"xl/workbook.xml": "officeDocument"})),
            member(
                "xl/_rels/workbook.xml.rels",
                relationships({"worksheets/sheet1.xml": "worksheet", "sharedStrings.xml": "sharedStrings"}),
            ),
            member(
                "xl/workbook.xml",
                f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets>'
                '<sheet name="Only" sheetId="1" r:id="r0"/></sheets></workbook>',
            ),
            sheet,
            *([strings] if strings else []),
        ]
    )


def sheet_text(text: str, doctype: str = "") -> bytes:
    """A workbook with one cell of these words."""
    row = f'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row></sheetData>'
    return _sheet(row, doctype=doctype)


def sheet_part(size: int) -> bytes:
    head = f'<worksheet xmlns="{SHEET}"><sheetData>'.encode()
    return _sheet(
        blown_up(
            "xl/worksheets/sheet1.xml", head, b"<row><c><v>1</v></c></row>", b"</sheetData></worksheet>", size
        )
    )


def sheet_span() -> bytes:
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    return _sheet(f'<dimension ref="A1:XFD1048576"/><sheetData>{cells}</sheetData>')


def sheet_strings(size: int) -> bytes:
    strings = blown_up(
        "xl/sharedStrings.xml",
        f'<sst xmlns="{SHEET}" count="4294967295" uniqueCount="4294967295">'.encode(),
        b"<si><t>x</t></si>",
        b"</sst>",
        size,
    )
    row = '<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData>'
    return _sheet(row, strings=strings)


def sheet_repeats() -> bytes:
    """One long text that a hundred thousand cells share."""
    strings = member("xl/sharedStrings.xml", f'<sst xmlns="{SHEET}"><si><t>{"x" * 30_000}</t></si></sst>')
    cells = '<c t="s"><v>0</v></c>' * 100
    return _sheet(f"<sheetData>{f'<row>{cells}</row>' * 1_000}</sheetData>", strings=strings)


def _slides(slide: Member) -> bytes:
    main = f"{TYPES}.presentationml"
    kinds = {
        "/ppt/presentation.xml": f"{main}.presentation.main+xml",
        "/ppt/slides/slide1.xml": f"{main}.slide+xml",
    }
    space = "http://schemas.openxmlformats.org/presentationml/2006/main"
    return zip_file(
        [
            member("[Content_Types].xml", content_types(kinds)),
            member("_rels/.rels", relationships({"ppt/presentation.xml": "officeDocument"})),
            member("ppt/_rels/presentation.xml.rels", relationships({"slides/slide1.xml": "slide"})),
            member(
                "ppt/presentation.xml",
                f'<p:presentation xmlns:p="{space}" xmlns:r="{OFFICE}"><p:sldIdLst>'
                '<p:sldId id="256" r:id="r0"/></p:sldIdLst></p:presentation>',
            ),
            slide,
        ]
    )


_SLIDE_START = (
    '<p:sld xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><p:cSld><p:spTree><p:sp><p:txBody>'
)
_SLIDE_END = "</p:txBody></p:sp></p:spTree></p:cSld></p:sld>"


def slide_part(size: int) -> bytes:
    bit = b"<a:p><a:r><a:t>x</a:t></a:r></a:p>"
    return _slides(blown_up("ppt/slides/slide1.xml", _SLIDE_START.encode(), bit, _SLIDE_END.encode(), size))


def slide_text(text: str, doctype: str = "") -> bytes:
    """A presentation of one slide."""
    body = f"{doctype}{_SLIDE_START}<a:p><a:r><a:t>{text}</a:t></a:r></a:p>{_SLIDE_END}"
    return _slides(member("ppt/slides/slide1.xml", body))


def slide_groups(depth: int) -> bytes:
    start = _SLIDE_START.removesuffix("<p:sp><p:txBody>")
    inner = "<p:sp><p:txBody><a:p><a:r><a:t>x</a:t></a:r></a:p></p:txBody></p:sp>"
    body = f"{start}{'<p:grpSp>' * depth}{inner}{'</p:grpSp>' * depth}</p:spTree></p:cSld></p:sld>"
    return _slides(member("ppt/slides/slide1.xml", body))
