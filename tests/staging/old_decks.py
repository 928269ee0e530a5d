"""Presentations of old PowerPoint ([MS-PPT]) that tests build themselves."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.hostile.compound import Storage, Stream, compound_file

INCH = 576
CURRENT_USER, ENCRYPTED = 0xE391C05F, 0xF3D1C4DF


def record(kind: int, body: bytes, instance: int = 0, version: int = 0) -> bytes:
    """A record."""
    return struct.pack("<HHI", instance << 4 | version, kind, len(body)) + body


def holder(kind: int, *inner: bytes, instance: int = 0) -> bytes:
    """A record of records."""
    return record(kind, b"".join(inner), instance, 0xF)


def string(text: str, instance: int) -> bytes:
    """A string."""
    return record(0x0FBA, text.encode("utf-16-le"), instance)


def words(text: str, kind: int = 4, fields: Mapping[int, int] | None = None) -> bytes:
    """A text of a kind; `fields` are places of what stands for something, by their kinds."""
    marks = b"".join(record(field, struct.pack("<I", place)) for field, place in (fields or {}).items())
    return record(0x0F9F, struct.pack("<I", kind)) + record(0x0FA0, text.encode("utf-16-le")) + marks


def shape(
    inner: bytes = b"",
    place: tuple[float, float, float, float] = (1, 1, 2, 0.5),
    *,
    data: bytes = b"",
    properties: Mapping[int, int] | None = None,
    flags: int = 0,
    in_group: bool = False,
) -> bytes:
    """A shape with records of text in it; its place is in inches: left, top, width, height."""
    left, top, width, height = (int(value * INCH) for value in place)
    anchor = record(0xF010, struct.pack("<4h", top, left, left + width, top + height))
    if in_group:
        anchor = record(0xF00F, struct.pack("<4i", left, top, left + width, top + height))
    table = _properties(0xF00B, properties or {})
    more = (holder(0xF011, data) if data else b"") + (holder(0xF00D, inner) if inner else b"")
    return holder(0xF004, record(0xF00A, struct.pack("<II", 1, flags)), table, anchor, more)


def group(*members: bytes, place: tuple[float, float, float, float], table: bool = False) -> bytes:
    """A group of shapes, which lie in it as they lie on the slide."""
    left, top, width, height = (int(value * INCH) for value in place)
    area = record(0xF009, struct.pack("<4i", left, top, left + width, top + height))
    anchor = record(0xF010, struct.pack("<4h", top, left, left + width, top + height))
    kind = _properties(0xF122, {0x039F: 1}) if table else b""
    head = holder(0xF004, area, record(0xF00A, struct.pack("<II", 1, 1)), kind, anchor)
    return holder(0xF003, head, *members)


def _properties(kind: int, values: Mapping[int, int]) -> bytes:
    packed = b"".join(struct.pack("<HI", name, value) for name, value in values.items())
    return record(kind, packed, len(values), 3)


def placeholder(number: int) -> bytes:
    """That a shape stands for something."""
    return record(0x0BC3, struct.pack("<iBBH", 0, number, 0, 0))


@dataclass(frozen=True, slots=True)
class Slide:
    """A slide.

    Attributes:
        shapes: what lies on it.
        notes: words below it.
        outline: records of text that the list of slides holds for it.
        more: more records in it.
        flags: whether the shapes of its master are shown, and the like.
    """

    shapes: bytes
    notes: str = ""
    outline: bytes = b""
    more: bytes = b""
    flags: int = 0


def sheet(kind: int, about: bytes, shapes: bytes, more: bytes = b"") -> bytes:
    """A slide, a master or a page of notes."""
    head = holder(0xF004, record(0xF009, bytes(16)), record(0xF00A, struct.pack("<II", 1, 5)))
    drawing = holder(0x040C, holder(0xF002, holder(0xF003, head, shapes)))
    return holder(kind, about, more, drawing)


@dataclass(slots=True)
class OldDeck:
    """A presentation that is written edit by edit, as PowerPoint saves fast.

    Attributes:
        document: more records of the document itself.
        token: what the current user says about encryption.
    """

    document: bytes = b""
    master: bytes = b""
    token: int = CURRENT_USER
    streams: Mapping[str, bytes] = field(default_factory=dict)
    _stream: bytearray = field(default_factory=bytearray)
    _edit: int = 0
    _kept: dict[int, int] = field(default_factory=dict)

    def keep(self, data: bytes) -> int:
        """Write an object; returns the number by which the next save finds it."""
        number = 900 + len(self._kept)
        self._kept[number] = self._write(data)
        return number

    def save(self, slides: Sequence[Slide]) -> "OldDeck":
        """Write what is there now behind what was there before."""
        places = dict(self._kept)
        listed, noted = [], []
        for number, slide in enumerate(slides):
            notes_id = 256 + number if slide.notes else 0
            about = struct.pack("<I8sIIHH", 0, b"", 0x80000000, notes_id, slide.flags, 0)
            places[10 + number] = self._write(sheet(1_006, record(0x03EF, about), slide.shapes, slide.more))
            listed.append(_persisted(10 + number, 300 + number) + slide.outline)
            if slide.notes:
                page = sheet(1_008, record(0x03F1, bytes(8)), shape(words(slide.notes, 2)))
                places[500 + number] = self._write(page)
                noted.append(_persisted(500 + number, notes_id))
        if self.master:
            places[2] = self._write(sheet(1_016, b"", self.master))
        size = record(0x03E9, struct.pack("<ii32x", 10 * INCH, int(7.5 * INCH)))
        lists = (
            holder(0x0FF0, *listed),
            holder(0x0FF0, _persisted(2, 0x80000000), instance=1),
            holder(0x0FF0, *noted, instance=2),
        )
        places[1] = self._write(holder(1_000, size, self.document, *lists))
        directory = b"".join(struct.pack("<II", number | 1 << 20, place) for number, place in places.items())
        where = self._write(record(0x1772, directory))
        about = struct.pack("<IIIIIIHH", 300, 3 << 24, self._edit, where, 1, 1_000, 1, 0)
        self._edit = self._write(record(0x0FF5, about))
        return self

    def data(self) -> bytes:
        """The file."""
        return compound_file(self.storage())

    def storage(self) -> Storage:
        """The streams of the file."""
        user = record(0x0FF6, struct.pack("<IIIHHBBH", 20, self.token, self._edit, 0, 0x3F4, 3, 0, 0))
        streams = {"PowerPoint Document": bytes(self._stream), "Current User": user, **self.streams}
        return Storage({name: Stream(data) for name, data in streams.items()})

    def _write(self, data: bytes) -> int:
        self._stream += data
        return len(self._stream) - len(data)


def _persisted(number: int, slide_id: int) -> bytes:
    return record(0x03F3, struct.pack("<IIiII", number, 0, 0, slide_id, 0))
