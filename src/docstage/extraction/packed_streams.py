"""Streams that gzip, bzip2, xz and zstd packed, as files to read from."""

import bz2
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Callable
from typing import Protocol

from docstage.stored_text import ZstdError, open_zstd

GZIP, BZIP2, XZ, ZSTD = "application/gzip", "application/x-bzip2", "application/x-xz", "application/zstd"
PACKED = frozenset({GZIP, BZIP2, XZ, ZSTD})
BROKEN = (OSError, EOFError, zlib.error, lzma.LZMAError, ZstdError, ValueError)
"""What reading from one raises where it is damaged."""

_MAGIC = (
    (re.compile(rb"\x1f\x8b\x08"), GZIP),
    (re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), BZIP2),  # a block, or the end of a stream without one
    (re.compile(rb"\xfd7zXZ\0"), XZ),
    (re.compile(rb"\x28\xb5\x2f\xfd"), ZSTD),
)
_BEGINNING = 1_024
# Of xz's own presets the largest takes 65 MiB to unpack.
_XZ_MEMORY = 256 * 2**20


class Stream(Protocol):
    """What can be read from its beginning to its end."""

    def read(self, size: int, /) -> bytes:
        """So many bytes, fewer only at the end."""
        ...

    def close(self) -> None:
        """Give back what it takes."""
        ...


def packed_type(data: bytes) -> str | None:
    """The media type of a packed stream, None when it is none."""
    return next((kind for magic, kind in _MAGIC if magic.match(data)), None)


def stream_of(data: bytes) -> Callable[[], Stream] | None:
    """What opens the stream from its beginning, each time anew; None when it is none."""
    opener = _OPENERS.get(packed_type(data) or "")
    return None if opener is None else lambda: opener(data)


def beginning(data: bytes) -> bytes:
    """The first bytes of what is packed, as many as tell a tar archive; empty where they cannot be had."""
    opened = stream_of(data)
    try:
        return opened().read(_BEGINNING) if opened else b""
    except BROKEN:
        return b""


def _open_gzip(data: bytes) -> Stream:
    return gzip.GzipFile(fileobj=io.BytesIO(data))


def _open_bzip2(data: bytes) -> Stream:
    return bz2.BZ2File(io.BytesIO(data))


def _open_xz(data: bytes) -> Stream:
    # Its reader cannot be told how much memory it may take; this one meets the same header first.
    lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY).decompress(data[:_BEGINNING], 1)
    return lzma.LZMAFile(io.BytesIO(data))


def _open_zstd(data: bytes) -> Stream:
    return open_zstd(data)


_OPENERS: dict[str, Callable[[bytes], Stream]] = {
    GZIP: _open_gzip,
    BZIP2: _open_bzip2,
    XZ: _open_xz,
    ZSTD: _open_zstd,
}
