"""The stories of a binary Word document: its text with notes, comments and boxes, headers and footers."""

import struct
from collections.abc import Iterator
from itertools import pairwise

from docstage.extraction.extractors.office.number_forms import number_form
from docstage.extraction.extractors.remarks import Remarks
from docstage.extraction.extractors.word.document import Block
from docstage.extraction.extractors.word.pictures import Pictures
from docstage.extraction.extractors.word_old.drawings import OldDrawings
from docstage.extraction.extractors.word_old.file import OldFile
from docstage.extraction.extractors.word_old.lists import OldLists
from docstage.extraction.extractors.word_old.properties import (
    Look,
    Paragraph,
    Runs,
    modifiers,
    paragraph_entry,
)
from docstage.extraction.extractors.word_old.tables import OldTables
from docstage.extraction.extractors.word_old.text import OldText, character_runs

_FOOTNOTES, _COMMENTS, _ENDNOTES, _BOXES = (2, 3), (4, 5), (46, 47), 56
_SECTIONS, _MARGINS, _PARAGRAPHS, _FONTS, _SETTINGS, _AUTHORS, _ANCHORS = 6, 11, 13, 15, 31, 36, 40
_TITLE_PAGE = 0x300A
_ENDS = "\r\x07\x0c"
# Where headers and footers are among the six margins of a section (2.8.26), and when they are shown.
_SIDES = {"header": {"even": 0, "default": 1, "first": 4}, "footer": {"even": 2, "default": 3, "first": 5}}
_FIRST_OF_SECTIONS = 6


class OldStories:
    """Reads a document.

    Attributes:
        notes: the text of each note, by its mark.
    """

    def __init__(self, file: OldFile, pictures: Pictures, remarks: Remarks) -> None:
        self._file = file
        self._remarks = remarks
        self._pictures = pictures
        self._paragraphs = Runs(file, _PARAGRAPHS, paragraph_entry)
        self._characters = character_runs(file)
        self._fonts = _fonts(file.structure(_FONTS))
        self._lists = OldLists(file)
        self._drawings = OldDrawings(file, pictures)
        self._counted: dict[str, int] = {}
        self._found: list[str] = []
        self._beside: list[Block] = []
        self.notes: dict[str, str] = {}
        self._marks: dict[int, str] = {}
        self._comments: dict[int, str] = {}
        self._boxes: dict[int, list[Block]] = {}
        self._anchors = {place: int.from_bytes(spa[:4], "little") for place, spa in file.places(_ANCHORS, 26)}

    def read(self) -> list[Block]:
        """All that the document says, with its headers and footers."""
        self._read_notes()
        self._read_comments()
        self._read_boxes()
        first, last = self._file.stories["text"]
        edges = [place for place, _ in self._file.places(_SECTIONS, 12)]
        edges = [first, *(edge for edge in edges[1:-1] if first < edge < last), last]
        margins = _Margins(self, self._file)
        text = self._text((first, last))
        blocks: list[Block] = []
        for number, (start, end) in enumerate(pairwise(edges)):
            blocks += margins.of(number, "header")
            blocks += self._blocks(text, start, end)
            blocks += margins.of(number, "footer")
        for box in self._boxes.values():
            blocks += box
        return blocks

    def story(self, start: int, end: int) -> list[Block]:
        """The paragraphs and tables of a story of its own."""
        return self._blocks(self._text((start, end)), start, end)

    def words(self, start: int, end: int) -> str:
        """A story on one line."""
        return " ".join(word for block in self.story(start, end) for word in block.words.split())

    def _text(self, story: tuple[int, int]) -> OldText:
        return OldText(self._file, story, self._characters, self._remarks, self._special, self._fonts)

    def _blocks(self, text: OldText, start: int, end: int) -> list[Block]:
        tables = OldTables(self._counted)
        for first, last in _paragraphs(self._file.text, start, end):
            ending = self._file.text[last] if last < end else ""
            said = self._paragraphs.at(self._file.offset(min(last, end - 1))) or Paragraph()
            self._found, self._beside = [], []
            words = text.read(first, last).strip(" \n")
            words += "".join(self._left_over(first, last))
            block = self._block(said, words)
            found = [*([block] if block.text or block.label else []), *self._beside]
            tables.add(said, found, ending)
        tables.go_to(0)
        return tables.blocks

    def _left_over(self, first: int, last: int) -> Iterator[str]:
        """Marks of notes that are no characters of their own, because somebody typed them."""
        for place in [place for place in self._marks if first <= place < last]:
            yield self._refer(place)

    def _block(self, said: Paragraph, words: str) -> Block:
        block = Block(words, footnotes=self._found)
        if said.ends_row:
            return block
        block.level = self._lists.outline(said) if words and not said.depth else None
        label = self._lists.label(said)
        if label is not None and (words or label.text.strip("- ")):
            block.label, block.gap, block.indent = label.text, label.gap, label.level
        return block

    def _special(self, character: str, at: int, look: Look) -> str:
        match character:
            case "\x02":
                return self._refer(at) if at in self._marks else ""
            case "\x05":
                comment = self._comments.pop(at, "")
                return f" {comment}" if comment else ""
            case "\x08":
                shape = self._anchors.get(at, 0)
                self._beside += self._boxes.pop(shape, [])
                return self._drawings.beside(shape)
        if look.picture is None:
            return ""
        return self._drawings.control(look.picture) if look.is_data else self._drawings.in_line(look.picture)

    def _refer(self, place: int) -> str:
        mark = self._marks.pop(place)
        self._found.append(mark)
        return mark

    def _read_notes(self) -> None:
        for story, numbers, form in (
            ("footnotes", _FOOTNOTES, "decimal"),
            ("endnotes", _ENDNOTES, "lowerRoman"),
        ):
            places = [place for place, entry in self._file.places(numbers[0], 2) if entry]
            for count, (place, (start, end)) in enumerate(
                zip(places, self._texts(story, numbers[1]), strict=False)
            ):
                mark = f"[^{number_form(count + 1, form)}]"
                self.notes[mark] = f"{mark}: {self.words(start, end)}"
                self._marks[place] = mark

    def _read_comments(self) -> None:
        authors = _authors(self._file.structure(_AUTHORS))
        texts = self._texts("comments", _COMMENTS[1])
        for (place, entry), (start, end) in zip(self._file.places(_COMMENTS[0], 30), texts, strict=False):
            number = int.from_bytes(entry[20:22], "little")
            author = authors[number] if number < len(authors) else ""
            if words := self.words(start, end):
                self._comments[place] = f"[Comment by {author or 'somebody'}: {words}]"

    def _read_boxes(self) -> None:
        boxes = self._file.places(_BOXES, 22)
        for (_, entry), (start, end) in zip(boxes, self._texts("boxes", _BOXES, 22), strict=False):
            self._boxes[int.from_bytes(entry[14:18], "little")] = self.story(start, end)

    def _texts(self, story: str, number: int, size: int = 0) -> list[tuple[int, int]]:
        """First and last place of each text of a story."""
        first, last = self._file.stories[story]
        places = [min(first + place, last) for place, _ in self._file.places(number, size)]
        return [(start, max(start, end)) for start, end in pairwise(places)]

    def margin(self, start: int, end: int) -> str:
        """The words of a header or footer, whose pictures are left out."""
        self._pictures.in_margin = True
        blocks = self.story(start, end)
        self._pictures.in_margin = False
        return "\n".join(block.words for block in blocks if block.words.strip())


class _Margins:
    """Headers and footers, each once, where they are shown."""

    def __init__(self, stories: OldStories, file: OldFile) -> None:
        self._stories = stories
        first, last = file.stories["margins"]
        places = [min(first + place, last) for place, _ in file.places(_MARGINS, 0)]
        self._texts = list(pairwise(places))
        self._has_even = bool(file.structure(_SETTINGS)[:1] and file.structure(_SETTINGS)[0] & 1)
        self._titles = [_has_title_page(file, entry) for _, entry in file.places(_SECTIONS, 12) if entry]
        self._told: set[tuple[str, str]] = set()

    def of(self, section: int, side: str) -> list[Block]:
        """Headers or footers of a section that were not told yet."""
        blocks = []
        has_title = section < len(self._titles) and self._titles[section]
        shown = {"even": self._has_even, "first": has_title, "default": True}
        for kind, place in _SIDES[side].items():
            at = _FIRST_OF_SECTIONS + 6 * section + place
            if not shown[kind] or at >= len(self._texts):
                continue
            words = self._stories.margin(*self._texts[at])
            if any(map(str.isalnum, words)) and (side, words) not in self._told:
                self._told.add((side, words))
                gap = "\n\n" if words.startswith("|") else " "
                blocks.append(Block(f"{side.capitalize()}:{gap}{words}"))
        return blocks


def _has_title_page(file: OldFile, entry: bytes) -> bool:
    (at,) = struct.unpack_from("<I", entry, 2)
    size = int.from_bytes(file.main[at : at + 2], "little")
    said = modifiers(file.main[at + 2 : at + 2 + size])
    return any(code == _TITLE_PAGE and any(operand) for code, operand in said)


def _paragraphs(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """First place of each paragraph, and the place of the character that ends it."""
    at = start
    while at < end:
        found = [place for sign in _ENDS if (place := text.find(sign, at, end)) >= 0]
        last = min(found, default=end)
        yield at, last
        at = last + 1


def _fonts(data: bytes) -> list[str]:
    """Names of fonts by their numbers (2.9.286)."""
    names, at = [], 4
    while at < len(data):
        size = data[at] + 1
        name = data[at + 40 : at + size].decode("utf-16-le", "replace")
        names.append(name.partition("\0")[0])
        at += size
    return names


def _authors(data: bytes) -> list[str]:
    names, at = [], 0
    while at + 2 <= len(data):
        length = int.from_bytes(data[at : at + 2], "little")
        names.append(data[at + 2 : at + 2 + 2 * length].decode("utf-16-le", "replace"))
        at += 2 + 2 * length
    return names
