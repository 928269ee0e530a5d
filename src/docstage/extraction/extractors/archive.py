"""Guards against ZIP containers (Office, OpenDocument, e-books) that unpack to far more than they hold."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Unreadable

MAX_UNPACKED = 2**30
_MARKUP = (".xml", ".xhtml", ".html", ".htm")
_MAX_MEMBERS = 50_000
# Deflate's best case is a match of 258 bytes for 2 bits: 1,032 to 1 (zlib, "Maximum Compression Factor").
_DEFLATE_MOST = 1_032
_INPUT, _OUTPUT = 1 << 14, 1 << 20
DAMAGED = "The file is damaged or cut off. Open it in its program and save it anew."
_BROKEN = (
    zipfile.BadZipFile,
    NotImplementedError,
    ValueError,
    OSError,
    EOFError,
    RuntimeError,
    zlib.error,
    struct.error,
)


def check_archive(data: bytes, largest_part: int = MAX_UNPACKED) -> None:
    """Make sure that a ZIP container can be unpacked at a bearable cost.

    Args:
        data: the container.
        largest_part: bytes that an XML or HTML part may have at most.

    Raises:
        Unreadable: TOO_COMPLEX, PASSWORD or DAMAGED.
    """
    with damage_told(), zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        _check_directory(members, len(data))
        _check_parts(members, largest_part)
        if len(data) * _DEFLATE_MOST > MAX_UNPACKED:
            _check_contents(data, members)


@contextmanager
def damage_told() -> Iterator[None]:
    """Say in words what the ZIP library says of broken files.

    Raises:
        Unreadable: DAMAGED.
    """
    try:
        yield
    except _BROKEN as error:
        raise Unreadable(DocumentReason.DAMAGED, DAMAGED) from error


def _check_directory(members: list[zipfile.ZipInfo], size: int) -> None:
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable(
            DocumentReason.PASSWORD, "Parts of the file are encrypted. Save a copy without a password."
        )
    # Members that share their bytes add up to more than the file: only bombs are built so.
    overlapping = sum(member.compress_size for member in members) > size
    if (
        overlapping
        or len(members) > _MAX_MEMBERS
        or sum(member.file_size for member in members) > MAX_UNPACKED
    ):
        raise _bomb()


def _check_parts(members: list[zipfile.ZipInfo], most: int) -> None:
    for member in members:
        if member.file_size > most and member.filename.endswith(_MARKUP):
            detail = f"Its part {member.filename} is larger than {most >> 20} MiB. Split the document."
            raise Unreadable(DocumentReason.TOO_COMPLEX, detail)


def _check_contents(data: bytes, members: list[zipfile.ZipInfo]) -> None:
    """Unpack and count, because the sizes in the directory may lie."""
    left = MAX_UNPACKED
    for member in members:
        if member.compress_type != zipfile.ZIP_DEFLATED:
            left -= member.compress_size
            continue
        # A local header has 30 fixed bytes, then the name and the extra field (APPNOTE 4.3.7).
        name, extra = struct.unpack_from("<HH", data, member.header_offset + 26)
        start = member.header_offset + 30 + name + extra
        left -= _unpacked_size(memoryview(data)[start : start + member.compress_size], left)
    if left < 0:
        raise _bomb()


def _unpacked_size(packed: memoryview, most: int) -> int:
    """Bytes that a deflate stream unpacks to.

    Raises:
        Unreadable: TOO_COMPLEX, as soon as it is more than `most`.
    """
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    size = 0
    for start in range(0, len(packed), _INPUT):
        rest: bytes | memoryview = packed[start : start + _INPUT]
        # What does not fit into the output waits inside, also when all input is taken.
        while unpacked := inflater.decompress(rest, _OUTPUT):
            size += len(unpacked)
            rest = inflater.unconsumed_tail
            if size > most:
                raise _bomb()
    return size


def _bomb() -> Unreadable:
    detail = f"The file unpacks to more than {MAX_UNPACKED >> 30} GiB, so it is not opened."
    return Unreadable(DocumentReason.TOO_COMPLEX, detail)
