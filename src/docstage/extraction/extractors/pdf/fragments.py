"""Words of a PDF page that stand together, with their places: what the cells of tables are made of."""

import math
import re
from collections import Counter
from typing import NamedTuple

from pypdfium2 import raw  # type: ignore[import-untyped]  # it ships no types

from docstage.extraction.extractors.pdf.text import Box, Line, PageText

# Words are up to half their height apart, columns of tables more.
_GAP = 0.45
_WORD = re.compile(r"\S+")
_ANGLES = 5
_FIGURE = re.compile(r"[-+–(]?[$€£¥]?\d{1,3}(?:[.,]\d{1,3}){1,5}%?\)?")


class Word(NamedTuple):
    """A word and its place, in the direction in which it is read: `left` is where it begins."""

    text: str
    box: Box

    @property
    def is_figure(self) -> bool:
        """Whether it is a figure with a separator, which no year and no number of an item has."""
        return _FIGURE.fullmatch(self.text) is not None


class Fragment(NamedTuple):
    """Words of one line without a wide gap between them.

    Attributes:
        words: at least one.
        box: around them.
        line: the number of the line that they are of.
        size: of their letters, in points.
        text: the words.
    """

    words: tuple[Word, ...]
    box: Box
    line: int
    size: float
    text: str


class Turn:
    """How a page has to be turned so that most of its text runs from left to right.

    Attributes:
        quarters: of a circle, by which its letters lean to the right (FPDFText_GetCharAngle).
    """

    def __init__(self, text: PageText) -> None:
        count = len(text.characters)
        first = (_WORD.search(text.characters, count * place // _ANGLES) for place in range(_ANGLES))
        chosen = {match.start() for match in first if match}
        angles = (raw.FPDFText_GetCharAngle(text.handle.raw, index) for index in chosen)
        turns = Counter(round(angle / (math.pi / 2)) % 4 for angle in angles if angle >= 0)
        self.quarters = turns.most_common(1)[0][0] if turns else 0

    def __call__(self, box: Box) -> Box:
        """A place after turning."""
        left, bottom, right, top = box
        if self.quarters == 1:
            return Box(-top, left, -bottom, right)
        if self.quarters == 2:
            return Box(-right, -top, -left, -bottom)
        if self.quarters == 3:
            return Box(bottom, -right, top, -left)
        return box


def fragments_of(text: PageText, number: int, line: Line, turn: Turn, uprights: list[Box]) -> list[Fragment]:
    """The fragments of a line, in PDFium's order.

    Args:
        text: the page.
        number: of the line.
        line: the line.
        turn: how the page is turned.
        uprights: the upright rules of the page, turned; no fragment goes over one.
    """
    span = text.span
    words = [
        Word(match.group(), span(*match.span()))
        for match in _WORD.finditer(text.characters, line.start, line.end)
    ]
    if turn.quarters:
        words = [Word(word.text, turn(word.box)) for word in words]
    heights = sorted([word.box.top - word.box.bottom for word in words])
    size = max(heights[(len(heights) - 1) // 2], 1.0)
    groups: list[list[Word]] = []
    for word in words:
        if groups and (
            (_belong(groups[-1][-1].box, word.box, size, uprights) and not _are_two(groups[-1][-1], word))
            or _is_led_to(groups[-1], word, size)
        ):
            groups[-1].append(word)
        else:
            groups.append([word])
    return [_fragment(tuple(group), number, size) for group in groups]


def split(fragment: Fragment, at: int) -> tuple[Fragment, Fragment]:
    """Two fragments of one, of which the second begins with that word."""
    words, line, size = fragment.words, fragment.line, fragment.size
    return _fragment(words[:at], line, size), _fragment(words[at:], line, size)


def _fragment(words: tuple[Word, ...], line: int, size: float) -> Fragment:
    box = words[0].box
    for word in words[1:]:
        box = box.around(word.box)
    return Fragment(words, box, line, size, " ".join([word.text for word in words]))


def _belong(before: Box, after: Box, size: float, uprights: list[Box]) -> bool:
    # The gap between words that are written from right to left is before the second one.
    gap = max(after.left - before.right, before.left - after.right)
    if gap > _GAP * size:
        return False
    if gap <= 0 or not uprights:
        return gap > -4 * size
    left, right = sorted((before.right, after.left))
    return not any(
        left - 0.5 <= rule.left and rule.right <= right + 0.5 and rule.bottom <= after.middle <= rule.top
        for rule in uprights
    )


def _are_two(before: Word, after: Word) -> bool:
    """Whether they are two figures, each with its separator: no value has both, however close they stand."""
    return before.is_figure and after.is_figure


def _is_led_to(before: list[Word], word: Word, size: float) -> bool:
    """Whether it is one of the dots that lead from a name to its figures, which may stand far apart."""
    if word.text.strip("._·…") or not 0 <= word.box.left - before[-1].box.right <= 2 * size:
        return False
    return any(map(str.isalpha, before[0].text))
