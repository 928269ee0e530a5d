"""Which columns of a table a reader sees, where pages have one for a sign and one for the space beside it."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

# Annual reports set the sign before a figure and the bracket after it in columns of their own.
_BEFORE = re.compile(r"(?:[A-Z]{1,3})?[$€£¥₹₩₽]\s?\(?|\((?:[A-Z]{1,3})?[$€£¥]?|CHF|EUR|USD|GBP|JPY")
_OPENING = re.compile(r"(?:[A-Z]{1,3})?[$€£¥₹₩₽]?\s?\(")
_AFTER = re.compile(r"\)?\s?%?\s?\)?")
_FIGURE_BEGINS = re.compile(r"[-–—−(]?\s?[$€£¥]?[\d.,]|[-–—−]+$|\(")
FIGURE = re.compile(r"[(\-–—−+$€£¥ ]*\d[\d.,'’ ]*[)% ]*[⁰¹²³⁴-⁹⁽⁾]*|[-–—−]")
"""A number as tables have it, or the dash that stands for none."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_FIGURE_ENDS = re.compile(r"[\d.,)\]%—–⁾⁰-⁹-]$")


class Filled(NamedTuple):
    """A cell that says something.

    Attributes:
        start: the first column it takes.
        end: the one behind the last.
        text: in one line.
        is_head: the page calls it the head of something.
        is_large: it is more than a value.
    """

    start: int
    end: int
    text: str
    is_head: bool
    is_large: bool


def joined_pieces(row: Sequence[Filled]) -> list[Filled]:
    """The row with brackets and percent marks put to their figures; signs of money stay apart."""
    joined: list[Filled] = []
    for cell in row:
        last = joined[-1] if joined else None
        if last and _AFTER.fullmatch(cell.text) and _FIGURE_ENDS.search(last.text):
            joined[-1] = last._replace(end=cell.end, text=last.text + cell.text)
        elif last and _OPENING.fullmatch(last.text) and _FIGURE_BEGINS.match(cell.text):
            joined[-1] = cell._replace(start=last.start, text=last.text + cell.text)
        else:
            joined.append(cell)
    return joined


def head_rows(rows: Sequence[Sequence[Filled]]) -> int:
    """How many rows at the top name the columns: those before the first figure."""
    for number, row in enumerate(rows):
        values = [cell.text for cell in row if not cell.is_head]
        if any(FIGURE.fullmatch(text) and not _YEAR.fullmatch(text) for text in values):
            return number
    return 1


def columns_of(rows: Sequence[Sequence[Filled]]) -> list[tuple[int, int]]:
    """Where each column begins and ends: narrow cells make them, wide ones stand over several."""
    starts: list[int] = []
    ends: list[int] = []
    spans = dict.fromkeys((cell.start, cell.end) for row in rows for cell in row)
    for start, end in sorted(spans, key=lambda span: span[1] - span[0]):
        first, behind = bisect_right(ends, start), bisect_left(starts, end)
        if first == behind:
            starts.insert(first, start)
            ends.insert(first, end)
        elif behind - first == 1:
            starts[first], ends[first] = min(starts[first], start), max(ends[first], end)
    columns = list(zip(starts, ends, strict=True))
    heads = head_rows(rows)
    return _without_bare_heads(rows, columns, heads) if heads else columns


def _without_bare_heads(
    rows: Sequence[Sequence[Filled]], columns: list[tuple[int, int]], heads: int
) -> list[tuple[int, int]]:
    """Put a column that has only a head to the one beside it that has only values; the first has neither."""
    has_head, has_value = _used(rows[:heads], columns), _used(rows[heads:], columns)
    kept = columns[:1]
    last_is_bare = last_lacks_head = False
    for number, column in enumerate(columns[1:], 1):
        is_bare = number in has_head and number not in has_value
        lacks_head = number in has_value and number not in has_head
        if (last_is_bare and lacks_head) or (last_lacks_head and is_bare):
            kept[-1] = (kept[-1][0], column[1])
            last_is_bare = last_lacks_head = False
        else:
            kept.append(column)
            last_is_bare, last_lacks_head = is_bare, lacks_head
    return kept


def _used(rows: Sequence[Sequence[Filled]], columns: list[tuple[int, int]]) -> set[int]:
    """The columns that have a cell of their own in these rows."""
    used = set()
    for row in rows:
        for cell in row:
            first, behind = over(columns, cell)
            if behind - first == 1 and not _BEFORE.fullmatch(cell.text):
                used.add(first)
    return used


def over(columns: Sequence[tuple[int, int]], cell: Filled) -> tuple[int, int]:
    """The first column that a cell stands over, and the one behind the last."""
    first = bisect_right(columns, cell.start, key=lambda column: column[1])
    return first, bisect_left(columns, cell.end, lo=first, key=lambda column: column[0])
