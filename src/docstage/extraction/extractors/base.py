"""What every extractor takes and gives."""

import re
from dataclasses import dataclass
from typing import Protocol

from docstage.domain.content import Content, DocumentReason, clean_text

_LINE_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_BLANK_LINES = re.compile("\n{4,}")
_GARBAGE = re.compile("[\x00-\x07\x0b\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd-\uffff\ud800-\udfff]")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost.

    Attributes:
        seconds: wall-clock time.
        memory_bytes: memory beyond what an idle worker needs.
        file_bytes: size of the file.
        text_characters: length of its text.
        images: page pictures.
        image_side: longest side of a picture in pixels.
    """

    seconds: float = 60.0
    memory_bytes: int = 2 * 2**30
    file_bytes: int = 200 * 2**20
    text_characters: int = 20_000_000
    images: int = 40
    image_side: int = 2_048


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a document was turned into.

    Attributes:
        content: its text or pictures, never empty.
        media_type: what it turned out to be.
        pages: pages, slides or frames, where it has such.
        notes: sentences about what is not in the content.
    """

    content: Content
    media_type: str
    pages: int | None = None
    notes: tuple[str, ...] = ()


class Unreadable(Exception):
    """A document that cannot be extracted.

    Attributes:
        reason: what kind of problem it is.
        detail: a sentence that helps the user.
    """

    def __init__(self, reason: DocumentReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class Extractor(Protocol):
    """Turns the documents of one family of formats into content; a module names its own `EXTRACTOR`."""

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Extract a document.

        Raises:
            Unreadable: when it cannot be.
        """
        ...


def tidy(text: str) -> str:
    """Converted text with plain line breaks, no trailing blanks, and at most two empty lines in a row."""
    lines = _LINE_BREAKS.sub("\n", text).split("\n")
    return _BLANK_LINES.sub("\n\n\n", "\n".join(line.rstrip(" \t") for line in lines)).strip("\n")


def is_garbage(text: str, share: float = 0.05) -> bool:
    """Whether more than this share of the characters are controls, replacement characters or unassigned."""
    found = 0
    for start in range(0, len(text), _CHUNK):
        found += len(_GARBAGE.findall(text, start, start + _CHUNK))
        if found > share * len(text):
            return True
    return False


def checked(extracted: Extracted, limits: Limits) -> Extracted:
    """The document with storable text, if it is worth keeping.

    Raises:
        Unreadable: when it is empty, garbage or too long.
    """
    content = Content(clean_text(extracted.content.text), extracted.content.images)
    if content.is_empty:
        raise Unreadable(DocumentReason.NO_TEXT, "No text was found in this document.")
    if is_garbage(content.text):
        detail = "What comes out of this file is no readable text. It is damaged or not what its name says."
        raise Unreadable(DocumentReason.DAMAGED, detail)
    if len(content.text) > limits.text_characters:
        detail = (
            f"The text has {len(content.text):,} characters, more than the limit of "
            f"{limits.text_characters:,}. Split the document."
        )
        raise Unreadable(DocumentReason.TOO_LARGE, detail)
    return Extracted(content, extracted.media_type, extracted.pages, extracted.notes)
