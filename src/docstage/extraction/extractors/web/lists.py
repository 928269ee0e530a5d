"""Lists of pages and the numbers of their items."""

import re
from dataclasses import dataclass

from docstage.extraction.extractors.web.names import list_number

_TYPE = re.compile(
    r"list-style(?:-type)?\s*:[^;]*?([a-z]+-(?:alpha|latin|roman)|decimal|none)", re.IGNORECASE
)
_INTEGER = re.compile(r"\s*(-?\d{1,9})")


@dataclass(slots=True)
class _List:
    is_numbered: bool
    style: str
    number: int
    step: int


class Items:
    """The lists that are open, one in the other."""

    def __init__(self) -> None:
        self._lists: list[_List] = []

    @property
    def depth(self) -> int:
        """How many."""
        return len(self._lists)

    def begin(self, is_numbered: bool, found: dict[str, str]) -> None:
        """A list begins, with these attributes."""
        step = -1 if "reversed" in found else 1
        self._lists.append(_List(is_numbered, _style(found), _integer(found, "start", 1), step))

    def end(self) -> None:
        """The innermost list ends."""
        self._lists.pop()

    def marker(self, found: dict[str, str]) -> str:
        """What stands before the next item, which has these attributes; nothing where the page says so."""
        if not self._lists:
            return "-"
        innermost = self._lists[-1]
        style = _style(found) or innermost.style
        if style == "none":
            return ""
        if not innermost.is_numbered:
            return "-"
        number = _integer(found, "value", innermost.number)
        innermost.number = number + innermost.step
        return list_number(style, number)


def _style(found: dict[str, str]) -> str:
    of_style = _TYPE.search(found.get("style", ""))
    return of_style[1].lower() if of_style else found.get("type", "")


def _integer(found: dict[str, str], name: str, otherwise: int) -> int:
    number = _INTEGER.match(found.get(name, ""))
    return int(number[1]) if number else otherwise
