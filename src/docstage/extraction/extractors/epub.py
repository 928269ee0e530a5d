"""E-books, and what of Office is locked."""

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.archive import check_archive
from docstage.extraction.extractors.base import Extracted, Limits, Unreadable
from docstage.extraction.extractors.xberg_reader import convert, markdown
from docstage.extraction.known_types import ENCRYPTED_OOXML, EPUB

# xberg 1.3.9 reads no more than this of an e-book, without a word about the rest (measured).
_LARGEST_PART = 16 * 2**20
_MOST_NOTES = 10
_LOCKED = "The document is locked with a password. Save a copy without one."


class EpubExtractor:
    """EPUB by xberg."""

    def extract(self, data: bytes, media_type: str, _limits: Limits, /) -> Extracted:
        """Convert the document to Markdown. See `Extractor.extract`."""
        if media_type == ENCRYPTED_OOXML:
            raise Unreadable(DocumentReason.PASSWORD, _LOCKED)
        if media_type == EPUB:
            check_archive(data, _LARGEST_PART)
        document = convert(data, media_type)
        text = markdown(document.content)
        notes = tuple(dict.fromkeys(warning.message[:300] for warning in document.processing_warnings))
        return Extracted.whole(text, media_type, left_out=notes[:_MOST_NOTES])


EXTRACTOR = EpubExtractor
