"""Formulas as they are typed, for cells of which the file keeps no value."""

import re

from docstage.extraction.extractors.sheets.model import MOST_COLUMNS, MOST_ROWS, column_letters, column_number

# Functions that came later have prefixes in files ([MS-XLSX] 2.2.2).
_PREFIX = re.compile(r"_xl(?:fn|ws|pm|udf)\.(?:_xlws\.)?", re.IGNORECASE)
# A text or the name of a sheet in quotes, in which nothing is a reference, or a reference to a cell.
_PIECE = re.compile(
    r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'|(?<![\w.$])(\$?)([A-Za-z]{1,3})(\$?)([1-9]\d{0,6})(?![\w.(!])'
)
_HYPERLINK = re.compile(r'\s*HYPERLINK\(\s*"((?:[^"]|"")+)"', re.IGNORECASE)


def typed(formula: str) -> str:
    """A formula with its equals sign."""
    return "=" + _PREFIX.sub("", formula).lstrip("=")


def moved(formula: str, down: int, right: int) -> str:
    """The formula as it is so many rows and columns further on: references without `$` move along."""

    def move(found: re.Match[str]) -> str:
        if found[2] is None:
            return found[0]
        column = column_number(found[2]) + (0 if found[1] else right)
        row = int(found[4]) + (0 if found[3] else down)
        if not 1 <= column <= MOST_COLUMNS or not 1 <= row <= MOST_ROWS:
            return "#REF!"
        return f"{found[1]}{column_letters(column)}{found[3]}{row}"

    return _PIECE.sub(move, formula)


def link_of(formula: str) -> str | None:
    """The address that a formula leads to, where it says it in so many words."""
    found = _HYPERLINK.match(formula.removeprefix("="))
    return found[1].replace('""', '"') if found else None
