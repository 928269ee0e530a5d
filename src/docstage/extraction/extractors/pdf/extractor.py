"""PDF: its pages one by one, with their tables, pictures and annotations, and the files within."""

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it ships no types
from pypdfium2 import raw

from docstage.domain.content import DocumentReason, Part
from docstage.extraction.extractors.base import Extracted, Limits, Unreadable
from docstage.extraction.extractors.pdf.attachments import Attached, is_portfolio
from docstage.extraction.extractors.pdf.page import PageReader
from docstage.extraction.extractors.pdf.xfa import read_xfa

PORTFOLIO = "It is a portfolio: its pages are only the cover of the files that it holds."
_XFA = (
    "It is a form of Adobe LiveCycle (XFA), of which other programs show a page that asks for Adobe Reader."
)


class PdfExtractor:
    """PDF by PDFium."""

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Extract all pages and the files within. See `Extractor.extract`."""
        document = _open(data)
        try:
            document.init_forms()
            attached = Attached(data, limits)
            attached.of_document(document)
            parts = _pages(document, limits, attached)
            notes: tuple[str, ...] = ()
            if is_portfolio(document, data):
                notes += (PORTFOLIO,)
            entries = read_xfa(document, len(parts) + 1)
            if entries is not None:
                parts, notes = (*parts, entries), (*notes, _XFA)
        finally:
            document.close()
        return Extracted(parts, media_type, notes, tuple(attached.left_out), tuple(attached.files))


EXTRACTOR = PdfExtractor


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(data)
        if len(document) > 0:
            return document
    except pdfium.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            detail = "This PDF is locked with a password. Save a copy without one."
            raise Unreadable(DocumentReason.PASSWORD, detail) from error
        detail = "This PDF is damaged or cut off. Open it in a viewer and save it anew."
        raise Unreadable(DocumentReason.DAMAGED, detail) from error
    document.close()
    raise Unreadable(DocumentReason.DAMAGED, "This PDF has no pages.")


def _pages(document: pdfium.PdfDocument, limits: Limits, attached: Attached) -> tuple[Part, ...]:
    reader = PageReader(document, limits)
    return tuple(reader.read(number, attached) for number in range(len(document)))
