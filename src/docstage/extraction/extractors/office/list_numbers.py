"""How lists of word processors count: what stands before each paragraph, whatever file it is from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from docstage.extraction.extractors.office.number_forms import number_form
from docstage.extraction.extractors.office.symbols import symbols

LEVELS = 9
_PLACE = re.compile("%([1-9])")
# Bullets that mean something; all others are shown as a dash.
_TELLING = frozenset("☐☑☒✓✔✗✘→➢⇒☞✍✂☎✉★")
MOST_NUMBER = 1_000_000_000
# Forms by their numbers in binary files and in rich text (MSONFC, [MS-OSHARED] 2.2.1.3).
_FORMS = {
    0: "decimal", 1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter", 5: "ordinal",
    6: "cardinalText", 7: "ordinalText", 8: "hex", 9: "chicago", 10: "ideographDigital",
    11: "japaneseCounting", 12: "aiueo", 13: "iroha", 14: "decimalFullWidth", 16: "japaneseLegal",
    17: "japaneseDigitalTenThousand", 18: "decimalEnclosedCircle", 19: "decimalFullWidth2",
    20: "aiueoFullWidth", 21: "irohaFullWidth", 22: "decimalZero", 23: "bullet", 24: "ganada",
    25: "chosung", 26: "decimalEnclosedFullstop", 27: "decimalEnclosedParen",
    28: "decimalEnclosedCircleChinese", 30: "ideographTraditional", 31: "ideographZodiac",
    33: "taiwaneseCounting", 37: "chineseCounting", 38: "chineseLegalSimplified",
    39: "chineseCountingThousand", 41: "koreanDigital", 42: "koreanCounting", 45: "hebrew1",
    46: "arabicAlpha", 47: "hebrew2", 48: "arabicAbjad", 53: "thaiLetters", 54: "thaiNumbers",
    57: "numberInDash", 58: "russianLower", 59: "russianUpper", 255: "none",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """What stands before a paragraph of a list.

    Attributes:
        text: a number such as `2.1` or `(a)`, a bullet as `-`, empty where nothing is shown.
        level: from 0.
        gap: what separates it from the words.
    """

    text: str
    level: int
    gap: str = " "


@dataclass(frozen=True, slots=True)
class Level:
    """How numbers of a level look (`w:lvl`)."""

    start: int = 1
    form: str = "decimal"
    pattern: str = ""
    text: str = ""
    font: str = ""
    gap: str = " "
    is_legal: bool = False
    restart: int | None = None
    style: str | None = None
    is_picture: bool = False
    begins_anew: bool = False


@dataclass(slots=True)
class _Counts:
    """How far a list has come: the number of each level, None before its first."""

    numbers: list[int | None] = field(default_factory=lambda: [None] * LEVELS)
    restarted: set[tuple[str, int]] = field(default_factory=set)


def number_kind(number: int) -> str:
    """The form of numbers (ST_NumberFormat) that has this number in binary files and in rich text."""
    return _FORMS.get(number, "decimal")


class ListCounts:
    """Counts the paragraphs of lists, in their order."""

    def __init__(self) -> None:
        self._counts: dict[str, _Counts] = {}

    def label(self, kind: str, list_id: str, level: int, levels: Mapping[int, Level]) -> Label:
        """What stands before the next paragraph, which is counted.

        Args:
            kind: lists of the same kind go on from each other.
            list_id: the list.
            level: from 0, one of `levels`.
            levels: how the list looks.
        """
        counts = self._counts.setdefault(kind, _Counts())
        _count(counts, list_id, level, levels)
        return Label(_shown(levels, level, counts.numbers), level, levels[level].gap)


def _count(counts: _Counts, list_id: str, level: int, levels: Mapping[int, Level]) -> None:
    numbers, own = counts.numbers, levels[level]
    before = numbers[level]
    if own.begins_anew and (list_id, level) not in counts.restarted:
        counts.restarted.add((list_id, level))
        before = None
    numbers[level] = own.start if before is None else min(before + 1, MOST_NUMBER)
    for deeper in range(level + 1, LEVELS):
        restart = levels[deeper].restart if deeper in levels else None
        if restart is None or level < restart:
            numbers[deeper] = None
    for higher in range(level):  # one that is jumped over counts as begun
        if numbers[higher] is None:
            numbers[higher] = levels[higher].start if higher in levels else 1


def _shown(levels: Mapping[int, Level], at: int, numbers: list[int | None]) -> str:
    level = levels[at]
    if level.form == "bullet" or level.is_picture:
        return _bullet(level)
    if level.form == "none" and not _PLACE.search(level.text):
        return level.text.strip()

    def place(found: re.Match[str]) -> str:
        one = int(found[1]) - 1
        if one > at:
            return ""
        count, own = numbers[one], levels.get(one, level)
        return number_form(count or 0, _legal(own.form) if level.is_legal else own.form, own.pattern)

    return _PLACE.sub(place, level.text).strip()


def _legal(form: str) -> str:
    return form if form in ("none", "decimalZero") else "decimal"


def _bullet(level: Level) -> str:
    sign = symbols(level.text, level.font).strip()
    if level.is_picture or not sign:
        return "-" if level.is_picture else ""
    if sign in _TELLING:
        return f"- {sign}"
    return sign if len(sign) > 1 and any(map(str.isalnum, sign)) else "-"
