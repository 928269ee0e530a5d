"""Styles of Word documents: what a paragraph or a run is by its style, and by those that it is based on."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.office.package import parse_part
from docstage.extraction.extractors.word.xml import W, number, switch, value

_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_OF_TABLES = re.compile(
    rb'<w:style [^>]*w:type="table"[^>]*>.*?</w:style>|<w:latentStyles .*?</w:latentStyles>', re.DOTALL
)
_BODY_LEVEL = 9  # w:outlineLvl 9 is "body text"


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says itself.

    Attributes:
        based_on: the id of the style that holds where this one says nothing.
        outline: level of a heading from 0; 9 says that it is none.
        list_id: `w:numId`, "0" says that it is no list.
        list_level: `w:ilvl`.
        hidden: whether its words are hidden.
    """

    name: str = ""
    based_on: str | None = None
    outline: int | None = None
    list_id: str | None = None
    list_level: int | None = None
    hidden: bool | None = None


def parse_styles(data: bytes) -> Element:
    """The markup of styles, without those of tables, which are most of it and say nothing about words.

    Raises:
        Unreadable: DAMAGED or TOO_COMPLEX.
    """
    with suppress(Unreadable):  # cut out of what is no usual markup, it may be none any more
        return parse_part(_OF_TABLES.sub(b"", data))
    return parse_part(data)


class Styles:
    """The styles of a document by their ids.

    Args:
        root: `w:styles`, None where there are none.
    """

    def __init__(self, root: Element | None) -> None:
        elements = [] if root is None else root.findall(f"{W}style")
        self._styles = {element.get(f"{W}styleId", ""): _style(element) for element in elements}
        defaults = (
            element.get(f"{W}styleId", "")
            for element in elements
            if element.get(f"{W}type") == "paragraph" and element.get(f"{W}default") in ("1", "true", "on")
        )
        self.default = next(defaults, None)
        self._outlines: dict[str | None, int | None] = {}
        self._hidden: dict[str | None, bool] = {}

    def chain(self, name: str | None) -> Iterator[tuple[str, Style]]:
        """A style and those that it is based on, with their ids, the nearest first."""
        seen: set[str] = set()
        while name is not None and name not in seen and name in self._styles:
            seen.add(name)
            yield name, self._styles[name]
            name = self._styles[name].based_on

    def outline(self, name: str | None) -> int | None:
        """The level of a heading of this style from 0, None where it is none."""
        if name not in self._outlines:
            said = (style.outline for _, style in self.chain(name) if style.outline is not None)
            level = next(said, None)
            self._outlines[name] = level if level is not None and level < _BODY_LEVEL else None
        return self._outlines[name]

    def is_hidden(self, name: str | None) -> bool:
        """Whether words of this style are hidden."""
        if name not in self._hidden:
            said = (style.hidden for _, style in self.chain(name) if style.hidden is not None)
            self._hidden[name] = next(said, False)
        return self._hidden[name]

    def list_id(self, name: str | None) -> str | None:
        """The `w:numId` of a style of lists."""
        return next((style.list_id for _, style in self.chain(name) if style.list_id is not None), None)


def _style(element: Element) -> Style:
    paragraph = element.find(f"{W}pPr")
    numbers = None if paragraph is None else paragraph.find(f"{W}numPr")
    name = value(element, "name") or ""
    outline, level = value(paragraph, "outlineLvl"), value(numbers, "ilvl")
    heading = _HEADING.fullmatch(name)
    return Style(
        name=name,
        based_on=value(element, "basedOn"),
        outline=number(outline, 9) if outline is not None else int(heading[1]) - 1 if heading else None,
        list_id=value(numbers, "numId"),
        list_level=None if level is None else number(level),
        hidden=switch(element.find(f"{W}rPr"), "vanish"),
    )
