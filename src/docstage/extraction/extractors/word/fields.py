"""Fields of Word documents: what is shown is the result that was kept; some show something without one."""

import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.office.symbols import symbol
from docstage.extraction.extractors.word.xml import W, is_on, number, value

CHECKED, UNCHECKED = "☒", "☐"
_SYMBOL = re.compile(r'SYMBOL\s+(0x[0-9a-f]+|\d+|\S)(?:.*?\\f\s+(?:"([^"]*)"|(\S+)))?', re.IGNORECASE)
_SHOWN_TEXT = re.compile(r"(?:MACROBUTTON|GOTOBUTTON)\s+\S+\s*(.*)", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(r'HYPERLINK\s+(?:"([^"]*)"|([^\s\\"]\S*))', re.IGNORECASE)
_ANCHOR = re.compile(r'\\l\s+"([^"]*)"', re.IGNORECASE)
_EQUATION = re.compile(r"EQ\s+(.*)", re.IGNORECASE | re.DOTALL)
_AUTOMATIC = re.compile(r"(?:LISTNUM|AUTONUM(?:LGL|OUT)?)\b", re.IGNORECASE)
NUMBER_ONE = "A number of a field (LISTNUM, AUTONUM) is not computed."
NUMBER_MANY = "{} numbers of fields (LISTNUM, AUTONUM) are not computed."
_MOST_INSTRUCTION = 4_096


@dataclass(slots=True)
class Field:
    """A field that has begun and not ended.

    Attributes:
        control: what is said of an old form field, `w:ffData`.
        instruction: what is computed.
        is_shown: whether its result has begun.
        owner: whose text the result is added to.
        start: where it begins in that text.
    """

    control: Element | None = None
    instruction: list[str] = field(default_factory=list)
    is_shown: bool = False
    owner: object = None
    start: int = 0

    def text(self) -> str:
        """The instruction."""
        return "".join(self.instruction)[:_MOST_INSTRUCTION].strip()


class Fields:
    """The fields of a story, in each other.

    Args:
        root: the story. Where fields end less often than they begin, none of them hides anything.
    """

    def __init__(self, root: Element) -> None:
        kinds = [one.get(f"{W}fldCharType") for one in root.iter(f"{W}fldChar")]
        self._is_whole = kinds.count("begin") <= kinds.count("end")
        self._open: list[Field] = []
        self._unshown = 0

    @property
    def is_silent(self) -> bool:
        """Whether what comes now is part of an instruction."""
        return self._unshown > 0 and self._is_whole

    def begin(self, control: Element | None) -> None:
        """A field begins, with its instruction."""
        self._open.append(Field(control))
        self._unshown += 1

    def instruct(self, text: str | None) -> None:
        """The instruction goes on."""
        if self._open and text:
            self._open[-1].instruction.append(text)

    def show(self, owner: object, start: int) -> None:
        """The result begins."""
        if self._open and not self._open[-1].is_shown:
            one = self._open[-1]
            one.is_shown, one.owner, one.start = True, owner, start
            self._unshown -= 1

    def end(self) -> Field | None:
        """The innermost field, which ends."""
        if not self._open:
            return None
        one = self._open.pop()
        self._unshown -= not one.is_shown
        return one


def is_number(instruction: str) -> bool:
    """Whether a field without a result shows a number, which Word computes anew each time."""
    return _AUTOMATIC.match(instruction) is not None


def link_of(instruction: str) -> str | None:
    """The address outside that an instruction leads to."""
    found = _LINK.match(instruction)
    if found is None:
        return None
    address = found[1] or found[2] or ""
    anchor = _ANCHOR.search(instruction)
    return f"{address}#{anchor[1]}" if address and anchor else address or None


def control_text(control: Element | None) -> str | None:
    """What an old check box or drop-down list shows; None for other fields."""
    if control is None:
        return None
    box = control.find(f"{W}checkBox")
    if box is not None:
        state = box.find(f"{W}checked")
        return CHECKED if is_on(box.find(f"{W}default") if state is None else state) else UNCHECKED
    choices = control.find(f"{W}ddList")
    if choices is None:
        return None
    entries = [entry.get(f"{W}val", "") for entry in choices.findall(f"{W}listEntry")]
    at = number(value(choices, "result") or value(choices, "default"))
    return entries[at] if 0 <= at < len(entries) else ""


def unresolved(instruction: str) -> str:
    """What a field shows that has no result of its own."""
    if found := _SYMBOL.match(instruction):
        code = found[1]
        at = (
            ord(code)
            if len(code) == 1 and not code.isdigit()
            else int(code, 16 if "x" in code.lower() else 10)
        )
        return symbol(at, found[2] or found[3] or "Symbol")
    if found := _SHOWN_TEXT.match(instruction) or _EQUATION.match(instruction):
        return found[1].strip()
    return ""
