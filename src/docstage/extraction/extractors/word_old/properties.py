"""Properties of paragraphs and characters in binary Word documents ([MS-DOC] 2.6): what changes words."""

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Generic, TypeVar

from docstage.extraction.extractors.word_old.file import OldFile

_PAGE = 512
_SIZES = (1, 1, 2, 4, 2, 2, -1, 3)  # bytes of an operand by the upper three bits of its code, 2.6.1
_TABLE_DEFINITION, _CHANGED_TABS = 0xD608, 0xC615
_MOST_LEVELS = 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What is said of a paragraph; None where its style says it.

    Attributes:
        style: number of its style.
        depth: tables that it lies in.
        list_number: of the file's lists from 1, 0 for none.
        edges: of the cells of a row from left to right, in twentieths of a point, where it ends a row.
        merges: of each cell of the row, whether it goes on from the left and from above.
    """

    style: int = 0
    depth: int = 0
    ends_row: bool = False
    ends_inner_cell: bool = False
    list_number: int | None = None
    list_level: int | None = None
    outline: int | None = None
    edges: tuple[int, ...] = ()
    merges: tuple[tuple[bool, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What is said of characters.

    Attributes:
        picture: where a picture or a form field lies in the stream of data.
        symbol: number of a font and the place of a sign in it.
    """

    hidden: bool = False
    deleted: bool = False
    struck: bool = False
    raised: bool = False
    special: bool = False
    is_data: bool = False
    picture: int | None = None
    symbol: tuple[int, int] | None = None


PLAIN = Look()


def modifiers(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Codes of properties with their operands."""
    at = 0
    while at + 2 <= len(data):
        code = data[at] | data[at + 1] << 8
        at += 2
        size = _SIZES[code >> 13]
        if size < 0:
            if code == _TABLE_DEFINITION:
                size = max(int.from_bytes(data[at : at + 2], "little") - 1, 0)
                at += 2
            else:
                size = data[at] if at < len(data) else 0
                at += 1
                if code == _CHANGED_TABS and size == 255:
                    return
        yield code, data[at : at + size]
        at += size


class Runs(Generic[T]):
    """Properties of stretches of the file, on pages of 512 bytes (2.9.33, 2.9.181).

    Args:
        number: of the table of pages among the structures.
        entry: reads what one stretch has.
    """

    def __init__(self, file: OldFile, number: int, entry: Callable[[bytes, int], T]) -> None:
        self._starts: list[int] = []
        self._found: list[T] = []
        pages = dict.fromkeys(
            int.from_bytes(page[:4], "little") for _, page in file.places(number, 4) if page
        )
        ordered: list[tuple[int, T]] = []
        for page in pages:
            start = (page & 0x3FFFFF) * _PAGE
            data = file.main[start : start + _PAGE]
            if len(data) == _PAGE:
                ordered += _page(data, entry)
        ordered.sort(key=lambda one: one[0])
        for first, found in ordered:
            self._starts.append(first)
            self._found.append(found)

    def at(self, offset: int) -> T | None:
        """What is said of the byte at an offset."""
        found = bisect_right(self._starts, offset) - 1
        return self._found[found] if found >= 0 else None

    def between(self, start: int, end: int) -> Iterator[tuple[int, int, T]]:
        """First and last offset of each stretch between two, with what is said of it."""
        found = max(bisect_right(self._starts, start) - 1, 0)
        for at in range(found, len(self._starts)):
            first = max(self._starts[at], start)
            last = min(self._starts[at + 1] if at + 1 < len(self._starts) else end, end)
            if self._starts[at] >= end:
                return
            if first < last:
                yield first, last, self._found[at]


def _page(data: bytes, entry: Callable[[bytes, int], T]) -> Iterator[tuple[int, T]]:
    count = data[-1]
    if 4 * (count + 1) < _PAGE:
        for number, start in enumerate(struct.unpack_from(f"<{count}I", data)):
            yield start, entry(data, number)


def paragraph_entry(data: bytes, number: int) -> Paragraph:
    """A paragraph's properties on their page."""
    at = 2 * data[min(4 * (data[-1] + 1) + 13 * number, _PAGE - 1)]
    if not at:
        return Paragraph()
    size = data[at]
    start, end = (at + 1, at + 2 * size) if size else (at + 2, at + 2 + 2 * data[min(at + 1, _PAGE - 1)])
    return paragraph(data[start:end])


def character_entry(data: bytes, number: int) -> Look:
    """Properties of characters on their page."""
    at = 2 * data[min(4 * (data[-1] + 1) + number, _PAGE - 1)]
    return _look(data[at + 1 : at + 1 + data[at]]) if at else PLAIN


@lru_cache(maxsize=4_096)
def paragraph(data: bytes) -> Paragraph:
    """A paragraph's properties: the number of its style, and what differs from it."""
    found = Paragraph(style=int.from_bytes(data[:2], "little"))
    in_table = False
    for code, operand in modifiers(data[2:]):
        number = int.from_bytes(operand, "little")
        match code:
            case 0x2416:
                in_table = bool(number)
            case 0x2417 | 0x244C:
                found = replace(found, ends_row=bool(number))
            case 0x244B:
                found = replace(found, ends_inner_cell=bool(number))
            case 0x6649:
                found = replace(found, depth=min(number, _MOST_LEVELS))
            case _:
                found = _list_or_row(found, code, operand, number)
    return replace(found, depth=max(found.depth, 1)) if in_table else replace(found, depth=0)


def _list_or_row(found: Paragraph, code: int, operand: bytes, number: int) -> Paragraph:
    match code:
        case 0x460B:
            return replace(found, list_number=number)
        case 0x260A:
            return replace(found, list_level=min(number, 8))
        case 0x2640:
            return replace(found, outline=number)
        case 0xD608:
            edges, merges = _row(operand)
            return replace(found, edges=edges, merges=merges)
    return found


def _row(operand: bytes) -> tuple[tuple[int, ...], tuple[tuple[bool, bool], ...]]:
    """Edges of a row's cells, and how they are merged (2.9.326)."""
    count = operand[0] if operand else 0
    if len(operand) < 1 + 2 * (count + 1):
        return (), ()
    edges = struct.unpack_from(f"<{count + 1}h", operand, 1)
    first = 1 + 2 * (count + 1)
    flags = [int.from_bytes(operand[first + 20 * n : first + 20 * n + 2], "little") for n in range(count)]
    return edges, tuple((one & 3 == 1, one >> 5 & 3 == 1) for one in flags)


@lru_cache(maxsize=4_096)
def _look(data: bytes) -> Look:
    found = PLAIN
    for code, operand in modifiers(data):
        number = int.from_bytes(operand, "little")
        match code:
            case 0x083C:
                found = replace(found, hidden=number == 1)
            case 0x0800:
                found = replace(found, deleted=number == 1)
            case 0x0837 | 0x2A53:
                found = replace(found, struck=number == 1)
            case 0x2A48:
                found = replace(found, raised=number == 1)
            case 0x0855:
                found = replace(found, special=number == 1)
            case 0x0806:
                found = replace(found, is_data=number == 1)
            case 0x6A03:
                found = replace(found, picture=number, special=True)
            case 0x6A09:
                found = replace(found, symbol=(number & 0xFFFF, number >> 16), special=True)
    return found
