"""Sheets of a workbook, whatever program wrote it, before they become text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from docstage.domain.content import DocumentReason, ImagePart
from docstage.extraction.extractors.base import Attachment, Unreadable

MOST_COLUMNS = 16_384
"""Columns that a sheet of Excel or LibreOffice has at most."""
MOST_ROWS = 1_048_576

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})(?::\$?([A-Za-z]{1,3})\$?(\d{1,7}))?")
_WHOLE_COLUMNS = re.compile(r"\$?([A-Za-z]{1,3}):\$?([A-Za-z]{1,3})")
# What a table sets around the words of a cell, and around those of a row.
_AROUND, _AROUND_ROW = 3, 2
_MOST_LISTED = 30

ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!",
    0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip
"""What cells show by the number of an error ([MS-XLS] 2.5.10)."""

Row = dict[int, str]
"""What the cells of a row show, by their columns from 1 on, in their order."""


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, counted from 1, ends included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def address(self) -> str:
        """Such as `B2:F40`, or `B2` for one cell."""
        first = address(self.top, self.left)
        last = address(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment or note at a cell."""

    row: int
    column: int
    text: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What lies above the cells: a text box, a chart, a picture.

    Attributes:
        row, column: the cell where it begins; 0 where that is not known.
        text: with the marks of pictures where these stand.
    """

    row: int
    column: int
    text: str
    images: tuple[ImagePart, ...] = ()


@dataclass(slots=True)
class Sheet:
    """A sheet.

    Attributes:
        rows: by their numbers from 1 on; only those that show something.
        titles: rows of which one merged cell takes all columns.
        links: addresses by the cells that lead there.
        hidden_rows, hidden_columns: first and last of each run.
        veiled: cells whose values their number format hides.
        uncomputed: cells that show their formula, since the file keeps no value.
        attachments: files that lie in it.
        margins: `header` or `footer` of its printed pages, with the codes that they consist of.
    """

    name: str
    hidden: bool = False
    rows: dict[int, Row] = field(default_factory=dict)
    merged: list[Area] = field(default_factory=list)
    titles: set[int] = field(default_factory=set)
    links: list[tuple[Area, str]] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)
    hidden_rows: list[tuple[int, int]] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    veiled: list[str] = field(default_factory=list)
    uncomputed: list[str] = field(default_factory=list)
    margins: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


class Allowance:
    """How many characters all sheets together may still have.

    A string that a file holds once may be shown by millions of cells: reading ends as soon as it is clear
    that the text is too long.
    """

    def __init__(self, characters: int) -> None:
        self._most = characters
        self._left = characters

    def spend(self, row: Row) -> None:
        """Take a row.

        Raises:
            Unreadable: TOO_LARGE, when it is no longer within the limit.
        """
        self._left -= sum(map(len, row.values())) + _AROUND * len(row) + _AROUND_ROW
        if self._left < 0:
            detail = (
                f"Its sheets have more text than the limit of {self._most:,} characters. "
                "Split the workbook, or save the sheets that matter as files of their own."
            )
            raise Unreadable(DocumentReason.TOO_LARGE, detail)


def column_letters(column: int) -> str:
    """The letters of a column that is counted from 1."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """The number of a column from its letters, 0 where these are none."""
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            return 0
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def address(row: int, column: int) -> str:
    """The address of a cell, such as `B7`."""
    return f"{column_letters(column)}{row}"


def area_of(reference: str) -> Area | None:
    """The rectangle of a reference such as `$A$1:B4`, `C3` or `A:C`; None where it is none."""
    if found := _REFERENCE.fullmatch(reference):
        left, top = column_number(found[1]), int(found[2])
        right, bottom = (column_number(found[3]), int(found[4])) if found[3] else (left, top)
    elif found := _WHOLE_COLUMNS.fullmatch(reference):
        left, right, top, bottom = column_number(found[1]), column_number(found[2]), 1, MOST_ROWS
    else:
        return None
    area = Area(min(top, bottom), min(left, right), max(top, bottom), max(left, right))
    return area if area.top >= 1 else None


def runs(numbers: list[int]) -> list[tuple[int, int]]:
    """Numbers in ascending order as first and last of their runs."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] >= number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def listed(places: Sequence[str]) -> str:
    """The places, the first of them where they are many."""
    more = len(places) - _MOST_LISTED
    return ", ".join(places[:_MOST_LISTED]) + (f" and {more:,} more" if more > 0 else "")
