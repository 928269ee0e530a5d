"""Levels and bullets of paragraphs in old PowerPoint files ([MS-PPT] 2.9.44)."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docstage.extraction.extractors.ppt.records import Record

_HAS_BULLET, _BULLET_FLAGS, _TAB_STOPS = 0x1, 0xF, 0x10_0000
# Properties before the stops of tabs and behind them, by their bits, in the order of the file: bytes of each.
_BEFORE = (
    (_BULLET_FLAGS, 2), (0x80, 2), (0x10, 2), (0x40, 2), (0x20, 4), (0x800, 2), (0x1000, 2), (0x2000, 2),
    (0x4000, 2), (0x100, 2), (0x400, 2), (0x8000, 2),
)  # fmt: skip
_BEHIND = ((0x1_0000, 2), (0xE_0000, 2), (0x20_0000, 2))
_DEEPEST = 4
_BODIES = frozenset({1, 7, 8})  # texts whose paragraphs have bullets unless they say otherwise


@dataclass(frozen=True, slots=True)
class Run:
    """Paragraphs that look alike.

    Attributes:
        length: characters of them.
        bullet: whether they have bullets, None where they do not say.
    """

    length: int
    level: int
    bullet: bool | None


def runs(atom: Record, length: int) -> Iterator[Run]:
    """The looks of a text's paragraphs (`StyleTextPropAtom`), as far as they can be read.

    Args:
        length: characters of the text.
    """
    data, place, left = atom.body, 0, length + 1
    try:
        while left > 0:
            count, level, masks = struct.unpack_from("<IHI", data, place)
            bullet = None
            if masks & _HAS_BULLET:
                bullet = bool(struct.unpack_from("<H", data, place + 10)[0] & 1)
            place = _end(data, place + 10, masks)
            left -= max(count, 1)
            yield Run(count, min(level, _DEEPEST), bullet)
    except struct.error:
        return


def _end(data: bytes, place: int, masks: int) -> int:
    place += sum(size for bits, size in _BEFORE if masks & bits)
    if masks & _TAB_STOPS:
        place += 2 + 4 * int(struct.unpack_from("<H", data, place)[0])
    return place + sum(size for bits, size in _BEHIND if masks & bits)


def marked(paragraphs: Sequence[tuple[int, str]], kind: int, looks: Sequence[Run]) -> Iterator[str]:
    """Paragraphs with their bullets, indented by their levels.

    Args:
        paragraphs: where each begins, and its words.
        kind: of text (`TextTypeEnum`).
        looks: those of the text.
    """
    waiting, reached = list(reversed(looks)), 0
    run = Run(0, 0, None)
    for place, text in paragraphs:
        while waiting and reached <= place:
            run = waiting.pop()
            reached += run.length
        bullet = kind in _BODIES if run.bullet is None else run.bullet
        indent = "  " * run.level if bullet or kind in _BODIES else ""
        yield f"{indent}{'- ' if bullet else ''}{text}" if text.strip() else ""
