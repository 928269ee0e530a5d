"""The files in a container, as they are sent from workers and kept in the store."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import cast

from docstage.domain.content import DocumentReason
from docstage.domain.json_values import JsonValue
from docstage.stored_text import compress, decompress


@dataclass(frozen=True, slots=True)
class Member:
    """A file that lies in a container.

    Attributes:
        path: in the container, safe and distinct, with forward slashes.
        size: bytes, unpacked.
        sha256: of these bytes; None when they cannot be had.
        reason: why it is no document that can be used, as far as that is known without reading it.
        detail: the reason in words.
        losses: sentences in the detail about what is missing.
    """

    path: str
    size: int
    sha256: str | None = None
    reason: DocumentReason | None = None
    detail: str | None = None
    losses: int = 0

    def below(self, folder: str) -> "Member":
        """The same file as the container of its container has it."""
        return replace(self, path=f"{folder}/{self.path}")


def packed_members(members: Iterable[Member]) -> bytes:
    """The members in a form that can be stored."""
    rows = ([one.path, one.size, one.sha256, one.reason, one.detail, one.losses] for one in members)
    return compress(json.dumps(list(rows), separators=(",", ":")))


def read_members(packed: bytes) -> tuple[Member, ...]:
    """The members that were stored, or sent.

    Raises:
        ValueError: they are damaged.
    """
    rows = json.loads(decompress(packed))
    if not isinstance(rows, list):
        raise ValueError("no list of members")
    return tuple(map(_member, rows))


def _member(row: JsonValue) -> Member:
    match row:
        case [str(path), int(size), sha256, reason, detail, int(losses)]:
            known = None if reason is None else DocumentReason(cast("str", reason))
            return Member(path, size, _text(sha256), known, _text(detail), losses)
        case _:
            raise ValueError("no member")


def _text(value: JsonValue) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError("no text")
    return value
