"""Mails, appointments, contacts and tasks of Outlook ([MS-OXMSG]), and what is attached to them.

Numbers of properties and their names, such as PidTagBody, are from [MS-OXPROPS].
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Limits, Unreadable
from docstage.extraction.extractors.compound import CompoundFile, Storage
from docstage.extraction.extractors.mail.body import fuller
from docstage.extraction.extractors.mail.message import SHOWN, Enclosed, Letter, header_lines
from docstage.extraction.extractors.mail.mime import read_headers, read_mail
from docstage.extraction.extractors.mail.outlook_items import Names, item_lines, read_names
from docstage.extraction.extractors.mail.rtf_compressed import unpack_rtf
from docstage.extraction.extractors.mail.tnef import rtf_text
from docstage.extraction.extractors.text.code_pages import codec_of
from docstage.extraction.extractors.text.decoding import decode
from docstage.extraction.extractors.web.page import Page, read_page

_PROPERTIES = "__properties_version1.0"
_RECIPIENT, _ATTACHMENT = "__recip_version1.0_#", "__attach_version1.0_#"
# [MS-OXMSG] 2.4.1: how much precedes the list of properties of each kind of object.
_TOP, _EMBEDDED, _PART = 32, 24, 8
_ROW = struct.Struct("<I4xQ")
_INTEGER, _TIME, _STRING8, _UNICODE, _BINARY, _OBJECT = 0x0003, 0x0040, 0x001E, 0x001F, 0x0102, 0x000D
_DOUBLE, _BOOLEAN = 0x0005, 0x000B
_FIXED = frozenset({_INTEGER, _TIME, _DOUBLE, _BOOLEAN})

_SUBJECT, _TRANSPORT_HEADERS, _REPLY_TO = 0x0037, 0x007D, 0x0050
_BODY, _RTF_COMPRESSED, _HTML = 0x1000, 0x1009, 0x1013
_CODE_PAGE, _INTERNET_CODE_PAGE = 0x3FFD, 0x3FDE
_SUBMITTED, _DELIVERED = 0x0039, 0x0E06
# Name, SMTP address, address of whatever kind: of who sent it, in whose name, and of a recipient.
_SENDER, _REPRESENTED = (0x0C1A, 0x5D01, 0x0C1F), (0x0042, 0x5D02, 0x0065)
_PERSON = (0x3001, 0x39FE, 0x3003)
_RECIPIENT_TYPE = 0x0C15
_TYPES = {1: "To", 2: "Cc", 3: "Bcc"}
_DISPLAYED = {"To": 0x0E04, "Cc": 0x0E03, "Bcc": 0x0E02}
_DATA, _METHOD, _MIME_TYPE = 0x3701, 0x3705, 0x370E
_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME, _EXTENSION = 0x3707, 0x3704, 0x3001, 0x3703
# [MS-OXCMSG] 2.2.2.9: how a file is attached.
_LINKS, _AS_MAIL, _AS_OBJECT = frozenset({2, 3, 4, 7}), 5, 6

_SIGNED = "multipart/signed"

_LONGEST_NAME = 255
_MOST_RECIPIENTS = 2_000
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


def read_outlook(data: bytes, limits: Limits) -> Letter:
    """Take a mail of Outlook apart.

    Raises:
        Unreadable: DAMAGED, when it is none or not whole; what its body raises.
    """
    root = CompoundFile(data).root
    if root.stream(_PROPERTIES) is None:
        raise Unreadable(DocumentReason.DAMAGED, "This is not a mail of Outlook: it has no properties.")
    return _letter(root, _TOP, limits, read_names(root))


class _Object:
    """A mail, a recipient or an attachment: properties by their numbers."""

    def __init__(self, storage: Storage, head: int, codec: str | None = None) -> None:
        self.storage = storage
        rows = storage.stream(_PROPERTIES) or b""
        rows = rows[head : len(rows) - (len(rows) - head) % _ROW.size]
        self._fixed = {tag: value for tag, value in _ROW.iter_unpack(rows) if tag & 0xFFFF in _FIXED}
        self.codec = (
            codec or codec_of(self.integer(_CODE_PAGE)) or codec_of(self.integer(_INTERNET_CODE_PAGE))
        )

    def integer(self, number: int) -> int | None:
        """A number of 32 bits, or a truth value."""
        value: int | None = self._fixed.get(number << 16 | _INTEGER)
        if value is None:
            flag: int | None = self._fixed.get(number << 16 | _BOOLEAN)
            return None if flag is None else flag & 1
        return value & 0xFFFFFFFF

    def share(self, number: int) -> float | None:
        """A number from 0 to 1."""
        bits = self._fixed.get(number << 16 | _DOUBLE)
        value = math.nan if bits is None else float(struct.unpack("<d", struct.pack("<Q", bits))[0])
        return value if 0 <= value <= 1 else None

    def time(self, number: int) -> datetime | None:
        """A moment ([MS-DTYP] 2.3.3: in 100 nanoseconds since 1601)."""
        try:
            ticks = self._fixed.get(number << 16 | _TIME)
            return _EPOCH + timedelta(microseconds=ticks // 10) if ticks else None
        except OverflowError:
            return None

    def text(self, number: int) -> str:
        """A text, in Unicode or in the code page of the mail; empty when there is none."""
        data = self._stream(number, _UNICODE)
        if data is not None:
            return data.decode("utf-16-le", "replace").strip("\0")
        data = self._stream(number, _STRING8) or b""
        text = data.decode(self.codec, "replace") if self.codec else decode(data)
        return (data.decode("cp1252", "replace") if text is None else text).strip("\0")

    def line(self, number: int) -> str:
        """A text in one line."""
        return " ".join(self.text(number).split())

    def binary(self, number: int) -> bytes | None:
        """Bytes."""
        return self._stream(number, _BINARY)

    def _stream(self, number: int, kind: int) -> bytes | None:
        return self.storage.stream(_stream_name(number, kind))


def _stream_name(number: int, kind: int) -> str:
    return f"__substg1.0_{number << 16 | kind:08X}"


def _letter(storage: Storage, head: int, limits: Limits, names: Names) -> Letter:
    mail = _Object(storage, head)
    fields, left_out = _fields(mail)
    subject = " ".join(fields.get("Subject", []))
    body, item = _body(mail, limits), item_lines(mail, names)
    if item:
        body = replace(body, text=f"{item}\n\n{body.text}".strip())
    return Letter(subject, header_lines(fields), body, _attachments(mail, limits, names), left_out)


def _fields(mail: _Object) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """The header by its fields, and what is left out of it.

    Properties come first, since they are what Outlook shows. What they do not tell is taken from the header
    with which the mail travelled.
    """
    recipients, notes = _recipients(mail)
    date = mail.time(_SUBMITTED) or mail.time(_DELIVERED)
    travelled = read_headers(mail.text(_TRANSPORT_HEADERS))
    fields = {
        "Subject": [mail.line(_SUBJECT)],
        "From": [_person(mail, _SENDER) or _person(mail, _REPRESENTED)],
        **{name: [", ".join(recipients[name]) or mail.line(_DISPLAYED[name])] for name in _DISPLAYED},
        # The property has names without addresses.
        "Reply-To": travelled.get("Reply-To") or [mail.line(_REPLY_TO)],
        "Date": [date.replace(microsecond=0).isoformat() if date else ""],
    }
    return {name: fields[name] if any(fields[name]) else travelled.get(name, []) for name in SHOWN}, notes


def _recipients(mail: _Object) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    found: dict[str, list[str]] = {name: [] for name in _DISPLAYED}
    names = mail.storage.storages(_RECIPIENT)
    for name in names[:_MOST_RECIPIENTS]:
        if storage := mail.storage.storage(name):
            recipient = _Object(storage, _PART, mail.codec)
            # [MS-OXOMSG] 2.2.3.1: flags lie above the type. Type 0 is who sent it.
            kind = recipient.integer(_RECIPIENT_TYPE)
            field = _TYPES.get(1 if kind is None else kind & 0xF)
            if field and (person := _person(recipient, _PERSON)):
                found[field].append(person)
    left = len(names) - _MOST_RECIPIENTS
    return found, (f"{left:,} more recipients are not listed.",) if left > 0 else ()


def _person(of: _Object, numbers: tuple[int, int, int]) -> str:
    """A name with the address in brackets, or what there is of them."""
    name, smtp, address = (of.line(number) for number in numbers)
    # The distinguished names of an organization's own directory mean nothing outside of it.
    address = smtp or ("" if address.lower().startswith("/o=") else address)
    if not name or not address or name.strip("'\"").lower() == address.lower():
        return address or name
    return f"{name} <{address}>"


def _body(mail: _Object, limits: Limits) -> Page:
    """The text of a mail: the plain one, or that of its page or its RTF where these say more."""
    return fuller(mail.text(_BODY), partial(_rich, mail, limits))


def _rich(mail: _Object, limits: Limits) -> Page:
    page = _page(mail)
    if page.strip():
        return read_page(page, limits)
    packed = mail.binary(_RTF_COMPRESSED)
    return Page(rtf_text(unpack_rtf(packed)) if packed else "")


def _page(mail: _Object) -> str:
    data = mail.binary(_HTML)
    if data is None:
        return mail.text(_HTML)
    codec = codec_of(mail.integer(_INTERNET_CODE_PAGE))
    try:
        if codec:
            return data.decode(codec)
    except ValueError:
        pass  # it is in another one
    return decode(data, markup=True) or data.decode("utf-8", "replace")


def _attachments(mail: _Object, limits: Limits, names: Names) -> Iterator[Enclosed]:
    for name in mail.storage.storages(_ATTACHMENT):
        if storage := mail.storage.storage(name):
            yield _attachment(storage, mail.codec, limits, names)


def _attachment(storage: Storage, codec: str | None, limits: Limits, names: Names) -> Enclosed:
    """An attachment, also when not even its name can be read: it must not cost the mail."""
    try:
        part = _Object(storage, _PART, codec)
        return Enclosed(_file_name(part), partial(_content, part, limits, names))
    except Unreadable as problem:
        return Enclosed("unnamed", partial(_fail, problem))


def _fail(problem: Unreadable) -> bytes:
    raise problem


def _file_name(part: _Object) -> str:
    for number in (_LONG_NAME, _SHORT_NAME, _DISPLAY_NAME):
        if name := part.line(number):
            return name[-_LONGEST_NAME:]
    is_mail = part.integer(_METHOD) == _AS_MAIL
    return "message.msg" if is_mail else f"unnamed{part.line(_EXTENSION)[:_LONGEST_NAME]}"


def _content(part: _Object, limits: Limits, names: Names) -> bytes | Letter:
    method = part.integer(_METHOD)
    inner = part.storage.storage(_stream_name(_DATA, _OBJECT))
    if method == _AS_MAIL and inner:
        return _letter(inner, _EMBEDDED, limits, names)
    data = part.binary(_DATA)
    if data is not None:
        # [MS-OXOSMIME]: of a signed mail all is in here, its body too.
        return read_mail(data, limits) if part.line(_MIME_TYPE).lower() == _SIGNED else data
    if method in _LINKS:
        raise Unreadable(DocumentReason.UNKNOWN_TYPE, "It is a link to a file that lies elsewhere.")
    if method == _AS_OBJECT:
        raise Unreadable(DocumentReason.UNKNOWN_TYPE, "It is a part of another program's document.")
    raise Unreadable(DocumentReason.DAMAGED, "Its contents are missing in the file.")
