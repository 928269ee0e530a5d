"""The words of a paragraph of Word: runs, fields, links, marks of notes, comments, formulas, signs."""

import re
from collections.abc import Callable
from xml.etree.ElementTree import Element

from docstage.domain.content import PICTURE_MARK
from docstage.extraction.extractors.office.math import linear
from docstage.extraction.extractors.office.symbols import is_symbol_font, symbol, symbols
from docstage.extraction.extractors.word.document import Block, Host, check_depth
from docstage.extraction.extractors.word.drawings import Drawings
from docstage.extraction.extractors.word.fields import (
    CHECKED,
    NUMBER_MANY,
    NUMBER_ONE,
    UNCHECKED,
    Fields,
    control_text,
    is_number,
    link_of,
    unresolved,
)
from docstage.extraction.extractors.word.xml import W14, R, W, chosen, is_on, switch

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_SELF_TOLD = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_RAISED = re.compile(r"[-−+–]?\d[\d.,]*|[A-Za-z*]")
_PRIVATE = re.compile("[\uf020-\uf0ff]")
_MARK = re.compile(f"{PICTURE_MARK}.?")
_CLEAN = str.maketrans({PICTURE_MARK: "", "\xad": "", "\u200b": ""})
_HIDDEN_ONE = "A hidden character is left out."
_HIDDEN_MANY = "Hidden text is left out: {} characters."
_BEFORE_WORDS = re.compile(r"(\[Comment by [^\]\n]*\])(?=\w)")
_PROPERTIES = f"{W}rPr"
_LOOKS = frozenset({W + name for name in ("vanish", "rStyle", "rFonts", "vertAlign", "strike", "dstrike")})
_NOT_READ = frozenset({f"{W}ffData", f"{W}txbxContent", f"{W}rt"})


class Inline:
    """Gathers the words of one paragraph.

    Args:
        host: the story that it is of.
        fields: the story's fields, which may go on over paragraphs.
        style: the id of the paragraph's style.

    Attributes:
        out: the words.
        boxes: what stands in text boxes beside them.
        footnotes: marks of notes that they refer to.
    """

    def __init__(self, host: Host, fields: Fields, style: str | None) -> None:
        self._host = host
        self._document = host.document
        self._fields = fields
        self._hidden = host.document.styles.is_hidden(style)
        self.out: list[str] = []
        self.boxes: list[Block] = []
        self.footnotes: list[str] = []

    @property
    def text(self) -> str:
        """The words so far."""
        text = apart("".join(self.out).replace("~~~~", ""))
        # What is left in the private area has no font of its own, where Word takes its signs from this one.
        return _PRIVATE.sub(lambda found: symbol(ord(found[0]), "Symbol"), text)

    def read(self, parent: Element, depth: int = 0) -> None:
        """Add the words of an element.

        Raises:
            Unreadable: TOO_COMPLEX, when it is nested too deeply.
        """
        check_depth(depth)
        for child in parent:
            handler = _HANDLERS.get(child.tag)
            if handler is not None:
                handler(self, child, depth + 1)
            elif len(child) and child.tag not in _NOT_READ and not child.tag.endswith("Pr"):
                self.read(child, depth + 1)  # unknown, perhaps of a later edition: its words are words

    def _emit(self, text: str) -> None:
        if not self._fields.is_silent:
            self.out.append(text)

    def _words_since(self, start: int) -> str:
        words = "".join(self.out[start:])
        del self.out[start:]
        return words

    def _run(self, run: Element, depth: int) -> None:
        start = len(self.out)
        self.read(run, depth)
        if len(self.out) <= start or not len(run) or (run[0].tag != _PROPERTIES and not self._hidden):
            return
        said = {one.tag: one for one in run[0]} if run[0].tag == _PROPERTIES else {}
        if not self._hidden and _LOOKS.isdisjoint(said):
            return
        words = self._words_since(start)
        if self._is_hidden(said):
            self._document.remarks.count(_HIDDEN_ONE, _HIDDEN_MANY, len(words.strip()))
        elif words:
            self.out.append(self._looked(words, said))

    def _is_hidden(self, said: dict[str, Element]) -> bool:
        own = said.get(f"{W}vanish")
        if own is not None:
            return is_on(own)
        style = said.get(f"{W}rStyle")
        by_style = style is not None and self._document.styles.is_hidden(style.get(f"{W}val"))
        return self._hidden or by_style

    def _looked(self, words: str, said: dict[str, Element]) -> str:
        """The words as they look: struck out, raised, in a font of signs."""
        fonts = said.get(f"{W}rFonts")
        font = "" if fonts is None else fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or ""
        if is_symbol_font(font) and PICTURE_MARK not in words:
            words = symbols(words, font)
        raised = said.get(f"{W}vertAlign")
        is_raised = raised is not None and raised.get(f"{W}val") == "superscript"
        if is_raised and _RAISED.fullmatch(words):
            before = next((piece for piece in reversed(self.out) if piece), "")
            words = f"^{words}" if before[-1:].isalnum() or before[-1:] in (")", "]", "%") else words
        struck = is_on(said.get(f"{W}strike")) or is_on(said.get(f"{W}dstrike"))
        return f"~~{words}~~" if struck and words.strip() else words

    def _text(self, element: Element, _depth: int) -> None:
        self._emit((element.text or "").translate(_CLEAN))

    def _tab(self, _element: Element, _depth: int) -> None:
        self._emit("\t")

    def _break(self, _element: Element, _depth: int) -> None:
        self._emit("\n")

    def _hyphen(self, _element: Element, _depth: int) -> None:
        self._emit("-")

    def _symbol(self, element: Element, _depth: int) -> None:
        try:
            code = int(element.get(f"{W}char", ""), 16)
        except ValueError:
            return
        self._emit(symbol(code, element.get(f"{W}font", "")))

    def _ruby(self, element: Element, depth: int) -> None:
        base, above = element.find(f"{W}rubyBase"), element.find(f"{W}rt")
        if base is not None:
            self.read(base, depth)
        start = len(self.out)
        if above is not None:
            self.read(above, depth)
        reading = self._words_since(start)
        self._emit(f"({reading})" if reading.strip() else "")

    def _math(self, element: Element, _depth: int) -> None:
        before = next((piece for piece in reversed(self.out) if piece), "")
        is_alone = element.tag == f"{_MATH}oMathPara"  # on a line of its own
        self._emit(("\n" if is_alone and before else "") + linear(element) + ("\n" if is_alone else ""))

    def _link(self, element: Element, depth: int) -> None:
        start = len(self.out)
        self.read(element, depth)
        link = self._host.document.package.relationships(self._host.source).get(element.get(f"{R}id", ""))
        if link is not None and link.external:
            anchor = element.get(f"{W}anchor")
            self._lead(start, f"{link.target}#{anchor}" if anchor else link.target)

    def _lead(self, start: int, address: str) -> None:
        """Add the address that the words since then lead to, unless they say it themselves."""
        words = self._words_since(start)
        told = _SELF_TOLD.sub("", address).rstrip("/") in words
        end = words.rstrip()
        self._emit(words if told or not end else f"{end} ({address}){words[len(end) :]}")

    def _field_mark(self, element: Element, _depth: int) -> None:
        match element.get(f"{W}fldCharType"):
            case "begin":
                self._fields.begin(element.find(f"{W}ffData"))
            case "separate":
                self._fields.show(self, len(self.out))
            case "end":
                self._end_field()

    def _end_field(self) -> None:
        ended = self._fields.end()
        if ended is None:
            return
        shown, instruction = control_text(ended.control), ended.text()
        if shown is not None:
            if ended.owner is self:
                self._words_since(ended.start)
            self._emit(shown)
        elif not ended.is_shown:
            self._unresolved(instruction)
        elif (address := link_of(instruction)) is not None:
            self._lead(ended.start if ended.owner is self else 0, address)

    def _unresolved(self, instruction: str) -> None:
        self._emit(unresolved(instruction))
        if is_number(instruction):
            self._document.remarks.count(NUMBER_ONE, NUMBER_MANY)

    def _instruction(self, element: Element, _depth: int) -> None:
        self._fields.instruct(element.text)

    def _simple_field(self, element: Element, depth: int) -> None:
        start, instruction = len(self.out), element.get(f"{W}instr", "").strip()
        self.read(element, depth)
        if len(self.out) == start:
            self._unresolved(instruction)
        elif (address := link_of(instruction)) is not None:
            self._lead(start, address)

    def _control(self, element: Element, depth: int) -> None:
        """A content control; what it asks for is told from what was filled in."""
        properties, content = element.find(f"{W}sdtPr"), element.find(f"{W}sdtContent")
        box = None if properties is None else properties.find(f"{W14}checkbox")
        if box is not None:
            state = box.find(f"{W14}checked")
            checked = state is not None and state.get(f"{W14}val", "1") in ("1", "true", "on")
            self._emit(CHECKED if checked else UNCHECKED)
        elif content is not None:
            start = len(self.out)
            self.read(content, depth)
            if properties is not None and switch(properties, "showingPlcHdr"):
                self._emit(asked_for(self._words_since(start)))

    def _inserted(self, element: Element, depth: int) -> None:
        self._changed(element, depth)
        self.read(element, depth)

    def _changed(self, element: Element, _depth: int) -> None:
        self._document.authors[element.get(f"{W}author", "")] = None

    def _note(self, element: Element, _depth: int) -> None:
        kind = element.tag.rpartition("}")[2].removesuffix("Reference")
        follows = element.get(f"{W}customMarkFollows", "0") in ("1", "true", "on")
        mark = self._document.refer(kind, element.get(f"{W}id", ""), follows)
        if mark is not None and not self._fields.is_silent:
            self._emit(mark)
            self.footnotes.append(mark)

    def _comment(self, element: Element, _depth: int) -> None:
        comment_id = element.get(f"{W}id", "")
        comment = self._document.comments.get(comment_id)
        if comment and comment_id not in self._document.told:
            self._document.told.add(comment_id)
            self.out.append(comment if not self.out or self.out[-1].endswith(" ") else f" {comment}")

    def _drawing(self, element: Element, _depth: int) -> None:
        if self._fields.is_silent:
            return
        found = Drawings(self._host).read(element)
        self.out.append(found.text)
        for box in found.boxes:
            self.boxes += self._host.blocks(box)
        self.boxes += found.blocks

    def _alternatives(self, element: Element, depth: int) -> None:
        for child in chosen(element):
            handler = _HANDLERS.get(child.tag)
            if handler is not None:
                handler(self, child, depth)


def asked_for(words: str) -> str:
    """What a form asks for where nothing was filled in."""
    words = " ".join(_MARK.sub("", words).split())
    return f"[not filled in: {words}]" if words else ""


def apart(text: str) -> str:
    """A text with comments apart from the words that follow them."""
    return _BEFORE_WORDS.sub(r"\1 ", text) if "[Comment by" in text else text


_HANDLERS: dict[str, Callable[[Inline, Element, int], None]] = {
    f"{W}r": Inline._run,
    f"{W}t": Inline._text,
    f"{W}tab": Inline._tab,
    f"{W}ptab": Inline._tab,
    f"{W}br": Inline._break,
    f"{W}cr": Inline._break,
    f"{W}noBreakHyphen": Inline._hyphen,
    f"{W}sym": Inline._symbol,
    f"{W}ruby": Inline._ruby,
    f"{W}hyperlink": Inline._link,
    f"{W}fldChar": Inline._field_mark,
    f"{W}fldSimple": Inline._simple_field,
    f"{W}instrText": Inline._instruction,
    f"{W}sdt": Inline._control,
    f"{W}ins": Inline._inserted,
    f"{W}moveTo": Inline._inserted,
    f"{W}del": Inline._changed,
    f"{W}moveFrom": Inline._changed,
    f"{W}footnoteReference": Inline._note,
    f"{W}endnoteReference": Inline._note,
    f"{W}commentReference": Inline._comment,
    f"{W}drawing": Inline._drawing,
    f"{W}pict": Inline._drawing,
    f"{W}object": Inline._drawing,
    f"{_MATH}oMath": Inline._math,
    f"{_MATH}oMathPara": Inline._math,
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent": Inline._alternatives,
}
