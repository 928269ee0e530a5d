"""Reads a page from its first tag to its last: what a reader sees of it, as blocks of Markdown.

There is no tree: the page is gone through once, with what is open at each place kept in a stack, so that time
and memory stay in proportion to its size however deep it is nested. (Lexbor, which builds the tree of the
standard, takes 47 s for 100,000 elements in each other.)
"""

import re
from collections.abc import Callable

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.web import math as html_math
from docstage.extraction.extractors.web.flow import PLAIN, STRUCK, Block, Flow, Link
from docstage.extraction.extractors.web.forms import Choice, input_text
from docstage.extraction.extractors.web.frames import Frames
from docstage.extraction.extractors.web.lists import Items
from docstage.extraction.extractors.web.names import (
    BARRIERS,
    BLOCKS,
    CLOSED_BY,
    HEADINGS,
    INLINE,
    NEVER_SEEN,
    SEEN_IN_DRAWINGS,
    STYLES,
    TABLE_PARTS,
    TELLING,
    TELLING_NAMES,
    UNSEEN,
    is_unseen,
    part_of_table,
)
from docstage.extraction.extractors.web.open_elements import Open, OpenTable
from docstage.extraction.extractors.web.tables import Cell, Table, span
from docstage.extraction.extractors.web.tokens import VERBATIM, VOID, attributes, tokens, without_xml

# A page of 40 MB has so many. At 5 microseconds a tag they take 10 s.
_MOST_TAGS = 2_000_000
# Deeper ones are read, but lose their form: text that is moved to the right a hundred times cannot be read.
_DEEPEST_FORM, _DEEPEST_TABLE, _DEEPEST_FRAME = 20, 30, 3
_MATH_END = re.compile(r"</math\s*>", re.IGNORECASE)
_BULLETS = frozenset("·•§oØüqvàè")
_STRUCK_STYLE = re.compile(r"text-decoration[\w-]*\s*:[^;]*line-through", re.IGNORECASE)
_LIGHT_STYLE = re.compile(r"font-weight\s*:\s*(?:normal|[1-4]00)", re.IGNORECASE)
_MARKER_STYLE = re.compile(r"mso-list\s*:\s*ignore", re.IGNORECASE)

_TEX = "{\\displaystyle"

Pictures = Callable[[str, dict[str, str]], str | None]
"""Takes the source of a picture and its attributes; gives the mark that stands for it, if there is one."""


class PageReader:
    """Reads one page. `read` may be called once."""

    def __init__(
        self,
        pictures: Pictures | None = None,
        frames: Frames | None = None,
        *,
        show_all: bool = False,
        depth: int = 0,
    ) -> None:
        self._pictures = pictures
        self._frames = frames
        self._show_all = show_all
        self._depth = depth
        self.title = ""
        self._flow = Flow()
        self._open: list[Open] = []
        self._places: dict[str, list[int]] = {}
        self._barriers: list[int] = []
        self._walls: list[int] = [-1]
        self._tables: list[OpenTable] = []
        self._items = Items()
        self._has_formulas = True
        self._style, self._muted, self._drawings, self._is_marker = PLAIN, False, 0, False
        self._link: Link | None = None
        self._choices: list[Choice] = []

    def read(self, page: str) -> list[Block]:
        """The blocks of a page.

        Raises:
            Unreadable: TOO_COMPLEX, when it has too many tags.
        """
        if page.count("<") > _MOST_TAGS:
            detail = f"The page has more than {_MOST_TAGS:,} tags. Split it."
            raise Unreadable(DocumentReason.TOO_COMPLEX, detail)
        page = without_xml(page).replace("\r", "\n").replace("\f", " ").replace("\ufffc", "")
        place = self._read_from(page, 0)
        while place:
            place = self._read_from(page, place)
        self._close_to(0)
        self._flow.end_line()
        return self._flow.blocks

    def _read_from(self, page: str, place: int) -> int:
        """Read on to the end, or to where it must be taken up anew."""
        for name, text, is_end, behind in tokens(page, place):
            if not name:
                if not self._muted or self._open[-1].name in VERBATIM:
                    self._write(text)
            elif is_end:
                self._end(name)
            elif name == "math" and self._has_formulas:
                if end := self._read_formula(page, behind, text):
                    return end
            else:
                self._start(name, text)
        return 0

    def _read_formula(self, page: str, place: int, written: str) -> int:
        """Where the formula ends that begins here; 0 when it does not."""
        end = _MATH_END.search(page, place)
        self._has_formulas = end is not None
        if end is None:
            return 0
        if not self._muted:
            formula = html_math.linear(page[place : end.start()], attributes(written).get("alttext", ""))
            self._flow.write(f" {formula} ", self._style, self._link)
        return end.end()

    def _write(self, text: str) -> None:
        if self._open and self._open[-1].name in VERBATIM:
            self._write_verbatim(self._open[-1].name, text)
        elif not self._muted:
            if self._is_marker:
                text = "-" if text.strip() in _BULLETS else text
            self._flow.write(
                text if self._flow.verbatim else text.replace("\n", " "), self._style, self._link
            )

    def _write_verbatim(self, name: str, text: str) -> None:
        if name == "title" and not self._drawings:
            self.title = self.title or " ".join(text.split())
        elif name == "title" and text.strip() and not self._muted:
            self._flow.write(f" [Image: {' '.join(text.split())}] ", self._style, self._link)
        elif name in ("textarea", "xmp") and not self._muted and text.strip():
            self._flow.write(text.strip("\n"))

    # Starts

    def _start(self, name: str, written: str) -> None:
        found = attributes(written) if written and (name in TELLING_NAMES or TELLING.search(written)) else {}
        part = name if name in TABLE_PARTS or name == "table" else part_of_table(found) if found else None
        if name in CLOSED_BY:
            self._close_open(CLOSED_BY[name])
        if name in BLOCKS or part:
            self._begin_block(part)
        if part and self._start_part(name, part, found):
            return
        if name in VOID:
            self._void(name, found)
            return
        opened = self._push(name)
        if name in NEVER_SEEN or (name in UNSEEN and not self._show_all) or self._hides(found):
            self._muted = True
        starter = _STARTERS.get(name)
        if starter:
            starter(self, opened, found)
        elif name in STYLES:
            self._begin_style(name, found)
        elif self._drawings and name in SEEN_IN_DRAWINGS:
            self._muted = False
            opened.end = self._end_drawn_text
        if found and (style := found.get("style")):
            self._take_style(style, opened)

    def _begin_block(self, part: str | None) -> None:
        if not part or part == "table":
            self._close_open(("p",))
            self._end_line()

    def _end_line(self) -> None:
        if self._flow.verbatim:
            self._flow.break_line()
        else:
            self._flow.end_line()

    def _begin_style(self, name: str, found: dict[str, str]) -> None:
        if name != "b" or not _LIGHT_STYLE.search(found.get("style", "")):
            self._style |= STYLES[name]

    def _take_style(self, style: str, opened: Open) -> None:
        if "line-through" in style and _STRUCK_STYLE.search(style):
            self._style |= STRUCK
        if _MARKER_STYLE.search(style) and not self._is_marker:
            self._is_marker = True
            opened.end = self._end_marker

    def _end_marker(self) -> None:
        self._is_marker = False
        self._flow.write(" ")

    def _push(self, name: str) -> Open:
        place = len(self._open)
        opened = Open(name, self._style, self._link, self._muted)
        self._open.append(opened)
        places = self._places.get(name)
        if places is None:
            self._places[name] = [place]
        else:
            places.append(place)
        if name in BARRIERS:
            self._barriers.append(place)
        return opened

    # Ends

    def _end(self, name: str) -> None:
        if name in HEADINGS:
            name = next((each for each in HEADINGS if self._places.get(each)), name)
        if name == "br":
            self._void("br", {})
        elif name in TABLE_PARTS:
            self._end_part(name)
        elif (places := self._places.get(name)) and (places[-1] >= self._walls[-1] or name == "table"):
            if name in STYLES or name in INLINE:
                self._end_inline(places[-1])
            else:
                self._close_to(places[-1])
        if name in BLOCKS:
            self._end_line()

    def _end_inline(self, place: int) -> None:
        """End an element, though others that began later may go on."""
        opened = self._open[place]
        if place == len(self._open) - 1 or opened.end:
            self._close_to(place)
        else:
            opened.closed = True
            self._places[opened.name].pop()
            self._style &= ~(STYLES.get(opened.name, 0) & ~opened.style)
            self._link = opened.link if opened.name == "a" else self._link
            for each in self._open[place + 1 :] if len(self._open) - place < 50 else ():
                each.style &= ~(STYLES.get(opened.name, 0) & ~opened.style)
                each.link = None if opened.name == "a" else each.link

    def _close_open(self, names: tuple[str, ...]) -> None:
        """Close the innermost of these elements, unless it lies outside of what is apart."""
        last = max((places[-1] for name in names if (places := self._places.get(name))), default=-1)
        if last >= 0 and (not self._barriers or last > self._barriers[-1]):
            self._close_to(last)

    def _close_to(self, place: int) -> None:
        """Close the element at a place and all in it."""
        still = self._open
        while len(still) > place or (still and still[-1].closed):
            opened = still[-1]
            if not opened.closed:
                self._places[opened.name].pop()
                if opened.end:
                    opened.end()
                self._style, self._link, self._muted = opened.style, opened.link, opened.muted
            still.pop()
            if self._barriers and self._barriers[-1] == len(still):
                self._barriers.pop()
            if self._walls[-1] == len(still):
                self._walls.pop()

    # What has a column of its own

    def _enter(self, opened: Open, leave: Callable[[Flow, Flow], None], flow: Flow) -> None:
        """Write into another flow until the element ends."""
        self._end_line()
        outer, self._flow = self._flow, flow

        def end() -> None:
            flow.end_line()
            self._flow = outer
            leave(flow, outer)

        opened.end = end

    def _inner(self) -> Flow:
        return Flow(emphasized=self._flow.emphasized)

    def _start_item(self, opened: Open, found: dict[str, str]) -> None:
        marker = self._items.marker(found)
        if self._items.depth > _DEEPEST_FORM or self._flow.verbatim:
            self._flow.write(f"{marker} ")
            return
        self._enter(opened, lambda inner, outer: outer.add_item(inner, marker), self._inner())

    def _start_list(self, opened: Open, found: dict[str, str]) -> None:
        self._items.begin(opened.name == "ol", found)
        opened.end = self._end_list

    def _end_list(self) -> None:
        self._end_line()
        self._items.end()

    def _start_term(self, opened: Open, _found: dict[str, str]) -> None:
        if not self._flow.verbatim:
            opened.end = lambda: self._flow.end_line("item")

    def _start_definition(self, opened: Open, _found: dict[str, str]) -> None:
        if len(self._places["dd"]) <= _DEEPEST_FORM and not self._flow.verbatim:
            self._enter(opened, lambda inner, outer: outer.add_item(inner, ":"), self._inner())

    def _start_quote(self, opened: Open, _found: dict[str, str]) -> None:
        if len(self._places["blockquote"]) <= _DEEPEST_FORM and not self._flow.verbatim:
            self._enter(opened, lambda inner, outer: outer.add_quote(inner), self._inner())

    def _start_pre(self, opened: Open, _found: dict[str, str]) -> None:
        if not self._flow.verbatim:
            self._enter(opened, lambda inner, outer: outer.add_verbatim(inner), Flow(verbatim=True))

    def _start_heading(self, opened: Open, _found: dict[str, str]) -> None:
        if not self._flow.verbatim:
            prefix = HEADINGS[opened.name]
            opened.end = lambda: self._flow.end_line("heading", prefix)

    # Inline

    def _start_link(self, _opened: Open, found: dict[str, str]) -> None:
        target = "".join(found.get("href", "").split())
        if target and not target.lower().startswith(("#", "javascript:", "data:")):
            self._link = Link(target)

    def _start_ruby(self, opened: Open, _found: dict[str, str]) -> None:
        self._write("(")
        opened.end = lambda: self._write(")")

    def _start_quotation(self, opened: Open, _found: dict[str, str]) -> None:
        self._write("“")
        opened.end = lambda: self._write("”")

    def _start_drawing(self, opened: Open, _found: dict[str, str]) -> None:
        muted, self._muted = self._muted, True
        if not muted:
            self._drawings += 1
            opened.end = self._end_drawing

    def _end_drawing(self) -> None:
        self._drawings -= 1

    def _end_drawn_text(self) -> None:
        if not self._muted:
            self._flow.write("\n")

    def _start_select(self, opened: Open, found: dict[str, str]) -> None:
        choice = Choice("multiple" in found)
        self._choices.append(choice)
        outer, self._flow = self._flow, Flow(emphasized=False)
        inner, muted = self._flow, self._muted

        def end() -> None:
            inner.end_line()
            self._choices.pop()
            self._flow = outer
            if not muted:
                outer.write(f" {choice.text(inner)} ", opened.style)

        opened.end = end

    def _start_option(self, _opened: Open, found: dict[str, str]) -> None:
        if self._choices:
            self._flow.end_line()
            self._choices[-1].add(len(self._flow.blocks), "selected" in found)

    def _start_textarea(self, opened: Open, _found: dict[str, str]) -> None:
        self._enter(opened, lambda inner, outer: outer.add_lines(inner), Flow(verbatim=True))

    def _start_frame(self, opened: Open, found: dict[str, str]) -> None:
        if not opened.muted:
            self._show_frame(found)

    def _show_frame(self, found: dict[str, str]) -> None:
        page = found.get("srcdoc")
        if not page and self._frames:
            page = self._frames(found.get("src", ""))
        if page and self._depth < _DEEPEST_FRAME:
            self._end_line()
            self._flow.blocks += PageReader(self._pictures, self._frames, depth=self._depth + 1).read(page)

    def _void(self, name: str, found: dict[str, str]) -> None:
        if self._muted or self._hides(found):
            return
        if name == "br":
            self._flow.write("\n")
        elif name == "hr" and not self._flow.verbatim:
            self._flow.blocks.append(Block("---"))
        elif name == "img":
            self._show_picture(found)
        elif name == "frame":
            self._show_frame(found)
        elif name == "input" and (text := input_text(found)):
            self._flow.write(f" {text} ", self._style)

    def _show_picture(self, found: dict[str, str]) -> None:
        mark = self._pictures(found.get("src", ""), found) if self._pictures else None
        alternative = " ".join(found.get("alt", "").split())
        if not mark and alternative.startswith(_TEX):
            self._flow.write(f" ${alternative}$ ", PLAIN, self._link)
        elif mark:
            self._flow.write(f" {mark} ", PLAIN, self._link)
        elif alternative:
            self._flow.write(f" [Image: {alternative}] ", PLAIN, self._link)

    # Tables

    def _start_part(self, name: str, part: str, found: dict[str, str]) -> bool:
        """Begin a table or a part of one; False when there is none that it could be part of."""
        is_tagged = name in TABLE_PARTS
        if part == "table":
            return self._start_table(name, found)
        if not self._tables or self._is_cut_off():
            self._end_line()
            return is_tagged
        if is_tagged:
            self._close_to(self._tables[-1].place + 1)
        if part in ("td", "th"):
            self._start_cell(name, part, found)
        elif part == "caption":
            table, opened = self._tables[-1].table, self._push(name)
            self._walls.append(len(self._open) - 1)
            self._enter(opened, lambda inner, _: table.caption.extend(inner.blocks), self._inner())
        else:
            self._start_row(name, part, found)
        return True

    def _is_cut_off(self) -> bool:
        """Whether the innermost table is one whose parts are not told any more, since it lies too deep."""
        tables = self._places.get("table", [])
        return bool(tables) and tables[-1] > self._tables[-1].place

    def _start_table(self, name: str, found: dict[str, str]) -> bool:
        if name == "table" and self._tables and self._tables[-1].place == len(self._open) - 1:
            self._close_to(self._tables[-1].place)  # it was never ended
        opened = self._push(name)
        self._walls.append(len(self._open) - 1)
        self._muted = self._muted or self._hides(found)
        if len(self._tables) < _DEEPEST_TABLE:
            arranges = found.get("role", "").lower() in ("presentation", "none")
            self._tables.append(OpenTable(Table(arranges), len(self._open) - 1, name == "table"))
            opened.end = self._end_table
        return True

    def _end_table(self) -> None:
        self._end_line()
        self._flow.blocks += self._tables.pop().table.blocks()

    def _start_row(self, name: str, part: str, found: dict[str, str]) -> None:
        innermost = self._tables[-1]
        if part == "tr":
            innermost.table.begin_row()
        elif part in ("thead", "tbody", "tfoot"):
            innermost.table.section = part
        innermost.muted = self._hides(found)
        if name not in TABLE_PARTS:
            self._push(name)

    def _start_cell(self, name: str, part: str, found: dict[str, str]) -> None:
        table, opened = self._tables[-1].table, self._push(name)
        self._walls.append(len(self._open) - 1)
        muted = self._muted or self._tables[-1].muted or self._hides(found)
        is_head, columns, rows = part == "th", span(found, "colspan"), span(found, "rowspan")
        self._enter(
            opened,
            lambda inner, _: table.add(Cell(inner.blocks, is_head, columns, rows)),
            Flow(emphasized=False),
        )
        self._muted = muted

    def _hides(self, found: dict[str, str]) -> bool:
        return bool(found) and not self._show_all and is_unseen(found)

    def _end_part(self, name: str) -> None:
        if not self._tables or self._is_cut_off() or not self._tables[-1].is_tagged:
            return
        if name in ("td", "th", "caption"):
            places = self._places.get(name)
            if places and places[-1] > self._tables[-1].place:
                self._close_to(places[-1])
        else:
            self._close_to(self._tables[-1].place + 1)


_STARTERS: dict[str, Callable[[PageReader, Open, dict[str, str]], None]] = {
    **dict.fromkeys(HEADINGS, PageReader._start_heading),
    **dict.fromkeys(("ul", "ol", "menu", "dir"), PageReader._start_list),
    **dict.fromkeys(("pre", "xmp", "listing"), PageReader._start_pre),
    "li": PageReader._start_item,
    "dt": PageReader._start_term,
    "dd": PageReader._start_definition,
    "blockquote": PageReader._start_quote,
    "a": PageReader._start_link,
    "rt": PageReader._start_ruby,
    "q": PageReader._start_quotation,
    "svg": PageReader._start_drawing,
    "select": PageReader._start_select,
    "option": PageReader._start_option,
    "textarea": PageReader._start_textarea,
    "iframe": PageReader._start_frame,
}
