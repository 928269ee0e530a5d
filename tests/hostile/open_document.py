"""Endless files of OpenDocument, and e-books."""

import zlib

from tests.hostile.containers import (
    Member,
    blown_up,
    member,
    zip_file,
)

_ODF = "urn:oasis:names:tc:opendocument:xmlns"
PARAGRAPH = "<text:p>x</text:p>"
TABLE = (
    '<table:table table:name="a"><table:table-row><table:table-cell office:value-type="string">'
    "<text:p>x</text:p></table:table-cell></table:table-row></table:table>"
)
FRAMES = f"<draw:frame><draw:text-box>{PARAGRAPH}</draw:text-box></draw:frame>"


def odf(kind: str, content: Member) -> bytes:
    media_type = f"application/vnd.oasis.opendocument.{kind}"
    manifest = (
        f'<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{media_type}"/>'
        "</manifest:manifest>"
    )
    plain = Member("mimetype", media_type.encode(), zlib.crc32(media_type.encode()), len(media_type), 0)
    return zip_file([plain, content, member("META-INF/manifest.xml", manifest)])


def odf_part(kind: str, body: str, size: int) -> bytes:
    head, tail = odf_frame(kind, "|").split("|")
    return odf(kind, blown_up("content.xml", head.encode(), body.encode(), tail.encode(), size))


def odf_frame(kind: str, body: str, doctype: str = "") -> str:
    names = {"office": "office", "text": "text", "table": "table", "draw": "drawing"}
    spaces = " ".join(f'xmlns:{short}="{_ODF}:{name}:1.0"' for short, name in names.items())
    return (
        f"{doctype}<office:document-content {spaces}><office:body><office:{kind}>{body}"
        f"</office:{kind}></office:body></office:document-content>"
    )


def odt_text(text: str, doctype: str = "") -> bytes:
    """A text document of one paragraph."""
    return odf("text", member("content.xml", odf_frame("text", f"<text:p>{text}</text:p>", doctype)))


def odt_deep(depth: int) -> bytes:
    body = "<text:section>" * depth + "<text:p>x</text:p>" + "</text:section>" * depth
    return odf("text", member("content.xml", odf_frame("text", body)))


def odt_lists(depth: int) -> bytes:
    body = (
        "<text:list><text:list-item>" * depth + "<text:p>x</text:p>" + "</text:list-item></text:list>" * depth
    )
    return odf("text", member("content.xml", odf_frame("text", body)))


def odp_groups(depth: int) -> bytes:
    body = f"<draw:page>{'<draw:g>' * depth}{FRAMES}{'</draw:g>' * depth}</draw:page>"
    return odf("presentation", member("content.xml", odf_frame("presentation", body)))


def ods_repeats() -> bytes:
    cell = (
        '<table:table-cell table:number-columns-repeated="16384" office:value-type="string">'
        "<text:p>x</text:p></table:table-cell>"
    )
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    body = f'<table:table table:name="a">{row}</table:table>'
    return odf("spreadsheet", member("content.xml", odf_frame("spreadsheet", body)))


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


def book_part(size: int, spine: int = 1) -> bytes:
    chapter = blown_up("c.xhtml", _PAGE_START.encode(), b"<p>x</p>", b"</body></html>", size)
    return _book([chapter], spine)


def book_text(text: str, doctype: str = "") -> bytes:
    """An e-book of one chapter."""
    return _book([member("c.xhtml", f"{doctype}{_PAGE_START}<p>{text}</p></body></html>")])
