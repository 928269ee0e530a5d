"""A story of Rich Text Format: the body, a header, a note, a text box."""

import re

from docstage.domain.content import PICTURE_MARK, DocumentReason
from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.rtf.state import State
from docstage.extraction.extractors.word.document import Block
from docstage.extraction.extractors.word.inline import apart
from docstage.extraction.extractors.word_old.properties import Paragraph
from docstage.extraction.extractors.word_old.tables import OldTables

_DEEPEST_TABLE = 20
_MOST_BLOCKS = 500_000
_TOO_MANY = f"It has more than {_MOST_BLOCKS:,} paragraphs and cells. Split the document."
_HALVES = re.compile("[\ud800-\udfff]")
_TELLING = frozenset("☐☑☒✓✗")
_UNSEEN = str.maketrans("", "", "\xad\u200b\ufeff")
_RAISED = re.compile(r"[-−+–]?\d[\d.,]*|[A-Za-z*]")


class Story:
    """Gathers words into paragraphs, and paragraphs into tables.

    Attributes:
        pieces: words of the paragraph that is being read.
        boxes: what stands beside it, such as text boxes.
        footnotes: marks of notes that it refers to.
        label: its number or bullet.
    """

    def __init__(self, counted: dict[str, int]) -> None:
        self.pieces: list[str] = []
        self.boxes: list[Block] = []
        self.footnotes: list[str] = []
        self.label = ""
        self._counted = counted
        self._tables = OldTables(counted)

    def write(self, text: str, state: State) -> None:
        """Add words as they look."""
        if state.struck and text.strip():
            text = f"~~{text}~~"
        elif state.raised and _RAISED.fullmatch(text):
            before = next((piece for piece in reversed(self.pieces) if piece), "")
            if before[-1:].isalnum() or before[-1:] in (")", "]", "%"):
                text = f"^{text}"
        self.pieces.append(text)

    def end_paragraph(self, state: State, level: int | None) -> None:
        """A paragraph ends.

        Args:
            level: of the heading that it is, None for others.
        """
        self._add(Paragraph(depth=min(state.tables, _DEEPEST_TABLE)), self._block(state, level), "\r")

    def end_cell(self, state: State, level: int | None, *, nested: bool) -> None:
        """A cell ends, with the paragraph in it."""
        depth = min(max(state.tables, 2), _DEEPEST_TABLE) if nested else 1
        said = Paragraph(depth=depth, ends_inner_cell=nested)
        self._add(said, self._block(state, level), "\r" if nested else "\x07")

    def end_row(self, said: Paragraph) -> None:
        """A row ends."""
        self._tables.add(said, [], "\x07")

    def finish(self, state: State) -> list[Block]:
        """All paragraphs and tables."""
        if self.pieces or self.boxes:
            self.end_paragraph(state, None)
        self._tables.go_to(0)
        return self._tables.blocks

    def above(self, blocks: list[Block]) -> None:
        """Take what stands before the paragraph that has begun, and before its table."""
        self._tables.blocks += blocks

    def apart(self, blocks: list[Block]) -> None:
        """Take what stands by itself, after the paragraph that has begun."""
        self.boxes += blocks

    def _add(self, said: Paragraph, block: Block, ending: str) -> None:
        self._counted["block"] = self._counted.get("block", 0) + 1
        if self._counted["block"] > _MOST_BLOCKS:
            raise Unreadable(DocumentReason.TOO_COMPLEX, _TOO_MANY)
        kept = [block] if block.text or block.label else []
        self._tables.add(said, [*kept, *self.boxes], ending)
        self.boxes = []

    def _block(self, state: State, level: int | None) -> Block:
        text = apart("".join(self.pieces).replace("~~~~", "").translate(_UNSEEN))
        block = Block(whole(text).strip(" \n\t"), footnotes=self.footnotes)
        label = _label(self.label)
        if label and (block.text or label != "-"):
            block.label, block.indent = label, min(state.level, 8)
        block.level = level if block.text.replace(PICTURE_MARK, "").strip() else None
        self.pieces, self.footnotes, self.label = [], [], ""
        return block


def whole(text: str) -> str:
    """A text in which characters beyond the first 65,536 came as two halves; one half alone is `?`."""
    if not _HALVES.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\ufffd", "?")


def _label(written: str) -> str:
    """A number as it is written, a bullet as `-`."""
    label = " ".join(whole(written).split())
    if not label or (any(map(str.isalnum, label)) and label != "o"):
        return label
    return f"- {label}" if label in _TELLING else "-"


def line_of(blocks: list[Block]) -> str:
    """Paragraphs on lines of their own."""
    return "\n".join(block.words for block in blocks if block.words.strip())
