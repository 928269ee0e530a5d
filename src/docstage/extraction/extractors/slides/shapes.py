"""What the shapes of a slide (PresentationML) show: words, tables, charts, diagrams, pictures."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element

from docstage.domain.content import PICTURE_MARK, ImagePart
from docstage.extraction.extractors.base import Attachment
from docstage.extraction.extractors.office.charts import chart_table
from docstage.extraction.extractors.office.diagram import diagram_text
from docstage.extraction.extractors.office.drawing import (
    body_text,
    child,
    children,
    is_hidden,
    local,
    relation,
    shape_texts,
    table_text,
    whole,
)
from docstage.extraction.extractors.office.embedded_pictures import Crop, Pictures
from docstage.extraction.extractors.office.package import Package, Relationship
from docstage.extraction.extractors.office.reading_order import Box, around, in_reading_order
from docstage.extraction.extractors.office.scale import Scale
from docstage.extraction.extractors.slides.places import (
    WHOLE_SLIDE,
    Ancestry,
    Placeholder,
    own_box,
    placeholder,
    quarter_turns,
    scale_inside,
)
from docstage.extraction.extractors.word.embedded import embedded

# What is shown on less than this share of a slide is an icon or a logo.
_SMALL = 0.01
_DEEPEST = 50  # groups in each other that keep their own order; what lies deeper is read as one group
_FILE_NAME = re.compile(r"[^\s.]+\.\w{2,4}")
_MACHINE_TOLD = re.compile(r"\s*Description automatically generated.*", re.DOTALL)
_MEDIA = {
    "videoFile": "A video",
    "quickTimeFile": "A video",
    "audioFile": "A sound",
    "wavAudioFile": "A sound",
}
_MARGINS = frozenset({"dt", "ftr", "hdr", "sldNum"})


@dataclass(frozen=True, slots=True)
class Item:
    """What one shape or group shows.

    Attributes:
        text: with a mark for each picture.
        box: where it lies on the slide, None where nothing says so.
        held: the placeholder that it fills.
        pictured: the part of it that pictures cover.
    """

    text: str
    box: Box | None
    images: tuple[ImagePart, ...] = ()
    held: Placeholder | None = None
    pictured: tuple[Box, ...] = ()


@dataclass(slots=True)
class Told:
    """What of a slide is said elsewhere than in its text."""

    left_out: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(slots=True)
class ShapeReader:
    """Reads the shapes of one part of a presentation.

    Attributes:
        part: name of the part.
        size: of a slide.
        where: words such as `slide 3`.
    """

    package: Package
    part: str
    ancestry: Ancestry
    pictures: Pictures
    size: Box
    where: str
    told: Told = field(default_factory=Told)

    def items(self, shapes: Iterable[Element], scale: Scale = WHOLE_SLIDE, depth: int = 0) -> list[Item]:
        """What the shapes show, in the order of reading. A group is read as one."""
        found = []
        for shape in shapes:
            if is_hidden(shape):
                self.told.left_out.append("A hidden shape is not read.")
                continue
            if local(shape) == "grpSp":
                item = self._group(shape, scale, depth)
            else:
                item = self._with_address(self._shape(shape, scale), shape)
            if item is not None and (item.text.strip() or item.images):
                found.append(item)
        return in_reading_order(found, lambda item: item.box)

    def background(self, slide: Element) -> Item | None:
        """The picture behind a slide's own shapes."""
        fill = child(slide, "cSld", "bg", "bgPr", "blipFill")
        return None if fill is None else self._picture(fill, self.size, "", 0)

    @property
    def links(self) -> dict[str, Relationship]:
        """The links of the part by their ids."""
        return self.package.relationships(self.part)

    @property
    def addresses(self) -> dict[str, str]:
        """Addresses outside the document that words of the part lead to."""
        return {
            name: link.target
            for name, link in self.links.items()
            if link.kind == "hyperlink" and link.external
        }

    def _group(self, group: Element, scale: Scale, depth: int) -> Item | None:
        if depth >= _DEEPEST:
            texts = shape_texts(group, self.addresses)
            return Item("\n\n".join(texts), None) if texts else None
        inner = self.items(children(group), scale_inside(group, scale), depth + 1)
        return joined(inner)

    def _shape(self, shape: Element, scale: Scale) -> Item | None:
        held, own = placeholder(shape), own_box(shape)
        box = scale.place(own) if own else self.ancestry.box(held) if held else None
        match local(shape):
            case "sp":
                return self._words(shape, box, held)
            case "pic":
                return self._shown_picture(shape, box, held)
            case "graphicFrame":
                text, images = self._frame(shape, box)
                return Item(text, box, images, held, (box,) if images and box else ())
            case "contentPart":
                self.told.left_out.append("A drawing by hand is not read.")
        return None

    def _with_address(self, item: Item | None, shape: Element) -> Item | None:
        """What a shape shows, with the address outside that it leads to as a whole."""
        link = next(
            (one for one in (child(each, "cNvPr", "hlinkClick") for each in shape) if one is not None), None
        )
        address = None if link is None else self.addresses.get(relation(link) or "")
        if item is None or not address or not item.text.strip() or address in item.text:
            return item
        return replace(item, text=f"{item.text} ({address})")

    def _words(self, shape: Element, box: Box | None, held: Placeholder | None) -> Item | None:
        body = child(shape, "txBody")
        text = ""
        if body is not None:
            text = body_text(body, self.addresses, self.ancestry.styles(held))
        fill = child(shape, "spPr", "blipFill")
        shown = None if fill is None else self._picture(fill, box, description(shape), quarter_turns(shape))
        if shown is not None:
            return Item(_both(shown.text, text), box, shown.images, held, shown.pictured)
        return Item(text or _unwritten(shape), box, held=held)

    def _shown_picture(self, shape: Element, box: Box | None, held: Placeholder | None) -> Item | None:
        self._tell_media(shape)
        fill = child(shape, "blipFill")
        shown = None if fill is None else self._picture(fill, box, description(shape), quarter_turns(shape))
        return None if shown is None else Item(shown.text, box, shown.images, held, shown.pictured)

    def _tell_media(self, shape: Element) -> None:
        properties = child(shape, "nvPicPr", "nvPr")
        for one in () if properties is None else properties:
            if kind := _MEDIA.get(local(one)):
                self.told.left_out.append(f"{kind} is not included.")

    def _picture(self, fill: Element, box: Box | None, told: str, turns: int) -> Item | None:
        blip = child(fill, "blip")
        link = (
            None if blip is None else self.links.get(relation(blip, "embed") or relation(blip, "link") or "")
        )
        alone = f"(picture: {told})" if told else ""
        if link is None:
            return Item(alone, box)
        data = None if link.external else self.package.read(link.target)
        if data is None:
            self.told.left_out.append("A picture is not included: the file only refers to it.")
            return Item(alone, box)
        if box is not None and box.width * box.height < _SMALL * self.size.width * self.size.height:
            self.pictures.small += 1
            return Item(alone, box)
        return self._taken(data, _crop(fill, turns), box, told)

    def _taken(self, data: bytes, crop: Crop, box: Box | None, told: str) -> Item:
        before = self.pictures.shown_at(data, crop)
        taken = None if before else self.pictures.take(data, self.where, crop)
        if isinstance(taken, ImagePart):
            text = f"{PICTURE_MARK} ({told})" if told else PICTURE_MARK
            return Item(text, box, (taken,), pictured=(box,) if box else ())
        if isinstance(taken, str):
            self.told.left_out.append(taken)
        same = f"(the picture of {before} again)" if before and before != self.where else ""
        return Item(" ".join(one for one in (same, f"(picture: {told})" if told else "") if one), box)

    def _frame(self, frame: Element, box: Box | None) -> tuple[str, tuple[ImagePart, ...]]:
        data = child(frame, "graphic", "graphicData")
        for one in () if data is None else children(data):
            match local(one):
                case "tbl":
                    return table_text(one, self.addresses), ()
                case "chart":
                    return self._chart(one), ()
                case "relIds":
                    return self._diagram(one), ()
                case "oleObj":
                    return self._object(one, box)
        return _unwritten(frame), ()

    def _target(self, element: Element, name: str = "id") -> str | None:
        link = self.links.get(relation(element, name) or "")
        return None if link is None or link.external else link.target

    def _chart(self, reference: Element) -> str:
        name = self._target(reference)
        data = self.package.read(name) if name else None
        text = chart_table(data) if data else ""
        if not text:
            self.told.left_out.append("A chart is not read: its figures are not in the file.")
        return "\n\n".join([text, *self._written_on_chart(name or "")]) if text else ""

    def _written_on_chart(self, name: str) -> list[str]:
        drawings = (self.package.xml(one) for one in self.package.related(name, "chartUserShapes"))
        return [text for drawing in drawings if drawing is not None for text in shape_texts(drawing)]

    def _diagram(self, reference: Element) -> str:
        name = self._target(reference, "dm")
        model = self.package.xml(name) if name else None
        text = "" if model is None else diagram_text(model)
        return text or self._drawn_diagram()

    def _drawn_diagram(self) -> str:
        """The words of diagrams as they were last drawn, for one whose data have none."""
        found = []
        for name in self.package.related(self.part, "diagramDrawing"):
            drawing = self.package.xml(name)
            found += [] if drawing is None else shape_texts(drawing)
        return "\n".join(dict.fromkeys(found))

    def _object(self, reference: Element, box: Box | None) -> tuple[str, tuple[ImagePart, ...]]:
        """An embedded file, with the picture that stands for it."""
        name = self._target(reference)
        data = self.package.read(name) if name else None
        kind = reference.get("progId", "")
        file = embedded(data, name) if name and data else None
        if file:
            self.told.attachments.append(file)
        else:
            what = "An embedded" if data else "A linked"
            self.told.left_out.append(f"{what} object ({kind or 'of an unknown kind'}) is not read.")
        picture = next((one for one in reference.iter() if local(one) == "blipFill"), None)
        before = len(self.told.left_out)
        shown = None if picture is None else self._picture(picture, box, "", 0)
        del self.told.left_out[before:]  # the file itself is there, its preview need not be
        return (shown.text, shown.images) if shown else ("", ())


def joined(items: list[Item]) -> Item | None:
    """The items as one, one below the other."""
    if not items:
        return None
    return Item(
        "\n\n".join(item.text for item in items if item.text),
        around([item.box for item in items if item.box]),
        tuple(image for item in items for image in item.images),
        pictured=tuple(box for item in items for box in item.pictured),
    )


def is_margin(item: Item) -> bool:
    """Whether it is a date, a number or a line that stands at the edge of every slide."""
    return item.held is not None and item.held.kind in _MARGINS


def description(shape: Element) -> str:
    """What its author wrote about a shape for people who do not see it (`descr`)."""
    for properties in shape:
        own = child(properties, "cNvPr")
        if own is not None:
            told = _MACHINE_TOLD.sub("", own.get("descr", "")).strip()
            return "" if _FILE_NAME.fullmatch(told) or "://" in told else " ".join(told.split())
    return ""


def _unwritten(shape: Element) -> str:
    told = description(shape)
    return f"(picture: {told})" if told else ""


def _both(first: str, second: str) -> str:
    return "\n".join(one for one in (first, second) if one)


def _crop(fill: Element, turns: int) -> Crop:
    """What of a picture is shown (`a:srcRect`, in 1,000ths of a percent; less than nothing is a frame)."""
    source = child(fill, "srcRect")
    if source is None:
        return Crop(turns=turns)
    left, top, right, bottom = (
        min(max(whole(source.get(side)) / 100_000, 0.0), 1.0) for side in ("l", "t", "r", "b")
    )
    return Crop(left, top, right, bottom, turns)


def notes_text(package: Package, name: str, pictures: Pictures, size: Box) -> tuple[str, Told]:
    """The words on a page of notes: what its author wrote below the picture of the slide."""
    page = package.xml(name)
    if page is None:
        return "", Told()
    reader = ShapeReader(package, name, Ancestry(None, None), pictures, size, "the notes")
    tree = child(page, "cSld", "spTree")
    shapes = [one for one in children(tree) if not _is_frame(one)] if tree is not None else []
    return "\n".join(item.text for item in reader.items(shapes)), reader.told


def _is_frame(shape: Element) -> bool:
    held = placeholder(shape)
    return local(shape) == "pic" or (held is not None and held.kind in (*_MARGINS, "sldImg"))
