"""Records of drawings in old Office files ([MS-ODRAW] 2.2)."""

import struct
from collections.abc import Iterator

STORED = 0xF007
"""A stored picture: its head, behind which the picture itself may follow (OfficeArtFBSE, 2.2.32)."""

# Containers of the drawing group, of stored pictures, of a drawing, of a group of shapes, of a shape.
_CONTAINERS = frozenset({0xF000, 0xF001, 0xF002, 0xF003, 0xF004})
_HEAD, _LENGTH_OF_NAME = 36, 33
_MOST_RECORDS = 100_000


def art_records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Kinds and contents of records, those in containers too; of stored pictures their heads."""
    at = 0
    for _ in range(_MOST_RECORDS):
        if at + 8 > len(data):
            return
        kind, size = struct.unpack_from("<HI", data, at + 2)
        at += 8
        if kind in _CONTAINERS:
            continue  # what it holds comes next
        if kind == STORED:
            name = data[at + _LENGTH_OF_NAME] if at + _LENGTH_OF_NAME < len(data) else 0
            yield kind, data[at : at + min(size, _HEAD)]
            at += min(_HEAD + name, size)  # the picture comes next
            continue
        yield kind, data[at : at + size]
        at += size
