"""What Outlook's appointments, tasks, journal entries and contacts say in fields of their own.

Names, sets and numbers of properties are from [MS-OXPROPS]; named ones get a number of each file's own, which
its mapping tells ([MS-OXMSG] 2.2.3).
"""

import struct
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple, Protocol

from docstage.extraction.extractors.compound import Storage

_MAPPING = "__nameid_version1.0"
_SETS, _ENTRIES = "__substg1.0_00020102", "__substg1.0_00030102"
_ENTRY = struct.Struct("<IHH")
_FIRST_SET, _FIRST_NUMBER = 3, 0x8000
_CLASS = 0x001A

Names = Mapping[tuple[str, int], int]
"""The number that a named property has in a file, by its set and its own number."""


class Properties(Protocol):
    """The properties of an item, by their numbers."""

    def line(self, number: int) -> str:
        """A text in one line."""
        ...

    def time(self, number: int) -> datetime | None:
        """A moment."""
        ...

    def integer(self, number: int) -> int | None:
        """A number."""
        ...

    def share(self, number: int) -> float | None:
        """A number from 0 to 1."""
        ...


class _Field(NamedTuple):
    label: str
    number: int
    kind: str = "text"
    set: str = ""


_APPOINTMENT, _TASK, _ADDRESS, _LOG = (
    f"{number}-0000-0000-c000-000000000046" for number in ("00062002", "00062003", "00062004", "0006200a")
)
_STATES = {0: "Not started", 1: "In progress", 2: "Completed", 3: "Waiting on someone else", 4: "Deferred"}
# What a class begins with, what people call it, and what it shows; fields of one name stand for each other.
_ITEMS: dict[str, tuple[str, tuple[_Field, ...]]] = {
    "ipm.task": (
        "Task",
        (
            _Field("Start", 0x8104, "day", _TASK),
            _Field("Due", 0x8105, "day", _TASK),
            _Field("Status", 0x8101, "state", _TASK),
            _Field("Percent complete", 0x8102, "share", _TASK),
            _Field("Completed", 0x810F, "day", _TASK),
            _Field("Owner", 0x811F, "text", _TASK),
        ),
    ),
    "ipm.activity": (
        "Journal entry",
        (
            _Field("Type", 0x8700, "text", _LOG),
            _Field("Start", 0x8706, "time", _LOG),
            _Field("End", 0x8708, "time", _LOG),
        ),
    ),
    "ipm.contact": (
        "Contact",
        (
            _Field("Name", 0x3001),
            _Field("Organization", 0x3A16),
            _Field("Department", 0x3A18),
            _Field("Title", 0x3A17),
            _Field("E-mail", 0x8083, "text", _ADDRESS),
            _Field("E-mail 2", 0x8093, "text", _ADDRESS),
            _Field("E-mail 3", 0x80A3, "text", _ADDRESS),
            _Field("Telephone (business)", 0x3A08),
            _Field("Telephone (mobile)", 0x3A1C),
            _Field("Telephone (home)", 0x3A09),
            _Field("Fax (business)", 0x3A24),
            _Field("Postal address (business)", 0x801B, "text", _ADDRESS),
            _Field("Postal address (home)", 0x801A, "text", _ADDRESS),
            _Field("Postal address", 0x3A15),
            _Field("Birthday", 0x3A42, "day"),
            _Field("Address", 0x3A51),
        ),
    ),
}
_MEETING = (
    "Appointment",
    (
        _Field("Start", 0x820D, "time", _APPOINTMENT),
        _Field("Start", 0x0060, "time"),
        _Field("End", 0x820E, "time", _APPOINTMENT),
        _Field("End", 0x0061, "time"),
        _Field("All day", 0x8215, "flag", _APPOINTMENT),
        _Field("Time zone", 0x8234, "text", _APPOINTMENT),
        _Field("Location", 0x8208, "text", _APPOINTMENT),
        _Field("Repeats", 0x8232, "text", _APPOINTMENT),
    ),
)
_ITEMS |= {"ipm.appointment": _MEETING, "ipm.schedule.meeting": _MEETING}


def read_names(root: Storage) -> Names:
    """The mapping of named properties of a file; those with a text for a name are not needed.

    Raises:
        Unreadable: DAMAGED, when it is not all there.
    """
    mapping = root.storage(_MAPPING)
    if mapping is None:
        return {}
    sets, entries = mapping.stream(_SETS) or b"", mapping.stream(_ENTRIES) or b""
    entries = entries[: len(entries) - len(entries) % _ENTRY.size]
    names: dict[tuple[str, int], int] = {}
    for number, kind, index in _ENTRY.iter_unpack(entries):
        place = ((kind >> 1) - _FIRST_SET) * 16
        if not kind & 1 and 0 <= place <= len(sets) - 16:
            names[str(uuid.UUID(bytes_le=sets[place : place + 16])), number] = _FIRST_NUMBER + index
    return names


def item_lines(item: Properties, names: Names) -> str:
    """What the item says beside its subject and its text, a line a field; empty for mails."""
    kind = item.line(_CLASS).lower()
    title, fields = next((shown for begin, shown in _ITEMS.items() if kind.startswith(begin)), ("", ()))
    lines: dict[str, str] = {}
    for label, value in _values(item, fields, names):
        lines.setdefault(label, f"{label}: {value}")
    return "\n".join([title, *lines.values()]) if lines else ""


def _values(item: Properties, fields: tuple[_Field, ...], names: Names) -> Iterator[tuple[str, str]]:
    for field in fields:
        number = names.get((field.set, field.number)) if field.set else field.number
        value = _value(item, number, field.kind) if number is not None else ""
        if value:
            yield field.label, value


def _value(item: Properties, number: int, kind: str) -> str:
    if kind in ("time", "day"):
        moment = item.time(number)
        return (
            "" if moment is None else moment.strftime("%Y-%m-%d" if kind == "day" else "%Y-%m-%d %H:%M UTC")
        )
    if kind == "share":
        share = item.share(number)
        return "" if share is None else f"{share:.0%}".removesuffix("%")
    if kind in ("state", "flag"):
        found = item.integer(number)
        return _STATES.get(-1 if found is None else found, "") if kind == "state" else "yes" if found else ""
    return item.line(number)
