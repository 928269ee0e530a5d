"""What a spreadsheet's cell shows, by the code of its number format."""

import math
import operator
from functools import lru_cache

from docstage.extraction.extractors.office.number_codes import BUILT_IN, Section, sections_of
from docstage.extraction.extractors.office.number_dates import DateLook
from docstage.extraction.extractors.office.number_looks import NumberLook, general, trimmed

__all__ = ["BUILT_IN", "NumberFormat", "general", "number_format"]

_COMPARE = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "=": operator.eq, "<>": operator.ne,
}  # fmt: skip
_GENERAL = "General"
_WORDS = ("text", "words")


class NumberFormat:
    """A code, ready to show values.

    Attributes:
        is_date: it shows moments.
        hides: it shows nothing, whatever the value (`;;;`).
    """

    def __init__(self, code: str) -> None:
        sections = sections_of(code) if code.strip() else sections_of(_GENERAL)
        self._text = _text_section(sections)
        self._sections = sections[:3] or sections
        self._looks = [_look(section) for section in self._sections]
        self._conditional = any(section.condition for section in self._sections)
        self.is_date = isinstance(self._looks[0], DateLook)
        self.hides = len(sections) >= 3 and not any(section.tokens for section in sections)
        self._is_general = code.strip().lower() in ("", "general")
        # Numbers too go where the only section says `@`.
        self._is_text = (
            len(sections) == 1 and sections[0].kinds <= {"text", *_WORDS} and self._text is not None
        )

    def number(self, value: float, *, since_1904: bool = False) -> str:
        """A number as it is shown.

        Args:
            since_1904: the workbook counts days from 1904 on.
        """
        if not math.isfinite(value):
            return str(value)
        if self._is_text:
            return self.text(general(value))
        index, negative = (None, False) if self._is_general else self._choose(value)
        if index is None:
            return general(value)
        look = self._looks[index]
        if isinstance(look, DateLook):
            return _moment(look, value, since_1904=since_1904)
        return _number(look, value, negative=negative) if look else ""

    def text(self, value: str) -> str:
        """A text as it is shown."""
        if self._text is None:
            return value
        shown = (value if kind == "text" else text for kind, text in self._text.tokens if kind in _WORDS)
        return trimmed("".join(shown))

    def _choose(self, value: float) -> tuple[int | None, bool]:
        """The section for a value, and whether a minus stands before it."""
        count = len(self._sections)
        if self._conditional:
            return self._choose_by_condition(value)
        if count == 1 or value > 0 or (count == 2 and value == 0):
            return 0, value < 0
        return (1, False) if value < 0 else (2, False)

    def _choose_by_condition(self, value: float) -> tuple[int | None, bool]:
        for index, section in enumerate(self._sections):
            condition = section.condition or _implied(index, self._sections)
            if condition is None or _COMPARE[condition[0]](value, condition[1]):
                return index, value < 0 and not self._only_negative(index)
        return None, False

    def _only_negative(self, index: int) -> bool:
        """Whether a section is for negative numbers alone, so that it says itself that they are."""
        condition = self._sections[index].condition or _implied(index, self._sections)
        if condition:
            return condition[0] in ("<", "<=") and condition[1] <= 0
        first = self._sections[0].condition
        return index == 1 and first is not None and first[0] in (">", ">=") and first[1] == 0


@lru_cache(maxsize=4_096)
def number_format(code: str) -> NumberFormat:
    """The format of a code."""
    return NumberFormat(code)


def _implied(index: int, sections: list[Section]) -> tuple[str, float] | None:
    """The condition of a section that says none, beside one that does."""
    if index == 0 and len(sections) > 1:
        return (">", 0.0)
    return ("<", 0.0) if index == 1 and len(sections) > 2 else None


def _look(section: Section) -> NumberLook | DateLook | None:
    if not section.tokens:
        return None
    return DateLook(section) if section.kinds & {"date", "elapsed"} else NumberLook(section)


def _text_section(sections: list[Section]) -> Section | None:
    if len(sections) > 3:
        return sections[3] if sections[3].tokens else None
    return sections[-1] if "text" in sections[-1].kinds else None


def _moment(look: DateLook, value: float, *, since_1904: bool) -> str:
    shown = look.show(value, since_1904=since_1904)
    return general(value) if shown is None else trimmed(shown)


def _number(look: NumberLook, value: float, *, negative: bool) -> str:
    try:
        shown = trimmed(look.show(abs(value)))
    except (ArithmeticError, ValueError):  # more digits than decimals reckon with
        return general(value)
    # What is shown as zero has no sign.
    return f"-{shown}" if negative and any("1" <= one <= "9" for one in shown) else shown
