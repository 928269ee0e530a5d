"""Reads Rich Text Format token by token (RTF 1.9.1): what a reader sees, in the order of the text."""

import re
from collections.abc import Callable

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Attachment, Unreadable
from docstage.extraction.extractors.remarks import Remarks
from docstage.extraction.extractors.rtf import groups
from docstage.extraction.extractors.rtf.fields import field_text
from docstage.extraction.extractors.rtf.fonts import Fonts
from docstage.extraction.extractors.rtf.groups import Group
from docstage.extraction.extractors.rtf.lists import TABLES, RtfLists
from docstage.extraction.extractors.rtf.lists import WORDS as LIST_WORDS
from docstage.extraction.extractors.rtf.objects import object_file, picture_of
from docstage.extraction.extractors.rtf.rows import WORDS as ROW_WORDS
from docstage.extraction.extractors.rtf.rows import RowDefinition
from docstage.extraction.extractors.rtf.state import State
from docstage.extraction.extractors.rtf.story import Story, line_of, whole
from docstage.extraction.extractors.rtf.tokens import CLOSE, OPEN, Token, Tokens
from docstage.extraction.extractors.word.document import DEEPEST, Block
from docstage.extraction.extractors.word.fields import NUMBER_MANY, NUMBER_ONE, is_number
from docstage.extraction.extractors.word.pictures import Pictures

_DEEPEST_GROUP = 1_000
_SIGNS = {
    "emdash": "\u2014", "endash": "\u2013", "lquote": "\u2018", "rquote": "\u2019", "ldblquote": "\u201c",
    "rdblquote": "\u201d", "bullet": "\u2022", "tab": "\t", "line": "\n", "lbr": "\n", "emspace": " ",
    "enspace": " ", "qmspace": " ", "~": " ", "_": "-", "-": "", "softline": "\n",
}  # fmt: skip
_SWITCHES = {"v": "hidden", "deleted": "deleted", "strike": "struck", "striked": "struck", "super": "raised"}
_PAGES = frozenset({"ansi", "mac", "pc", "pca", "ansicpg"})
_NUMBERS = frozenset(
    {
        "fftype", "ffres", "ffdefres", "ftnalt", "picwgoal", "pichgoal", "emfblip", "wmetafile", "macpict",
        "pmmetafile",
    }
)  # fmt: skip
_HEADING = re.compile(r"heading ([1-9])\b", re.IGNORECASE)
_BODY_TEXT = 9
_MARGINS = {"header": "Header", "footer": "Footer"}
_HIDDEN_ONE = "A hidden character is left out."
_HIDDEN_MANY = "Hidden text is left out: {} characters."
_CHANGED = "It has tracked changes: read as if all were accepted."
_DEEP = "Its groups lie too deep in each other. Open it in its program and save it anew."


class RtfReader:
    """Reads a document.

    Attributes:
        notes: the text of each note, by its mark.
        attachments: files that lie in the document.
    """

    def __init__(self, pictures: Pictures, remarks: Remarks) -> None:
        self.notes: dict[str, str] = {}
        self.attachments: list[Attachment] = []
        self._pictures = pictures
        self._remarks = remarks
        self._fonts = Fonts()
        self._levels: dict[int, int] = {}
        self._counted: dict[str, int] = {}
        self._state = State()
        self._outer: list[State] = []
        self._groups: list[Group] = [Group()]
        self._stories: list[Story] = [Story(self._counted)]
        self._rows = (RowDefinition(), RowDefinition())
        self._bytes = bytearray()
        self._to_skip = 0
        self._is_first = self._is_starred = False
        self._author = self._property = ""
        self._told: set[tuple[str, str]] = set()
        self._footers: list[Block] = []
        self._lists: RtfLists | None = None
        self._tokens = Tokens(b"", _MEANT)

    def read(self, rtf: bytes) -> list[Block]:
        """All paragraphs and tables.

        Raises:
            Unreadable: TOO_COMPLEX.
        """
        self._lists = None if b"\\listtext" in rtf else RtfLists()
        self._tokens = Tokens(rtf, _MEANT)
        for token in self._tokens:
            if token.word:
                self._decode()
            if token.word == OPEN:
                self._open()
            elif token.word == CLOSE:
                self._close()
                if not self._outer:
                    break
            elif token.word:
                self._word(token)
            else:
                self._written(token.data)
        self._decode()
        while self._outer:
            self._close()
        return [*self._stories[0].finish(self._state), *self._footers]

    def _open(self) -> None:
        if len(self._outer) >= _DEEPEST_GROUP or len(self._stories) > DEEPEST:
            raise Unreadable(DocumentReason.TOO_COMPLEX, _DEEP)
        parent = self._groups[-1]
        parent.children += 1
        self._outer.append(self._state)
        self._state = self._state.copy()
        self._groups.append(Group())
        self._is_first, self._is_starred, self._to_skip = True, False, 0
        if parent.kind == "upr" and parent.children == 1:  # for readers that know no Unicode
            self._state.target = "nowhere"
        elif parent.kind == "stylesheet":
            self._groups[-1].kind = "style"
            self._state.target = "gathered"
            self._state.pard()

    def _close(self) -> None:
        self._to_skip = 0
        self._is_first = False
        if not self._outer:
            return
        group = self._groups.pop()
        ended = self._state
        if group.kind == "style":
            self._end_style(group, ended)
        self._state = self._outer.pop()
        if group.story is not None:
            self._stories.pop()
            self._end_story(group, group.story.finish(ended))
        elif (end := _ENDS.get(group.kind)) is not None:
            end(self, group)
        elif group.kind in groups.FORMULAS:
            self._emit(groups.FORMULAS[group.kind][1])

    def _word(self, token: Token) -> None:
        word, number = token.word, token.number
        if word == "*":
            self._is_starred = True
            return
        is_first, self._is_first = self._is_first, False
        if is_first and self._begin(word):
            return
        if self._to_skip and word != "u":
            self._to_skip -= 1
        elif word == "u":
            self._unicode(number or 0)
        elif word == "bin":
            self._groups[-1].raw += token.data
        elif word in _SIGNS:
            self._emit(_SIGNS[word])
        elif word in ROW_WORDS:
            self._rows[self._is_nested()].take(word, number)
        elif (break_ := _BREAKS.get(word)) is not None:
            if self._state.target == "text":
                break_(self)
        else:
            self._say(word, number)

    def _begin(self, word: str) -> bool:
        """Whether a word tells what the group that it begins holds."""
        group, target = self._groups[-1], self._state.target
        is_nothing = word in groups.NOWHERE or (word.startswith("m") and word.endswith("Pr"))
        if target == "nowhere" and not any(one.kind in _SAYING for one in self._groups):
            self._tokens.skip()
        elif is_nothing or (word in TABLES and self._lists is None):
            self._leave()
        elif word in groups.FORMULAS:
            group.kind = word
            self._emit(groups.FORMULAS[word][0])
        elif word in groups.STORIES:
            self._begin_story(word)
        elif word in groups.GATHERED:
            if target != "nowhere" or word in ("ffl", "leveltext"):
                group.kind, self._state.target = word, "gathered"
        elif word in groups.KNOWN or word in TABLES:
            self._known(word)
        elif self._is_starred:
            self._leave()
        else:
            return False
        return True

    def _begin_story(self, word: str) -> None:
        group = self._groups[-1]
        group.kind, self._state = word, State(fallback=self._state.fallback)
        group.story = Story(self._counted)
        self._stories.append(group.story)
        self._pictures.in_margin |= word.startswith(("header", "footer"))

    def _about_lists(self, word: str, number: int) -> None:
        table = next((one.kind for one in self._groups if one.kind in TABLES), None)
        if table is None or self._lists is None:
            if word == "ls":
                self._state.list_number = number
        else:
            self._lists.take(word, number, overrides=table == "listoverridetable")

    def _number(self) -> None:
        """Put the number of the paragraph before it, which the file does not keep."""
        if self._lists is not None and self._state.list_number and not self._stories[-1].label:
            label = self._lists.label(self._state.list_number, self._state.level)
            self._stories[-1].label = "" if label is None else label.text

    def _leave(self) -> None:
        """Leave out the group that has begun."""
        self._state.target = "nowhere"
        self._tokens.skip()

    def _known(self, word: str) -> None:
        """A group begins that holds groups with what a reader sees."""
        group = self._groups[-1]
        group.kind, group.start = word, len(self._stories[-1].pieces)
        holder = self._holder("field" if word == "fldrslt" else "object")
        if word == "fldrslt" and holder is not None:
            holder.is_shown = True
        elif word == "result" and holder is not None and holder.is_shown:
            self._leave()  # the picture of a file that is attached
        elif word in _SAYING:
            self._state.target = "nowhere"

    def _holder(self, kind: str) -> Group | None:
        """The innermost group of a kind that is open."""
        return next((group for group in reversed(self._groups) if group.kind == kind), None)

    def _is_nested(self) -> bool:
        return self._holder("nesttableprops") is not None

    def _say(self, word: str, number: int | None) -> None:
        """A word that says how what follows looks, or what the document is like."""
        state = self._state
        if word in _SWITCHES:
            setattr(state, _SWITCHES[word], number != 0)
        elif (change := _CHANGES.get(word)) is not None:
            change(state, number)
        elif word in _PAGES:
            self._fonts.set_page(word, number)
        elif word == "deff":
            self._fonts.usual = number
        elif word in ("f", "fcharset", "cpg"):
            self._about_fonts(word, number)
        elif word in LIST_WORDS:
            self._about_lists(word, 1 if number is None else number)
        elif word in _NUMBERS:
            holder = self._holder("field") if word.startswith("ff") else self._groups[-1]
            if holder is not None:
                holder.numbers[word] = 1 if number is None else number

    def _about_fonts(self, word: str, number: int | None) -> None:
        if word == "f":
            self._state.font = number
        if self._holder("fonttbl") is not None:
            self._fonts.define(word, number or 0)

    def _written(self, data: bytes) -> None:
        self._is_first = False
        if self._to_skip:
            skipped = min(self._to_skip, len(data))
            self._to_skip -= skipped
            data = data[skipped:]
        if self._groups[-1].kind in groups.RAW:
            self._groups[-1].raw += data
        else:
            self._bytes += data

    def _decode(self) -> None:
        if self._bytes:
            data = bytes(self._bytes)
            self._bytes.clear()
            if self._state.target != "nowhere":
                self._emit(self._fonts.decode(data, self._state.font))

    def _unicode(self, number: int) -> None:
        self._to_skip = self._state.fallback
        code = number & 0xFFFF
        self._emit(self._fonts.shown(chr(code), self._state.font))

    def _emit(self, text: str) -> None:
        state = self._state
        if state.target == "nowhere" or not text:
            return
        if state.target == "gathered":
            holder = next((one for one in reversed(self._groups) if one.kind in _TAKING), self._groups[-1])
            holder.pieces.append(text)
            if holder.kind == "fonttbl":
                self._fonts.name(text)
        elif state.deleted:
            self._remarks.note(_CHANGED)
        elif state.hidden:
            self._remarks.count(_HIDDEN_ONE, _HIDDEN_MANY, len(text.strip()))
        else:
            self._stories[-1].write(text, state)

    def _level(self) -> int | None:
        level = self._state.outline
        level = self._levels.get(self._state.style) if level is None else level
        return level if level is not None and 0 <= level < _BODY_TEXT else None

    def _paragraph(self) -> None:
        self._number()
        self._stories[-1].end_paragraph(self._state, self._level())

    def _cell(self) -> None:
        self._number()
        self._stories[-1].end_cell(self._state, None, nested=False)

    def _nested_cell(self) -> None:
        self._stories[-1].end_cell(self._state, None, nested=True)

    def _row(self) -> None:
        self._stories[-1].end_row(self._rows[0].ended(1))

    def _nested_row(self) -> None:
        self._stories[-1].end_row(self._rows[1].ended(min(max(self._state.tables, 2), 20)))

    def _end_style(self, group: Group, said: State) -> None:
        found = _HEADING.match(group.text.strip())
        level = said.outline if said.outline is not None or found is None else int(found[1]) - 1
        if level is not None:
            self._levels[said.style] = level

    def _end_story(self, group: Group, blocks: list[Block]) -> None:
        kind = group.kind
        if kind.startswith(("header", "footer")):
            self._pictures.in_margin = any(
                one.kind.startswith(("header", "footer")) for one in self._groups if one.story is not None
            )
            self._end_margin(kind[:6], blocks)
        elif kind == "footnote":
            self._end_note("endnote" if "ftnalt" in group.numbers else "footnote", blocks)
        elif kind == "annotation":
            words = " ".join(line_of(blocks).split())
            author, self._author = " ".join(self._author.split()) or "somebody", ""
            self._emit(f" [Comment by {author}: {words}]" if words else "")
        else:
            self._stories[-1].apart(blocks)

    def _end_margin(self, kind: str, blocks: list[Block]) -> None:
        words = line_of(blocks)
        if not any(map(str.isalnum, words)) or (kind, words) in self._told:
            return
        self._told.add((kind, words))
        gap = "\n\n" if words.startswith("|") else " "
        footnotes = [mark for block in blocks for mark in block.footnotes]
        block = Block(f"{_MARGINS[kind]}:{gap}{words}", footnotes=footnotes)
        if kind == "header":
            self._stories[-1].above([block])
        else:
            self._footers.append(block)

    def _end_note(self, kind: str, blocks: list[Block]) -> None:
        self._counted[kind] = self._counted.get(kind, 0) + 1
        number = self._counted[kind]
        mark = f"[^{number}]" if kind == "footnote" else f"[^e{number}]"
        self.notes[mark] = f"{mark}: {' '.join(line_of(blocks).split())}"
        if self._state.target == "text":
            self._stories[-1].pieces.append(mark)
            self._stories[-1].footnotes.append(mark)

    def _end_label(self, group: Group) -> None:
        if self._state.target == "text":
            self._stories[-1].label = group.text

    def _end_field(self, group: Group) -> None:
        story = self._stories[-1]
        # What began in a paragraph before goes on from the beginning of this one.
        shown = "".join(story.pieces[group.start :]) or "".join(story.pieces)
        text = field_text(group, whole(shown))
        if not group.is_shown and is_number(group.instruction.strip()):
            self._remarks.count(NUMBER_ONE, NUMBER_MANY)
        if text is not None:
            self._emit(text)

    def _end_instruction(self, group: Group) -> None:
        if (field := self._holder("field")) is not None:
            field.instruction += group.text

    def _end_choice(self, group: Group) -> None:
        if (field := self._holder("field")) is not None:
            field.entries.append(group.text)

    def _end_level(self, group: Group) -> None:
        if self._lists is not None:
            self._lists.write(group.text)

    def _end_author(self, group: Group) -> None:
        self._author = group.text

    def _end_name(self, group: Group) -> None:
        self._property = group.text.strip()

    def _end_value(self, group: Group) -> None:
        words = whole(group.text).strip()
        if self._property == "gtextUNICODE" and words:
            label = "Watermark: " if self._pictures.in_margin else ""
            self._stories[-1].apart([Block(label + words)])

    def _end_picture(self, group: Group) -> None:
        if self._state.target != "nowhere":
            self._stories[-1].pieces.append(picture_of(group, self._pictures))

    def _end_object(self, group: Group) -> None:
        holder = self._holder("object")
        file = object_file(group, len(self.attachments) + 1)
        if file is not None and holder is not None:
            holder.is_shown = True
            self.attachments.append(file)
            self._stories[-1].pieces.append(f"[Attached file: {file.name}]")

    def _end_sign(self, group: Group) -> None:
        self._emit(group.text)


_SAYING = TABLES | {"formfield"}
_TAKING = groups.GATHERED | {"style"}
_BREAKS: dict[str, Callable[[RtfReader], None]] = {
    "par": RtfReader._paragraph,
    "sect": RtfReader._paragraph,
    "\n": RtfReader._paragraph,
    "\r": RtfReader._paragraph,
    "cell": RtfReader._cell,
    "nestcell": RtfReader._nested_cell,
    "row": RtfReader._row,
    "nestrow": RtfReader._nested_row,
}
_ENDS: dict[str, Callable[[RtfReader, Group], None]] = {
    "listtext": RtfReader._end_label,
    "pntext": RtfReader._end_label,
    "field": RtfReader._end_field,
    "fldinst": RtfReader._end_instruction,
    "ffl": RtfReader._end_choice,
    "leveltext": RtfReader._end_level,
    "atnauthor": RtfReader._end_author,
    "sn": RtfReader._end_name,
    "sv": RtfReader._end_value,
    "pict": RtfReader._end_picture,
    "objdata": RtfReader._end_object,
    "mchr": RtfReader._end_sign,
}


def _set_fallback(state: State, number: int | None) -> None:
    state.fallback = min(max(1 if number is None else number, 0), 8)


def _set_style(state: State, number: int | None) -> None:
    state.style = number or 0


def _set_outline(state: State, number: int | None) -> None:
    state.outline = _BODY_TEXT if number is None else number


def _set_table(state: State, _number: int | None) -> None:
    state.in_table = True


def _set_depth(state: State, number: int | None) -> None:
    state.depth = number or 0
    state.in_table = state.depth > 0 or state.in_table


def _set_level(state: State, number: int | None) -> None:
    state.level = max(number or 0, 0)


def _lower(state: State, _number: int | None) -> None:
    state.raised = False


_CHANGES: dict[str, Callable[[State, int | None], None]] = {
    "uc": _set_fallback,
    "s": _set_style,
    "outlinelevel": _set_outline,
    "intbl": _set_table,
    "itap": _set_depth,
    "ilvl": _set_level,
    "nosupersub": _lower,
    "sub": _lower,
    "plain": lambda state, _number: state.plain(),
    "pard": lambda state, _number: state.pard(),
}
_MEANT = frozenset(
    {
        *_SIGNS, *_SWITCHES, *_CHANGES, *_BREAKS, *ROW_WORDS, *LIST_WORDS, *_PAGES, *_NUMBERS,
        "u", "bin", "deff", "f", "fcharset", "cpg",
    }
)  # fmt: skip
