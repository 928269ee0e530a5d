"""Mails as they go over the wire (RFC 5322, MIME) and mailboxes of them, by Python's email package."""

import re
from collections.abc import Iterator
from email import policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser, HeaderParser
from functools import partial

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.decoding import decode
from docstage.extraction.extractors.html_page import html_to_text
from docstage.extraction.extractors.mail_message import SHOWN, Attachment, Letter, header_lines
from docstage.extraction.known_types import RFC822

# RFC 4155: a line "From " with address and date begins each message, after an empty line.
_MBOX_BREAK = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]+\d\d:\d\d[^\n]*\n")


def read_mail(data: bytes) -> Letter:
    """Take a mail apart.

    Raises:
        Unreadable: DAMAGED, when it is none.
    """
    mail = BytesParser(policy=policy.compat32).parsebytes(data.lstrip())
    if not mail.keys():
        raise Unreadable(DocumentReason.DAMAGED, "This is not a mail: it has no header.")
    return _letter(mail)


def split_mailbox(data: bytes) -> list[bytes]:
    """The mails of a mailbox.

    Raises:
        Unreadable: DAMAGED, when it is none.
    """
    starts = list(_MBOX_BREAK.finditer(data))
    if not starts:
        raise Unreadable(DocumentReason.DAMAGED, "This is not a mailbox: no message begins in it.")
    ends = [found.start() for found in starts[1:]] + [len(data)]
    mails = [data[found.end() : end] for found, end in zip(starts, ends, strict=True)]
    return [re.sub(rb"(?m)^>(>*From )", rb"\1", mail) for mail in mails]


def read_headers(text: str) -> dict[str, list[str]]:
    """The shown fields of a header by itself, decoded."""
    return _fields(HeaderParser(policy=policy.compat32).parsestr(text))


def _letter(mail: Message) -> Letter:
    attachments = (Attachment(name, partial(_content, part)) for name, part in _attachments(mail))
    return Letter(header_lines(_fields(mail)), _body(mail), attachments)


def _content(part: Message) -> bytes | Letter:
    if part.get_content_type() == RFC822:
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        return _letter(first) if isinstance(first, Message) else b""
    return _payload(part)


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _fields(mail: Message) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in mail.raw_items():
        if name.title() in SHOWN:
            fields.setdefault(name.title(), []).append(_header(value))
    return fields


def _header(value: object) -> str:
    """A header in one line, its encoded words (RFC 2047) decoded; raw bytes of old mailers are guessed."""
    try:
        text = str(make_header(decode_header(str(value))))
    except (LookupError, ValueError, MessageError):
        text = str(value)
    if any("\udc80" <= character <= "\udcff" for character in text):
        raw = text.encode("utf-8", "surrogateescape")
        text = decode(raw) or raw.decode("utf-8", "replace")
    return " ".join(text.split())


def _body(mail: Message) -> str:
    """The text of a mail: where it comes as plain text and as HTML, the plain text."""
    texts = [part for part in _leaves(mail) if not _file_name(part)]
    plain = [_part_text(part) for part in texts if part.get_content_type() == "text/plain"]
    if any(text.strip() for text in plain):
        return "\n\n".join(plain)
    pages = [_part_text(part) for part in texts if part.get_content_type() == "text/html"]
    return "\n\n".join(html_to_text(page) for page in pages if page.strip())


def _part_text(part: Message) -> str:
    data = _payload(part)
    try:
        return data.decode(part.get_content_charset("utf-8"))
    except (LookupError, ValueError):
        return decode(data, markup=True) or data.decode("utf-8", "replace")


def _attachments(mail: Message) -> Iterator[tuple[str, Message]]:
    for part in _leaves(mail):
        if name := _file_name(part):
            yield name, part


def _file_name(part: Message) -> str | None:
    """The name of an attachment, None when the part belongs to the body."""
    kind = part.get_content_type()
    name = part.get_filename()
    if name is None and kind not in ("text/plain", "text/html"):
        name = "message.eml" if kind == RFC822 else f"unnamed.{part.get_content_subtype()}"
    elif name is None and part.get_content_disposition() == "attachment":
        name = "unnamed.txt" if kind == "text/plain" else "unnamed.html"
    return None if name is None else _header(name)


def _leaves(part: Message) -> Iterator[Message]:
    """The parts that hold something, attached mails unopened."""
    inner = part.get_payload()
    if part.is_multipart() and isinstance(inner, list) and part.get_content_type() != RFC822:
        for each in inner:
            if isinstance(each, Message):
                yield from _leaves(each)
    else:
        yield part
