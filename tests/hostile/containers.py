"""Files that are small on disk and much larger, or endless, for whoever opens them naively."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

_BLOCK = 1 << 20
_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a ZIP file as it is written.

    Attributes:
        size: what the directory says that it unpacks to.
    """

    name: str
    packed: bytes
    crc: int
    size: int
    method: int = zipfile.ZIP_DEFLATED


def member(name: str, content: str | bytes) -> Member:
    """A member with this content."""
    data = content.encode() if isinstance(content, str) else content
    packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return Member(name, packer.compress(data) + packer.flush(), zlib.crc32(data), len(data))


def blown_up(name: str, head: bytes, bit: bytes, tail: bytes, size: int) -> Member:
    """A member that begins and ends so and is about `size` bytes long, made without packing all of it."""
    block = bit * max(1, _BLOCK // len(bit))
    times = max(1, size // len(block))
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    before = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    inner = packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)  # refers to nothing before it
    after = packer.compress(tail) + packer.flush()
    crc = zlib.crc32(head)
    for _ in range(times):
        crc = zlib.crc32(block, crc)
    whole = len(head) + times * len(block) + len(tail)
    return Member(name, before + inner * times + after, zlib.crc32(tail, crc), whole)


def zip_file(members: Iterable[Member], *, overlapping: int = 1) -> bytes:
    """A ZIP file of these members; each stands in the directory so many times."""
    body, directory, count = io.BytesIO(), io.BytesIO(), 0
    for one in members:
        offset, name = body.tell(), one.name.encode()
        common = struct.pack(
            "<HHHHHIIIHH", 20, 0x800, one.method, 0, 0x21, one.crc, len(one.packed), one.size, len(name), 0
        )
        body.write(b"PK\x03\x04" + common + name + one.packed)
        for _ in range(overlapping):
            directory.write(
                b"PK\x01\x02"
                + struct.pack("<H", 20)
                + common
                + struct.pack("<HHHII", 0, 0, 0, 0, offset)
                + name
            )
            count += 1
    start, entries = body.tell(), directory.getvalue()
    tail = struct.pack(
        "<4sHHHHIIH", b"PK\x05\x06", 0, 0, count & 0xFFFF, count & 0xFFFF, len(entries), start, 0
    )
    return body.getvalue() + entries + tail


def flate(bit: bytes, size: int) -> bytes:
    """A zlib stream that unpacks to about `size` bytes."""
    whole = blown_up("", b"", bit, b"", size)
    checksum = 1
    block = bit * max(1, _BLOCK // len(bit))
    for _ in range(max(1, whole.size // len(block))):
        checksum = zlib.adler32(block, checksum)
    return b"\x78\x9c" + whole.packed + struct.pack(">I", checksum)


def pdf_file(objects: dict[int, bytes], trailer: bytes = b"") -> bytes:
    """A PDF of these objects; the first is the catalogue."""
    body = io.BytesIO()
    body.write(b"%PDF-1.5\n")
    offsets = {}
    for number, content in objects.items():
        offsets[number] = body.tell()
        body.write(b"%d 0 obj\n%b\nendobj\n" % (number, content))
    start, size = body.tell(), max(objects) + 1
    body.write(b"xref\n0 %d\n0000000000 65535 f \n" % size)
    for number in range(1, size):
        body.write(b"%010d 00000 n \n" % offsets.get(number, 0))
    body.write(b"trailer\n<< /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, start))
    return body.getvalue()


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream object of a PDF."""
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(data), entries, data)


def one_page(contents: bytes, box: bytes = b"0 0 300 300", more: dict[int, bytes] | None = None) -> bytes:
    """A PDF with one page; `contents` is the object of its drawing program, others begin with number 5."""
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [%b] /Contents 4 0 R /Resources "
        b"<< /XObject << /X 5 0 R >> /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> "
        b">> >>"
    )
    return pdf_file(
        {
            1: b"<< /Type /Catalog /Pages 2 0 R >>",
            2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            3: page % box,
            4: contents,
            **(more or {}),
        }
    )


def ole_file(name: str, *, chain: str = "circle", tree: str = "plain", size: int = 1 << 20) -> bytes:
    """An OLE file ([MS-CFB]) of one stream.

    Args:
        name: of the stream, by which programs know what the file is.
        chain: of the stream's sectors: `circle` leads back to its beginning, `far` out of the file.
        tree: of the directory: `plain`, or `circle` where an entry is its own sibling and child.
        size: what the directory says the stream's length is.
    """
    header = bytearray(_SECTOR)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", header, 44, 1, 1, 0, 4096, _END, 0, _END, 0, 0)
    struct.pack_into("<109I", header, 76, *([0] + [_FREE] * 108))
    following = {"circle": [3, 4, 2], "far": [3, 0x00FFFFFF, _END]}[chain]
    table = struct.pack("<128I", _FAT, _END, *following, *([_FREE] * 123))
    root_child = 1
    entries = [
        _ole_entry("Root Entry", 5, child=root_child, start=_END, size=0),
        _ole_entry(
            name,
            2,
            child=1 if tree == "circle" else _FREE,
            sibling=1 if tree == "circle" else _FREE,
            start=2,
            size=size,
        ),
        bytes(128),
        bytes(128),
    ]
    return bytes(header) + table + b"".join(entries) + b"\x09\x08\x10\x00" + bytes(3 * _SECTOR - 4)


def _ole_entry(name: str, kind: int, *, child: int, start: int, size: int, sibling: int = _FREE) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    entry = bytearray(128)
    entry[: len(encoded)] = encoded
    struct.pack_into("<HBBIII", entry, 64, len(encoded), kind, 1, sibling, sibling, child)
    struct.pack_into("<IQ", entry, 116, start, size)
    return bytes(entry)
