"""The running text of a page: pieces of lines become paragraphs, and paragraphs blocks of Markdown."""

from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

# How a piece of text looks, as far as it matters to what it says: bits.
PLAIN, BOLD, ITALIC, STRUCK, INSERTED, CODE, RAISED, LOWERED = 0, 1, 2, 4, 8, 16, 32, 64

_MARKS = {
    CODE: ("`", "`"),
    ITALIC: ("*", "*"),
    BOLD: ("**", "**"),
    STRUCK: ("~~", "~~"),
    INSERTED: ("<ins>", "</ins>"),
}
_ALL, _EMPHASIS = 127, BOLD | ITALIC
_UP = str.maketrans("0123456789+-()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ")
_DOWN = str.maketrans("0123456789+-()", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎")
_SOFT = str.maketrans("", "", "\xad\ufeff\u2060")


class Link:
    """Where a piece of text leads. Of a link over several paragraphs the first one tells it."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.is_told = False


class Block(NamedTuple):
    """A paragraph or something larger.

    Attributes:
        text: in Markdown.
        kind: `p`, `heading`, `pre`, `item` (of a list), `list`, `quote` or `table`.
    """

    text: str
    kind: str = "p"


class _Run(NamedTuple):
    text: str
    style: int
    link: Link | None


@dataclass(slots=True)
class Flow:
    """A column of blocks that grows.

    Attributes:
        emphasized: bold and italic words are marked.
        verbatim: blanks and line breaks stay as they are.
    """

    emphasized: bool = True
    verbatim: bool = False
    blocks: list[Block] = field(default_factory=list)
    _runs: list[_Run] = field(default_factory=list)
    _styled: bool = False

    def write(self, text: str, style: int = PLAIN, link: Link | None = None) -> None:
        """Go on in the line."""
        self._runs.append(_Run(text, style, link))
        if style or link:
            self._styled = True

    def break_line(self) -> None:
        """Begin a new line where blanks stay as they are."""
        if self._runs and not self._runs[-1].text.endswith("\n"):
            self._runs.append(_Run("\n", PLAIN, None))

    def end_line(self, kind: str = "p", prefix: str = "") -> None:
        """Make a block of what stands in the line."""
        if not self._runs:
            return
        text = self._line(plain=kind == "heading")
        self._runs.clear()
        self._styled = False
        if text.strip():
            text = " ".join(text.split()) if kind == "heading" else text
            self.blocks.append(Block(prefix + text, kind))

    def add_item(self, inner: "Flow", marker: str) -> None:
        """An item of a list, with what is in it moved to the right."""
        text = joined(inner.blocks, in_item=True)
        if text:
            margin = "\n" + " " * (len(marker) + 1 if marker else 0)
            self.blocks.append(Block(f"{marker} {text.replace(chr(10), margin)}".strip(), "item"))

    def add_quote(self, inner: "Flow") -> None:
        """A quotation."""
        if text := joined(inner.blocks):
            self.blocks.append(Block("> " + text.replace("\n", "\n> "), "quote"))

    def add_verbatim(self, inner: "Flow") -> None:
        """Text whose line breaks matter, with a fence around it."""
        for block in inner.blocks:
            text = block.text.strip("\n")
            self.blocks.append(Block(f"```\n{text}\n```", "pre") if block.kind == "p" else block)

    def add_lines(self, inner: "Flow") -> None:
        """Text whose line breaks matter, as it is."""
        self.blocks += inner.blocks

    def _line(self, *, plain: bool) -> str:
        if self._styled:
            kept = _ALL & ~_EMPHASIS if plain or not self.emphasized else _ALL
            text = _marked_up(self._runs, kept)
        else:
            text = "".join([run.text for run in self._runs])
        if self.verbatim:
            return text
        lines = [" ".join(line.split()) for line in text.translate(_SOFT).split("\n")]
        return "\n".join(lines).strip("\n")


def joined(blocks: list[Block], *, in_item: bool = False) -> str:
    """The text of blocks below each other, items of lists close together."""
    pieces: list[str] = []
    last = ""
    for block in blocks:
        if pieces:
            is_close = block.kind == "item" and (in_item or last == "item")
            pieces.append("\n" if is_close else "\n\n")
        pieces.append(block.text)
        last = block.kind
    return "".join(pieces)


def _marked_up(runs: list[_Run], kept: int) -> str:
    pieces: list[str] = []
    last: Link | None = None
    for link, linked in groupby(runs, key=lambda run: run.link):
        text = "".join(
            _styled("".join(run.text for run in alike), style)
            for style, alike in groupby(linked, key=lambda run: run.style & kept)
        )
        if link and last:
            pieces.append(" ")  # pages set links apart by their style
        pieces.append(_linked(text, link) if link else text)
        last = link
    return "".join(pieces)


def _linked(text: str, link: Link) -> str:
    if link.is_told or not text.strip():
        return text
    link.is_told = True
    core = text.strip()
    if core == link.target or link.target in (f"mailto:{core}", f"tel:{core}", f"http://{core}"):
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}[{core}]({link.target}){after}"


def _styled(text: str, style: int) -> str:
    core = text.strip()
    if not style or not core:
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    if style & RAISED:
        core = _shifted(core, _UP, "^")
    elif style & LOWERED:
        core = _shifted(core, _DOWN, "_")
    for each, (opening, closing) in _MARKS.items():
        if style & each:
            core = f"{opening}{core}{closing}"
    return before + core + after


def _shifted(text: str, letters: dict[int, int], sign: str) -> str:
    """Raised or lowered, so that `10` with a footnote 1 is not 101."""
    if all(ord(character) in letters for character in text):
        return text.translate(letters)
    return f"{sign}{text}" if len(text) == 1 else f"{sign}({text})"
