"""What lies in signed mails whose text is wrapped in the signature (CMS, RFC 5652, in BER)."""

from collections.abc import Iterator

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_OBJECT_ID, _OCTETS, _SEQUENCE = 0x06, 0x04, 0x30
_CONSTRUCTED = 0x20
_DEEPEST = 12


def signed_content(data: bytes) -> bytes | None:
    """The signed mail, None when it is encrypted or none at all. The signature itself is not looked at."""
    try:
        outer = list(_elements(_only(data)))
        if outer[0] != (_OBJECT_ID, _SIGNED_DATA):
            return None
        signed = list(_elements(_only(outer[1][1])))
        wrapped = next(content for tag, content in signed if tag == _SEQUENCE)
        return _octets(list(_elements(wrapped))[1][1], 0)
    except (IndexError, StopIteration, ValueError):
        return None


def _only(data: bytes) -> bytes:
    """What is in the first element."""
    return next(_elements(data))[1]


def _octets(data: bytes, depth: int) -> bytes:
    """The bytes of a string that may come in pieces."""
    if depth > _DEEPEST:
        raise ValueError
    return b"".join(
        content if tag == _OCTETS else _octets(content, depth + 1)
        for tag, content in _elements(data)
        if tag & ~_CONSTRUCTED == _OCTETS
    )


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements one after the other: tag and contents."""
    place = 0
    while place < len(data):
        tag, start, length = _head(data, place)
        if length is None:
            end = _end_of(data, start)
            yield tag, data[start:end]
            place = end + 2
        else:
            if tag == 0 and length == 0:
                return
            yield tag, data[start : start + length]
            place = start + length


def _head(data: bytes, place: int) -> tuple[int, int, int | None]:
    """The tag, where the contents begin, and how long they are: None when only an end tells."""
    tag, length = data[place], data[place + 1]
    if length < 0x80:
        return tag, place + 2, length
    if length == 0x80:
        return tag, place + 2, None
    count = length & 0x7F
    if count > 8:
        raise ValueError
    return tag, place + 2 + count, int.from_bytes(data[place + 2 : place + 2 + count], "big")


def _end_of(data: bytes, place: int) -> int:
    """Where the contents end that began without a length."""
    depth = 1
    while True:
        if data[place : place + 2] == b"\0\0":
            depth -= 1
            if not depth:
                return place
            place += 2
            continue
        _, start, length = _head(data, place)
        if length is None:
            depth += 1
            place = start
        else:
            place = start + length
