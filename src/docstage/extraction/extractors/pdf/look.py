"""Whether a reader gets the words of a PDF page from its text, or has to look at the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it ships no types

from docstage.extraction.extractors.pdf.annotations import drawn_places
from docstage.extraction.extractors.pdf.graphics import Graphics, read_graphics
from docstage.extraction.extractors.pdf.grid import Grid
from docstage.extraction.extractors.pdf.legibility import is_odd, is_unreadable
from docstage.extraction.extractors.pdf.text import Box, PageText

# Scanners and stamps leave page numbers or a line of advertising; a page of text has far more.
_TEXT_CHARACTERS = 16
_FEW_LINES = 400
# A letter of one paragraph covers a tenth of its page with text; stamps, headers and numbers cover less.
_LITTLE_TEXT = 0.1
# Below this share of the page, what is drawn is a logo, a photograph of the author, a signature.
_LARGE_PICTURE = 0.2
# From here on it is what the page consists of.
_WHOLE_PAGE = 0.4
# What covers the page from edge to edge below much text is the paper that it is written on.
_PAPER = 0.9
_MUCH_TEXT = 0.25
# A recognised text of less than one and a half lines is a title, or a number that a scanner put there.
_RECOGNISED = 1.5
# A page of print has 50,000 segments of outlines, a line of it 500; a logo or an arrow may have 200.
_LETTERS_OR_CHART = 300


class Look(Enum):
    """What has to be given of a page."""

    TEXT = auto()  # its text says all that a reader would see
    BESIDE = auto()  # its text, and a picture for what is drawn beside it
    PICTURED = auto()  # its picture; what text it has is a stamp, or cannot be relied upon


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of a page, 0 to 1.

    Attributes:
        drawn: what images and outlines cover.
        unread: what of that has no text upon it.
        text: what text covers.
    """

    drawn: float
    unread: float
    text: float


def graphics_of(page: pdfium.PdfPage, kinds: Sequence[int]) -> Graphics:
    """What is drawn on a page, handwriting and stamps included, given the kinds of its annotations."""
    graphics = read_graphics(page, Box(*page.get_bbox()))
    for place in drawn_places(page, kinds):
        graphics.images.cover(place)
        graphics.anything = True
    return graphics


def look_at(page: pdfium.PdfPage, text: PageText, graphics: Graphics, unreadable: float) -> Look:
    """Decide about a page.

    Args:
        page: the page.
        text: its text.
        graphics: what is drawn on it.
        unreadable: what share of its text is not what is printed.
    """
    characters = len("".join(text.characters[:_FEW_LINES].split()))
    if characters and is_unreadable(unreadable):
        return Look.PICTURED
    if not characters:
        return Look.PICTURED if graphics.anything else Look.TEXT
    if graphics.hidden >= _RECOGNISED:
        return Look.BESIDE if is_odd(unreadable) else Look.TEXT
    look = _by_shares(_shares(graphics, text, Box(*page.get_bbox())), characters)
    return Look.BESIDE if look is Look.TEXT and is_odd(unreadable) else look


def _by_shares(shares: Shares, characters: int) -> Look:
    little = shares.text < _LITTLE_TEXT
    if characters < _TEXT_CHARACTERS and shares.drawn > 0:
        return Look.PICTURED
    if shares.drawn >= _PAPER and shares.text >= _MUCH_TEXT:
        return Look.TEXT
    if shares.unread >= _WHOLE_PAGE and shares.text < shares.unread / 2:
        return Look.PICTURED
    if shares.unread >= _LARGE_PICTURE:
        return Look.PICTURED if little else Look.BESIDE
    return Look.TEXT


def _shares(graphics: Graphics, text: PageText, frame: Box) -> Shares:
    drawn, words = Grid(frame), Grid(frame)
    drawn.add(graphics.images)
    if graphics.segments >= _LETTERS_OR_CHART:
        drawn.add(graphics.outlines)
    if drawn.share < _LARGE_PICTURE:
        return Shares(drawn.share, 0.0, 1.0)
    for box in text.rectangles():
        space = box.height / 2  # the white between two lines of text is text to a reader
        words.cover(Box(box.left - space, box.bottom - space, box.right + space, box.top + space))
    return Shares(drawn.share, drawn.share_without(words), words.share)
