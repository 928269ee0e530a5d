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


@dataclass(frozen=True, slots=True)
class Content:
    """A document as models receive it: its text, or pictures of its pages when it has none."""

    text: str = ""
    images: tuple[ImagePart, ...] = ()

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
    PURGED = "purged"  # it was encoded or not; it was deleted everywhere, whatever its status


SKIP_REASONS = frozenset(
    {
        DocumentReason.EMPTY,
        DocumentReason.UNKNOWN_TYPE,
        DocumentReason.TOO_LARGE,
        DocumentReason.LEAVES_FOLDER,
        DocumentReason.NOT_A_FILE,
        DocumentReason.OWN_FILE,
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
