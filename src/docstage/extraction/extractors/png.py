"""Whether a PNG is whole, without making a picture of it: most are handed on as they are."""

import struct
import zlib
from collections.abc import Iterator

# PNG, third edition: 5.2 (signature), 5.3 (chunks), 11.2.1 (IHDR), 9.2 (types of filters).
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHUNK = struct.Struct(">I4s")
_CRC = struct.Struct(">I")
_HEADER = struct.Struct(">IIBBBBB")
_CHANNELS = {0: 1, 2: 3}  # grey, colour
_LAST_FILTER = 4
# Deflate unpacks this to 16 MB at most.
_PIECE = 2**14


def is_whole_png(data: bytes) -> bool:
    """Whether all of a grey or coloured picture is there, without damage.

    Returns:
        False also for kinds that are not looked at here, such as interlaced ones: then a decoder has to tell.
    """
    if not data.startswith(_SIGNATURE):
        return False
    chunks = list(_chunks(data))
    kinds = [kind for kind, _ in chunks]
    header = chunks[0][1] if kinds and kinds[0] == b"IHDR" else b""
    first = kinds.index(b"IDAT") if b"IDAT" in kinds else 0
    # What comes after the picture is for the decoder to judge, if anything does.
    if len(header) != _HEADER.size or not first or set(kinds[first:-1]) != {b"IDAT"} or kinds[-1] != b"IEND":
        return False
    return _is_filled(_HEADER.unpack(header), b"".join(content for _, content in chunks[first:-1]))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks as far as they are sound, at most to the end of the picture."""
    at, kind = len(_SIGNATURE), b""
    while at + _CHUNK.size <= len(data) and kind != b"IEND":
        length, kind = _CHUNK.unpack_from(data, at)
        begin, at = at + _CHUNK.size, at + _CHUNK.size + length + _CRC.size
        if at > len(data) or (zlib.crc32(data[begin - 4 : at - 4]),) != _CRC.unpack_from(data, at - 4):
            return
        yield kind, data[begin : at - 4]


def _is_filled(header: tuple[int, ...], packed: bytes) -> bool:
    """Whether the packed lines are as many and as long as the header says, each with a known filter."""
    width, height, depth, colour, compression, filtering, interlaced = header
    if colour not in _CHANNELS or compression or filtering or interlaced:
        return False
    line = 1 + (width * depth * _CHANNELS[colour] + 7) // 8
    size, found = line * height, 0
    unpacking = zlib.decompressobj()
    try:
        for at in range(0, len(packed), _PIECE):
            piece = unpacking.decompress(packed[at : at + _PIECE])
            if max(piece[-found % line :: line], default=0) > _LAST_FILTER:
                return False
            found += len(piece)
            if found > size:
                return False
    except zlib.error:
        return False
    return found == size and unpacking.eof
