"""Parts of a Word document: what lies between its top headings."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise

from docstage.domain.content import PICTURE_MARK, ImagePart, Part, PartKind
from docstage.extraction.extractors.base import tidy
from docstage.extraction.extractors.word.document import Block
from docstage.extraction.extractors.word.pictures import Pictures

_MOST_PARTS = 1_000
_MOST_NAME = 120
# A picture with fewer letters beside it than that says more than these.
_LETTERS_A_PICTURE = 100
_MARK = re.compile(rf"\[\^[^\]\s]+\]|{PICTURE_MARK}.?")
_LETTER = re.compile(r"\w")


def parts_of(blocks: list[Block], pictures: Pictures, note: Callable[[str], str]) -> tuple[Part, ...]:
    """The sections of a document, one without a name where it has no headings.

    Args:
        note: the text of a note, by its mark.
    """
    groups = list(_groups(blocks))
    named = len(groups) > 1 or bool(groups and groups[0] and groups[0][0].level is not None)
    parts: list[Part] = []
    for group in groups:
        text, images = pictures.placed(_written(group, note))
        text = tidy(text)
        if text.strip() or images:
            name = _name(group[0]) if named and group[0].level is not None else None
            pictured = _is_pictured(text, images)
            parts.append(Part(PartKind.SECTION, len(parts) + 1, text, images, name, pictured=pictured))
    return tuple(parts) or (Part(PartKind.SECTION, 1),)


def rendered(blocks: list[Block]) -> str:
    """Blocks as Markdown."""
    pieces: list[str] = []
    before: Block | None = None
    for block in blocks:
        is_item = bool(block.label) and block.level is None
        was_item = before is not None and bool(before.label) and before.level is None
        if pieces:
            pieces.append("\n" if is_item and was_item else "\n\n")
        pieces.append(_block(block))
        before = block
    return "".join(pieces)


def _block(block: Block) -> str:
    if block.level is not None:
        return f"{'#' * min(block.level + 1, 6)} {' '.join(block.words.split())}"
    indent = "  " * block.indent if block.label else ""
    return indent + block.words.replace("\n", f"\n{indent}") if indent else block.words


def _groups(blocks: list[Block]) -> Iterator[list[Block]]:
    """Blocks from each top heading to the next one."""
    levels = Counter([block.level for block in blocks if block.level is not None])
    several = [level for level, count in levels.items() if count > 1]
    top = min(several or levels, default=-1)
    starts = [at for at, block in enumerate(blocks) if block.level is not None and block.level <= top]
    if len(starts) > _MOST_PARTS:
        starts = []
    edges = [0, *(start for start in starts if start), len(blocks)]
    return (blocks[start:end] for start, end in pairwise(edges) if end > start)


def _written(blocks: list[Block], note: Callable[[str], str]) -> str:
    """The blocks with the notes that they refer to below them."""
    waiting = [mark for block in blocks for mark in block.footnotes]
    notes = [note(mark) for mark in dict.fromkeys(waiting)]
    return "\n\n".join([rendered(blocks), *notes])


def _name(heading: Block) -> str | None:
    name = " ".join(_MARK.sub("", heading.words).split())
    return f"{name[:_MOST_NAME]}…" if len(name) > _MOST_NAME else name or None


def _is_pictured(text: str, images: tuple[ImagePart, ...]) -> bool:
    return bool(images) and len(_LETTER.findall(text)) < _LETTERS_A_PICTURE * len(images)


def placed(pictures: Pictures, parts: tuple[Part, ...]) -> str:
    """The text of parts that another reader has made, with marks of our pictures."""
    texts = []
    for part in parts:
        marks = pictures.keep(part.images)
        pieces = part.text.split(PICTURE_MARK)
        text = pieces[0]
        for at, piece in enumerate(pieces[1:]):
            text += (marks[at] if at < len(marks) else "") + piece
        texts.append(text + "".join(marks[len(pieces) - 1 :]))
    return "\n\n".join(text for text in texts if text.strip())
