"""How cells of Office Open XML look, and the texts that they share (ECMA-376 part 1, 18.4 and 18.8)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.office.drawing import child, whole
from docstage.extraction.extractors.office.number_formats import BUILT_IN, NumberFormat, number_format
from docstage.extraction.extractors.sheets.xml import Events, read_events

# A character that XML cannot hold, and the escape itself (22.9.2.19).
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_MOST_CACHED = 20_000
_EXACT = 16  # digits from which on a number is no longer shown as it is written


@dataclass(slots=True)
class Look:
    """How cells of a style show values.

    Attributes:
        format: None for General.
    """

    format: NumberFormat | None
    since_1904: bool = False
    _shown: dict[str, str] = field(default_factory=dict)

    def number(self, value: str) -> str:
        """A number, given as it is written in the file."""
        if self.format is None and len(value) < _EXACT and value.isdecimal() and value[0] != "0":
            return value
        shown = self._shown.get(value)
        if shown is None:
            shown = self._show(value)
            if len(self._shown) < _MOST_CACHED:
                self._shown[value] = shown
        return shown

    def text(self, value: str) -> str:
        """A text."""
        return self.format.text(value) if self.format else value

    def _show(self, value: str) -> str:
        try:
            number = float(value)
        except ValueError:
            return value
        return (self.format or _GENERAL).number(number, since_1904=self.since_1904)


_GENERAL = number_format("General")


def looks_of(root: Element | None, *, since_1904: bool) -> list[Look]:
    """The looks of all styles, by their numbers, of the part of styles."""
    codes = {whole(one.get("numFmtId")): one.get("formatCode", "") for one in _all(child(root, "numFmts"))}
    return [
        look_of(whole(one.get("numFmtId")), codes, since_1904=since_1904)
        for one in _all(child(root, "cellXfs"))
    ] or [Look(None, since_1904)]


def look_of(number: int, codes: dict[int, str], *, since_1904: bool) -> Look:
    """The look of a format's number, whose code the file tells or everybody knows."""
    code = codes.get(number) or BUILT_IN.get(number, "General")
    return Look(None if code.lower() == "general" else number_format(code), since_1904)


def _all(element: Element | None) -> Iterator[Element]:
    return iter(()) if element is None else iter(element)


def unescaped(text: str) -> str:
    """The text of a cell, with the characters that XML cannot hold."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text).replace("\r\n", "\n").replace("\r", "\n")


class _Strings(Events):
    """Collects the texts that cells share, without how they are pronounced (`rPh`)."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._pieces: list[str] = []
        self._aside = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        match self.names[name]:
            case "si":
                self._pieces = []
            case "rPh":
                self._aside += 1
            case "t" if not self._aside:
                self.listen(self._pieces)

    def end(self, name: str) -> None:
        match self.names[name]:
            case "t":
                self.listen(None)
            case "rPh":
                self._aside -= 1
            case "si":
                self.texts.append(unescaped("".join(self._pieces)))


def shared_strings(data: bytes | None) -> list[str]:
    """The texts that cells share, by their numbers.

    Raises:
        Unreadable: DAMAGED or TOO_COMPLEX.
    """
    strings = _Strings()
    if data is not None:
        read_events(data, strings)
    return strings.texts
