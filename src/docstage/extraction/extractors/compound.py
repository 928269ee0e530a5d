"""Compound files ([MS-CFB]), folders and streams in one file, of which Outlook's mails are."""

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

from olefile.olefile import OleDirectoryEntry, OleFileIO

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Unreadable

_HEADER = 512
_SMALL_SHIFT, _LARGE_SHIFT, _MINI_SHIFT = 9, 12, 6
_ENTRY = struct.Struct("<64sHBxIII36xIQ")  # [MS-CFB] 2.6.1
_STORAGE, _STREAM = 1, 2
_IN_HEADER = 109  # sectors of the allocation table that the header names itself


class CompoundFile:
    """A compound file that may lie about everything.

    Raises:
        Unreadable: DAMAGED, when it cannot be opened.
    """

    def __init__(self, data: bytes) -> None:
        self.size = len(data)
        # With sectors of 512 bytes, sizes have 32 bits, and there may be anything above them (2.6.1).
        self._size_bits = 0xFFFFFFFF if _checked_shift(data) == _SMALL_SHIFT else 0xFFFFFFFFFFFFFFFF
        with _damaged():
            self._file = _File(io.BytesIO(data))
            _, root = self._entry(0)
            if root.size > self.size:
                _refuse()
        self.root = Storage(self, root.child)

    def children(self, first: int) -> dict[str, "_Entry"]:
        """The entries that are siblings of the first one, by their names in lower case."""
        found: dict[str, _Entry] = {}
        seen, waiting = set(), [first]
        while waiting:
            number = waiting.pop()
            if number not in seen and (number + 1) * _ENTRY.size <= len(self._file.directory):
                seen.add(number)
                siblings, entry = self._entry(number)
                waiting += siblings
                found.setdefault(entry.name.lower(), entry)
        return found

    def read(self, entry: "_Entry") -> bytes:
        """A stream.

        Raises:
            Unreadable: DAMAGED, when it is not all there.
        """
        if entry.size > self.size:
            _refuse()
        with _damaged():
            data = self._file.stream(entry.start, entry.size)
        if len(data) != entry.size:
            _refuse()
        return data

    def _entry(self, number: int) -> tuple[tuple[int, int], "_Entry"]:
        """An entry of the directory, and the numbers of its siblings to the right and to the left."""
        name, length, kind, left, right, child, start, size = _ENTRY.unpack_from(
            self._file.directory, number * _ENTRY.size
        )
        shown = name[: max(0, min(length, len(name)) - 2)].decode("utf-16-le", "replace")
        return (right, left), _Entry(shown, kind, child, start, size & self._size_bits)


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    kind: int
    child: int
    start: int
    size: int


class Storage:
    """A folder in a compound file. Names are the same in upper and lower case."""

    def __init__(self, file: CompoundFile, first: int) -> None:
        self._file = file
        self._first = first

    @cached_property
    def _entries(self) -> dict[str, _Entry]:
        return self._file.children(self._first)

    def storages(self, prefix: str) -> list[str]:
        """The names of the folders that begin so, in order."""
        beginning = prefix.lower()
        return sorted(
            name
            for name, entry in self._entries.items()
            if entry.kind == _STORAGE and name.startswith(beginning)
        )

    def storage(self, name: str) -> "Storage | None":
        """The folder of this name."""
        entry = self._entries.get(name.lower())
        return Storage(self._file, entry.child) if entry and entry.kind == _STORAGE else None

    def stream(self, name: str) -> bytes | None:
        """The stream of this name.

        Raises:
            Unreadable: DAMAGED, when it is not all there.
        """
        entry = self._entries.get(name.lower())
        return self._file.read(entry) if entry and entry.kind == _STREAM else None


class _File(OleFileIO):  # type: ignore[misc]  # it has no types
    """olefile, less what takes a hostile file more time or depth than there is."""

    directory = b""

    def loaddirectory(self, sect: int) -> None:
        """Keep the directory as it lies. olefile takes all entries in, by a recursion over siblings."""
        self.directory = self._open(sect, force_FAT=True).read()
        self.root = OleDirectoryEntry(self.directory[: OleDirectoryEntry.DIRENTRY_SIZE], 0, self)

    def _check_duplicate_stream(self, first_sect: int, minifat: bool = False) -> None:
        """Let streams share sectors. olefile looks through a list of all streams for each of them."""

    def stream(self, start: int, size: int) -> bytes:
        """The bytes of a stream, fewer where it is cut off or leads in a circle."""
        data: bytes = self._open(start, size).read()
        following = self.minifat if size < self.minisectorcutoff else self.fat
        seen: set[int] = set()
        while size and start < len(following):
            if start in seen:
                return b""
            seen.add(start)
            start = following[start]
        return data


def _checked_shift(data: bytes) -> int:
    """The binary logarithm of the size of sectors.

    Refuses what the header ([MS-CFB] 2.2) says where olefile would loop for long, or ask for endless memory.
    """
    if len(data) < _HEADER:
        _refuse()
    sector_shift, mini_shift = struct.unpack_from("<HH", data, 30)
    (tables,) = struct.unpack_from("<I", data, 44)
    (mini_tables,) = struct.unpack_from("<I", data, 64)
    if sector_shift not in (_SMALL_SHIFT, _LARGE_SHIFT) or mini_shift != _MINI_SHIFT:
        _refuse()
    sectors = len(data) >> sector_shift
    # A table has a number of four bytes for each sector. Twice as many as that are room to grow.
    too_many = tables > _IN_HEADER and tables << sector_shift > 2 * 4 * sectors
    if too_many or mini_tables > sectors:
        _refuse()
    return int(sector_shift)


@contextmanager
def _damaged() -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, TypeError, LookupError, ArithmeticError, struct.error) as error:
        _refuse(error)


def _refuse(cause: Exception | None = None) -> NoReturn:
    detail = "The file is damaged or cut off. Open it in its program and save it anew."
    raise Unreadable(DocumentReason.DAMAGED, detail) from cause
