"""OpenDocument: texts, presentations and drawings, as files and flat."""

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Extracted, Limits, Unreadable
from docstage.extraction.extractors.office.embedded_pictures import Pictures
from docstage.extraction.extractors.open_document.names import OFFICE
from docstage.extraction.extractors.open_document.package import Source, open_source
from docstage.extraction.extractors.open_document.slides import read_slides
from docstage.extraction.extractors.open_document.text import read_text
from docstage.extraction.extractors.sheets.ods import read_sheets

_READERS = {
    f"{OFFICE}text": read_text,
    f"{OFFICE}presentation": read_slides,
    f"{OFFICE}drawing": read_slides,
    f"{OFFICE}spreadsheet": read_sheets,
}
_NESTED = "Its parts lie too deep in each other. Ungroup them, and save it anew."


class OpenDocumentExtractor:
    """ODT and ODP, with their templates and flat forms."""

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Read the document. See `Extractor.extract`."""
        return _read(open_source(data), media_type, limits)


EXTRACTOR = OpenDocumentExtractor


def _read(source: Source, media_type: str, limits: Limits) -> Extracted:
    body = source.body
    reader = None if body is None else _READERS.get(body.tag)
    if body is None or reader is None:
        detail = "There is no text and no slide in this file. Open it in its program and save it anew."
        raise Unreadable(DocumentReason.DAMAGED, detail)
    try:
        return reader(source, body, media_type, Pictures(limits))
    except RecursionError as error:
        raise Unreadable(DocumentReason.TOO_COMPLEX, _NESTED) from error
