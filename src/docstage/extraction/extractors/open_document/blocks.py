"""Paragraphs, headings, lists, sections and tables of OpenDocument, one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.base import tidy
from docstage.extraction.extractors.office.embedded_pictures import Pictures
from docstage.extraction.extractors.open_document.inline import PARAGRAPHS, Beside, Inline
from docstage.extraction.extractors.open_document.names import DRAW, OFFICE, STYLE, TABLE, TEXT, whole
from docstage.extraction.extractors.open_document.numbers import Counter, Numbers
from docstage.extraction.extractors.open_document.package import Members
from docstage.extraction.extractors.open_document.shapes import ShapeReader
from docstage.extraction.extractors.open_document.styles import Styles
from docstage.extraction.extractors.open_document.tables import table_rows, table_text

_MOST_MARKS = 6  # Markdown knows no deeper headings
_ITEMS = (f"{TEXT}list-item", f"{TEXT}list-header")
_UNREAD = frozenset(
    {
        f"{TEXT}tracked-changes",
        f"{TEXT}sequence-decls",
        f"{TEXT}variable-decls",
        f"{TEXT}user-field-decls",
        f"{OFFICE}forms",
        f"{OFFICE}annotation",
        f"{OFFICE}binary-data",
        f"{OFFICE}event-listeners",
        f"{DRAW}glue-point",
    }
)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, an item of a list, a table.

    Attributes:
        level: of a heading, 0 for what is none.
        heading: the words of a heading with their number.
        item: it follows another item without a gap.
    """

    text: str
    level: int = 0
    heading: str = ""
    item: bool = False


@dataclass(slots=True)
class _List:
    style: str
    counter: Counter
    level: int


class Blocks:
    """Reads what holds paragraphs.

    Args:
        pictures: takes the pictures of the document.
    """

    def __init__(
        self,
        styles: Styles,
        members: Members,
        pictures: Pictures,
        controls: dict[str, str] | None = None,
    ) -> None:
        self.shapes = ShapeReader(members, pictures, self.text, controls=controls or {})
        self.inline = Inline(styles, self.shapes.inline)
        self._styles = styles
        self._numbers = Numbers(styles)
        self._notes: list[tuple[str, Element]] = []
        self._nested: list[str] | None = None

    def text(self, container: Element) -> str:
        """The words of all blocks in an element; of a paragraph, its own."""
        if container.tag in PARAGRAPHS:
            return joined(list(self._paragraph(container)))
        return joined(list(self.blocks(container)))

    def notes(self) -> str:
        """The footnotes and endnotes that were referred to since this was asked before."""
        waiting, self._notes = self._notes, []
        return "\n".join(f"{mark}: {' '.join(self.text(body).split())}" for mark, body in waiting)

    def blocks(self, container: Element) -> Iterator[Block]:
        """The blocks in an element."""
        for one in container:
            if one.tag not in _UNREAD:
                yield from self._block(one)

    def _block(self, one: Element) -> Iterator[Block]:
        tag = one.tag
        if tag in PARAGRAPHS:
            yield from self._paragraph(one)
        elif tag == f"{TEXT}list":
            yield from self._list(one, None)
        elif tag == f"{TEXT}numbered-paragraph":
            yield from self._numbered(one)
        elif tag == f"{TABLE}table":
            yield from self._table(one)
        elif tag == f"{TEXT}section":
            yield from self._section(one)
        elif tag.startswith(DRAW):
            yield Block(self.shapes.text(one))
        elif tag.startswith((TEXT, OFFICE)) and not tag.endswith("-source"):
            yield from self.blocks(one)

    def _paragraph(self, one: Element, mark: str = "", listed: bool = False) -> Iterator[Block]:
        if self._styles.is_hidden("paragraph", one.get(f"{TEXT}style-name")):
            self.inline.hidden += 1
            return
        beside = Beside()
        text = self.inline.text(one, beside)
        if one.tag == f"{TEXT}h":
            yield self._heading(one, text, mark.strip(), listed)
        elif text.strip():
            yield Block(mark + text.replace("\n", "\n" + " " * len(mark)), item=listed)
        self._notes += beside.notes
        for shape in beside.shapes:
            yield Block(self.shapes.text(shape))

    def _heading(self, one: Element, text: str, mark: str, listed: bool) -> Block:
        level = max(whole(one, f"{TEXT}outline-level", 1), 1)
        if not listed and self._is_counted(one):
            mark = self._numbers.heading(one, level)
        words = " ".join(text.split())
        if not words:
            return Block("")
        heading = f"{mark} {words}" if mark and mark != "-" else words
        return Block(f"{'#' * min(level, _MOST_MARKS)} {heading}", level, heading)

    def _is_counted(self, heading: Element) -> bool:
        named = heading.get(f"{TEXT}style-name")
        of_list = self._styles.inherited("paragraph", named, f"{STYLE}list-style-name")
        return heading.get(f"{TEXT}is-list-header") != "true" and of_list != ""

    def _list(self, listed: Element, above: _List | None) -> Iterator[Block]:
        style = listed.get(f"{TEXT}style-name") or (above.style if above else self._style_of_first(listed))
        counter = above.counter if above else self._numbers.counter(listed, style)
        own = _List(style, counter, above.level + 1 if above else 1)
        for item in listed:
            if item.tag in _ITEMS:
                yield from self._item(item, own)

    def _style_of_first(self, listed: Element) -> str:
        first = next((one for one in listed.iter() if one.tag in PARAGRAPHS), None)
        named = None if first is None else first.get(f"{TEXT}style-name")
        return self._styles.inherited("paragraph", named, f"{STYLE}list-style-name") or ""

    def _item(self, item: Element, own: _List) -> Iterator[Block]:
        said = whole(item, f"{TEXT}start-value", -1)
        counted = item.tag.endswith("list-item")
        for one in item:
            if one.tag == f"{TEXT}list":
                yield from self._list(one, own)
            elif one.tag in PARAGRAPHS:
                mark = "  " * own.level
                if counted:
                    mark = self._numbers.item(own.counter, own.style, own.level, None if said < 0 else said)
                counted = False
                yield from self._paragraph(one, mark, listed=True)
            else:
                yield from self._block(one)

    def _numbered(self, holder: Element) -> Iterator[Block]:
        """A paragraph that says itself which list it belongs to."""
        style, level = holder.get(f"{TEXT}style-name", ""), max(whole(holder, f"{TEXT}level", 1), 1)
        said = whole(holder, f"{TEXT}start-value", -1)
        counter = self._numbers.of_list(holder.get(f"{TEXT}list-id", style))
        for one in holder:
            if one.tag in PARAGRAPHS:
                mark = self._numbers.item(counter, style, level, None if said < 0 else said)
                yield from self._paragraph(one, mark, listed=True)

    def _section(self, section: Element) -> Iterator[Block]:
        if section.get(f"{TEXT}display") == "none":
            name = section.get(f"{TEXT}name", "")
            self.shapes.found.left_out.append(f"The hidden section “{name}” is not read.")
            return
        yield from self.blocks(section)

    def _table(self, table: Element) -> Iterator[Block]:
        cells = [cell for row in table_rows(table) for cell in row if cell.tag == f"{TABLE}table-cell"]
        if len(cells) == 1:  # a frame around something
            yield from self.blocks(cells[0])
            return
        outer, inner = self._nested, [] if self._nested is None else self._nested
        self._nested = inner
        text = table_text(table, self.text)
        self._nested = outer
        if outer is not None and text:
            outer.append(text)
            yield Block(f"(table {len(outer)} inside this one)")
            return
        yield Block(text)
        for number, found in enumerate(inner, 1):
            yield Block(f"Table {number} inside the one above:\n\n{found}")


def joined(blocks: list[Block]) -> str:
    """The blocks one below the other, with an empty line between them, but between items of a list."""
    text: list[str] = []
    before: Block | None = None
    for block in blocks:
        if not block.text.strip():
            continue
        if before is not None:
            text.append("\n" if block.item and before.item else "\n\n")
        text.append(block.text)
        before = block
    return tidy("".join(text))
