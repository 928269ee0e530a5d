"""Messages between the pool and its workers: a JSON header and raw byte strings.

A worker may have been taken over by a hostile file, so nothing that it sends is executed or trusted: every
length is checked before anything is read.
"""

import json
import struct
from collections.abc import Sequence
from typing import Any

LENGTH = struct.Struct("!I")
MAX_HEADER = 1 << 20
MAX_BODY = 1 << 30


class BadFrame(Exception):
    """What came is not a frame."""


def pack(header: dict[str, Any], parts: Sequence[bytes] = ()) -> bytes:
    """A frame as it is sent. The header must not have a key `parts`."""
    encoded = json.dumps({**header, "parts": [len(part) for part in parts]}).encode("ascii")
    return b"".join((LENGTH.pack(len(encoded)), encoded, *parts))


def header_length(prefix: bytes) -> int:
    """How long the header is.

    Raises:
        BadFrame: when it is longer than any header.
    """
    (length,) = LENGTH.unpack(prefix)
    if length > MAX_HEADER:
        raise BadFrame(f"a header of {length} bytes")
    return int(length)


def unpack_header(encoded: bytes) -> tuple[dict[str, Any], list[int]]:
    """The header and the lengths of the parts that follow.

    Raises:
        BadFrame: when it is no header.
    """
    try:
        header = json.loads(encoded)
        lengths = header.pop("parts")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise BadFrame("no header") from error
    if not isinstance(lengths, list) or not all(type(length) is int and length >= 0 for length in lengths):
        raise BadFrame("bad lengths")
    if sum(lengths) > MAX_BODY:
        raise BadFrame(f"a body of {sum(lengths)} bytes")
    return header, lengths
