"""Presentations of OpenDocument: each slide with its notes, without the words of its master's prompts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from docstage.domain.content import PICTURE_MARK, Part, PartKind
from docstage.extraction.extractors.base import Extracted, Limits, tidy
from docstage.extraction.extractors.office.embedded_pictures import Pictures, unmarked
from docstage.extraction.extractors.office.reading_order import Box, around, in_reading_order
from docstage.extraction.extractors.open_document.blocks import Blocks
from docstage.extraction.extractors.open_document.inline import comments_beside
from docstage.extraction.extractors.open_document.names import DRAW, OFFICE, SHOW, STYLE, find, points
from docstage.extraction.extractors.open_document.package import Source
from docstage.extraction.extractors.open_document.shapes import Found, form_values, place
from docstage.extraction.extractors.open_document.styles import Styles, master_pages
from docstage.extraction.extractors.sentences import sentences

_SIZE = Box(0, 0, 793.7, 446.5)  # points: 28 by 15.75 cm, where no layout says it
_TITLES = ("title",)
_LENGTHS = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}page-"
_PREVIEW = f"{DRAW}page-thumbnail"
_MARGINS = frozenset({"header", "footer", "date-time", "page-number", "page", "handout"})
_DEEPEST = 50
# A slide that a picture covers at least half of, with fewer characters besides, is that picture.
_COVERED, _FEW = 0.5, 60


@dataclass(frozen=True, slots=True)
class _Shown:
    text: str
    box: Box | None
    found: Found


def read_slides(source: Source, body: Element, media_type: str, pictures: Pictures) -> Extracted:
    """Read a presentation or a drawing (`office:presentation`, `office:drawing`)."""
    return _Deck(source, body, pictures).read(media_type)


class _Deck:
    def __init__(self, source: Source, body: Element, pictures: Pictures) -> None:
        self._source = source
        self._body = body
        self._pictures = pictures
        self._styles = Styles(source.roots, source.content)
        self._masters = master_pages(source.roots)
        self._of_masters = Blocks(
            Styles(source.roots, source.styles), source.members, Pictures(Limits(images=0))
        )
        self._once: set[str] = set()
        self._sizes = _sizes(source.styles)
        self._declared = _declarations(body)
        self._kind = PartKind.PAGE if body.tag == f"{OFFICE}drawing" else PartKind.SLIDE

    def read(self, media_type: str) -> Extracted:
        pages = [one for one in self._body if one.tag == f"{DRAW}page"]
        parts, found, hidden = [], Found(), []
        for number, page in enumerate(pages, 1):
            part, told = self._slide(page, number)
            parts.append(part)
            found.attachments += told.attachments
            if self._is_hidden(page):
                hidden.append(f"Slide {number} is hidden in the presentation.")
        return Extracted(
            tuple(parts),
            media_type,
            (*hidden, *self._pictures.notes()),
            attachments=tuple(found.attachments),
        )

    def _slide(self, page: Element, number: int) -> tuple[Part, Found]:
        reader = Blocks(
            self._styles, self._source.members, self._pictures, form_values(find(page, f"{OFFICE}forms"))
        )
        reader.shapes.where = f"{self._kind} {number}"
        told = reader.shapes.found
        title, rest = _apart(page)
        heading = " ".join(reader.shapes.text(title).split()) if title is not None else ""
        shown = _read(reader, rest, 0)
        pieces = [
            "(This slide is hidden.)" if self._is_hidden(page) else "",
            f"# {heading}" if heading else "",
            *(one.text for one in shown),
            *self._margins(page),
            *self._notes(page, reader),
            *comments_beside(page, reader.inline),
        ]
        left_out = [*told.left_out, *(sentence for one in shown for sentence in one.found.left_out)]
        told.attachments += [file for one in shown for file in one.found.attachments]
        if reader.inline.hidden:
            left_out.append("Hidden text is not read.")
        text, images = self._pictures.placed(tidy("\n\n".join(piece for piece in pieces if piece.strip())))
        part = Part(
            self._kind,
            number,
            text,
            images,
            unmarked(heading).strip() or None,
            pictured=_is_picture(heading, shown, self._size(page)),
            left_out=tuple(sentences(left_out)),
        )
        return part, told

    def _is_hidden(self, page: Element) -> bool:
        return self._property(page, f"{SHOW}visibility") == "hidden"

    def _property(self, page: Element, name: str) -> str | None:
        return self._styles.property("drawing-page", page.get(f"{DRAW}style-name"), "drawing-page", name)

    def _size(self, page: Element) -> Box:
        master = self._masters.get(page.get(f"{DRAW}master-page-name", ""))
        layout = None if master is None else master.get(f"{STYLE}page-layout-name")
        return self._sizes.get(layout or "", _SIZE)

    def _notes(self, page: Element, reader: Blocks) -> Iterator[str]:
        notes = find(page, f"{SHOW}notes")
        shapes = (
            [] if notes is None else [one for one in notes if _class(one) not in _MARGINS and _is_read(one)]
        )
        texts = [unmarked(reader.shapes.text(one)) for one in shapes if one.tag != _PREVIEW]
        text = "\n".join(text for text in texts if text.strip())
        if text:
            yield f"Notes: {text}"
        if footnotes := reader.notes():
            yield footnotes

    def _margins(self, page: Element) -> Iterator[str]:
        """Footers, and what its master shows on the slide, each once in a document."""
        lines = [self._said(page, name) for name in ("footer", "date-time")]
        master = self._masters.get(page.get(f"{DRAW}master-page-name", ""))
        if master is not None and self._property(page, f"{SHOW}background-objects-visible") != "false":
            own = (one for one in master if _class(one) is None and _is_read(one))
            lines += [unmarked(self._of_masters.shapes.text(one)) for one in own]
        for line in lines:
            if line.strip() and line.strip() not in self._once:
                self._once.add(line.strip())
                yield line

    def _said(self, page: Element, name: str) -> str:
        """What stands in the place of a footer or a date on the slides that show one."""
        if self._property(page, f"{SHOW}display-{name}") == "false":
            return ""
        return self._declared.get((name, page.get(f"{SHOW}use-{name}-name", "")), "")


def _sizes(styles: Element) -> dict[str, Box]:
    """The sizes of slides by the names of their layouts, in points."""
    found = {}
    for layout in (one for holder in styles for one in holder if one.tag == f"{STYLE}page-layout"):
        properties = find(layout, f"{STYLE}page-layout-properties")
        width, height = (
            points(None if properties is None else properties.get(_LENGTHS + name))
            for name in ("width", "height")
        )
        if width and height:
            found[layout.get(f"{STYLE}name", "")] = Box(0, 0, width, height)
    return found


def _declarations(body: Element) -> dict[tuple[str, str], str]:
    """Footers and dates by what they are and their names; a date of today is none."""
    return {
        (name, said.get(f"{SHOW}name", "")): "".join(said.itertext()).strip()
        for name in ("footer", "date-time")
        for said in body
        if said.tag == f"{SHOW}{name}-decl" and said.get(f"{SHOW}source") != "current-date"
    }


def _apart(page: Element) -> tuple[Element | None, list[Element]]:
    """The title and the other shapes of a slide that are shown."""
    shapes = [one for one in page if _is_read(one) and one.tag != _PREVIEW]
    title = next((one for one in shapes if _class(one) in _TITLES), None)
    return title, [one for one in shapes if one is not title]


def _is_read(shape: Element) -> bool:
    return shape.tag.startswith(DRAW) and shape.get(f"{SHOW}placeholder") != "true"


def _class(shape: Element) -> str | None:
    return shape.get(f"{SHOW}class")


def _read(reader: Blocks, shapes: Iterable[Element], depth: int) -> list[_Shown]:
    """What shapes show, in the order of reading. A group is read as one."""
    shown = []
    for shape in shapes:
        before = reader.shapes.found
        reader.shapes.found = Found()
        if shape.tag == f"{DRAW}g" and depth < _DEEPEST:
            one = _joined(_read(reader, [inner for inner in shape if _is_read(inner)], depth + 1))
        else:
            one = _Shown(reader.shapes.text(shape), place(shape), reader.shapes.found)
        reader.shapes.found = before
        shown.append(one)
    return in_reading_order(
        [one for one in shown if one.text.strip() or one.found.left_out], lambda one: one.box
    )


def _joined(shown: list[_Shown]) -> _Shown:
    found = Found()
    for one in shown:
        found.pictured += one.found.pictured
        found.left_out += one.found.left_out
        found.attachments += one.found.attachments
    text = "\n\n".join(one.text for one in shown if one.text.strip())
    return _Shown(text, around([one.box for one in shown if one.box]), found)


def _is_picture(heading: str, shown: list[_Shown], size: Box) -> bool:
    """Whether the words of a slide are in its pictures."""
    covered = sum(box.share_of(size) for one in shown for box in one.found.pictured)
    words = len("".join(heading.split()))
    words += sum(len("".join(one.text.split())) for one in shown if PICTURE_MARK not in one.text)
    return covered >= _COVERED and words < _FEW
