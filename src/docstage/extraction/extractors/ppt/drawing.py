"""Shapes of old Office drawings ([MS-ODRAW]) as PowerPoint places them."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from docstage.extraction.extractors.office.embedded_pictures import Crop
from docstage.extraction.extractors.office.reading_order import Box
from docstage.extraction.extractors.office.scale import Scale
from docstage.extraction.extractors.ppt.records import Record

DRAWING, _DRAWN, GROUP, SHAPE = 0x040C, 0xF002, 0xF003, 0xF004
_PROPERTIES, _MORE_PROPERTIES = 0xF00B, 0xF122
_AREA, _STATE, _IN_GROUP, _ON_SLIDE = 0xF009, 0xF00A, 0xF00F, 0xF010
CLIENT_DATA, TEXTBOX = 0xF011, 0xF00D
_PLACEHOLDER, _OBJECT = 0x0BC3, 0x0BC1
_DELETED, _BACKGROUND = 0x8, 0x400
_PICTURE, _FILL_TYPE, _FILL_PICTURE, _FILLED = 0x0104, 0x0180, 0x0186, 3
_TOLD, _HIDDEN, _TABLE = 0x0381, 0x03BF, 0x039F
_CROPS = (0x0102, 0x0100, 0x0103, 0x0101)  # left, top, right, bottom
_FIXED = 65_536


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape that is no group.

    Attributes:
        box: where it lies on the slide.
        placeholder: `PlaceholderEnum` ([MS-PPT] 2.13.26), 0 for a shape of its own.
        object_id: of an embedded file or a film, 0 for none.
        picture: number of its picture in the store, from 1, 0 for none.
    """

    record: Record
    box: Box | None
    placeholder: int
    object_id: int
    picture: int
    crop: Crop
    told: str
    is_hidden: bool
    is_background: bool

    @property
    def textbox(self) -> Record | None:
        """What holds its words."""
        return self.record.first(TEXTBOX)


@dataclass(frozen=True, slots=True)
class Group:
    """Shapes that belong together.

    Attributes:
        is_table: they are the cells of one.
    """

    members: tuple["Shape | Group", ...]
    is_table: bool


def shapes(slide: Record, deepest: int) -> Iterator[Shape | Group]:
    """The shapes of a slide, a master or a page of notes, in the order of the file.

    Args:
        deepest: groups in each other that are read.
    """
    drawing = slide.first(DRAWING)
    drawn = None if drawing is None else drawing.first(_DRAWN)
    for one in () if drawn is None else drawn:
        if one.kind == GROUP:
            yield from _members(one, Scale(), deepest)
        elif one.kind == SHAPE and (shape := _shape(one, Scale())) is not None:
            yield shape


def _members(group: Record, scale: Scale, deepest: int) -> Iterator[Shape | Group]:
    """What is in a group; its first shape is the group itself."""
    for index, one in enumerate(group):
        if one.kind == GROUP and deepest > 0:
            head = one.first(SHAPE)
            if head is not None:
                inner = _inside(head, scale)
                yield Group(tuple(_members(one, inner, deepest - 1)), bool(_values(head).get(_TABLE, 0) & 1))
        elif index and one.kind == SHAPE and (shape := _shape(one, scale)) is not None:
            yield shape


def _inside(head: Record, scale: Scale) -> Scale:
    """The scale of a group's members, by its place and the area that it spans."""
    area, box = _rectangle(head.first(_AREA)), _box(head)
    if area is None or box is None or not area.width or not area.height:
        return scale
    outer = scale.place(box) if head.first(_IN_GROUP) else box
    return Scale.of(area, outer)


def _shape(record: Record, scale: Scale) -> Shape | None:
    state = record.first(_STATE)
    flags = 0 if state is None else state.number(4)
    if flags & _DELETED:
        return None
    box, values, data = _box(record), _values(record), record.first(CLIENT_DATA)
    if box is not None and record.first(_IN_GROUP):
        box = scale.place(box)
    held = None if data is None else data.first(_PLACEHOLDER)
    object_id = None if data is None else data.first(_OBJECT)
    filled = values.get(_FILL_PICTURE, 0) if values.get(_FILL_TYPE) == _FILLED else 0
    return Shape(
        record,
        box,
        0 if held is None else held.number(4, "<B"),
        0 if object_id is None else object_id.number(0),
        values.get(_PICTURE, 0) or filled,
        _crop(values),
        _description(record),
        bool(values.get(_HIDDEN, 0) & 0x20002 == 0x20002),
        bool(flags & _BACKGROUND),
    )


def _box(record: Record) -> Box | None:
    inner = record.first(_IN_GROUP)
    if inner is not None:
        return _rectangle(inner)
    anchor = record.first(_ON_SLIDE)
    if anchor is None:
        return None
    form = "<4i" if anchor.end - anchor.start >= 16 else "<4h"
    if anchor.end - anchor.start < struct.calcsize(form):
        return None
    top, left, right, bottom = struct.unpack_from(form, anchor.data, anchor.start)
    return Box(left, top, right - left, bottom - top)


def _rectangle(record: Record | None) -> Box | None:
    if record is None or record.end - record.start < 16:
        return None
    left, top, right, bottom = struct.unpack_from("<4i", record.data, record.start)
    return Box(left, top, right - left, bottom - top)


def _values(record: Record) -> dict[int, int]:
    """The simple properties of a shape ([MS-ODRAW] 2.2.9)."""
    found = {}
    for table in record:
        if table.kind in (_PROPERTIES, _MORE_PROPERTIES):
            for index in range(min(table.instance, (table.end - table.start) // 6)):
                found[table.number(index * 6, "<H") & 0x3FFF] = table.number(index * 6 + 2)
    return found


def _description(record: Record) -> str:
    """What its author wrote about a shape: a property whose value stands behind the table."""
    table = record.first(_PROPERTIES)
    if table is None:
        return ""
    place = table.start + table.instance * 6
    for index in range(min(table.instance, (table.end - table.start) // 6)):
        head, length = table.number(index * 6, "<H"), table.number(index * 6 + 2)
        if not head & 0x8000:
            continue
        if head & 0x3FFF == _TOLD:
            return (
                table.data[place : min(place + length, table.end)].decode("utf-16-le", "replace").strip("\0")
            )
        place += length
    return ""


def _crop(values: dict[int, int]) -> Crop:
    left, top, right, bottom = (min(max(_signed(values.get(side, 0)) / _FIXED, 0.0), 1.0) for side in _CROPS)
    return Crop(left, top, right, bottom)


def _signed(value: int) -> int:
    return value - (1 << 32) if value >= 1 << 31 else value
