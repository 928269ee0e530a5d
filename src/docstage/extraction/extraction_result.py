"""What came of extracting a document."""

import math
from dataclasses import dataclass
from typing import Any, TypeVar

from docstage.domain.content import SKIP_REASONS, DocumentReason, DocumentStatus, ImagePart
from docstage.extraction.worker_messages import BadFrame

_T = TypeVar("_T")

_CIRCUMSTANTIAL = frozenset(
    {
        DocumentReason.TIMEOUT,
        DocumentReason.MEMORY,
        DocumentReason.CRASHED,
        DocumentReason.GONE,
        DocumentReason.NOT_PERMITTED,
        DocumentReason.CHANGING,
    }
)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A document that has content.

    Attributes:
        sha256: hexadecimal digest of the very bytes that were extracted.
        size: their number.
        mtime_ns: time of the last change, nanoseconds since 1970.
        media_type: what the document turned out to be.
        text_zstd: its text, see `stored_text.decompress`.
        images: its pictures, in the order of their numbers.
        characters: length of the text.
        tokens: input tokens as expected, with those of its pictures.
        least_tokens: of its text, see `TokenCount`.
        most_tokens: likewise.
        pages: pages, slides or frames, where it has such.
        parts: numbered parts that have something in them.
        pictured_parts: those of them that are pictures.
        losses: sentences about something that is left out.
        told: its notes and losses in words, None when there are none.
        receipt_zstd: its `Receipt` as JSON, compressed like a text.
        milliseconds: what it took inside the worker.
        members_zstd: files in it that are documents of their own, see `members.read_members`; None: none.
    """

    sha256: str
    size: int
    mtime_ns: int
    media_type: str
    text_zstd: bytes
    images: tuple[ImagePart, ...]
    characters: int
    tokens: int
    least_tokens: int
    most_tokens: int
    pages: int | None
    parts: int
    pictured_parts: int
    losses: int
    told: str | None
    receipt_zstd: bytes
    milliseconds: float
    members_zstd: bytes | None = None


@dataclass(frozen=True, slots=True)
class NotEncoded:
    """A document that has none; what could be found out about it nevertheless.

    Attributes:
        reason: why.
        detail: the reason in words a user can act on.
        sha256: as in `Encoded`; None when the file was not read.
        size: as in `Encoded`.
        mtime_ns: as in `Encoded`.
        media_type: as in `Encoded`.
        milliseconds: what it took.
        losses: sentences in the detail about what is missing of a container.
        limited: whether limits kept some of its files out.
        members_zstd: as in `Encoded`.
    """

    reason: DocumentReason
    detail: str
    sha256: str | None = None
    size: int | None = None
    mtime_ns: int | None = None
    media_type: str | None = None
    milliseconds: float = 0.0
    losses: int = 0
    limited: bool = False
    members_zstd: bytes | None = None

    @property
    def status(self) -> DocumentStatus:
        """SKIPPED when it is no document to begin with, else UNREADABLE."""
        return DocumentStatus.SKIPPED if self.reason in SKIP_REASONS else DocumentStatus.UNREADABLE

    @property
    def deterministic(self) -> bool:
        """Whether the same bytes always fare the same, so that the verdict may be kept with their hash."""
        return self.reason not in _CIRCUMSTANTIAL and not self.limited


def read_outcome(header: dict[str, Any], parts: list[bytes]) -> Encoded | NotEncoded:
    """Build the outcome from a worker's reply.

    Raises:
        BadFrame: when the reply is not what a sound worker sends.
    """
    try:
        return _not_encoded(header, parts) if "reason" in header else _encoded(header, parts)
    except (KeyError, ValueError, TypeError) as error:
        raise BadFrame(f"a malformed reply: {error}") from error


def _not_encoded(header: dict[str, Any], parts: list[bytes]) -> NotEncoded:
    (members,) = parts or (None,)
    return NotEncoded(
        DocumentReason(header["reason"]),
        _typed(header["detail"], str),
        _optional(header["sha256"], str),
        _optional(header["size"], int),
        _optional(header["mtime_ns"], int),
        _optional(header["media_type"], str),
        _milliseconds(header),
        _typed(header.get("losses", 0), int),
        _typed(header.get("limited", False), bool),
        members,
    )


def _encoded(header: dict[str, Any], parts: list[bytes]) -> Encoded:
    text, receipt, *images = parts
    kinds = _strings(header["images"])
    members = images.pop() if header.get("has_members") is True else None
    return Encoded(
        sha256=_typed(header["sha256"], str),
        size=_typed(header["size"], int),
        mtime_ns=_typed(header["mtime_ns"], int),
        media_type=_typed(header["media_type"], str),
        text_zstd=text,
        images=tuple(ImagePart(kind, data) for kind, data in zip(kinds, images, strict=True)),
        characters=_typed(header["characters"], int),
        tokens=_typed(header["tokens"], int),
        least_tokens=_typed(header["least_tokens"], int),
        most_tokens=_typed(header["most_tokens"], int),
        pages=_optional(header["pages"], int),
        parts=_typed(header["parts_read"], int),
        pictured_parts=_typed(header["pictured_parts"], int),
        losses=_typed(header["losses"], int),
        told=_optional(header["told"], str),
        receipt_zstd=receipt,
        milliseconds=_milliseconds(header),
        members_zstd=members,
    )


def _typed(value: object, kind: type[_T]) -> _T:
    # Not isinstance: True and False are no numbers here.
    if type(value) is not kind:
        raise TypeError(f"expected {kind.__name__}")
    return value


def _optional(value: object, kind: type[_T]) -> _T | None:
    return None if value is None else _typed(value, kind)


def _strings(values: object) -> tuple[str, ...]:
    return tuple(_typed(value, str) for value in _typed(values, list))


def _milliseconds(header: dict[str, Any]) -> float:
    value = _typed(header["milliseconds"], float)
    if not math.isfinite(value):
        raise ValueError("no duration")
    return value
