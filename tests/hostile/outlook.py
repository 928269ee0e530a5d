"""Mails of Outlook ([MS-OXMSG]) and their compressed bodies ([MS-OXRTFCP])."""

import struct
import zlib
from collections.abc import Mapping, Sequence

from tests.hostile.compound import Storage, Stream

_PROPERTIES = "__properties_version1.0"
_TEXT, _BINARY, _OBJECT, _NUMBER = 0x1F, 0x102, 0x0D, 0x03
_SUBJECT, _BODY, _RTF, _HTML = 0x0037, 0x1000, 0x1009, 0x1013
_DATA, _METHOD, _LONG_NAME, _SHOWN_NAME, _ADDRESS = 0x3701, 0x3705, 0x3707, 0x3001, 0x3003
_RECIPIENT_TYPE = 0x0C15
_BY_VALUE, _EMBEDDED = 1, 5


def message(
    fields: Mapping[int, Stream],
    attachments: Sequence[Storage] = (),
    recipients: int = 0,
    *,
    embedded: bool = False,
    numbers: Mapping[int, int] | None = None,
    people: Sequence[Storage] = (),
) -> Storage:
    """A mail, by its properties; `embedded` when it lies inside another one.

    Args:
        fields: its properties that are streams, by their tags.
        attachments: what is attached.
        recipients: so many persons with invented names.
        embedded: it lies inside another mail.
        numbers: its properties that are numbers or times, by their tags.
        people: recipients.
    """
    everyone = [*people, *(recipient(f"Person {n}", f"person{n}@example.org") for n in range(recipients))]
    counts = struct.pack("<8xIIII", *(len(everyone), len(attachments)) * 2)
    entries = _object(counts if embedded else counts + bytes(8), fields, numbers)
    entries |= {f"__recip_version1.0_#{n:08X}": one for n, one in enumerate(everyone)}
    entries |= {f"__attach_version1.0_#{n:08X}": one for n, one in enumerate(attachments)}
    return Storage(entries)


def text_field(value: str) -> Stream:
    """The stream of a text."""
    return Stream(value.encode("utf-16-le"))


def fields(
    body: str | None = "See the attachments.", rtf: Stream | None = None, html: Stream | None = None
) -> dict[int, Stream]:
    """The properties of a mail with these bodies."""
    made = {_tag(_SUBJECT, _TEXT): text_field("A subject")}
    if body is not None:
        made[_tag(_BODY, _TEXT)] = text_field(body)
    if rtf is not None:
        made[_tag(_RTF, _BINARY)] = rtf
    if html is not None:
        made[_tag(_HTML, _BINARY)] = html
    return made


def attachment(name: str, data: Stream | None, method: int = _BY_VALUE) -> Storage:
    """A file that is attached, or only named."""
    streams = {_tag(_LONG_NAME, _TEXT): text_field(name)}
    if data is not None:
        streams[_tag(_DATA, _BINARY)] = data
    return Storage(_object(bytes(8), streams, {_tag(_METHOD, _NUMBER): method}))


def attached_message(name: str, inner: Storage) -> Storage:
    """A mail that is attached to another."""
    entries = _object(
        bytes(8),
        {_tag(_SHOWN_NAME, _TEXT): text_field(name)},
        {_tag(_METHOD, _NUMBER): _EMBEDDED, _tag(_DATA, _OBJECT): 1},
    )
    return Storage({**entries, f"__substg1.0_{_tag(_DATA, _OBJECT):08X}": inner})


def recipient(
    name: str, address: str, kind: int | None = None, more: Mapping[int, Stream] | None = None
) -> Storage:
    """A person to whom a mail goes: openly (1), as a copy (2), blind (3)."""
    streams = {_tag(_SHOWN_NAME, _TEXT): text_field(name), _tag(_ADDRESS, _TEXT): text_field(address)}
    numbers = {} if kind is None else {_tag(_RECIPIENT_TYPE, _NUMBER): kind}
    return Storage(_object(bytes(8), streams | dict(more or {}), numbers))


def stored_rtf(text: bytes) -> bytes:
    """A body in the form of compressed ones, but not compressed."""
    return struct.pack("<II4sI", len(text) + 12, len(text), b"MELA", 0) + text


def literal_rtf(text: bytes) -> bytes:
    """A compressed body in which nothing is repeated: no table of a compressor can be wrong."""
    eights = [text[start : start + 8] for start in range(0, len(text), 8)]
    last = eights.pop() if len(text) % 8 else b""
    # A reference to where the next byte would be written is the end; 207 bytes were there at first.
    end = struct.pack(">H", (207 + len(text)) % 4_096 << 4)
    packed = b"".join(b"\0" + eight for eight in eights) + bytes([1 << len(last)]) + last + end
    return compressed(packed, len(text))


def compressed(packed: bytes, raw_size: int) -> bytes:
    """A compressed body that claims to unpack to so many bytes; of readers that check the CRC it passes."""
    head = struct.pack("<II4sI", len(packed) + 12, raw_size & 0xFFFFFFFF, b"LZFu", _crc(packed))
    return head + packed


def blown_up_rtf(size: int) -> bytes:
    """A compressed body that truly unpacks to about `size` bytes, 17 for every two of the file."""
    # The dictionary begins with 207 bytes that all readers know ([MS-OXRTFCP] 2.1.3.1.1), after which the
    # first literals are written. A reference of two bytes repeats 17 of them.
    first = b"{\\rtf1 " + b"x" * 9
    runs = [bytes(first[:8]), first[8:]]
    packed = bytearray(b"".join(b"\0" + run for run in runs))
    place, count, written = 207 + len(first), size // (17 * 8), len(first)
    for _ in range(count):
        packed.append(0xFF)
        for _ in range(8):
            packed += struct.pack(">H", ((place - 8) & 0xFFF) << 4 | 15)
            place += 17
            written += 17
    packed += b"\x01" + struct.pack(">H", (place & 0xFFF) << 4)  # a reference to itself is the end
    return compressed(bytes(packed), written)


def _object(
    head: bytes, streams: Mapping[int, Stream], numbers: Mapping[int, int] | None = None
) -> dict[str, Stream | Storage]:
    """The entries of an object: its streams, and the list of all its properties after this head."""
    sizes = {tag: _size(tag, stream) for tag, stream in streams.items()}
    rows = [struct.pack("<IIQ", tag, 6, size) for tag, size in (sizes | dict(numbers or {})).items()]
    entries: dict[str, Stream | Storage] = {_PROPERTIES: Stream(head + b"".join(rows))}
    return entries | {f"__substg1.0_{tag:08X}": stream for tag, stream in streams.items()}


def _size(tag: int, stream: Stream) -> int:
    size = len(stream.data) if stream.claimed is None else stream.claimed
    return (size + 2 * (tag & 0xFFFF == _TEXT)) & 0xFFFFFFFF


def _tag(number: int, kind: int) -> int:
    return number << 16 | kind


def _crc(data: bytes) -> int:
    """The checksum of [MS-OXRTFCP] 2.1.3.2: the CRC of ZIP, without its inversions."""
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF
