"""One page of a PDF file as a part of the document."""

from dataclasses import dataclass

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it ships no types
from pypdfium2 import raw

from docstage.domain.content import ImagePart, Part, PartKind
from docstage.extraction.extractors.base import Limits
from docstage.extraction.extractors.pdf.annotations import (
    MOST_ANNOTATIONS,
    Remark,
    kinds_of_annotations,
    read_remarks,
    what_is_played,
)
from docstage.extraction.extractors.pdf.appearances import with_appearances
from docstage.extraction.extractors.pdf.attachments import Attached
from docstage.extraction.extractors.pdf.forms import read_entries
from docstage.extraction.extractors.pdf.graphics import cannot_be_drawn
from docstage.extraction.extractors.pdf.legibility import is_unreadable, unreadable_share
from docstage.extraction.extractors.pdf.look import Look, graphics_of, look_at
from docstage.extraction.extractors.pdf.reading import Reading, continued_head, read_lines
from docstage.extraction.extractors.pdf.rendering import render
from docstage.extraction.extractors.pdf.strings import read_text
from docstage.extraction.extractors.pdf.tables import Table
from docstage.extraction.extractors.pdf.text import PageText

_DAMAGED = "This page is damaged and was not read."
_NO_ROOM = "Its picture is not included: a document has at most {:,}."
_UNDRAWN = "An image on this page is damaged or too large to be drawn, and was not read."
_NOTHING = Reading("", (), ())


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was found on a page, before the appearances of its annotations are read."""

    reading: Reading
    look: Look
    images: tuple[ImagePart, ...]
    remarks: tuple[Remark, ...]
    left_out: tuple[str, ...]


class PageReader:
    """Reads the pages of a document one after the other."""

    def __init__(self, document: pdfium.PdfDocument, limits: Limits) -> None:
        self._document = document
        self._limits = limits
        self._room = limits.images
        self._table: Table | None = None

    def read(self, number: int, attached: Attached) -> Part:
        """A page with its text, its picture where the text does not say all, and what was written upon it.

        Args:
            number: of the page, from 0.
            attached: where files go that are attached to a place of the page.
        """
        try:
            page = self._document[number]
        except pdfium.PdfiumError:
            return Part(PartKind.PAGE, number + 1, left_out=(_DAMAGED,))
        try:
            kinds = kinds_of_annotations(page)
            seen = self._see(page, kinds)
            attached.of_page(page, kinds)
        finally:
            page.close()
        remarks = tuple(with_appearances(self._document, number, seen.remarks))
        head = continued_head(self._table, seen.reading.first_table)
        self._table = seen.reading.last_table
        return Part(
            PartKind.PAGE,
            number + 1,
            seen.reading.text(remarks, head),
            seen.images,
            _label(self._document, number),
            pictured=seen.look is Look.PICTURED and bool(seen.images or seen.left_out),
            left_out=seen.left_out,
        )

    def _see(self, page: pdfium.PdfPage, kinds: list[int]) -> _Seen:
        text = PageText(page)
        try:
            unreadable = unreadable_share(text)
            graphics = graphics_of(page, kinds)
            look = look_at(page, text, graphics, unreadable)
            images, left_out = self._pictures(page) if look is not Look.TEXT else ((), ())
            readable = not is_unreadable(unreadable)
            reading = read_lines(text, graphics.rules, annotated=bool(kinds)) if readable else _NOTHING
            remarks: tuple[Remark, ...] = ()
            if kinds:
                remarks = (*read_entries(self._document, page, kinds), *read_remarks(page, kinds, text))
                left_out += tuple(f"It holds {what}, which cannot be read." for what in what_is_played(kinds))
                if raw.FPDFPage_GetAnnotCount(page) > MOST_ANNOTATIONS:
                    left_out += (f"Only its first {MOST_ANNOTATIONS:,} comments and entries were read.",)
            return _Seen(reading, look, images, remarks, left_out)
        finally:
            text.close()

    def _pictures(self, page: pdfium.PdfPage) -> tuple[tuple[ImagePart, ...], tuple[str, ...]]:
        """The pictures of a page as far as there is room, and what was left out."""
        images = render(page, self._limits) if self._room else ()
        if self._room and not images and cannot_be_drawn(page):
            return (), (_UNDRAWN,)
        shown = images[: self._room]
        complete = bool(self._room) and len(shown) == len(images)
        self._room -= len(shown)
        return shown, () if complete else (_NO_ROOM.format(self._limits.images),)


def _label(document: pdfium.PdfDocument, number: int) -> str | None:
    """How the document itself counts its pages: i, ii, A-1; nothing when it counts as everybody does."""
    label = " ".join(read_text(raw.FPDF_GetPageLabel, document, number).split())
    return label if label and label != str(number + 1) else None
