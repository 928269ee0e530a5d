"""What every kind of container gives."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Unreadable


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in a container.

    Attributes:
        path: safe and distinct, see `safe_paths`.
        size: bytes as the container says; None where it does not.
        read: its bytes. Takes how many they may be; raises `Unreadable`, `Overfull` where they are more.
    """

    path: str
    size: int | None
    read: Callable[[int], bytes]


class Overfull(Unreadable):
    """Something unpacks to more than it may."""

    def __init__(self, detail: str) -> None:
        super().__init__(DocumentReason.TOO_LARGE, detail)


class Bomb(Unreadable):
    """A container is built to exhaust whoever opens it."""

    def __init__(self, what: str) -> None:
        super().__init__(
            DocumentReason.TOO_COMPLEX, f"{what}, as files do that are made to exhaust whoever opens them."
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """A container, open.

    Attributes:
        entries: its files in their order, at most as many as were wanted.
        total: how many there are, as far as that is known.
        notes: sentences about what is no file in it.
        left_out: sentences about files that are not among the entries.
        limited: whether with more room there would be more of them.
    """

    entries: Sequence[Entry]
    total: int
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    limited: bool = False


class Opener(Protocol):
    """Opens containers of one kind."""

    def __call__(self, data: bytes, name: str, most: int, room: int, /) -> Opened:
        """Open one.

        Args:
            data: the whole file.
            name: of the file.
            most: entries that are wanted.
            room: bytes that may be unpacked on the way.

        Raises:
            Unreadable: it cannot be opened at all.
        """
        ...


def damaged(what: str = "archive") -> Unreadable:
    """What is raised for a container that is none, or not whole."""
    detail = f"This {what} is damaged or cut off. Get it anew, or unpack what can be had of it."
    return Unreadable(DocumentReason.DAMAGED, detail)


def damaged_member() -> Unreadable:
    """What is raised for a file in a container that cannot be unpacked."""
    detail = "It is damaged or cut off inside its archive. Get the archive anew."
    return Unreadable(DocumentReason.DAMAGED, detail)


def locked_member() -> Unreadable:
    """What is raised for a file in a container that is encrypted."""
    detail = "It is encrypted inside its archive. Unpack it with its password, and stage what comes out."
    return Unreadable(DocumentReason.PASSWORD, detail)


def unknown_packing(method: str) -> Unreadable:
    """What is raised for a file in a container that is packed in a way that cannot be read."""
    detail = (
        f"It is packed by a method that docstage cannot read ({method}). Unpack it, and stage what comes out."
    )
    return Unreadable(DocumentReason.UNKNOWN_TYPE, detail)
