"""The parts of a mail (RFC 2045): their bytes, their texts and their names."""

from collections.abc import Iterator
from email.message import Message

from docstage.extraction.extractors.text.charsets import decode_as
from docstage.extraction.extractors.text.decoding import decode
from docstage.extraction.known_types import RFC822

_MOST_DEPTH = 50


def leaves(part: Message, depth: int = 0) -> Iterator[Message]:
    """The parts that hold something, attached mails unopened; those that lie absurdly deep are left out."""
    inner = part.get_payload()
    if part.is_multipart() and isinstance(inner, list) and part.get_content_type() != RFC822:
        for each in inner if depth < _MOST_DEPTH else ():
            if isinstance(each, Message):
                yield from leaves(each, depth + 1)
    else:
        yield part


def payload(part: Message) -> bytes:
    """The bytes of a part, as they were before they were encoded for the way."""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def part_text(part: Message) -> str:
    """The text of a part, in the encoding that it says or rather has."""
    data = payload(part)
    charset = part.get_content_charset()
    text = decode_as(data, charset) if charset else None
    if text is None:
        text = decode(data, markup=part.get_content_type() != "text/plain")
    return data.decode("utf-8", "replace") if text is None else text
