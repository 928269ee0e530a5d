"""PowerPoint of today: each slide with its notes and comments, in the order of the presentation."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from docstage.domain.content import DocumentReason, Part, PartKind
from docstage.extraction.extractors.base import Attachment, Extracted, Limits, Unreadable, check_length, tidy
from docstage.extraction.extractors.office.drawing import body_text, child, local, relation, whole
from docstage.extraction.extractors.office.embedded_pictures import Pictures
from docstage.extraction.extractors.office.package import Package, zip_package
from docstage.extraction.extractors.office.reading_order import Box
from docstage.extraction.extractors.sentences import sentences
from docstage.extraction.extractors.slides.comments import comments_text
from docstage.extraction.extractors.slides.places import Ancestry, plain_words, shapes
from docstage.extraction.extractors.slides.shapes import (
    Item,
    ShapeReader,
    is_margin,
    notes_text,
)

# A slide of a thousand shapes has some 2 MB; the tree of one takes ten times as much memory.
_LARGEST_PART = 50 * 2**20
_SIZE = Box(0, 0, 12_192_000, 6_858_000)  # of a slide in EMU, where the presentation does not say
# A slide that a picture covers at least half of, with fewer characters besides, is that picture.
_COVERED, _FEW = 0.5, 60


class SlideExtractor:
    """PPTX and its like."""

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Read each slide as a part. See `Extractor.extract`."""
        return Deck(zip_package(data, _LARGEST_PART), Pictures(limits)).read(media_type)


EXTRACTOR = SlideExtractor


@dataclass(slots=True)
class Deck:
    """A presentation that is being read.

    Attributes:
        once: lines at the edges of slides that were read already.
        problems: why slides cannot be read.
        numbers: of the slides that were read, by their parts.
        characters: length of all that was read.
    """

    package: Package
    pictures: Pictures
    once: set[str] = field(default_factory=set)
    attachments: list[Attachment] = field(default_factory=list)
    problems: list[Unreadable] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)
    characters: int = 0
    ancestries: dict[str, tuple[Ancestry, Element | None, Element | None]] = field(default_factory=dict)

    def read(self, media_type: str) -> Extracted:
        """All slides.

        Raises:
            Unreadable: when there is no presentation in the file, or none of its slides can be read.
        """
        main = self.package.main or "ppt/presentation.xml"
        root = self.package.xml(main)
        if root is None:
            detail = "The presentation is not in the file. Open it in its program and save it anew."
            raise Unreadable(DocumentReason.DAMAGED, detail)
        size = _size(child(root, "sldSz"))
        sections = _sections(root)
        found = [
            self._counted(*self._part(name, number, size, sections.get(number_in_file)))
            for number, (number_in_file, name) in enumerate(self._slides(main, root), 1)
        ]
        if self.problems and len(self.problems) == len(found):
            raise self.problems[0]
        notes = [note for _, told in found for note in told]
        return Extracted(
            tuple(part for part, _ in found),
            media_type,
            tuple(notes) + self.pictures.notes(),
            attachments=tuple(self.attachments),
        )

    def _counted(self, part: Part, notes: list[str]) -> tuple[Part, list[str]]:
        """A part whose characters still fit; many slides may have the same long notes."""
        self.characters += len(part.text)
        check_length(self.characters, self.pictures.limits)
        return part, notes

    def _slides(self, main: str, root: Element) -> Iterator[tuple[str, str]]:
        """The ids and parts of slides in their order."""
        links = self.package.relationships(main)
        listed = child(root, "sldIdLst")
        for one in () if listed is None else listed:
            link = links.get(relation(one) or "")
            if local(one) == "sldId":
                yield one.get("id", ""), link.target if link and not link.external else ""

    def _part(self, name: str, number: int, size: Box, section: str | None) -> tuple[Part, list[str]]:
        if name in self.numbers:
            return _missing(number, f"It is slide {self.numbers[name]} again, which is read there."), []
        self.numbers[name] = number
        try:
            slide = self.package.xml(name)
            if slide is None:
                return _missing(number, "It is not in the file."), []
            return self._slide(slide, name, number, size, section)
        except Unreadable as problem:
            self.problems.append(problem)
            return _missing(number, f"It is not read: {problem.detail}"), []

    def _slide(
        self, slide: Element, name: str, number: int, size: Box, section: str | None
    ) -> tuple[Part, list[str]]:
        ancestry, *above = self._ancestry(name)
        reader = ShapeReader(self.package, name, ancestry, self.pictures, size, f"slide {number}")
        behind = reader.background(slide)
        items = reader.items(shapes(slide))
        title = next((item for item in items if item.held and item.held.is_title and item.text.strip()), None)
        heading = " ".join(title.text.split()) if title else None
        body = [item for item in items if item is not title and not is_margin(item)]
        shown = [*([title] if title and title.images else []), *([behind] if behind else []), *body]
        hidden = slide.get("show") in ("0", "false")
        pieces = [
            f"Section: {section}" if section else "",
            "(This slide is hidden.)" if hidden else "",
            f"# {heading}" if heading else "",
            *(item.text for item in shown if item is not title),
            *self._margins(slide, [item for item in items if is_margin(item)], above),
            *self._beside(name, size, reader),
        ]
        self.attachments += reader.told.attachments
        images = tuple(image for item in shown for image in item.images)
        text = tidy("\n\n".join(piece for piece in pieces if piece.strip()))
        part = Part(
            PartKind.SLIDE,
            number,
            text,
            images,
            heading,
            pictured=_is_picture([*shown, *([title] if title else [])], size),
            left_out=tuple(sentences(reader.told.left_out)),
        )
        return part, [f"Slide {number} is hidden in the presentation."] if hidden else []

    def _beside(self, name: str, size: Box, reader: ShapeReader) -> Iterator[str]:
        """The notes and comments of a slide."""
        for page in self.package.related(name, "notesSlide"):
            text, told = notes_text(self.package, page, self.pictures, size)
            reader.told.left_out += told.left_out
            if text.strip():
                yield f"Notes: {text}"
        yield comments_text(self.package, name)

    def _margins(self, slide: Element, items: list[Item], above: list[Element | None]) -> Iterator[str]:
        """Lines at the edge of slides, and what layout and master show on them, each once in a document."""
        lines = [item.text for item in items if not item.text.strip().isdigit()]
        for sheet in above if slide.get("showMasterSp") not in ("0", "false") else ():
            for shape in plain_words(sheet):
                lines += [body_text(body) for body in shape.iter() if local(body) == "txBody"]
            if sheet is not None and sheet.get("showMasterSp") in ("0", "false"):
                break
        for line in lines:
            if line.strip() and line.strip() not in self.once:
                self.once.add(line.strip())
                yield line

    def _ancestry(self, name: str) -> tuple[Ancestry, Element | None, Element | None]:
        layout = next(iter(self.package.related(name, "slideLayout")), "")
        if layout not in self.ancestries:
            master = next(iter(self.package.related(layout, "slideMaster")), "") if layout else ""
            sheets = self._sheet(layout), self._sheet(master)
            self.ancestries[layout] = (Ancestry(*sheets), *sheets)
        return self.ancestries[layout]

    def _sheet(self, name: str) -> Element | None:
        """A layout or a master; one that cannot be read has no words of the slides."""
        try:
            return self.package.xml(name) if name else None
        except Unreadable:
            return None


def _missing(number: int, why: str) -> Part:
    return Part(PartKind.SLIDE, number, left_out=(why,))


def _is_picture(shown: list[Item], size: Box) -> bool:
    """Whether the words of a slide are in its pictures."""
    images = any(item.images for item in shown)
    covered = sum(size.width and box.share_of(size) for item in shown for box in item.pictured)
    words = sum(len("".join(item.text.split())) for item in shown if not item.images)
    return images and covered >= _COVERED and words < _FEW


def _size(said: Element | None) -> Box:
    width, height = (0, 0) if said is None else (whole(said.get("cx")), whole(said.get("cy")))
    return Box(0, 0, width, height) if width > 0 and height > 0 else _SIZE


def _sections(root: Element) -> dict[str, str]:
    """Names of sections by the ids of the slides that begin them."""
    found = {}
    for section in root.iter():
        if local(section) == "section" and section.get("name"):
            first = next((one.get("id") for one in section.iter() if local(one) == "sldId"), None)
            if first is not None:
                found[first] = section.get("name", "")
    return found
