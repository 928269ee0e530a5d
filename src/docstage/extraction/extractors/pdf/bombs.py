"""Embedded files that unpack without end: PDFium unpacks up to a gigabyte before it tells the size of one."""

import re
import zlib

# Deflate makes at most 1,032 bytes of one: a stream of fewer bytes cannot go beyond the limit.
_MOST_RATIO = 1_032
_CHUNK = 1 << 16
_STREAM = re.compile(rb"stream\r?\n")
_FILTERS = re.compile(rb"/Filter\s*\[([^\]]{0,2000})")
_REFERRED = re.compile(rb"/Filter\s+\d+\s+\d+\s+R")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
_NAME = re.compile(rb"/[^\s/\[\]]+")
_PACKING = {b"/FlateDecode", b"/Fl", b"/LZWDecode", b"/LZW", b"/RunLengthDecode", b"/RL"}


def may_burst(data: bytes, most: int) -> bool:
    """Whether a stream of the file is packed more than once, or unpacks to more bytes than these.

    Args:
        data: a whole PDF file.
        most: bytes that a stream may unpack to.
    """
    plain = _ESCAPE.sub(lambda match: bytes([int(match.group(1), 16)]), data) if b"/Filter" in data else data
    if _REFERRED.search(plain) or any(_is_packed_twice(match.group(1)) for match in _FILTERS.finditer(plain)):
        return True
    starts = [match.end() for match in _STREAM.finditer(data)]
    ends = [*starts[1:], len(data)]
    return any(
        (end - start) * _MOST_RATIO > most and _unpacks_beyond(memoryview(data)[start:end], most)
        for start, end in zip(starts, ends, strict=True)
    )


def _is_packed_twice(filters: bytes) -> bool:
    return sum(name in _PACKING for name in _NAME.findall(filters)) > 1


def _unpacks_beyond(packed: memoryview, most: int) -> bool:
    unpacker, size = zlib.decompressobj(), 0
    try:
        for start in range(0, len(packed), _CHUNK):
            piece: bytes | memoryview = packed[start : start + _CHUNK]
            while piece and not unpacker.eof:
                size += len(unpacker.decompress(piece, 16 * _CHUNK))
                piece = unpacker.unconsumed_tail
                if size > most:
                    return True
    except zlib.error:  # packed by something else, or encrypted
        return False
    return False
