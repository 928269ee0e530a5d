"""PDF files that tests write operator by operator."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FONTS = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
_FIRST_FREE = 100


@dataclass(frozen=True)
class Page:
    """A page to be written.

    Attributes:
        content: its drawing program.
        entries: more entries of its dictionary.
        resources: entries of its resources besides the font `/F`.
        box: its size in points.
    """

    content: str = ""
    entries: str = ""
    resources: str = ""
    box: str = "0 0 600 800"


def stream(data: bytes | str, entries: str = "") -> bytes:
    """A stream object, compressed."""
    raw = data.encode("latin-1") if isinstance(data, str) else data
    packed = zlib.compress(raw)
    head = f"<< /Length {len(packed)} /Filter /FlateDecode {entries} >>\nstream\n"
    return head.encode("latin-1") + packed + b"\nendstream"


def document(
    pages: Sequence[Page], objects: Mapping[int, bytes | str] | None = None, catalog: str = ""
) -> bytes:
    """A PDF file of these pages; other objects have numbers from 200 on."""
    numbers = [_FIRST_FREE + 2 * index for index in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    written: dict[int, bytes | str] = {
        1: f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        **(objects or {}),
    }
    for number, page in zip(numbers, pages, strict=True):
        written[number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{page.box}] /Contents {number + 1} 0 R "
            f"/Resources << {FONTS} {page.resources} >> {page.entries} >>"
        )
        written[number + 1] = stream(page.content)
    return _file(written)


def _file(objects: Mapping[int, bytes | str]) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, content in sorted(objects.items()):
        places[number] = len(out)
        body = content.encode("latin-1") if isinstance(content, str) else content
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(out), max(objects) + 1
    lines = (
        b"%010d 00000 n \n" % places[number] if number in places else b"0000000000 65535 f \n"
        for number in range(1, size)
    )
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size + b"".join(lines)
    return bytes(out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (size, start))


def picture(width: int = 300, height: int = 400) -> bytes:
    """An image XObject of grey dots that look like print."""
    dots = bytes((x * x + 7 * y * y + x * y) % 251 for y in range(height) for x in range(width))
    return stream(
        dots,
        f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray "
        "/BitsPerComponent 8",
    )


def plain(grey: int, width: int = 300, height: int = 400) -> bytes:
    """An image XObject of one shade."""
    return stream(
        bytes([grey]) * (width * height),
        f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray "
        "/BitsPerComponent 8",
    )


IMAGE = "/XObject << /I 200 0 R >>"


def drawn(left: float, bottom: float, width: float, height: float, name: str = "I") -> str:
    """The operators that draw an image."""
    return f"q {width} 0 0 {height} {left} {bottom} cm /{name} Do Q\n"


def said(left: float, bottom: float, text: str, size: float = 11, mode: int = 0) -> str:
    """The operators that write a line; mode 3 is invisible."""
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /F {size} Tf {mode} Tr {left} {bottom} Td ({escaped}) Tj ET\n"


def written(lines: Sequence[str], left: float = 50, top: float = 750, step: float = 14, mode: int = 0) -> str:
    """The operators that write lines below each other."""
    return "".join(said(left, top - step * index, line, mode=mode) for index, line in enumerate(lines))


PROSE = [
    f"Line {number} of a letter that has as many words in each line as letters have." for number in range(40)
]


def table(
    rows: Sequence[Sequence[str]],
    lefts: Sequence[float],
    top: float = 700,
    step: float = 18,
    size: float = 10,
) -> str:
    """The operators that write cells row by row; empty ones are not written."""
    return "".join(
        said(left, top - step * index, cell, size)
        for index, row in enumerate(rows)
        for left, cell in zip(lefts, row, strict=True)
        if cell
    )


def grid(lefts: Sequence[float], tops: Sequence[float]) -> str:
    """The operators that draw rules along all columns and rows."""
    upright = "".join(f"{x} {tops[-1]} m {x} {tops[0]} l S\n" for x in lefts)
    level = "".join(f"{lefts[0]} {y} m {lefts[-1]} {y} l S\n" for y in tops)
    return "0.5 w\n" + upright + level
