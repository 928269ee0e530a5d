"""Styles and lists of binary Word documents ([MS-DOC] 2.9.271, 2.9.131 and on)."""

import struct
from dataclasses import dataclass, replace

from docstage.extraction.extractors.office.list_numbers import LEVELS, Label, Level, ListCounts, number_kind
from docstage.extraction.extractors.word_old.file import OldFile
from docstage.extraction.extractors.word_old.properties import Paragraph, paragraph

_STYLES, _LISTS, _OVERRIDES = 1, 73, 74
_NO_STYLE = 0xFFF
_MOST_LISTS = 10_000
_GAPS = (" ", " ", "")


@dataclass(frozen=True, slots=True)
class _Style:
    kind: int
    base: int
    said: Paragraph


class OldLists:
    """Counts the paragraphs of the lists of a document, and knows what is a heading."""

    def __init__(self, file: OldFile) -> None:
        self._styles = _read_styles(file.structure(_STYLES))
        self._counts = ListCounts()
        self._kinds, self._levels = _read_lists(file)

    def outline(self, said: Paragraph) -> int | None:
        """The level of a heading from 0, None where a paragraph is none."""
        level = said.outline
        for style in self._chain(said.style):
            if level is None:
                level = style.said.outline if style.said.outline is not None else _built_in(style.kind)
        return level if level is not None and 0 <= level < LEVELS else None

    def label(self, said: Paragraph) -> Label | None:
        """What stands before the next paragraph, which is counted; None where it is of no list."""
        number, level = said.list_number, said.list_level
        for style in self._chain(said.style):
            number = style.said.list_number if number is None else number
            level = style.said.list_level if level is None else level
        levels = self._levels.get(number or 0)
        if not number or levels is None or (level or 0) not in levels:
            return None
        return self._counts.label(self._kinds[number], str(number), level or 0, levels)

    def _chain(self, number: int) -> list[_Style]:
        found: dict[int, _Style] = {}
        while number in self._styles and number not in found:
            found[number] = self._styles[number]
            number = found[number].base
        return list(found.values())


def _built_in(kind: int) -> int | None:
    """The level of a built-in style `heading 1` to `heading 9`."""
    return kind - 1 if 1 <= kind <= LEVELS else None


def _read_styles(data: bytes) -> dict[int, _Style]:
    styles: dict[int, _Style] = {}
    at = 2 + int.from_bytes(data[:2], "little")
    base = int.from_bytes(data[4:6], "little")
    number = 0
    while at + 2 <= len(data):
        size = int.from_bytes(data[at : at + 2], "little")
        if size >= base >= 10:
            styles[number] = _style(data[at + 2 : at + 2 + size], base)
        at += 2 + size + size % 2
        number += 1
    return styles


def _style(data: bytes, base: int) -> _Style:
    kind, inherits = struct.unpack_from("<HH", data)
    said = Paragraph()
    length = int.from_bytes(data[base : base + 2], "little")
    at = base + 2 + 2 * (length + 1)  # behind its name, which ends in zero
    if inherits & 0xF == 1 and at + 2 <= len(data):  # a style of paragraphs
        size = int.from_bytes(data[at : at + 2], "little")
        said = paragraph(data[at + 2 : at + 2 + size])
    return _Style(kind & _NO_STYLE, inherits >> 4, said)


def _read_lists(file: OldFile) -> tuple[dict[int, str], dict[int, dict[int, Level]]]:
    kinds = _read_kinds(file)
    data = file.structure(_OVERRIDES)
    count = min(int.from_bytes(data[:4], "little"), _MOST_LISTS, max(len(data) - 4, 0) // 16)
    at = 4 + 16 * count
    ids: dict[int, str] = {}
    levels: dict[int, dict[int, Level]] = {}
    for number in range(1, count + 1):
        first = 4 + 16 * (number - 1)
        kind, overrides = struct.unpack_from("<i8xB", data, first)
        ids[number] = str(kind)
        levels[number] = dict(kinds.get(kind, {}))
        at += 4
        for _ in range(overrides):
            at = _override(data, at, levels[number])
    return ids, levels


def _override(data: bytes, at: int, levels: dict[int, Level]) -> int:
    """Change a level as a list says it (2.9.134); where the next override begins."""
    if at + 8 > len(data):
        return len(data)
    start, flags = struct.unpack_from("<iI", data, at)
    at += 8
    level = flags & 0xF
    if flags & 0x20:
        own, at = _level(data, at)
        levels[level] = own
    if flags & 0x10 and level in levels:
        begins = levels[level].start if flags & 0x20 else max(start, 0)
        levels[level] = replace(levels[level], start=begins, begins_anew=True)
    return at


def _read_kinds(file: OldFile) -> dict[int, dict[int, Level]]:
    data = file.structure(_LISTS)
    count = min(int.from_bytes(data[:2], "little"), _MOST_LISTS, max(len(data) - 2, 0) // 28)
    rest, at = file.beyond(_LISTS) if count else b"", 0
    kinds = {}
    for number in range(count):
        kind, flags = struct.unpack_from("<i22xB", data, 2 + 28 * number)
        levels = {}
        for level in range(1 if flags & 1 else LEVELS):
            if at + 28 > len(rest):
                break
            levels[level], at = _level(rest, at)
        kinds[kind] = levels
    return kinds


def _level(data: bytes, at: int) -> tuple[Level, int]:
    """A level (LVL, 2.9.130), and where the next one begins."""
    if at + 28 > len(data):
        return Level(form="none"), len(data)
    start, form, flags = struct.unpack_from("<iBB", data, at)
    gap, characters, paragraphs, limit = struct.unpack_from("<B8xBBB", data, at + 15)
    at += 28 + characters + paragraphs
    length = int.from_bytes(data[at : at + 2], "little")
    at += 2
    text = data[at : at + 2 * length].decode("utf-16-le", "replace")
    shown = "".join(f"%{ord(one) + 1}" if ord(one) < LEVELS else one for one in text)
    font = "Symbol" if any("\uf000" <= one <= "\uf0ff" for one in text) else ""
    level = Level(
        start=max(start, 0),
        form=number_kind(form),
        text=shown,
        font=font,
        gap=_GAPS[gap] if gap < len(_GAPS) else " ",
        is_legal=bool(flags & 4),
        restart=limit if flags & 8 else None,
    )
    return level, at + 2 * length
