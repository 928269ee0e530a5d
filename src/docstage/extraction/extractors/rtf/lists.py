"""Lists of Rich Text Format (RTF 1.9.1, "Bullets and Numbering"), for files that keep no numbers of theirs.

Word processors write the number of each paragraph beside its words (`listtext`); other programs leave it out.
"""

from collections.abc import Callable
from dataclasses import replace

from docstage.extraction.extractors.office.list_numbers import (
    LEVELS,
    MOST_NUMBER,
    Label,
    Level,
    ListCounts,
    number_kind,
)

TABLES = frozenset({"listtable", "listoverridetable"})
WORDS = frozenset(
    {"listlevel", "levelnfc", "levelnfcn", "levelstartat", "levelfollow", "levellegal", "listid", "ls"}
)
_GAPS = (" ", " ", "")
_MOST_LISTS = 10_000


class RtfLists:
    """Learns what lists look like, and counts their paragraphs."""

    def __init__(self) -> None:
        self._levels: list[Level] = []
        self._kinds: dict[int, dict[int, Level]] = {}
        self._lists: dict[int, int] = {}
        self._list_id = 0
        self._counts = ListCounts()

    def take(self, word: str, number: int, *, overrides: bool) -> None:
        """Take a word of the table of lists, or of the one that says which paragraphs are of which list."""
        if overrides:
            if word == "listid":
                self._list_id = number
            elif word == "ls" and len(self._lists) < _MOST_LISTS:
                self._lists[number] = self._list_id
        elif word == "listlevel":
            self._levels.append(Level(form="decimal"))
        elif word == "listid":  # which ends what is said of a list
            self._kinds[number] = dict(enumerate(self._levels[:LEVELS]))
            self._levels = []
        elif self._levels and (change := _CHANGES.get(word)) is not None:
            self._levels[-1] = change(self._levels[-1], number)

    def write(self, written: str) -> None:
        """Take the text of a level: its length, and characters below 9 for the numbers of levels."""
        if self._levels and written:
            shown = written[1 : 1 + ord(written[0])]
            text = "".join(f"%{ord(one) + 1}" if ord(one) < LEVELS else one for one in shown)
            self._levels[-1] = replace(self._levels[-1], text=text)

    def label(self, number: int, level: int) -> Label | None:
        """What stands before the next paragraph of a list, which is counted; None where it is of none."""
        kind = self._lists.get(number)
        levels = None if kind is None else self._kinds.get(kind)
        if kind is None or not levels:
            return None
        return self._counts.label(str(kind), str(number), min(level, max(levels)), levels)


def _form(level: Level, number: int) -> Level:
    return replace(level, form=number_kind(number))


def _start(level: Level, number: int) -> Level:
    return replace(level, start=max(min(number, MOST_NUMBER), 0))


def _gap(level: Level, number: int) -> Level:
    return replace(level, gap=_GAPS[number] if 0 <= number < len(_GAPS) else " ")


def _legal(level: Level, number: int) -> Level:
    return replace(level, is_legal=number != 0)


_CHANGES: dict[str, Callable[[Level, int], Level]] = {
    "levelnfc": _form,
    "levelnfcn": _form,
    "levelstartat": _start,
    "levelfollow": _gap,
    "levellegal": _legal,
}
