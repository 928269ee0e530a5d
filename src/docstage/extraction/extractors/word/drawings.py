"""What is drawn in a paragraph of Word: pictures, text boxes, charts, diagrams, embedded files."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.office.charts import chart_table
from docstage.extraction.extractors.office.diagram import diagram_text
from docstage.extraction.extractors.office.drawing import body_text
from docstage.extraction.extractors.office.package import parse_part
from docstage.extraction.extractors.word.document import Block, Host
from docstage.extraction.extractors.word.embedded import embedded
from docstage.extraction.extractors.word.pictures import Shown, turn_of
from docstage.extraction.extractors.word.xml import R, below, local, number

_O = "{urn:schemas-microsoft-com:office:office}"
_FOUND = frozenset(
    {"pic", "txbxContent", "chart", "relIds", "imagedata", "textpath", "OLEObject", "txBody", "contentPart"}
)
_FILE_NAME = re.compile(
    r"(?:.*[/\\])?[\w .()-]{1,80}\.(?:png|jpe?g|gif|bmp|tiff?|emf|wmf|svg)|Picture \d+", re.IGNORECASE
)
_SIZE = re.compile(r"(width|height)\s*:\s*([\d.]+)\s*(pt|in|cm|mm|px)?", re.IGNORECASE)
_UNITS = {"pt": 12_700, "in": 914_400, "cm": 360_000, "mm": 36_000, "px": 9_525, "": 12_700}
_LINKED_ONE = "A picture is left out, because it is no part of the file but a link."
_LINKED_MANY = "{} pictures are left out, because they are no part of the file but links."
_GONE_ONE = "A drawing is left out, because what it shows is missing or damaged."
_GONE_MANY = "{} drawings are left out, because what they show is missing or damaged."
_INK_ONE = "A drawing in ink is left out."
_INK_MANY = "{} drawings in ink are left out."


@dataclass(slots=True)
class Found:
    """What was drawn.

    Attributes:
        text: what stands in the line.
        boxes: text boxes, whose contents are paragraphs.
        blocks: what stands below the paragraph.
    """

    text: str = ""
    boxes: list[Element] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)


class Drawings:
    """Reads the drawings of a story."""

    def __init__(self, host: Host) -> None:
        self._document = host.document
        self._source = host.source

    def read(self, drawing: Element) -> Found:
        """What is in `w:drawing`, `w:pict` or `w:object`."""
        found = Found()
        properties = next((one for one in drawing.iter() if local(one) == "docPr"), None)
        if properties is not None and properties.get("hidden") in ("1", "true"):
            return found
        ones = list(below(drawing, _FOUND))
        objects = [one for one in ones if local(one) == "OLEObject"]
        if objects and self._embedded(objects[0], found):
            return found
        alternative = "" if properties is None else properties.get("descr") or ""
        extent = next((one for one in drawing.iter() if local(one) == "extent"), None)
        alone = sum(local(one) == "pic" for one in ones) == 1
        size = (number(extent.get("cx")), number(extent.get("cy"))) if extent is not None and alone else None
        for one in ones:
            self._read_one(one, found, size, drawing)
        self._describe(found, alternative or _described(drawing))
        return found

    def _read_one(self, one: Element, found: Found, size: tuple[int, int] | None, drawing: Element) -> None:
        match local(one):
            case "txbxContent":
                found.boxes.append(one)
            case "txBody":
                found.blocks.append(Block(body_text(one)))
            case "textpath":
                words = one.get("string", "").strip()
                found.blocks.append(
                    Block(f"Watermark: {words}" if self._document.pictures.in_margin else words)
                )
            case "pic":
                found.text += self._picture(one, size)
            case "imagedata":
                found.text += self._old_picture(one, drawing)
            case "chart":
                self._part(one.get(f"{R}id"), chart_table, found)
            case "relIds":
                self._part(one.get(f"{R}dm"), _diagram, found)
            case "contentPart":
                self._document.remarks.count(_INK_ONE, _INK_MANY)

    def _describe(self, found: Found, words: str) -> None:
        """Add what its author says that a picture shows."""
        words = " ".join(words.split())
        if words and not _FILE_NAME.fullmatch(words) and not (found.boxes or found.blocks):
            found.text = f"{found.text} ({words})" if found.text else f"[Picture: {words}]"

    def _picture(self, picture: Element, size: tuple[int, int] | None) -> str:
        blip = next((one for one in picture.iter() if local(one) == "blip"), None)
        if blip is None:
            return ""
        crop = next((one for one in picture.iter() if local(one) == "srcRect"), None)
        frame = next((one for one in picture.iter() if local(one) == "xfrm"), None)
        sides = tuple(number(None if crop is None else crop.get(side)) for side in "ltrb")
        turn = turn_of(number(None if frame is None else frame.get("rot")))
        shown = Shown(size, (sides[0], sides[1], sides[2], sides[3]), turn)
        return self._image(blip.get(f"{R}embed"), blip.get(f"{R}link"), shown)

    def _old_picture(self, data: Element, drawing: Element) -> str:
        shape = next((one for one in drawing.iter() if any(below is data for below in one)), None)
        sizes = {
            found[1].lower(): int(float(found[2].rstrip(".")) * _UNITS[(found[3] or "").lower()])
            for found in _SIZE.finditer("" if shape is None else shape.get("style", ""))
            if found[2].count(".") <= 1 and found[2].strip(".")
        }
        size = (sizes["width"], sizes["height"]) if len(sizes) == 2 and all(sizes.values()) else None
        return self._image(data.get(f"{R}id") or data.get(f"{_O}relid"), data.get(f"{R}href"), Shown(size))

    def _image(self, embedded_id: str | None, linked_id: str | None, shown: Shown) -> str:
        links = self._document.package.relationships(self._source)
        link = links.get(embedded_id or "") or links.get(linked_id or "")
        if link is None:
            return ""
        if link.external:
            self._document.remarks.count(_LINKED_ONE, _LINKED_MANY)
            return ""
        try:
            data = self._document.package.read(link.target)
        except Unreadable:
            data = None
        if data is None:
            self._document.remarks.count(_GONE_ONE, _GONE_MANY)
            return ""
        return self._document.pictures.take(link.target, data, shown)

    def _part(self, link_id: str | None, read: Callable[[bytes], str], found: Found) -> None:
        """Add what another part of the package says, as a table or a list."""
        link = self._document.package.relationships(self._source).get(link_id or "")
        try:
            data = None if link is None or link.external else self._document.package.read(link.target)
            text = None if data is None else read(data)
        except Unreadable:
            text = None
        if text is None:
            self._document.remarks.count(_GONE_ONE, _GONE_MANY)
        elif text:
            found.blocks.append(Block(text))

    def _embedded(self, element: Element, found: Found) -> bool:
        """Whether a file lies in the document, which is then attached in the place of its picture."""
        link = self._document.package.relationships(self._source).get(element.get(f"{R}id", ""))
        if link is None or link.external:
            return False
        try:
            data = self._document.package.read(link.target)
        except Unreadable:
            return False
        attached = embedded(data, link.target) if data else None
        if attached is None:
            return False
        self._document.attachments.append(attached)
        found.text = f"[Attached file: {attached.name}]"
        return True


def _described(drawing: Element) -> str:
    """What an old shape says that it shows."""
    shape = next((one for one in drawing.iter() if local(one) in ("shape", "rect", "group")), None)
    return "" if shape is None else shape.get("alt", "")


def _diagram(data: bytes) -> str:
    return diagram_text(parse_part(data))
