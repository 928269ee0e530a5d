"""Numbers that Word computes for paragraphs of lists: multilevel, restarted, resumed, in any form."""

from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.office.list_numbers import LEVELS, MOST_NUMBER, Label, Level, ListCounts
from docstage.extraction.extractors.word.styles import Styles
from docstage.extraction.extractors.word.xml import MC, W, is_on, number, value

_BLANKS = {"tab": " ", "space": " ", "nothing": ""}


class Numbering:
    """Counts the paragraphs of a document's lists, in their order.

    Args:
        root: `w:numbering`, None where there are no lists.
    """

    def __init__(self, root: Element | None, styles: Styles) -> None:
        self._styles = styles
        self._abstracts = _by_id(root, "abstractNum", "abstractNumId")
        self._lists = _by_id(root, "num", "numId")
        self._levels: dict[str, dict[int, Level]] = {}
        self._roots: dict[str, str] = {}
        self._counts = ListCounts()

    def label(self, properties: Element | None, style: str | None) -> Label | None:
        """What stands before the next paragraph, which is counted; None where it is of no list.

        Args:
            properties: its `w:pPr`.
            style: the id of its style.
        """
        place = self._place(None if properties is None else properties.find(f"{W}numPr"), style)
        if place is None:
            return None
        list_id, level = place
        levels = self._levels_of(list_id)
        if level not in levels:
            return None
        return self._counts.label(self._root(list_id), list_id, level, levels)

    def _place(self, own: Element | None, style: str | None) -> tuple[str, int] | None:
        """The list and level of a paragraph, by itself or by its style."""
        list_id = value(own, "numId") or self._styles.list_id(style)
        if list_id is None or list_id not in self._lists:
            return None
        level = value(own, "ilvl")
        return list_id, self._level_of_style(list_id, style) if level is None else _within(number(level))

    def _level_of_style(self, list_id: str, style: str | None) -> int:
        """The level names the style that it is for; what the style says of its level is often left out."""
        for name, one in self._styles.chain(style):
            linked = (at for at, level in self._levels_of(list_id).items() if level.style == name)
            level = next(linked, one.list_level)
            if level is not None:
                return _within(level)
        return 0

    def _root(self, list_id: str) -> str:
        """The id of the list that counts: lists of the same kind go on from each other."""
        if list_id not in self._roots:
            self._roots[list_id] = self._abstract_id(list_id)
        return self._roots[list_id]

    def _abstract_id(self, list_id: str) -> str:
        seen: set[str] = set()
        while True:
            abstract_id = value(self._lists.get(list_id), "abstractNumId") or ""
            link = value(self._abstracts.get(abstract_id), "numStyleLink")
            following = None if link is None else self._styles.list_id(link)
            if following is None or following in seen or following not in self._lists:
                return abstract_id
            seen.add(following)
            list_id = following

    def _levels_of(self, list_id: str) -> dict[int, Level]:
        if list_id not in self._levels:
            abstract = self._abstracts.get(self._root(list_id))
            levels = dict(_read_levels(abstract))
            for override in self._lists[list_id].findall(f"{W}lvlOverride"):
                levels |= dict(_read_levels(override))
                level, start = number(override.get(f"{W}ilvl"), -1), value(override, "startOverride")
                if start is not None and level in levels:
                    levels[level] = replace(levels[level], start=_start(start), begins_anew=True)
            self._levels[list_id] = levels
        return self._levels[list_id]


def _by_id(root: Element | None, name: str, key: str) -> dict[str, Element]:
    elements = [] if root is None else root.findall(W + name)
    return {element.get(W + key, ""): element for element in elements}


def _start(said: str | None) -> int:
    return max(min(number(said), MOST_NUMBER), 0)


def _within(level: int) -> int:
    return min(max(level, 0), LEVELS - 1)


def _read_levels(parent: Element | None) -> Iterator[tuple[int, Level]]:
    for element in () if parent is None else parent.findall(f"{W}lvl"):
        place = number(element.get(f"{W}ilvl"), -1)
        if 0 <= place < LEVELS:
            yield place, _level(element)


def _level(element: Element) -> Level:
    form, pattern = _form(element)
    fonts = element.find(f"{W}rPr/{W}rFonts")
    restart = value(element, "lvlRestart")
    return Level(
        start=_start(value(element, "start")),
        form=form,
        pattern=pattern,
        text=value(element, "lvlText") or "",
        font="" if fonts is None else fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or "",
        gap=_BLANKS.get(value(element, "suff") or "tab", " "),
        is_legal=is_on(element.find(f"{W}isLgl")),
        restart=None if restart is None else number(restart),
        style=value(element, "pStyle"),
        is_picture=element.find(f"{W}lvlPicBulletId") is not None,
    )


def _form(level: Element) -> tuple[str, str]:
    """The form of numbers. Newer ones stand in a choice, beside an older one to fall back to."""
    for path in (f"{MC}AlternateContent/{MC}Choice/{W}numFmt", f"{W}numFmt"):
        found = level.find(path)
        if found is not None:
            return found.get(f"{W}val", "decimal"), found.get(f"{W}format", "")
    return "decimal", ""
