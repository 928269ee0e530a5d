"""Frames and shapes of OpenDocument: text boxes, pictures, tables, objects."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element

from docstage.domain.content import ImagePart
from docstage.extraction.extractors.base import Attachment, Unreadable
from docstage.extraction.extractors.office.embedded_pictures import Pictures
from docstage.extraction.extractors.office.reading_order import Box
from docstage.extraction.extractors.open_document.names import DRAW, FORM, LINK, SVG, TABLE, find, points
from docstage.extraction.extractors.open_document.objects import is_formula, object_text
from docstage.extraction.extractors.open_document.package import Members, embedded, inline_data
from docstage.extraction.extractors.word.embedded import embedded as embedded_file

# What is shown smaller than this, in points on its shorter side, is an icon or a line.
_SMALL = 20.0
_MOVED = re.compile(r"translate\s*\(\s*([^\s,)]+)[\s,]+([^\s,)]+)\s*\)")
# Objects in each other, and objects of one document, that are read.
_DEEPEST, _MOST = 3, 10_000
_OBJECTS = (f"{DRAW}object", f"{DRAW}object-ole", f"{DRAW}plugin", f"{DRAW}applet", f"{DRAW}floating-frame")
_FILE_NAME = re.compile(r"[^\s.]+\.\w{2,4}")


@dataclass(slots=True)
class Found:
    """What is collected from a document beside its text.

    Attributes:
        pictured: where the pictures in the text lie.
    """

    pictured: list[Box] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(slots=True)
class ShapeReader:
    """Reads frames and shapes.

    Attributes:
        blocks: what reads the paragraphs, lists and tables in an element.
        where: words such as `slide 3`.
        controls: what is filled into fields of forms, by their ids.
    """

    members: Members
    pictures: Pictures
    blocks: Callable[[Element], str]
    where: str = "the document"
    found: Found = field(default_factory=Found)
    controls: dict[str, str] = field(default_factory=dict)
    _depth: int = 0
    _read: int = 0

    def inline(self, shape: Element) -> str | None:
        """What a frame shows within a line: a picture or a formula. None for what has words of its own."""
        if shape.tag == f"{DRAW}a":
            inner = next(iter(shape), None)
            return None if inner is None else self.inline(inner)
        if shape.tag == f"{DRAW}control":
            return self.controls.get(shape.get(f"{DRAW}control", ""), "")
        if (
            shape.tag != f"{DRAW}frame"
            or find(shape, f"{DRAW}text-box") is not None
            or _table(shape) is not None
        ):
            return None
        held = next((one for one in shape if one.tag in _OBJECTS), None)
        if held is not None:
            root = self._embedded(held)
            return object_text(root, self.blocks) if root is not None and is_formula(root) else None
        return self._picture(shape)

    def text(self, shape: Element) -> str:
        """What a shape shows, with marks for its pictures."""
        if shape.tag == f"{DRAW}frame":
            return self._frame(shape)
        if shape.tag == f"{DRAW}control":
            return self.controls.get(shape.get(f"{DRAW}control", ""), "")
        if shape.tag in (f"{DRAW}g", f"{DRAW}a"):
            return "\n\n".join(text for one in shape if (text := self.text(one)).strip())
        if not shape.tag.startswith(DRAW):
            return ""
        filled = self.blocks(shape)
        return filled or _described(shape)

    def _frame(self, frame: Element) -> str:
        box = find(frame, f"{DRAW}text-box")
        if box is not None:
            return self.blocks(box)
        table = _table(frame)
        if table is not None:
            holder = Element("holder")
            holder.append(table)
            return self.blocks(holder)
        held = next((one for one in frame if one.tag in _OBJECTS), None)
        return self._picture(frame) if held is None else self._object(held, frame)

    def _object(self, held: Element, frame: Element) -> str:
        if held.tag in (f"{DRAW}plugin", f"{DRAW}applet", f"{DRAW}floating-frame"):
            self.found.left_out.append("A film, a sound or a program is not included.")
            return _described(frame)
        root = self._embedded(held)
        if root is not None:
            self._depth += 1
            text = object_text(root, self.blocks)
            self._depth -= 1
            if not text:
                self.found.left_out.append("An embedded object is not read: it has no words or figures.")
            return text
        data = inline_data(held) or self.members.read(held.get(f"{LINK}href", "") or ".")
        name = PurePosixPath(held.get(f"{LINK}href", "")).name or "object"
        file = embedded_file(data, f"{name}.bin") if data else None
        if file is None:
            why = "it is no file that docstage reads" if data else "it is not in the file"
            self.found.left_out.append(f"An embedded object is not read: {why}.")
            return self._preview(frame)
        self.found.attachments.append(file)
        return ""

    def _preview(self, frame: Element) -> str:
        """The picture that stands for an object, where it is one."""
        before = len(self.found.left_out)
        shown = self._picture(frame)
        del self.found.left_out[before:]
        return shown

    def _embedded(self, held: Element) -> Element | None:
        self._read += 1
        if held.tag != f"{DRAW}object" or self._depth >= _DEEPEST or self._read > _MOST:
            return None
        try:
            return embedded(held, held.get(f"{LINK}href", ""), self.members)
        except Unreadable:
            return None

    def _picture(self, frame: Element) -> str:
        image, box, told = find(frame, f"{DRAW}image"), place(frame), _told(frame)
        alone = f"(picture: {told})" if told else ""
        if image is None:
            return alone
        data = inline_data(image) or self.members.read(image.get(f"{LINK}href", "") or ".")
        if data is None:
            self.found.left_out.append("A picture is not included: the file only refers to it.")
            return alone
        if box is not None and 0 < min(box.width, box.height) < _SMALL:
            self.pictures.small += 1
            return alone
        before = self.pictures.shown_at(data)
        if before:
            same = f"(the picture of {before} again)" if before != self.where else ""
            return " ".join(one for one in (same, alone) if one)
        return self._taken(data, box, told) or alone

    def _taken(self, data: bytes, box: Box | None, told: str) -> str:
        taken = self.pictures.take(data, self.where)
        if isinstance(taken, str):
            self.found.left_out.append(taken)
        if not isinstance(taken, ImagePart):
            return ""
        self.found.pictured += [box] if box else []
        mark = self.pictures.mark(taken)
        return f"{mark} ({told})" if told else mark


def place(shape: Element) -> Box | None:
    """Where a shape lies, in points, None where it does not say so."""
    if shape.tag == f"{DRAW}line" or shape.get(f"{SVG}x1") is not None:
        ends = [points(shape.get(f"{SVG}{name}")) or 0.0 for name in ("x1", "y1", "x2", "y2")]
        return Box(
            min(ends[0], ends[2]), min(ends[1], ends[3]), abs(ends[0] - ends[2]), abs(ends[1] - ends[3])
        )
    left, top = points(shape.get(f"{SVG}x")), points(shape.get(f"{SVG}y"))
    if moved := _MOVED.search(shape.get(f"{DRAW}transform", "")):
        left, top = points(moved[1]), points(moved[2])
    width, height = points(shape.get(f"{SVG}width")), points(shape.get(f"{SVG}height"))
    if width is None and height is None:
        return None
    return Box(left or 0.0, top or 0.0, width or 0.0, height or 0.0)


def form_values(forms: Element | None) -> dict[str, str]:
    """What is filled into the fields of forms, by the ids that shapes name them by."""
    found = {}
    for control in () if forms is None else forms.iter():
        name, value = (
            control.get(f"{FORM}id"),
            control.get(f"{FORM}current-value") or control.get(f"{FORM}value"),
        )
        label = control.get(f"{FORM}label") or control.get(f"{FORM}name") or ""
        if control.tag in (f"{FORM}checkbox", f"{FORM}radio"):
            state = control.get(f"{FORM}current-state") or control.get(f"{FORM}state")
            chosen = state == "checked" or control.get(f"{FORM}current-selected") == "true"
            value = ("☒" if chosen else "☐") + f" {label}"
        elif value and not control.tag.endswith("button"):
            value = f"{label}: {value}" if label else value
        if name and value:
            found[name] = value
    return found


def _table(frame: Element) -> Element | None:
    return find(frame, f"{TABLE}table")


def _told(frame: Element) -> str:
    """What its author wrote about a shape for people who do not see it."""
    for name in ("desc", "title"):
        found = find(frame, f"{SVG}{name}")
        told = " ".join(("" if found is None else found.text or "").split())
        if told and not _FILE_NAME.fullmatch(told):
            return told
    return ""


def _described(shape: Element) -> str:
    told = _told(shape)
    return f"(picture: {told})" if told else ""
