"""The parts of a mail (RFC 2045): their bytes, their texts and their names."""

import base64
import re
from collections.abc import Iterator
from email.message import Message

from docstage.extraction.extractors.text.charsets import decode_as
from docstage.extraction.extractors.text.decoding import decode
from docstage.extraction.known_types import RFC822

_MOST_DEPTH = 50
# Base64 has no blanks within its lines, and no line without one of its letters.
_WORDS = re.compile(r"^[ \t]*(?:\S++[ \t]++\S|[^\sA-Za-z0-9+/=]++[ \t]*$)", re.MULTILINE)
_PACKED = re.compile("[A-Za-z0-9+/]*={0,2}")


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
    written = part.get_payload()
    if isinstance(written, str) and part.get_content_maintype() == "text" and _is_base64(part):
        place = _where_words_begin(written)
        if place is not None:
            words = written[place:].encode("utf-8", "surrogateescape")
            return _unpacked(written[:place]) + words
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _is_base64(part: Message) -> bool:
    return str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64"


def _where_words_begin(written: str) -> int | None:
    """Where a text that is said to be in base64 is none, or no more: lists put their foot below it."""
    found = _WORDS.search(written)
    if found is None:
        return None
    packed = re.sub(r"\s+", "", written[: found.start()])
    # Words alone in their line may be of these letters too, but seldom of so many.
    return found.start() if len(packed) % 4 == 0 and _PACKED.fullmatch(packed) else 0


def _unpacked(packed: str) -> bytes:
    return base64.b64decode(packed) + b"\n" if packed.strip() else b""


def part_text(part: Message) -> str:
    """The text of a part, in the encoding that it says or rather has."""
    data = payload(part)
    charset = part.get_content_charset()
    text = decode_as(data, charset) if charset else None
    if text is None:
        text = decode(data, markup=part.get_content_type() != "text/plain")
    return data.decode("utf-8", "replace") if text is None else text
