"""A mail as all its formats come to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

SHOWN = ("Subject", "From", "To", "Cc", "Bcc", "Reply-To", "Date")
"""The header fields that models get to see, in this order."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, taken apart.

    Attributes:
        headers: the lines that stand above its body.
        body: its text.
        attachments: what comes with it; none is opened before it is wanted.
        notes: sentences about what is left out of it.
    """

    headers: str
    body: str
    attachments: Iterable["Attachment"] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something that is attached to a mail.

    Attributes:
        name: of the file, in one line.
        open: gives the file, or the mail that is attached. Raises `Unreadable` when that cannot be had.
    """

    name: str
    open: Callable[[], "bytes | Letter"]


def header_lines(fields: Mapping[str, Iterable[str]]) -> str:
    """The fields that are shown, each as often as it occurs."""
    return "\n".join(f"{name}: {value}" for name in SHOWN for value in fields.get(name, ()) if value)
