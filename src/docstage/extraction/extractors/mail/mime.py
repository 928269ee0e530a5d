"""Mails as they go over the wire (RFC 5322, MIME) and mailboxes of them, by Python's email package."""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator
from email import policy
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser, HeaderParser
from functools import partial

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Limits, Unreadable
from docstage.extraction.extractors.mail.body import Body, read_body
from docstage.extraction.extractors.mail.message import SHOWN, Enclosed, Letter, header_lines
from docstage.extraction.extractors.mail.mime_parts import payload
from docstage.extraction.extractors.mail.signed_data import signed_content
from docstage.extraction.extractors.mail.tnef import read_tnef
from docstage.extraction.extractors.text.charsets import codec_of_label
from docstage.extraction.extractors.text.decoding import MARKS, decode
from docstage.extraction.known_types import RFC822
from docstage.extraction.media_types import utf16_without_mark

# RFC 4155: a line "From " with address and date begins each message, after an empty line.
_MBOX_BREAK = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]+\d\d:\d\d[^\n]*\n")
# Apple's .emlx: the number of bytes of the mail in a line of its own, the mail, and what Mail knows about it.
_EMLX = re.compile(rb"\s*(\d{1,10})[ \t]*\r?\n(?=[\w-]+:)")
_LONGEST_HEADER = 100_000
_QUOTED_FROM = re.compile(rb"\A>+From [^\r\n]*(?:\r\n|\n|\r)")
_BLANK_BEFORE_COLON = re.compile(rb"^([A-Za-z][\w-]{0,100})[ \t]{1,10}:", re.MULTILINE)
_END_OF_HEADER = re.compile(rb"\r?\n\r?\n|\r\r")
_WITH_HEADER = re.compile(rb"\s*[\w-]+:[ \t]")
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")
_SMIME = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_SEALED = "The mail is encrypted (S/MIME). Decrypt it in the mail program, and save it anew."


def read_mail(data: bytes, limits: Limits) -> Letter:
    """Take a mail apart.

    Raises:
        Unreadable: DAMAGED, when it is none; what its pages raise.
    """
    if emlx := _EMLX.match(data):
        data = data[emlx.end() : emlx.end() + int(emlx[1])]
    mail = BytesParser(policy=policy.compat32).parsebytes(_mended(_narrow(data).lstrip()))
    if not mail.keys():
        raise Unreadable(DocumentReason.DAMAGED, "This is not a mail: it has no header.")
    return _letter(mail, limits)


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


def _mended(data: bytes) -> bytes:
    """A mail without what old programs put into its header, at which the parser would end it.

    These are blanks before a colon (RFC 5322, 4.5), and the line with which a mailbox begins its messages.
    """
    data = _QUOTED_FROM.sub(b"", data, count=1)
    if not _BLANK_BEFORE_COLON.search(data, 0, _LONGEST_HEADER):
        return data
    end = _END_OF_HEADER.search(data)
    place = end.start() if end else len(data)
    return _BLANK_BEFORE_COLON.sub(rb"\1:", data[:place]) + data[place:]


def _narrow(data: bytes) -> bytes:
    """A mail that was saved as UTF-16, as the bytes that mails have."""
    is_wide = data.startswith(tuple(mark for mark, _ in MARKS)) or utf16_without_mark(data)
    text = decode(data) if is_wide else None
    return data if text is None else text.encode("utf-8", "replace")


def _letter(mail: Message, limits: Limits) -> Letter:
    fields = _fields(mail)
    body = _unpacked(read_body(mail, limits), limits)
    enclosed = tuple(Enclosed(_file_name(part), partial(_content, part)) for part in body.others)
    return Letter(
        " ".join(fields.get("Subject", [])), header_lines(fields), body.page(), (*enclosed, *body.enclosed)
    )


def _unpacked(body: Body, limits: Limits) -> Body:
    """The body with what Outlook and signatures wrap."""
    others, body.others = body.others, []
    for part in others:
        kind, name = part.get_content_type(), (part.get_filename() or "").lower()
        if kind in _TNEF or name == "winmail.dat":
            has_text = bool(body.page().text)
            try:
                letter = read_tnef(payload(part), limits)
            except Unreadable as problem:
                body.left_out.append(
                    f"The attachment {name or 'winmail.dat'} is not included: {problem.detail}"
                )
                continue
            if not has_text:
                body.pages.append(letter.body)
            body.enclosed += letter.attachments
        elif kind in _SMIME or name == "smime.p7m":
            _open_signed(part, body, limits)
        else:
            body.others.append(part)
    return body


def _open_signed(part: Message, body: Body, limits: Limits) -> None:
    content = signed_content(payload(part))
    if content is None:
        body.left_out.append(_SEALED)
    else:
        inner = BytesParser(policy=policy.compat32).parsebytes(content.lstrip())
        body.add(read_body(inner, limits))


def _content(part: Message) -> bytes:
    if part.get_content_type() == RFC822:
        inner = part.get_payload()
        first = inner[0] if isinstance(inner, list) and inner else None
        return _mail_bytes(part, first) if isinstance(first, Message) else b""
    return payload(part)


def _mail_bytes(part: Message, inner: Message) -> bytes:
    """A mail in a mail, which some programs encode as if it were a file (RFC 2046 forbids it)."""
    data = inner.as_bytes(policy=policy.compat32.clone(max_line_length=0))
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding == "base64" and not _WITH_HEADER.match(data):
        try:
            return base64.b64decode(re.sub(rb"\s+", b"", data) + b"==")
        except binascii.Error:
            return data
    head = re.split(rb"\r?\n\r?\n", data, maxsplit=1)[0]
    if encoding == "quoted-printable" and (b"=3D" in head or not inner.keys()):
        return quopri.decodestring(data)
    return data


def _fields(mail: Message) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in mail.raw_items():
        if name.title() in SHOWN:
            fields.setdefault(name.title(), []).append(_header(value))
    return fields


def _header(value: object) -> str:
    """A header in one line, its encoded words (RFC 2047) decoded; raw bytes of old mailers are guessed."""
    raw = str(value)[:_LONGEST_HEADER]
    try:
        text = "".join(_decoded_words(raw))
    except (LookupError, ValueError, MessageError):
        text = raw
    if any("\udc80" <= character <= "\udcff" for character in text):
        data = text.encode("utf-8", "surrogateescape")
        text = decode(data) or data.decode("utf-8", "replace")
    return " ".join(text.split())


def _decoded_words(raw: str) -> Iterator[str]:
    if "=?" not in raw:
        yield raw
        return
    for piece, charset in decode_header(raw):
        if isinstance(piece, str):
            yield piece
        elif charset is None:
            yield (
                piece.decode("raw_unicode_escape")
                if piece.isascii()
                else piece.decode("utf-8", "surrogateescape")
            )
        else:
            yield _decoded_word(piece, charset)


def _decoded_word(piece: bytes, charset: str) -> str:
    codec = codec_of_label(charset)
    if codec is None and charset.lower() not in ("unknown-8bit", "x-unknown", "unknown"):
        raise LookupError(charset)
    return piece.decode(codec, "replace") if codec else (decode(piece) or piece.decode("latin-1"))


def _file_name(part: Message) -> str:
    name = part.get_filename()
    if name is not None and "\ufffd" in name:
        name = _raw_name(part) or name
    kind = part.get_content_type()
    if kind == RFC822:
        named = _header(name) if name else "message"
        return named if named.lower().endswith(".eml") else f"{named}.eml"
    if name is not None:
        return _header(name)
    known = {"text/plain": "txt", "text/html": "html", "text/calendar": "ics"}
    return f"unnamed.{known.get(kind, part.get_content_subtype())}"


def _raw_name(part: Message) -> str | None:
    """The name of a file where its letters stand in the header as they are, which no standard allows."""
    named = Message()
    for field, value in part.raw_items():
        if field.title() in ("Content-Disposition", "Content-Type"):
            named[field] = _header(value)
    return named.get_filename()
