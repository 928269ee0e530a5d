"""What every extractor takes and gives."""

import re
from dataclasses import dataclass, replace
from typing import Protocol

from docstage.domain.content import PICTURE_MARK, DocumentReason, ImagePart, Part, PartKind, clean_text

_LINE_BREAKS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_BLANK_LINES = re.compile("\n{4,}")
_GARBAGE = re.compile("[\x00-\x07\x0b\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd-\uffff\ud800-\udfff]")
_CHUNK = 1 << 20
_COUNTED = frozenset({PartKind.PAGE, PartKind.SLIDE})


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
        container_files: files of an archive or a mailbox, with those in containers inside it.
        container_bytes: bytes that these have in all, unpacked.
        container_ratio: how many times the container's own size these may be.
        container_depth: containers inside each other.
    """

    seconds: float = 60.0
    memory_bytes: int = 2 * 2**30
    file_bytes: int = 200 * 2**20
    text_characters: int = 20_000_000
    images: int = 100
    image_side: int = 2_048
    container_files: int = 10_000
    container_bytes: int = 2 * 2**30
    container_ratio: int = 500
    container_depth: int = 5


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that lies inside a document: attached to a mail, embedded in a PDF."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a document was turned into.

    Attributes:
        parts: in the order of reading, never all empty.
        media_type: what it turned out to be.
        notes: sentences worth knowing, while nothing is missing.
        left_out: sentences about what of it is in none of its parts, and why: it is not whole.
        attachments: files that lie inside it.
    """

    parts: tuple[Part, ...]
    media_type: str
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @classmethod
    def whole(
        cls,
        text: str,
        media_type: str,
        notes: tuple[str, ...] = (),
        left_out: tuple[str, ...] = (),
        attachments: tuple[Attachment, ...] = (),
    ) -> "Extracted":
        """A document in one piece, of text alone."""
        return cls((Part(PartKind.SECTION, 1, text),), media_type, notes, left_out, attachments)

    @property
    def pages(self) -> int | None:
        """Pages or slides of the document itself, where it has such."""
        counted = sum(one.kind in _COUNTED and one.within is None for one in self.parts)
        return counted or None

    @property
    def images(self) -> tuple[ImagePart, ...]:
        """The pictures of its parts."""
        return tuple(image for part in self.parts for image in part.images)

    @property
    def text(self) -> str:
        """The texts of its parts, one after the other."""
        return "\n\n".join(part.text.replace(PICTURE_MARK, "") for part in self.parts if part.text.strip())


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


def garbage_in(text: str) -> list[str]:
    """The characters of a text that are controls, replacement characters or unassigned, in their order."""
    return _GARBAGE.findall(text)


def is_garbage(text: str, share: float = 0.05) -> bool:
    """Whether more than this share of the characters are controls, replacement characters or unassigned."""
    found = 0
    for start in range(0, len(text), _CHUNK):
        found += len(_GARBAGE.findall(text, start, start + _CHUNK))
        if found > share * len(text):
            return True
    return False


def check_length(characters: int, limits: Limits) -> None:
    """Make sure that a text is no longer than it may be.

    Raises:
        Unreadable: TOO_LARGE.
    """
    if characters > limits.text_characters:
        detail = (
            f"The text has more than {limits.text_characters:,} characters, the limit. Split the document."
        )
        raise Unreadable(DocumentReason.TOO_LARGE, detail)


def checked(extracted: Extracted, limits: Limits) -> Extracted:
    """The document with storable texts, if it is worth keeping.

    Raises:
        Unreadable: when it is empty, garbage or too long.
    """
    parts = tuple(_storable(part) for part in extracted.parts)
    if all(part.is_empty for part in parts):
        raise Unreadable(DocumentReason.NO_TEXT, "No text was found in this document.")
    text = "".join(part.text for part in parts)
    if is_garbage(text):
        detail = "What comes out of this file is no readable text. It is damaged or not what its name says."
        raise Unreadable(DocumentReason.DAMAGED, detail)
    check_length(len(text), limits)
    return replace(
        extracted,
        parts=parts,
        notes=tuple(map(clean_text, extracted.notes)),
        left_out=tuple(map(clean_text, extracted.left_out)),
    )


def _storable(part: Part) -> Part:
    return replace(
        part,
        text=clean_text(part.text),
        name=None if part.name is None else clean_text(part.name),
        within=None if part.within is None else clean_text(part.within),
        left_out=tuple(map(clean_text, part.left_out)),
    )
