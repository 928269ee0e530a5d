"""Decompression bombs and endless documents of every kind that is opened, made in code, small on disk."""

import base64
import io
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from PIL import Image
from tests.hostile.bomb import GB, MB, Bomb
from tests.hostile.bomb import made as _data
from tests.hostile.compound import compound_file
from tests.hostile.containers import (
    Member,
    blown_up,
    flate,
    member,
    ole_file,
    one_page,
    pdf_file,
    stream,
    zip_file,
)
from tests.hostile.office_bombs import OFFICE as OFFICE_BINARY
from tests.hostile.outlook import fields, message
from tests.hostile.outlook_bombs import OUTLOOK
from tests.staging.samples import OFFICE, SHEET, TYPES, WORD, content_types, relationships

SECRET = "the-words-of-another-file"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_SPACES = f'xmlns:w="{WORD}" xmlns:r="{OFFICE}"'


def laughs(levels: int = 9) -> str:
    """A document type whose entity `&l9;` expands to a billion words."""
    entities = '<!ENTITY l0 "ha">' + "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels + 1)
    )
    return f"<!DOCTYPE x [{entities}]>"


def outside(target: str) -> str:
    """A document type that reads another file, or calls another server, as `&out;`."""
    entities = f'<!ENTITY % p SYSTEM "{target}"> %p; <!ENTITY out SYSTEM "{target}">'
    return f'<!DOCTYPE x SYSTEM "{target}" [{entities}]>'


# --- Office Open XML


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


def _word_part(size: int, declared: int | None = None) -> bytes:
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


def _word_margins(size: int) -> bytes:
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


def _word_media() -> bytes:
    picture = blown_up("word/media/image1.png", b"\x89PNG\r\n\x1a\n", b"\0", b"", 2 * GB)
    return _word(word_text("fine"), picture)


def _word_nested() -> bytes:
    inner = _word_part(90 * MB)
    for depth in range(20):
        inner = zip_file([member(f"{depth}.zip", inner), member("word/document.xml", "<x/>")])
    return _word(word_text("fine"), member("word/embeddings/1.docx", inner))


def _word_deep(depth: int, tag: str = "w:sdt") -> bytes:
    body = f"<{tag}>" * depth + "<w:p><w:r><w:t>deep</w:t></w:r></w:p>" + f"</{tag}>" * depth
    return _word(member("word/document.xml", f"<w:document {_SPACES}><w:body>{body}</w:body></w:document>"))


def _word_tables(depth: int) -> bytes:
    start = "<w:tbl><w:tr><w:tc>"
    body = start * depth + "<w:p><w:r><w:t>deep</w:t></w:r></w:p>" + "</w:tc></w:tr></w:tbl>" * depth
    return _word(member("word/document.xml", f"<w:document {_SPACES}><w:body>{body}</w:body></w:document>"))


def _word_overlapping() -> bytes:
    return zip_file(
        [member("[Content_Types].xml", content_types({})), word_text("x" * 5_000)], overlapping=3_000
    )


def _word_crowd() -> bytes:
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


def _sheet_part(size: int) -> bytes:
    head = f'<worksheet xmlns="{SHEET}"><sheetData>'.encode()
    return _sheet(
        blown_up(
            "xl/worksheets/sheet1.xml", head, b"<row><c><v>1</v></c></row>", b"</sheetData></worksheet>", size
        )
    )


def _sheet_span() -> bytes:
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    return _sheet(f'<dimension ref="A1:XFD1048576"/><sheetData>{cells}</sheetData>')


def _sheet_strings(size: int) -> bytes:
    strings = blown_up(
        "xl/sharedStrings.xml",
        f'<sst xmlns="{SHEET}" count="4294967295" uniqueCount="4294967295">'.encode(),
        b"<si><t>x</t></si>",
        b"</sst>",
        size,
    )
    row = '<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData>'
    return _sheet(row, strings=strings)


def _sheet_repeats() -> bytes:
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


def _slide_part(size: int) -> bytes:
    bit = b"<a:p><a:r><a:t>x</a:t></a:r></a:p>"
    return _slides(blown_up("ppt/slides/slide1.xml", _SLIDE_START.encode(), bit, _SLIDE_END.encode(), size))


def slide_text(text: str, doctype: str = "") -> bytes:
    """A presentation of one slide."""
    body = f"{doctype}{_SLIDE_START}<a:p><a:r><a:t>{text}</a:t></a:r></a:p>{_SLIDE_END}"
    return _slides(member("ppt/slides/slide1.xml", body))


def _slide_groups(depth: int) -> bytes:
    start = _SLIDE_START.removesuffix("<p:sp><p:txBody>")
    inner = "<p:sp><p:txBody><a:p><a:r><a:t>x</a:t></a:r></a:p></p:txBody></p:sp>"
    body = f"{start}{'<p:grpSp>' * depth}{inner}{'</p:grpSp>' * depth}</p:spTree></p:cSld></p:sld>"
    return _slides(member("ppt/slides/slide1.xml", body))


# --- OpenDocument, e-books


_PARAGRAPH = "<text:p>x</text:p>"
_TABLE = (
    '<table:table table:name="a"><table:table-row><table:table-cell office:value-type="string">'
    "<text:p>x</text:p></table:table-cell></table:table-row></table:table>"
)
_FRAMES = f"<draw:frame><draw:text-box>{_PARAGRAPH}</draw:text-box></draw:frame>"


def _odf(kind: str, content: Member) -> bytes:
    media_type = f"application/vnd.oasis.opendocument.{kind}"
    manifest = (
        f'<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{media_type}"/>'
        "</manifest:manifest>"
    )
    plain = Member("mimetype", media_type.encode(), zlib.crc32(media_type.encode()), len(media_type), 0)
    return zip_file([plain, content, member("META-INF/manifest.xml", manifest)])


def _odf_part(kind: str, body: str, size: int) -> bytes:
    head, tail = _odf_frame(kind, "|").split("|")
    return _odf(kind, blown_up("content.xml", head.encode(), body.encode(), tail.encode(), size))


def _odf_frame(kind: str, body: str, doctype: str = "") -> str:
    spaces = " ".join(f'xmlns:{name}="{_ODF}:{name}:1.0"' for name in ("office", "text", "table", "draw"))
    return (
        f"{doctype}<office:document-content {spaces}><office:body><office:{kind}>{body}"
        f"</office:{kind}></office:body></office:document-content>"
    )


def odt_text(text: str, doctype: str = "") -> bytes:
    """A text document of one paragraph."""
    return _odf("text", member("content.xml", _odf_frame("text", f"<text:p>{text}</text:p>", doctype)))


def _odt_deep(depth: int) -> bytes:
    body = "<text:section>" * depth + "<text:p>x</text:p>" + "</text:section>" * depth
    return _odf("text", member("content.xml", _odf_frame("text", body)))


def _odt_lists(depth: int) -> bytes:
    body = (
        "<text:list><text:list-item>" * depth + "<text:p>x</text:p>" + "</text:list-item></text:list>" * depth
    )
    return _odf("text", member("content.xml", _odf_frame("text", body)))


def _odp_groups(depth: int) -> bytes:
    body = f"<draw:page>{'<draw:g>' * depth}{_FRAMES}{'</draw:g>' * depth}</draw:page>"
    return _odf("presentation", member("content.xml", _odf_frame("presentation", body)))


def _ods_repeats() -> bytes:
    cell = (
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="string">'
        "<text:p>x</text:p></table:table-cell>"
    )
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    body = f'<table:table table:name="a">{row}</table:table>'
    return _odf("spreadsheet", member("content.xml", _odf_frame("spreadsheet", body)))


def _book(chapters: list[Member], spine: int = 1, doctype: str = "") -> bytes:
    plain = Member("mimetype", b"application/epub+zip", zlib.crc32(b"application/epub+zip"), 20, 0)
    items = "".join(
        f'<item id="c{n}" href="{one.name}" media-type="application/xhtml+xml"/>'
        for n, one in enumerate(chapters)
    )
    order = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters))) * spine
    package = (
        f'<?xml version="1.0"?>{doctype}<package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>a</dc:title></metadata>'
        f"<manifest>{items}</manifest><spine>{order}</spine></package>"
    )
    container = (
        f'<?xml version="1.0"?><container version="1.0" xmlns="{_ODF}:container"><rootfiles>'
        '<rootfile full-path="p.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    return zip_file([plain, member("META-INF/container.xml", container), member("p.opf", package), *chapters])


_PAGE_START = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>a</title></head><body>'


def _book_part(size: int, spine: int = 1) -> bytes:
    chapter = blown_up("c.xhtml", _PAGE_START.encode(), b"<p>x</p>", b"</body></html>", size)
    return _book([chapter], spine)


def book_text(text: str, doctype: str = "") -> bytes:
    """An e-book of one chapter."""
    return _book([member("c.xhtml", f"{doctype}{_PAGE_START}<p>{text}</p></body></html>")])


# --- PDF


def _pdf_flate(size: int, times: int = 1) -> bytes:
    data, filters = flate(b"BT /F 1 Tf (x) Tj ET\n", size), b"/FlateDecode"
    for _ in range(times - 1):
        data, filters = zlib.compress(data, 9), filters + b" /FlateDecode"
    return one_page(stream(data, b"/Filter [%b]" % filters))


def _pdf_zeros() -> bytes:
    return one_page(stream(flate(b"\0", 8 * GB), b"/Filter /FlateDecode"))


def _pdf_count() -> bytes:
    return pdf_file(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 2147483647 >>",
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] >>",
        }
    )


def _pdf_kids() -> bytes:
    """The same page a million times."""
    return pdf_file(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [%b] /Count 1000000 >>" % (b"3 0 R " * 1_000_000),
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R >>",
            4: stream(b"0 0 100 100 re f"),
        }
    )


def _pdf_circle() -> bytes:
    return pdf_file(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 5 /Parent 3 0 R >>",
            3: b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 5 /Parent 2 0 R /MediaBox 3 0 R >>",
        }
    )


def _pdf_references() -> bytes:
    """Objects that are references to one another, the page's contents among them."""
    more = {5: b"6 0 R", 6: b"5 0 R", 7: b"[7 0 R 7 0 R]"}
    return one_page(b"[5 0 R 7 0 R 4 0 R]", more=more)


def _pdf_forms(levels: int = 12, each: int = 10) -> bytes:
    """Forms that draw the next one ten times each: 10^12 texts."""
    space = b"/Type /XObject /Subtype /Form /BBox [0 0 300 300]"
    font = b"/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    more = {}
    for n in range(levels):
        resources = b"/Resources << /XObject << /X %d 0 R >> %b >>" % (6 + n, font)
        more[5 + n] = stream(b"/X Do " * each, b"%b %b" % (space, resources))
    more[5 + levels] = stream(b"BT /F 9 Tf (word) Tj ET", b"%b /Resources << %b >>" % (space, font))
    return one_page(stream(b"/X Do " * each), more=more)


def _pdf_deep(depth: int = 2_000_000) -> bytes:
    return one_page(stream(b"q " * depth + b"BT /F 9 Tf (word) Tj ET"), more={5: b"[" * depth})


def _pdf_image() -> bytes:
    """A scan of 100,000 x 100,000 points."""
    picture = stream(
        flate(b"\xff", 10 * 10**9),
        b"/Type /XObject /Subtype /Image /Width 100000 /Height 100000 /BitsPerComponent 8 "
        b"/ColorSpace /DeviceGray /Filter /FlateDecode",
    )
    return one_page(stream(b"300 0 0 300 0 0 cm /X Do"), more={5: picture})


def _pdf_box(box: bytes) -> bytes:
    return one_page(stream(b"0 0 m 9e9 9e9 l 50 w S"), box)


def _pdf_objects() -> bytes:
    """A stream of objects that unpacks to four GB, in which the page's contents are said to lie."""
    entries = b"/Type /ObjStm /N 2147483647 /First 20 /Filter /FlateDecode"
    return one_page(b"6 0 R", more={5: stream(flate(b"6 0 7 1 ", 4 * GB), entries)})


def _pdf_tables() -> bytes:
    """A table of references that goes on in itself."""
    circle = b"/Prev 9"
    plain = pdf_file({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [] >>"}, circle)
    start = plain.rindex(b"xref", 0, plain.index(b"startxref"))
    return plain.replace(circle, b"/Prev %d" % start)


def _pdf_tree(depth: int) -> bytes:
    """Pages in knots of pages in knots of pages."""
    objects = {1: b"<< /Type /Catalog /Pages 2 0 R >>"}
    for n in range(depth):
        objects[2 + n] = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (3 + n)
    return pdf_file(objects | {2 + depth: b"<< /Type /Page /MediaBox [0 0 300 300] >>"})


def _pdf_runs() -> bytes:
    """Runs of equal bytes that are runs of runs of equal bytes."""
    data = b"\x81\x81" * MB
    return one_page(stream(data, b"/Filter [%b]" % (b"/RunLengthDecode " * 20)))


# --- pictures


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, data: bytes, *chunks: bytes) -> bytes:
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _png_text() -> bytes:
    pixel = zlib.compress(b"\0\xff")
    text = _chunk(b"zTXt", b"Comment\0\0" + flate(b"x", GB))
    return _png(1, 1, pixel, *([text] * 20))


def _png_profile() -> bytes:
    """Two GB of a colour profile."""
    profile = _chunk(b"iCCP", b"a\0\0" + flate(b"x", 2 * GB))
    return _png(1, 1, zlib.compress(b"\0\xff"), profile)


def _jpeg(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "JPEG", progressive=True)
    data = bytearray(buffer.getvalue())
    at = data.index(b"\xff\xc2") + 5
    struct.pack_into(">HH", data, at, height, width)
    return bytes(data)


def _jpeg_padded(size: int) -> bytes:
    """A picture of 8 x 8 points in a file of many megabytes."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "JPEG")
    return buffer.getvalue() + bytes(size)


def _tiff(
    width: int,
    height: int,
    frames: int,
    *,
    circle: bool = False,
    strip: bytes = b"\xff" * 64,
    kind: int = 1,
) -> bytes:
    """A TIFF whose frames all share one strip."""
    strip += bytes(len(strip) % 2)
    head = b"II*\0"
    first = 8 + len(strip)
    length = 2 + 9 * 12 + 4
    out = io.BytesIO()
    out.write(head + struct.pack("<I", first) + strip)
    for number in range(frames):
        tags = [
            (256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, kind), (262, 3, 1),
            (273, 4, 8), (277, 3, 1), (278, 4, height), (279, 4, len(strip)),
        ]  # fmt: skip
        out.write(struct.pack("<H", len(tags)))
        for tag, form, value in tags:
            out.write(struct.pack("<HHII", tag, form, 1, value))
        last = number == frames - 1
        out.write(struct.pack("<I", (first if circle else 0) if last else first + (number + 1) * length))
    return out.getvalue()


def _saved(kind: str, size: tuple[int, int] = (64, 64)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "red").save(buffer, kind)
    return buffer.getvalue()


def _heic() -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    data = bytearray(_saved("HEIF"))
    at = data.index(b"ispe") + 8
    struct.pack_into(">II", data, at, 65_535, 65_535)
    return bytes(data)


def _gif(width: int, height: int) -> bytes:
    data = bytearray(_saved("GIF"))
    struct.pack_into("<HH", data, 6, width, height)
    at = data.index(b",", 13)
    struct.pack_into("<HH", data, at + 5, width, height)
    return bytes(data)


def _gif_frames(count: int) -> bytes:
    """The same small frame again and again."""
    data = _saved("GIF", (1, 1))
    at = data.index(b",", 13)
    return data[:at] + data[at:-1] * count + data[-1:]


def _bmp(width: int, height: int) -> bytes:
    data = bytearray(_saved("BMP"))
    struct.pack_into("<ii", data, 18, width, height)
    return bytes(data)


def _webp() -> bytes:
    frame = struct.pack("<IIB", 0x2F | (0x3FFF << 8), 0, 0)
    return (
        b"RIFF" + struct.pack("<I", 4 + 8 + len(frame)) + b"WEBPVP8L" + struct.pack("<I", len(frame)) + frame
    )


# --- texts, pages, mails


def _sparse(size: int) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.write(b"a,b,c")
            file.truncate(size)

    return make


def _page(body: str) -> bytes:
    return f"<!doctype html><html><head><title>a</title></head><body>{body}</body></html>".encode()


def _multiparts(depth: int) -> bytes:
    lines = ["Subject: a", "From: b", "MIME-Version: 1.0"]
    for n in range(depth):
        lines += [f'Content-Type: multipart/mixed; boundary="b{n}"', "", f"--b{n}"]
    return "\r\n".join([*lines, "Content-Type: text/plain", "", "deep"]).encode()


def _mails(depth: int) -> bytes:
    inner = "Subject: innermost\r\n\r\ndeep\r\n"
    head = "Subject: a\r\nMIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n"
    return (head * depth + inner).encode()


def mail(attachments: Mapping[str, bytes]) -> bytes:
    """A mail with these files."""
    parts = ['Subject: a\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n']
    parts.append("--b\r\nContent-Type: text/plain\r\n\r\nSee the attachments.\r\n")
    for name, data in attachments.items():
        parts.append(
            f'--b\r\nContent-Type: application/octet-stream; name="{name}"\r\n'
            "Content-Transfer-Encoding: base64\r\n"
            f'Content-Disposition: attachment; filename="{name}"\r\n\r\n{base64.b64encode(data).decode()}\r\n'
        )
    return ("".join(parts) + "--b--\r\n").encode()


def _mail_page(body: bytes) -> bytes:
    packed = base64.encodebytes(b"<html><body>" + body)
    return b"Subject: a\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\n" + packed


def _mail_crowd() -> bytes:
    part = "--b\r\nContent-Type: application/x; name=a.txt\r\n\r\nx\r\n"
    return (
        'Subject: a\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
        + part * 200_000
    ).encode()


def _mailbox() -> bytes:
    return b"From a@b Mon Jan  1 00:00:00 2024\nSubject: a\nFrom: b\nTo: c\n\nx\n\n" * 300_000


BOMBS: dict[str, Bomb] = {
    "part.docx": _data(lambda: _word_part(200 * MB), quick=True),
    "part-90-mb.docx": _data(lambda: _word_part(90 * MB)),
    "lying.docx": _data(lambda: _word_part(2 * GB, declared=1_000)),
    "margins.docx": _data(lambda: _word_margins(95 * MB)),
    "media.docx": _data(_word_media),
    "nested.docx": _data(_word_nested, harmless=True),
    "deep.docx": _data(lambda: _word_deep(100_000), harmless=True),
    "tables.docx": _data(lambda: _word_tables(50_000), harmless=True),
    "overlapping.docx": _data(_word_overlapping, quick=True),
    "crowd.docx": _data(_word_crowd),
    "laughs.docx": _data(lambda: word("&l9;", laughs()), harmless=True, quick=True),
    "part.xlsx": _data(lambda: _sheet_part(200 * MB), quick=True),
    "part-90-mb.xlsx": _data(lambda: _sheet_part(90 * MB)),
    "span.xlsx": _data(_sheet_span, harmless=True),
    "strings.xlsx": _data(lambda: _sheet_strings(90 * MB)),
    "repeats.xlsx": _data(_sheet_repeats),
    "laughs.xlsx": _data(lambda: sheet_text("&l9;", laughs()), harmless=True, quick=True),
    "part.pptx": _data(lambda: _slide_part(200 * MB), quick=True),
    "part-90-mb.pptx": _data(lambda: _slide_part(90 * MB)),
    "groups.pptx": _data(lambda: _slide_groups(100_000), harmless=True),
    "laughs.pptx": _data(lambda: slide_text("&l9;", laughs()), harmless=True, quick=True),
    "part.odt": _data(lambda: _odf_part("text", _PARAGRAPH, 200 * MB), quick=True),
    "part-90-mb.odt": _data(lambda: _odf_part("text", _PARAGRAPH, 90 * MB)),
    "spaces.odt": _data(lambda: odt_text('x<text:s text:c="2000000000"/>x'), harmless=True, quick=True),
    "deep.odt": _data(lambda: _odt_deep(100_000), harmless=True),
    "lists.odt": _data(lambda: _odt_lists(100_000), harmless=True),
    "laughs.odt": _data(lambda: odt_text("&l9;", laughs()), harmless=True, quick=True),
    "part.ods": _data(lambda: _odf_part("spreadsheet", _TABLE, 200 * MB), quick=True),
    "part-90-mb.ods": _data(lambda: _odf_part("spreadsheet", _TABLE, 90 * MB), harmless=True),
    "laughs.ods": _data(
        lambda: _odf(
            "spreadsheet",
            member("content.xml", _odf_frame("spreadsheet", _TABLE.replace("x", "&l9;"), laughs())),
        ),
        harmless=True,
        quick=True,
    ),
    "part.odp": _data(lambda: _odf_part("presentation", f"<draw:page>{_FRAMES}</draw:page>", 200 * MB)),
    "part-90-mb.odp": _data(
        lambda: _odf_part("presentation", f"<draw:page>{_FRAMES}</draw:page>", 90 * MB), harmless=True
    ),
    "groups.odp": _data(lambda: _odp_groups(100_000), harmless=True),
    "laughs.odp": _data(
        lambda: _odf(
            "presentation",
            member("content.xml", _odf_frame("presentation", "<draw:page>&l9;</draw:page>", laughs())),
        ),
        harmless=True,
        quick=True,
    ),
    "repeats.ods": _data(_ods_repeats, harmless=True),
    "part.epub": _data(lambda: _book_part(200 * MB), quick=True),
    "spine.epub": _data(lambda: _book_part(10 * MB, spine=10_000)),
    "laughs.epub": _data(lambda: book_text("&l9;", laughs()), harmless=True, quick=True),
    "flate.pdf": _data(lambda: _pdf_flate(4 * GB)),
    "flate-twice.pdf": _data(lambda: _pdf_flate(4 * GB, times=3)),
    "zeros.pdf": _data(_pdf_zeros),
    "count.pdf": _data(_pdf_count, harmless=True, quick=True),
    "kids.pdf": _data(_pdf_kids, harmless=True),
    "objects.pdf": _data(_pdf_objects, harmless=True),
    "tables.pdf": _data(_pdf_tables, harmless=True, quick=True),
    "tree.pdf": _data(lambda: _pdf_tree(100_000), harmless=True),
    "runs.pdf": _data(_pdf_runs, harmless=True, quick=True),
    "circle.pdf": _data(_pdf_circle, quick=True),
    "references.pdf": _data(_pdf_references, quick=True),
    "forms.pdf": _data(_pdf_forms),
    "deep.pdf": _data(_pdf_deep, harmless=True),
    "image.pdf": _data(_pdf_image, harmless=True),
    "wide.pdf": _data(lambda: _pdf_box(b"0 0 1e9 1e9"), harmless=True, quick=True),
    "thin.pdf": _data(lambda: _pdf_box(b"0 0 2147483647 1"), harmless=True, quick=True),
    "negative.pdf": _data(lambda: _pdf_box(b"9e38 9e38 -9e38 -9e38"), harmless=True, quick=True),
    "pixels.png": _data(lambda: _png(60_000, 60_000, flate(b"\0", MB)), quick=True),
    "pixels-99-m.png": _data(lambda: _png(10_000, 9_999, flate(b"\0", 100 * MB)), harmless=True),
    "text.png": _data(_png_text),
    "pixels.jpg": _data(lambda: _jpeg(65_500, 65_500), quick=True),
    "padded.jpg": _data(lambda: _jpeg_padded(60 * MB), harmless=True, quick=True),
    "pixels.tiff": _data(lambda: _tiff(100_000, 100_000, 1), quick=True),
    "frames.tiff": _data(lambda: _tiff(8, 8, 200_000), harmless=True),
    "large-frames.tiff": _data(lambda: _tiff(9_999, 10_000, 200_000), harmless=True),
    "flate.tiff": _data(lambda: _tiff(9_999, 10_000, 40, strip=flate(b"\0", 10 * GB), kind=8), harmless=True),
    "circle.tiff": _data(lambda: _tiff(8, 8, 3, circle=True), harmless=True, quick=True),
    "pixels.heic": _data(_heic, quick=True),
    "pixels.gif": _data(lambda: _gif(65_535, 65_535), quick=True),
    "frames.gif": _data(lambda: _gif_frames(500_000), harmless=True),
    "pixels-99-m.gif": _data(lambda: _gif(9_999, 10_000), harmless=True),
    "profile.png": _data(_png_profile, harmless=True),
    "pixels.bmp": _data(lambda: _bmp(100_000, 100_000), quick=True),
    "pixels.webp": _data(_webp, quick=True),
    "laughs.xml": _data((laughs() + "<x>&l9;</x>").encode, harmless=True, quick=True),
    "laughs.svg": _data((laughs() + "<svg>&l9;</svg>").encode, harmless=True, quick=True),
    "laughs.rss": _data((laughs() + "<rss>&l9;</rss>").encode, harmless=True, quick=True),
    "laughs.xhtml": _data(lambda: laughs().encode() + _page("<p>&l9;</p>"), harmless=True, quick=True),
    "deep.html": _data(lambda: _page("<div>" * 100_000 + "x" + "</div>" * 100_000), harmless=True),
    "lists.html": _data(lambda: _page("<ul><li>" * 100_000 + "x"), harmless=True),
    "tables.html": _data(lambda: _page("<table><tr><td>" * 20_000 + "x"), harmless=True),
    "bold.html": _data(lambda: _page("<b><i>" * 100_000 + "x"), harmless=True),
    "quotes.html": _data(lambda: _page("<blockquote>" * 30_000 + "x"), harmless=True),
    "span.html": _data(
        lambda: _page('<table><tr><td rowspan="65534" colspan="1000">x</td></tr></table>' * 50), harmless=True
    ),
    "deep.json": _data(lambda: b"[" * 5_000_000 + b"]" * 5_000_000, harmless=True, quick=True),
    "words.txt": _data(lambda: "\0".join("x" * 999).encode("utf-16-be") * 50_000),
    "tables.rtf": _data(
        lambda: b"{\\rtf1 " + b"\\trowd\\cellx1 x\\cell " * (4 * MB) + b"\\row}", harmless=True
    ),
    "deep.rtf": _data(lambda: b"{\\rtf1 " + b"{" * 1_000_000 + b"x" + b"}" * 1_000_001, harmless=True),
    "binary.rtf": _data(lambda: b"{\\rtf1 {\\*\\x \\bin2147483647 }x}", harmless=True, quick=True),
    "picture.rtf": _data(
        lambda: b"{\\rtf1 {\\pict\\picw2147483647 " + b"0" * MB + b"}x}", harmless=True, quick=True
    ),
    "sparse-1-gb.csv": Bomb(_sparse(GB), quick=True),
    "sparse-190-mb.csv": Bomb(_sparse(190 * MB)),
    "line.csv": _data(lambda: b"x," * (95 * MB)),
    "multiparts.eml": _data(lambda: _multiparts(5_000), harmless=True, quick=True),
    "mails.eml": _data(lambda: _mails(5_000), harmless=True, quick=True),
    "crowd.eml": _data(_mail_crowd, harmless=True),
    "bomb.eml": _data(
        lambda: mail({"a.docx": _word_part(200 * MB), "b.gz": zlib.compress(b"x")}), harmless=True, quick=True
    ),
    "bombs.eml": _data(lambda: mail({f"{n}.docx": _word_part(90 * MB) for n in range(50)}), harmless=True),
    "page.eml": _data(lambda: _mail_page(b"<p>x</p>" * (15 * MB)), harmless=True),
    "deep-page.eml": _data(lambda: _mail_page(b"<div><table><tr><td>" * 50_000), harmless=True),
    "header.eml": _data(lambda: b"Subject: a\nTo: " + b"a@b.c, " * (4 * MB) + b"\n\nx", harmless=True),
    "words.eml": _data(lambda: b"Subject: " + b"=?utf-8?q?x?= " * MB + b"\n\nx", harmless=True),
    "outlook.eml": _data(
        lambda: mail({f"{n}.msg": compound_file(message(fields())) for n in range(1_000)}), harmless=True
    ),
    "bombs.mbox": _data(
        lambda: b"".join(
            b"From a@b Mon Jan  1 00:00:00 2024\n" + mail({"a.docx": _word_part(90 * MB)}) + b"\n\n"
            for _ in range(50)
        ),
        harmless=True,
    ),
    "many.mbox": _data(_mailbox, harmless=True),
    "circle.xls": _data(lambda: ole_file("Workbook"), quick=True),
    "tree.xls": _data(lambda: ole_file("Workbook", tree="circle"), quick=True),
    "far.xls": _data(lambda: ole_file("Workbook", chain="far", size=1 << 40), quick=True),
    "circle.doc": _data(lambda: ole_file("WordDocument"), quick=True),
    "tree.doc": _data(lambda: ole_file("WordDocument", tree="circle"), quick=True),
    "circle.ppt": _data(lambda: ole_file("PowerPoint Document"), quick=True),
    "tree.ppt": _data(lambda: ole_file("PowerPoint Document", tree="circle"), quick=True),
    "ole-circle.msg": _data(lambda: ole_file("__properties_version1.0"), quick=True),
    "ole-tree.msg": _data(
        lambda: ole_file("__properties_version1.0", tree="circle", size=1 << 40), quick=True
    ),
    **{
        f"part.{extension}": _data(partial(make, 200 * MB))
        for make, extensions in (
            (_word_part, "docm dotx dotm"),
            (_sheet_part, "xlsm xltx"),
            (_slide_part, "pptm ppsx potx"),
        )
        for extension in extensions.split()
    },
    **{
        f"circle.{extension}": _data(partial(ole_file, stream_name))
        for extension, stream_name in {
            "dot": "WordDocument",
            "xlt": "Workbook",
            "pps": "PowerPoint Document",
        }.items()
    },
    **OFFICE_BINARY,
    **OUTLOOK,
}
