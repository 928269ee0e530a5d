"""The codes of number formats (ECMA-376 part 1, 18.8.31), taken apart."""

import re
from dataclasses import dataclass, field

BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
    5: '"$"#,##0_);("$"#,##0)', 6: '"$"#,##0_);("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)', 8: '"$"#,##0.00_);("$"#,##0.00)',
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm",
    **dict.fromkeys((*range(27, 32), 34, 35, 36, *range(50, 59)), "yyyy-mm-dd"), 32: "h:mm", 33: "h:mm:ss",
    37: "#,##0_);(#,##0)", 38: "#,##0_);(#,##0)", 39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);(#,##0.00)",
    41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', 42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    **dict.fromkeys((59, 67), "0"), **dict.fromkeys((60, 68), "0.00"), 61: "#,##0", 62: "#,##0.00",
    69: "# ?/?", 70: "# ??/??", **dict.fromkeys(range(71, 78), "yyyy-mm-dd"),
    75: "h:mm", 76: "h:mm:ss", 77: "yyyy-mm-dd h:mm", 78: "mm:ss", 79: "[h]:mm:ss", 80: "mm:ss.0",
    81: "yyyy-mm-dd",
}  # fmt: skip
"""Codes of the numbers that files need not explain (18.8.30). Those whose look depends on the language of
Excel are dates in the East and in Thailand. Number 0 is General."""

# What is quoted or escaped, widths and paddings, brackets, words, letters of dates, places of digits.
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.?)|(?P<blank>_.?)|(?P<fill>\*.?)|\[(?P<bracket>[^\]]*)\]?'
    r"|(?P<general>general)|(?P<noon>am/pm|a/p|上午/下午)|(?P<power>e[+-])"
    r"|(?P<date>y+|m+|d+|h+|s+|e+|g+|b{2,}|a{3,})|(?P<digit>[0#?])"
    r"|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<slash>/)|(?P<text>@)|(?P<end>;)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*([+-]?\d+(?:[.,]\d+)?(?:e[+-]?\d+)?)", re.IGNORECASE)
_ELAPSED = re.compile("h+|m+|s+", re.IGNORECASE)
_MOST_LENGTH = 1_000  # characters; Excel takes 255


@dataclass(slots=True)
class Section:
    """One of up to four sections of a code.

    Attributes:
        tokens: what it consists of, as kind and text: `text` is `@`, `words` stand as they are.
        condition: an operator and a number that the value is compared with.
        kinds: the kinds of its tokens.
    """

    tokens: list[tuple[str, str]] = field(default_factory=list)
    condition: tuple[str, float] | None = None
    kinds: set[str] = field(default_factory=set)

    def add(self, kind: str, text: str) -> None:
        """Take a token."""
        self.tokens.append((kind, text))
        self.kinds.add(kind)


def sections_of(code: str) -> list[Section]:
    """The sections of a code, of which there is at least one."""
    sections = [Section()]
    for found in _TOKEN.finditer(code[:_MOST_LENGTH]):
        kind = found.lastgroup or "other"
        if kind == "end":
            sections.append(Section())
        else:
            _take(sections[-1], kind, found[kind])
    for section in sections:
        _tell_minutes(section)
    return sections


def _take(section: Section, kind: str, text: str) -> None:
    match kind:
        case "quoted" | "escaped" | "other":
            section.add("words", text)
        case "blank":
            section.add("words", " ")
        case "fill":
            pass
        case "bracket":
            _take_bracket(section, text)
        case "date":
            section.add("date", text.lower())
        case _:
            section.add(kind, text)


def _take_bracket(section: Section, text: str) -> None:
    if text.startswith("$"):
        if currency := text[1:].rpartition("-")[0] if "-" in text else text[1:]:
            section.add("words", currency)
    elif _ELAPSED.fullmatch(text):
        section.add("elapsed", text.lower())
    elif found := _CONDITION.fullmatch(text.strip()):
        section.condition = (found[1], float(found[2].replace(",", ".")))


def _tell_minutes(section: Section) -> None:
    """Tell minutes (`n`) from months (`m`), and take the digits of seconds to these.

    It is minutes that follow hours or come before seconds.
    """
    places = [place for place, (kind, _) in enumerate(section.tokens) if kind in ("date", "elapsed")]
    letters = [section.tokens[place][1][0] for place in places]
    for index, place in enumerate(places):
        kind, text = section.tokens[place]
        after_hours = index > 0 and letters[index - 1] == "h"
        before_seconds = letters[index + 1 : index + 2] == ["s"]
        if kind == "date" and text in ("m", "mm") and (after_hours or before_seconds):
            section.tokens[place] = (kind, "n" * len(text))
    if places:
        _join_fractions(section)


def _join_fractions(section: Section) -> None:
    joined: list[tuple[str, str]] = []
    for kind, text in section.tokens:
        after = joined[-1] if joined else ("", "")
        if kind == "point" and after[1][:1] == "s":
            joined[-1] = (after[0], f"{after[1]}.")
        elif kind == "digit" and "." in after[1] and after[0] in ("date", "elapsed"):
            joined[-1] = (after[0], f"{after[1]}0")
        else:
            joined.append((kind if kind in ("date", "elapsed", "noon") else "words", text))
    section.tokens = joined
