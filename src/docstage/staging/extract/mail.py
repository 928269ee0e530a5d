"""Mails with what is attached to them."""

import re
from collections.abc import Callable, Iterator
from email import policy
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser

from docstage.domain.content import Content, DocumentReason
from docstage.staging.extract.base import Extracted, Limits, Unreadable, tidy
from docstage.staging.extract.decoding import decode
from docstage.staging.extract.web import html_to_text
from docstage.staging.extract.xberg_port import convert, markdown, unreadable
from docstage.staging.known_types import IMAGE_EXTENSIONS, MBOX, MSG, RFC822
from docstage.staging.media_types import detect

_SHOWN = ("Subject", "From", "To", "Cc", "Bcc", "Reply-To", "Date")
_MOST_ATTACHMENTS = 100
_MOST_DEPTH = 5
# RFC 4155: a line "From " with address and date begins each message, after an empty line.
_MBOX_BREAK = re.compile(rb"(?:\A|(?<=\n\n)|(?<=\n\r\n))From [^\n]+\d\d:\d\d[^\n]*\n")
_FAILED = re.compile(r"Failed to extract '(?P<name>.*)': (?P<why>.*)", re.DOTALL)

ExtractAttachment = Callable[[bytes, str, Limits], Extracted]


class MailExtractor:
    """EML and mbox by Python's email package, Outlook's MSG by xberg."""

    media_types = frozenset({RFC822, MBOX, MSG})

    def __init__(self, extract_attachment: ExtractAttachment) -> None:
        self._extract_attachment = extract_attachment

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Headers, body and the text of attachments. See `Extractor.extract`."""
        notes: list[str] = []
        if media_type == MSG:
            text = _outlook(data, notes)
        else:
            mails = _split(data) if media_type == MBOX else [data]
            text = "\n\n---\n\n".join(self._mail(_parse(mail), limits, notes, 0) for mail in mails)
        return Extracted(Content(text), media_type, None, tuple(notes))

    def _mail(self, mail: Message, limits: Limits, notes: list[str], depth: int) -> str:
        parts = [_headers(mail), _body(mail)]
        for number, (name, attachment) in enumerate(_attachments(mail)):
            if number >= _MOST_ATTACHMENTS or depth >= _MOST_DEPTH:
                notes.append(f"Attachments from {name} on are not included: there are too many.")
                break
            parts.append(f"## Attachment: {name}")
            parts.append(self._attachment(name, attachment, limits, notes, depth))
        return tidy("\n\n".join(part for part in parts if part.strip()))

    def _attachment(self, name: str, part: Message, limits: Limits, notes: list[str], depth: int) -> str:
        if part.get_content_type() == RFC822:
            inner = part.get_payload()
            first = inner[0] if isinstance(inner, list) and inner else None
            return self._mail(first, limits, notes, depth + 1) if isinstance(first, Message) else ""
        payload = part.get_payload(decode=True)
        data = payload if isinstance(payload, bytes) else b""
        if detect(data, name) in IMAGE_EXTENSIONS.values():
            notes.append(f"The attachment {name} is a picture and not included.")
            return ""
        try:
            extracted = self._extract_attachment(data, name, limits)
        except Unreadable as problem:
            notes.append(f"The attachment {name} is not included: {problem.detail}")
            return ""
        if extracted.content.images:
            notes.append(f"The attachment {name} is a scan and not included.")
        return extracted.content.text


def _outlook(data: bytes, notes: list[str]) -> str:
    mail = convert(data, MSG, output_format="plain")
    parts = [markdown(mail.content)]
    # xberg writes attachments into the text without their line breaks; by themselves they keep them.
    if "\nAttachments:" in mail.content:
        opened = convert(data, MSG, depth=_MOST_DEPTH)
        notes += _left_out([warning.message for warning in opened.processing_warnings])
        parts += [
            f"## Attachment: {entry.path}\n\n{markdown(entry.result.content)}"
            for entry in opened.children or []
        ]
    return "\n\n".join(parts)


def _left_out(warnings: list[str]) -> list[str]:
    """Notes about attachments that xberg could not open, which it leaves out with a warning each."""
    notes = []
    for warning in warnings[:_MOST_ATTACHMENTS]:
        failed = _FAILED.fullmatch(warning)
        why = unreadable(failed["why"]).detail if failed else ""
        notes.append(f"The attachment {failed['name']} is not included: {why}" if failed else warning[:300])
    if len(warnings) > _MOST_ATTACHMENTS:
        notes.append(f"{len(warnings) - _MOST_ATTACHMENTS:,} more attachments are not included either.")
    return notes


def _parse(data: bytes) -> Message:
    mail = BytesParser(policy=policy.compat32).parsebytes(data.lstrip())
    if not mail.keys():
        raise Unreadable(DocumentReason.DAMAGED, "This is not a mail: it has no header.")
    return mail


def _split(data: bytes) -> list[bytes]:
    starts = list(_MBOX_BREAK.finditer(data))
    if not starts:
        raise Unreadable(DocumentReason.DAMAGED, "This is not a mailbox: no message begins in it.")
    ends = [found.start() for found in starts[1:]] + [len(data)]
    mails = [data[found.end() : end] for found, end in zip(starts, ends, strict=True)]
    return [re.sub(rb"(?m)^>(>*From )", rb"\1", mail) for mail in mails]


def _headers(mail: Message) -> str:
    fields = [(name.title(), value) for name, value in mail.raw_items()]
    return "\n".join(
        f"{shown}: {_header(value)}" for shown in _SHOWN for name, value in fields if name == shown
    )


def _header(value: object) -> str:
    """A header in one line, its encoded words (RFC 2047) decoded; raw bytes of old mailers are guessed."""
    try:
        text = str(make_header(decode_header(str(value))))
    except (LookupError, ValueError):
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
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
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
