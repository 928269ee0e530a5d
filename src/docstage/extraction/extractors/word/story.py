"""A story of a Word document, its body, a note, a header: paragraphs and tables in their order."""

from collections.abc import Callable
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.office.math import linear
from docstage.extraction.extractors.word.document import Block, Document, check_depth
from docstage.extraction.extractors.word.fields import Fields
from docstage.extraction.extractors.word.inline import Inline, asked_for
from docstage.extraction.extractors.word.tables import table_blocks
from docstage.extraction.extractors.word.xml import MC, R, W, chosen, number, switch, value

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_NOT_READ = frozenset({f"{W}del", f"{W}moveFrom"})
_INLINE = frozenset({f"{W}r", f"{W}hyperlink", f"{W}fldSimple", f"{W}t"})
_BODY_TEXT = 9
_SUBDOCUMENT = "A subdocument is left out, because it is no part of the file but a link."


class Story:
    """Reads one part of a document.

    Args:
        document: what is common to all of them.
        source: the name of the part.
        root: its outermost element.

    Attributes:
        sections: the properties of each section, with the number of blocks before its end.
    """

    def __init__(self, document: Document, source: str, root: Element) -> None:
        self.document = document
        self.source = source
        self.depth = 0
        self.sections: list[tuple[int, Element]] = []
        self._root = root
        self._fields = Fields(root)

    def read(self) -> list[Block]:
        """All paragraphs and tables."""
        return self.blocks(self._root)

    def blocks(self, container: Element) -> list[Block]:
        """The paragraphs and tables in an element.

        Raises:
            Unreadable: TOO_COMPLEX, when it is nested too deeply.
        """
        check_depth(self.depth)
        self.depth += 1
        reader = _Reader(self, self._fields)
        reader.read(container)
        self.depth -= 1
        return reader.blocks


class _Reader:
    """Reads the paragraphs of one container."""

    def __init__(self, story: Story, fields: Fields) -> None:
        self._story = story
        self._document = story.document
        self._fields = fields
        self._pending = ""
        self.blocks: list[Block] = []

    def read(self, container: Element) -> None:
        waiting = list(reversed(container))
        while waiting:
            one = waiting.pop()
            if one.tag == f"{W}p":
                self._paragraph(one)
            elif one.tag == f"{MC}AlternateContent":
                waiting += reversed(chosen(one))
            elif one.tag == f"{W}sdt":
                waiting += self._control(one)
            elif one.tag in _BLOCKS:
                _BLOCKS[one.tag](self, one)
            elif one.tag in _INLINE:  # without the paragraph that it should be in
                paragraph = Element(f"{W}p")
                paragraph.append(one)
                self._paragraph(paragraph)
            elif one.tag not in _NOT_READ and not one.tag.endswith("Pr"):
                waiting += reversed(one)
        if self._pending.strip():
            self.blocks.append(Block(self._pending))
            self._pending = ""

    def _table(self, table: Element) -> None:
        self.blocks += table_blocks(table, self._story)

    def _subdocument(self, _link: Element) -> None:
        self._document.remarks.leave_out(_SUBDOCUMENT)

    def _section(self, section: Element) -> None:
        self._story.sections.append((len(self.blocks), section))

    def _formula(self, formula: Element) -> None:
        self.blocks.append(Block(linear(formula)))

    def _control(self, element: Element) -> list[Element]:
        """What is in a content control, the last first; what it asks for is told from what was filled in."""
        content = element.find(f"{W}sdtContent")
        if content is None:
            return []
        if not switch(element.find(f"{W}sdtPr"), "showingPlcHdr"):
            return list(reversed(content))
        asked = asked_for(" ".join(block.text for block in self._story.blocks(content)))
        if asked:
            self.blocks.append(Block(asked))
        return []

    def _paragraph(self, paragraph: Element) -> None:
        properties = paragraph.find(f"{W}pPr")
        named = None if properties is None else properties.find(f"{W}pStyle")
        style = self._document.styles.default if named is None else named.get(f"{W}val")
        inline = Inline(self._story, self._fields, style)
        inline.read(paragraph)
        text, self._pending = self._pending + inline.text, ""
        mark = None if properties is None else properties.find(f"{W}rPr")
        if self._is_gone(mark) or _is_drop_cap(properties):
            self._pending = text
            self.blocks += inline.boxes
        else:
            self._add(self._block(properties, style, text, inline.footnotes, bool(switch(mark, "vanish"))))
            self.blocks += inline.boxes
        if properties is not None and (section := properties.find(f"{W}sectPr")) is not None:
            self._story.sections.append((len(self.blocks), section))

    def _is_gone(self, mark: Element | None) -> bool:
        """Whether the end of a paragraph was deleted, so that its words begin the next one."""
        if mark is None:
            return False
        for name in ("ins", "del", "moveFrom"):
            if (change := mark.find(W + name)) is not None:
                self._document.authors[change.get(f"{W}author", "")] = None
        return mark.find(f"{W}del") is not None or mark.find(f"{W}moveFrom") is not None

    def _block(
        self, properties: Element | None, style: str | None, text: str, footnotes: list[str], joined: bool
    ) -> Block:
        own = value(properties, "outlineLvl")
        level = self._document.styles.outline(style) if own is None else number(own, _BODY_TEXT)
        block = Block(text.strip(" \n\r"), footnotes=footnotes, goes_on=joined)
        block.level = level if level is not None and 0 <= level < _BODY_TEXT and block.text else None
        if joined and not block.text:
            return block
        label = self._document.numbering.label(properties, style)
        if label is not None and (block.text or label.text.strip("- ")):
            block.label, block.gap, block.indent = label.text, label.gap, label.level
        return block

    def _add(self, block: Block) -> None:
        before = self.blocks[-1] if self.blocks else None
        if before is not None and before.goes_on:
            before.text = f"{before.text} {block.words}".rstrip()
            before.footnotes += block.footnotes
            before.goes_on = block.goes_on
        elif block.text or block.label:
            self.blocks.append(block)

    def _chunk(self, element: Element) -> None:
        link = self._document.package.relationships(self._story.source).get(element.get(f"{R}id", ""))
        try:
            if link is not None and not link.external:
                self.blocks += self._document.chunk(self._document, link.target)
        except Unreadable as problem:
            name = link.target.rpartition("/")[2] if link else ""
            self._document.remarks.leave_out(f"An embedded document ({name}) is left out. {problem.detail}")


def _is_drop_cap(properties: Element | None) -> bool:
    frame = None if properties is None else properties.find(f"{W}framePr")
    return frame is not None and frame.get(f"{W}dropCap") in ("drop", "margin")


_BLOCKS: dict[str, Callable[[_Reader, Element], None]] = {
    f"{W}tbl": _Reader._table,
    f"{W}altChunk": _Reader._chunk,
    f"{W}subDoc": _Reader._subdocument,
    f"{W}sectPr": _Reader._section,
    f"{_MATH}oMath": _Reader._formula,
    f"{_MATH}oMathPara": _Reader._formula,
}
