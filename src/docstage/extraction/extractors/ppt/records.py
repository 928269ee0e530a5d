"""Records of old PowerPoint files ([MS-PPT] 2.3.1), which may be longer than what holds them."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_HEADER = struct.Struct("<HHI")
_CONTAINER = 0xF
_SIZES = {"<I": 4, "<i": 4, "<H": 2, "<B": 1}
_MOST_EDITS = 10_000

DOCUMENT, SLIDE, NOTES, MASTER = 1_000, 1_006, 1_008, 1_016
USER_EDIT, DIRECTORY, SESSION = 0x0FF5, 0x1772, 0x2F14
_ENCRYPTED = 0xF3D1C4DF  # headerToken of CurrentUserAtom, 2.3.2
_EDIT_OF_ENCRYPTED = 32  # bytes of a UserEditAtom that names its session, 2.3.3


@dataclass(frozen=True, slots=True)
class Record:
    """A record.

    Attributes:
        data: the stream that it lies in.
        start: where its contents begin; `end` is where they end, within what it lies in.
    """

    kind: int
    instance: int
    data: bytes
    start: int
    end: int
    is_container: bool

    def __iter__(self) -> Iterator["Record"]:
        """The records in it."""
        return records(self.data, self.start, self.end) if self.is_container else iter(())

    @property
    def body(self) -> bytes:
        """Its contents."""
        return self.data[self.start : self.end]

    def first(self, kind: int, instance: int | None = None) -> "Record | None":
        """The first record of a kind in it."""
        found = (one for one in self if one.kind == kind and instance in (None, one.instance))
        return next(found, None)

    def number(self, offset: int, form: str = "<I") -> int:
        """A number in its contents, 0 where these end before it."""
        if self.start + offset + _SIZES[form] > self.end:
            return 0
        return int(struct.unpack_from(form, self.data, self.start + offset)[0])


def records(data: bytes, start: int, end: int) -> Iterator[Record]:
    """The records that follow each other from here to there."""
    end = min(end, len(data))
    while start + _HEADER.size <= end:
        head, kind, length = _HEADER.unpack_from(data, start)
        start += _HEADER.size
        yield Record(kind, head >> 4, data, start, min(start + length, end), head & 0xF == _CONTAINER)
        start += length


def record_at(data: bytes, offset: int, kind: int) -> Record | None:
    """The record that begins here, None when it is of another kind."""
    found = next(records(data, offset, len(data)), None) if 0 <= offset < len(data) else None
    return found if found is not None and found.kind == kind else None


class Persisted:
    """The objects of a presentation as the last of its edits left them ([MS-PPT] 2.1.2)."""

    def __init__(self, stream: bytes, current_user: bytes) -> None:
        self._stream = stream
        self._places: dict[int, int] = {}
        self.document_id = 0
        self.is_encrypted = _token(current_user) == _ENCRYPTED
        self._read_edits(_last_edit(stream, current_user))

    def find(self, number: int, kind: int) -> Record | None:
        """The object of this number, None when it is not there or of another kind."""
        place = self._places.get(number)
        return None if place is None else record_at(self._stream, place, kind)

    def _read_edits(self, edit: Record | None) -> None:
        seen: set[int] = set()
        while edit is not None and edit.start not in seen and len(seen) < _MOST_EDITS:
            seen.add(edit.start)
            self.is_encrypted |= edit.end - edit.start >= _EDIT_OF_ENCRYPTED and edit.number(28) != 0
            self.document_id = self.document_id or edit.number(16)
            self._read_directory(record_at(self._stream, edit.number(12), DIRECTORY))
            edit = record_at(self._stream, edit.number(8), USER_EDIT) if edit.number(8) else None

    def _read_directory(self, directory: Record | None) -> None:
        """Take in what is where. Later edits, which are read first, prevail."""
        if directory is None:
            return
        place = 0
        size = directory.end - directory.start
        while place + 4 <= size:
            head = directory.number(place)
            first, count = head & 0xFFFFF, head >> 20
            place += 4
            for number in range(first, first + min(count, (size - place) // 4)):
                self._places.setdefault(number, directory.number(place))
                place += 4


def _token(current_user: bytes) -> int:
    return int(struct.unpack_from("<I", current_user, 12)[0]) if len(current_user) >= 20 else 0


def _last_edit(stream: bytes, current_user: bytes) -> Record | None:
    """The last edit as the current user says it, else the last one in the stream."""
    if len(current_user) >= 20:
        edit = record_at(stream, struct.unpack_from("<I", current_user, 16)[0], USER_EDIT)
        if edit is not None:
            return edit
    edits = [one for one in records(stream, 0, len(stream)) if one.kind == USER_EDIT]
    return edits[-1] if edits else None
