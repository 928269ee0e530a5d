"""The text of a PDF page as PDFium orders it, and where it stands."""

import ctypes
import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it ships no types
from pypdfium2 import raw

# PDFium writes U+FFFE in place of a hyphen at the end of a line. Before a capital or a digit it belongs to
# the word ("Lucene-BM25"), else it only breaks it.
_KEPT_HYPHEN = re.compile("\ufffe(?=[A-Z0-9])")
# What fonts without Unicode leave in a text; U+FFFC is where pictures stand in the text of a part.
_NO_LETTERS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffc-\uffff]")
_LINE = re.compile("[^\r\n\ufffe]+")
# FPDFText_GetLooseCharBox writes four floats, FS_RECTF. Called with plain addresses it takes half the time,
# and it is called for every line and for every word of a table.
_get_box = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(
    ctypes.cast(raw.FPDFText_GetLooseCharBox, ctypes.c_void_p).value or 0
)
_unpack = struct.Struct("4f").unpack_from
# FPDFText_GetRect writes four doubles, each to an address of its own.
_get_rect = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * 4)(
    ctypes.cast(raw.FPDFText_GetRect, ctypes.c_void_p).value or 0
)
_unpack_doubles = struct.Struct("4d").unpack_from
_new = tuple.__new__  # makes a Box in a third of the time that Box(...) takes


class Box(NamedTuple):
    """A rectangle on a page, in points (1/72 inch) from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def middle(self) -> float:
        """Its height on the page."""
        return (self.bottom + self.top) / 2

    @property
    def height(self) -> float:
        """How high it is."""
        return self.top - self.bottom

    def meets(self, other: "Box") -> bool:
        """Whether the two have a point in common."""
        return (
            self.left <= other.right
            and other.left <= self.right
            and self.bottom <= other.top
            and other.bottom <= self.top
        )

    def around(self, other: "Box") -> "Box":
        """The smallest rectangle that holds both."""
        left, bottom, right, top = self
        other_left, other_bottom, other_right, other_top = other
        return _new(
            Box,
            (
                min(other_left, left),
                min(other_bottom, bottom),
                max(other_right, right),
                max(other_top, top),
            ),
        )


class Line(NamedTuple):
    """A line of text as PDFium gives it: `start` to `end` of the page's characters."""

    start: int
    end: int
    box: Box


class PageText:
    """The characters of a page, in PDFium's order; to be closed.

    Attributes:
        characters: one for each of PDFium's: line breaks are CR LF, hyphens at the end of a line U+FFFE.
    """

    def __init__(self, page: pdfium.PdfPage) -> None:
        self.handle = page.get_textpage()
        self.characters: str = self.handle.get_text_range()
        count = raw.FPDFText_CountChars(self.handle)
        if len(self.characters) != count:  # some have no Unicode, or take two units of UTF-16
            self.characters = "".join(_character(self.handle, index) for index in range(count))
        self._pointer = ctypes.cast(self.handle.raw, ctypes.c_void_p).value
        self._edges = (ctypes.c_float * 4)()
        self._address = ctypes.addressof(self._edges)

    def close(self) -> None:
        """Give its memory back."""
        self.handle.close()

    def box(self, index: int) -> Box:
        """Where a character stands, as high as its font is."""
        _get_box(self._pointer, index, self._address)
        left, top, right, bottom = _unpack(self._edges)
        return _new(Box, (left, bottom, right, top))

    def span(self, start: int, end: int) -> Box:
        """Where the characters from the first to before the last stand, which are of one line."""
        pointer, edges, address = self._pointer, self._edges, self._address
        _get_box(pointer, start, address)
        left, top, right, bottom = _unpack(edges)
        if end - start > 1:
            _get_box(pointer, end - 1, address)
            last_left, last_top, last_right, last_bottom = _unpack(edges)
            left, bottom = min(last_left, left), min(last_bottom, bottom)
            right, top = max(last_right, right), max(last_top, top)
        return _new(Box, (left, bottom, right, top))

    def rectangles(self) -> list[Box]:
        """Where text stands: a rectangle for each run of it, in PDFium's order."""
        edges = (ctypes.c_double * 4)()
        left, bottom, right, top = (ctypes.addressof(edges) + 8 * place for place in range(4))
        boxes = []
        for index in range(max(raw.FPDFText_CountRects(self.handle.raw, 0, -1), 0)):
            _get_rect(self._pointer, index, left, top, right, bottom)
            boxes.append(_new(Box, _unpack_doubles(edges)))
        return boxes

    def lines(self) -> Iterator[Line]:
        """Its lines; a word that is broken at the end of a line goes on in the next one."""
        for match in _LINE.finditer(self.characters):
            start, end = match.span()
            words = match.group()
            first = start + len(words) - len(words.lstrip())
            last = end - 1 - (len(words) - len(words.rstrip()))
            if first <= last:
                yield Line(start, end, self.span(first, last + 1))

    def within(self, box: Box) -> str:
        """The text in a rectangle, its lines joined by blanks."""
        found = self.handle.get_text_bounded(box.left, box.bottom, box.right, box.top)
        return " ".join(flowing(found).split())


def flowing(text: str) -> str:
    """PDFium's text with words joined that were broken at the end of a line, without what is no letter."""
    if "\ufffe" in text:
        text = _KEPT_HYPHEN.sub("-", text).replace("\ufffe", "")
    return _NO_LETTERS.sub("", text)


def _character(handle: pdfium.PdfTextPage, index: int) -> str:
    code = raw.FPDFText_GetUnicode(handle, index)
    if 0xD800 <= code < 0xE000 or code > 0x10FFFF:
        return "\ufffd"
    return chr(code) or "\0"
