"""What Outlook wraps in `winmail.dat` ([MS-OXTNEF]): the mail in its own words, and what is attached."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Limits, Unreadable
from docstage.extraction.extractors.mail.body import fuller
from docstage.extraction.extractors.mail.message import Enclosed, Letter
from docstage.extraction.extractors.mail.rtf_compressed import unpack_rtf
from docstage.extraction.extractors.mail.rtf_encapsulated import unwrap
from docstage.extraction.extractors.text.code_pages import codec_of
from docstage.extraction.extractors.text.decoding import decode
from docstage.extraction.extractors.web.page import Page, html_to_text, read_page
from docstage.extraction.known_types import RTF

_SIGNATURE = 0x223E9F78
_SUBJECT, _BODY, _PROPERTIES, _CODE_PAGE = 0x8004, 0x800C, 0x9003, 0x9007
_NEW_ATTACHMENT, _TITLE, _DATA, _ATTACHMENT_PROPERTIES = 0x9002, 0x8010, 0x800F, 0x9005
# Numbers of properties, [MS-OXPROPS]: PidTagSubject, PidTagBody, PidTagRtfCompressed, PidTagHtml,
# PidTagInternetCodepage, PidTagAttachLongFilename, PidTagAttachDataBinary.
_P_SUBJECT, _P_BODY, _P_RTF, _P_HTML, _P_PAGE, _P_NAME, _P_DATA = (
    0x37,
    0x1000,
    0x1009,
    0x1013,
    0x3FDE,
    0x3707,
    0x3701,
)
_MULTIPLE, _NAMED = 0x1000, 0x8000
_STRING8, _UNICODE, _BINARY, _OBJECT = 0x1E, 0x1F, 0x102, 0x0D
_SIZES = {0x02: 4, 0x03: 4, 0x04: 4, 0x0A: 4, 0x0B: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x14: 8, 0x40: 8, 0x48: 16}
_MOST = 10_000
_IID = 16

Value = bytes | int


@dataclass(slots=True)
class _File:
    name: str = ""
    data: bytes = b""


@dataclass(slots=True)
class _Message:
    codec: str = "cp1252"
    subject: str = ""
    body: bytes = b""
    properties: dict[int, tuple[int, Value]] = field(default_factory=dict)
    files: list[_File] = field(default_factory=list)


def read_tnef(data: bytes, limits: Limits) -> Letter:
    """Take a `winmail.dat` apart.

    Raises:
        Unreadable: DAMAGED, when it is none or cut off; what its body raises.
    """
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        raise Unreadable(DocumentReason.DAMAGED, "It is no file of Outlook, though it is called so.")
    message = _Message()
    try:
        for number, content in _attributes(data):
            _take(message, number, content)
    except struct.error as error:
        raise Unreadable(DocumentReason.DAMAGED, "It is damaged or cut off.") from error
    enclosed = [Enclosed(file.name or "unnamed", lambda file=file: file.data) for file in message.files]  # type: ignore[misc]
    return Letter(message.subject, "", _body(message, limits), enclosed)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    place = 6
    for _ in range(_MOST):
        if place + 9 > len(data):
            return
        _, number, _, length = struct.unpack_from("<BHHI", data, place)
        place += 9
        if place + length > len(data):
            raise struct.error("cut off")
        yield number, data[place : place + length]
        place += length + 2


def _take(message: _Message, number: int, content: bytes) -> None:
    if number == _CODE_PAGE and len(content) >= 4:
        message.codec = codec_of(struct.unpack_from("<I", content)[0]) or message.codec
    elif number == _SUBJECT:
        message.subject = _line(content, message.codec)
    elif number == _BODY:
        message.body = content
    elif number == _PROPERTIES:
        message.properties = dict(_properties(content))
    elif number == _NEW_ATTACHMENT:
        message.files.append(_File())
    elif message.files:
        _take_of_file(message.files[-1], number, content, message.codec)


def _take_of_file(file: _File, number: int, content: bytes, codec: str) -> None:
    if number == _TITLE:
        file.name = file.name or _line(content, codec)
    elif number == _DATA:
        file.data = content
    elif number == _ATTACHMENT_PROPERTIES:
        properties = dict(_properties(content))
        file.name = _text(properties, _P_NAME, codec) or file.name
        kind, value = properties.get(_P_DATA, (0, b""))
        if not file.data and isinstance(value, bytes):
            # An object begins with the name of its interface; a mail in it is a file like this one.
            file.data = value[_IID:] if kind == _OBJECT else value


def _properties(data: bytes) -> Iterator[tuple[int, tuple[int, Value]]]:
    """Properties by their numbers, each with its type."""
    (count,) = struct.unpack_from("<I", data)
    place = 4
    for _ in range(min(count, _MOST)):
        kind, number = struct.unpack_from("<HH", data, place)
        place += 4
        if number >= _NAMED:
            place = _after_name(data, place)
        value, place = _value(data, place, kind)
        yield number, (kind & ~_MULTIPLE, value)


def _after_name(data: bytes, place: int) -> int:
    (kind,) = struct.unpack_from("<I", data, place + 16)
    place += 20
    if kind == 0:
        return place + 4
    (length,) = struct.unpack_from("<I", data, place)
    return int(place + 4 + (length + 3) // 4 * 4)


def _value(data: bytes, place: int, kind: int) -> tuple[Value, int]:
    plain = kind & ~_MULTIPLE
    many = bool(kind & _MULTIPLE) or plain in (_STRING8, _UNICODE, _BINARY, _OBJECT)
    count = 1
    if many:
        (count,) = struct.unpack_from("<I", data, place)
        place += 4
    first: Value | None = None
    for _ in range(min(count, _MOST)):
        if plain in (_STRING8, _UNICODE, _BINARY, _OBJECT):
            (length,) = struct.unpack_from("<I", data, place)
            value: Value = data[place + 4 : place + 4 + length]
            place += 4 + (length + 3) // 4 * 4
        elif plain in _SIZES:
            size = _SIZES[plain]
            value = int.from_bytes(data[place : place + size], "little")
            place += size
        else:
            raise struct.error("a property of an unknown type")
        first = value if first is None else first
    return (b"" if first is None else first), place


def _text(properties: dict[int, tuple[int, Value]], number: int, codec: str) -> str:
    kind, value = properties.get(number, (0, b""))
    if not isinstance(value, bytes):
        return ""
    return value.decode("utf-16-le" if kind == _UNICODE else codec, "replace").rstrip("\0")


def _line(content: bytes, codec: str) -> str:
    return " ".join(content.rstrip(b"\0").decode(codec, "replace").split())


def _body(message: _Message, limits: Limits) -> Page:
    plain = _text(message.properties, _P_BODY, message.codec)
    plain = plain or message.body.rstrip(b"\0").decode(message.codec, "replace")
    return fuller(plain.strip(), partial(_rich, message, limits))


def _rich(message: _Message, limits: Limits) -> Page:
    properties = message.properties
    _, page = properties.get(_P_HTML, (0, b""))
    if isinstance(page, bytes) and page.strip(b"\0 \r\n"):
        _, number = properties.get(_P_PAGE, (0, 0))
        codec = codec_of(number) if isinstance(number, int) and number else None
        source = page.decode(codec, "replace") if codec else decode(page, markup=True)
        return read_page(source or page.decode("cp1252", "replace"), limits)
    _, packed = properties.get(_P_RTF, (0, b""))
    if isinstance(packed, bytes) and packed:
        return Page(rtf_text(unpack_rtf(packed)))
    return Page("")


def rtf_text(rtf: bytes) -> str:
    """The text of a body in RTF, or of what RTF is only the wrapping of.

    Raises:
        Unreadable: when it cannot be converted.
    """
    if not rtf.strip(b"\0\r\n\t "):
        return ""
    original = unwrap(rtf)
    if original is None:
        from docstage.extraction.extractors.rtf.extractor import EXTRACTOR

        return EXTRACTOR().extract(rtf, RTF, Limits()).text
    return html_to_text(original.text) if original.is_html else original.text
