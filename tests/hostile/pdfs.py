"""Endless PDF files."""

import zlib

from tests.hostile.bomb import GB, MB
from tests.hostile.containers import (
    flate,
    one_page,
    pdf_file,
    stream,
)


def pdf_flate(size: int, times: int = 1) -> bytes:
    data, filters = flate(b"BT /F 1 Tf (x) Tj ET\n", size), b"/FlateDecode"
    for _ in range(times - 1):
        data, filters = zlib.compress(data, 9), filters + b" /FlateDecode"
    return one_page(stream(data, b"/Filter [%b]" % filters))


def pdf_zeros() -> bytes:
    return one_page(stream(flate(b"\0", 8 * GB), b"/Filter /FlateDecode"))


def pdf_count() -> bytes:
    return pdf_file(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 2147483647 >>",
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] >>",
        }
    )


def pdf_kids() -> bytes:
    """The same page a million times."""
    return pdf_file(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [%b] /Count 1000000 >>" % (b"3 0 R " * 1_000_000),
            3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R >>",
            4: stream(b"0 0 100 100 re f"),
        }
    )


def pdf_circle() -> bytes:
    return pdf_file(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 5 /Parent 3 0 R >>",
            3: b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 5 /Parent 2 0 R /MediaBox 3 0 R >>",
        }
    )


def pdf_references() -> bytes:
    """Objects that are references to one another, the page's contents among them."""
    more = {5: b"6 0 R", 6: b"5 0 R", 7: b"[7 0 R 7 0 R]"}
    return one_page(b"[5 0 R 7 0 R 4 0 R]", more=more)


def pdf_forms(levels: int = 12, each: int = 10) -> bytes:
    """Forms that draw the next one ten times each: 10^12 texts."""
    space = b"/Type /XObject /Subtype /Form /BBox [0 0 300 300]"
    font = b"/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
    more = {}
    for n in range(levels):
        resources = b"/Resources << /XObject << /X %d 0 R >> %b >>" % (6 + n, font)
        more[5 + n] = stream(b"/X Do " * each, b"%b %b" % (space, resources))
    more[5 + levels] = stream(b"BT /F 9 Tf (word) Tj ET", b"%b /Resources << %b >>" % (space, font))
    return one_page(stream(b"/X Do " * each), more=more)


def pdf_deep(depth: int = 2_000_000) -> bytes:
    return one_page(stream(b"q " * depth + b"BT /F 9 Tf (word) Tj ET"), more={5: b"[" * depth})


def pdf_image() -> bytes:
    """A scan of 100,000 x 100,000 points."""
    picture = stream(
        flate(b"\xff", 10 * 10**9),
        b"/Type /XObject /Subtype /Image /Width 100000 /Height 100000 /BitsPerComponent 8 "
        b"/ColorSpace /DeviceGray /Filter /FlateDecode",
    )
    return one_page(stream(b"300 0 0 300 0 0 cm /X Do"), more={5: picture})


def pdf_box(box: bytes) -> bytes:
    return one_page(stream(b"0 0 m 9e9 9e9 l 50 w S"), box)


def pdf_objects() -> bytes:
    """A stream of objects that unpacks to four GB, in which the page's contents are said to lie."""
    entries = b"/Type /ObjStm /N 2147483647 /First 20 /Filter /FlateDecode"
    return one_page(b"6 0 R", more={5: stream(flate(b"6 0 7 1 ", 4 * GB), entries)})


def pdf_tables() -> bytes:
    """A table of references that goes on in itself."""
    circle = b"/Prev 9"
    plain = pdf_file({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [] >>"}, circle)
    start = plain.rindex(b"xref", 0, plain.index(b"startxref"))
    return plain.replace(circle, b"/Prev %d" % start)


def pdf_tree(depth: int) -> bytes:
    """Pages in knots of pages in knots of pages."""
    objects = {1: b"<< /Type /Catalog /Pages 2 0 R >>"}
    for n in range(depth):
        objects[2 + n] = b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (3 + n)
    return pdf_file(objects | {2 + depth: b"<< /Type /Page /MediaBox [0 0 300 300] >>"})


def pdf_runs() -> bytes:
    """Runs of equal bytes that are runs of runs of equal bytes."""
    data = b"\x81\x81" * MB
    return one_page(stream(data, b"/Filter [%b]" % (b"/RunLengthDecode " * 20)))
