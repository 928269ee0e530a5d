"""What encoding makes of a document, as models receive it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from docstage.domain.token_counts import TokenCount, count_tokens

# An image's cost differs by provider and size; 1,105 tokens is what OpenAI's tile formula
# (85 + 170 x tiles) gives for a portrait page that is scaled to 768 px on its short side (6 tiles).
TOKENS_PER_IMAGE = 1_105
# A closing tag of the document's delimiter is sent escaped, which takes three bytes more.
_CLOSING = re.compile("</document", re.IGNORECASE)
_BYTES_OF_ESCAPE = 3
WITHOUT_PICTURES = "[The pictures of this document are not included.]"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class ImagePart:
    """A picture of the document, or of one of its pages.

    Attributes:
        media_type: `image/png` or `image/jpeg`, which every provider takes.
        data: the encoded image.
    """

    media_type: str
    data: bytes


class PartKind(StrEnum):
    """What a reader would call a part of a document."""

    PAGE = "page"
    SLIDE = "slide"
    SHEET = "sheet"
    MESSAGE = "message"
    SECTION = "section"


PICTURE_MARK = "\ufffc"
"""Where a picture stands in the text of its part: Unicode's object replacement character."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a document, as a reader would count it.

    Attributes:
        number: from 1, among the parts of its kind in its file.
        text: with a `PICTURE_MARK` where each of its pictures stands, in order; those without one come last.
        name: a sheet's name, a section's heading with its number, a message's subject.
        within: path of the attached file that it is part of, such as `offer.pdf` or `mail.eml/offer.pdf`;
            None: of the document itself.
        pictured: its words, or most of them, are in its pictures alone, as those of a scanned page are.
        left_out: sentences about what of it is not in it, and why.
    """

    kind: PartKind
    number: int
    text: str = ""
    images: tuple[ImagePart, ...] = ()
    name: str | None = None
    within: str | None = None
    pictured: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it that a model could read."""
        return not self.images and not self.text.replace(PICTURE_MARK, "").strip()


@dataclass(frozen=True, slots=True)
class Content:
    """A document as models receive it.

    Attributes:
        text: its parts between tags with their numbers, see `rendering`; pictures stand in it
            by their number.
        images: its pictures in the order of their numbers, which begin at 1.
        needs_sight: most of it is in pictures, so that the text alone would mislead.
    """

    text: str = ""
    images: tuple[ImagePart, ...] = ()
    needs_sight: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it that a model could read."""
        return not self.images and not self.text.strip()

    @property
    def tokens(self) -> int:
        """Input tokens as expected, with those of its pictures."""
        return self.text_tokens.expected + TOKENS_PER_IMAGE * len(self.images)

    @property
    def text_tokens(self) -> TokenCount:
        """Input tokens of its text, as it is sent."""
        escapes = len(_CLOSING.findall(self.text)) if "</" in self.text else 0
        return count_tokens(self.text) + TokenCount(most=_BYTES_OF_ESCAPE * escapes)

    def without_pictures(self) -> "Content":
        """The document for a model that does not see, which is told so."""
        return Content(f"{self.text}\n{WITHOUT_PICTURES}") if self.images else self


def most_are_pictured(parts: int, pictured: int) -> bool:
    """Whether so many parts that are pictures, among so many, make a document that must be seen."""
    return pictured * 2 > parts


class DocumentStatus(StrEnum):
    """Where a document of a run stands."""

    PENDING = "PENDING"  # found by the scan, not encoded yet
    ENCODED = "ENCODED"  # has content; tasks are laid out for it
    UNREADABLE = "UNREADABLE"  # meant to be read, but cannot be: damaged, locked, too costly
    SKIPPED = "SKIPPED"  # left out on purpose: empty, of no known type, too large


class DocumentReason(StrEnum):
    """Why a document is UNREADABLE or SKIPPED."""

    PASSWORD = "password"  # noqa: S105  (a reason, not a secret)
    DAMAGED = "damaged"
    NO_TEXT = "no_text"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"
    TOO_COMPLEX = "too_complex"
    GONE = "gone"
    NOT_PERMITTED = "not_permitted"
    CHANGING = "changing"
    EMPTY = "empty"
    UNKNOWN_TYPE = "unknown_type"
    TOO_LARGE = "too_large"
    LEAVES_FOLDER = "leaves_folder"
    NOT_A_FILE = "not_a_file"
    OWN_FILE = "own_file"  # docstage's own: its database, its keys
    CONTAINER = "container"  # its files are documents of their own
    PURGED = "purged"  # it was encoded or not; it was deleted everywhere, whatever its status


SKIP_REASONS = frozenset(
    {
        DocumentReason.EMPTY,
        DocumentReason.UNKNOWN_TYPE,
        DocumentReason.TOO_LARGE,
        DocumentReason.LEAVES_FOLDER,
        DocumentReason.NOT_A_FILE,
        DocumentReason.OWN_FILE,
        DocumentReason.CONTAINER,
    }
)


def clean_json(value: Any) -> Any:
    """The JSON value with every text in it, keys included, as `clean_text` leaves it."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [clean_json(item) for item in value]
    if isinstance(value, dict):
        return {clean_text(name): clean_json(item) for name, item in value.items()}
    return value


def clean_text(text: str) -> str:
    """The text without what databases refuse (NUL and lone surrogates), each replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)
