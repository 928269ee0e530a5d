"""Text documents of OpenDocument: a part for each of their top headings."""

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from docstage.domain.content import PICTURE_MARK, Part, PartKind
from docstage.extraction.extractors.base import Extracted, Limits
from docstage.extraction.extractors.office.embedded_pictures import Pictures, unmarked
from docstage.extraction.extractors.open_document.blocks import Block, Blocks, joined
from docstage.extraction.extractors.open_document.inline import PARAGRAPHS
from docstage.extraction.extractors.open_document.names import OFFICE, STYLE, TABLE, TEXT, find
from docstage.extraction.extractors.open_document.package import Source
from docstage.extraction.extractors.open_document.shapes import form_values
from docstage.extraction.extractors.open_document.styles import Styles, master_pages
from docstage.extraction.extractors.sentences import sentences

_HEADERS = ("header", "header-first", "header-left")
_FOOTERS = ("footer", "footer-first", "footer-left")
_PAGED = frozenset({*PARAGRAPHS, f"{TABLE}table"})
_FEW = 60  # characters besides pictures, below which a part is taken for pictures


@dataclass(slots=True)
class _Section:
    name: str | None = None
    blocks: list[Block] = field(default_factory=list)
    notes: str = ""

    @property
    def text(self) -> str:
        """Its words with its footnotes."""
        return joined([*self.blocks, Block(self.notes)])


def read_text(source: Source, body: Element, media_type: str, pictures: Pictures) -> Extracted:
    """Read a text document (`office:text`)."""
    styles = Styles(source.roots, source.content)
    reader = Blocks(styles, source.members, pictures, form_values(find(body, f"{OFFICE}forms")))
    sections = _sections(reader, body)
    texts = [section.text for section in sections]
    _add_margins(source, body, styles, texts)
    parts = [
        _part(number, section.name if len(sections) > 1 or section.name else None, text, pictures)
        for number, (section, text) in enumerate(zip(sections, texts, strict=True), 1)
    ]
    notes = list(pictures.notes())
    if find(body, f"{TEXT}tracked-changes") is not None:
        notes.insert(0, "It has tracked changes, which are read as if they were accepted.")
    left_out = list(sentences(reader.shapes.found.left_out))
    if reader.inline.hidden:
        left_out.append("Hidden text is not read.")
    return Extracted(
        tuple(parts), media_type, tuple(notes), tuple(left_out), tuple(reader.shapes.found.attachments)
    )


def _sections(reader: Blocks, body: Element) -> list[_Section]:
    top = _top_level(body)
    sections = [_Section()]
    for block in reader.blocks(body):
        if 0 < block.level <= top:
            sections[-1].notes = reader.notes()
            sections.append(_Section(unmarked(block.heading).strip() or None))
        sections[-1].blocks.append(block)
    sections[-1].notes = reader.notes()
    return [section for section in sections if section.text.strip()] or sections[:1]


def _top_level(body: Element) -> int:
    """The level of the headings that divide the document: the highest that there are several of."""
    levels = [
        one.get(f"{TEXT}outline-level", "1")
        for one in body.iter(f"{TEXT}h")
        if "".join(one.itertext()).strip()
    ]
    numbers = sorted(int(level) for level in levels if level.isdigit())
    several = [level for level in numbers if numbers.count(level) > 1]
    return several[0] if several else numbers[0] if numbers else 0


def _part(number: int, name: str | None, marked: str, pictures: Pictures) -> Part:
    text, own = pictures.placed(marked)
    words = len("".join(text.replace(PICTURE_MARK, "").split()))
    return Part(PartKind.SECTION, number, text, own, name, pictured=bool(own) and words < _FEW)


def _add_margins(source: Source, body: Element, styles: Styles, texts: list[str]) -> None:
    """Put the headers of the pages above the text and the footers below it, each once."""
    masters = master_pages(source.roots)
    reader = Blocks(Styles(source.roots, source.styles), source.members, Pictures(Limits(images=0)))
    used = [masters[name] for name in _used(masters, body, styles)]
    headers, footers = (
        dict.fromkeys(_margin(reader, page, name) for name in names for page in used)
        for names in (_HEADERS, _FOOTERS)
    )
    above = "\n".join(f"Header: {text}" for text in headers if text)
    below = "\n".join(f"Footer: {text}" for text in footers if text)
    texts[0] = "\n\n".join(text for text in (above, texts[0]) if text)
    texts[-1] = "\n\n".join(text for text in (texts[-1], below) if text)


def _margin(reader: Blocks, page: Element, name: str) -> str:
    margin = find(page, f"{STYLE}{name}")
    if margin is None or margin.get(f"{STYLE}display") == "false":
        return ""
    text = unmarked(reader.text(margin)).strip()
    return "" if text.isdigit() else text  # the number of a page


def _used(masters: dict[str, Element], body: Element, styles: Styles) -> list[str]:
    """The names of the master pages that the document's pages have, in their order."""
    if not masters:
        return []
    said = [_master_of(one, styles) for one in body.iter() if one.tag in _PAGED]
    used = {name for name in said if name}
    if not said or not said[0]:
        used.add("Standard" if "Standard" in masters else next(iter(masters)))
    for name, page in masters.items():
        if name in used:
            used.add(page.get(f"{STYLE}next-style-name") or name)
    return [name for name in masters if name in used]


def _master_of(one: Element, styles: Styles) -> str | None:
    family, attribute = ("table", TABLE) if one.tag == f"{TABLE}table" else ("paragraph", TEXT)
    return styles.inherited(family, one.get(f"{attribute}style-name"), f"{STYLE}master-page-name")
