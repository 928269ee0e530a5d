"""Workbooks, RTF and e-books."""

import io
import zipfile

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.archive import check_archive
from docstage.extraction.extractors.base import Extracted, Limits, Unreadable
from docstage.extraction.extractors.nesting import check_nesting
from docstage.extraction.extractors.xberg_reader import convert, markdown
from docstage.extraction.known_types import ENCRYPTED_OOXML, EPUB, ODF, OOXML

_ZIPPED = frozenset(OOXML) | ODF | {EPUB}
# xberg 1.3.9 reads no more than this of a part, and of an e-book without a word about the rest (measured).
_LARGEST_PART = {EPUB: 16 * 2**20}
_OTHER_PART = 100 * 2**20
_MOST_NOTES = 10
_LOCKED = "The document is locked with a password. Save a copy without one."


class OfficeExtractor:
    """Workbooks, RTF and EPUB by xberg."""

    def extract(self, data: bytes, media_type: str, _limits: Limits, /) -> Extracted:
        """Convert the document to Markdown. See `Extractor.extract`."""
        _refuse_locked(data, media_type)
        if media_type in _ZIPPED:
            check_archive(data, _LARGEST_PART.get(media_type, _OTHER_PART))
        if media_type in ODF:  # the readers of others refuse it themselves
            check_nesting(data)
        document = convert(data, media_type)
        text = markdown(document.content)
        notes = tuple(dict.fromkeys(warning.message[:300] for warning in document.processing_warnings))
        return Extracted.whole(text, media_type, left_out=notes[:_MOST_NOTES])


EXTRACTOR = OfficeExtractor


def _refuse_locked(data: bytes, media_type: str) -> None:
    locked = media_type == ENCRYPTED_OOXML
    if media_type in ODF and not locked:
        locked = b"encryption-data" in _member(data, "META-INF/manifest.xml")
    if locked:
        raise Unreadable(DocumentReason.PASSWORD, _LOCKED)


def _member(data: bytes, name: str) -> bytes:
    """The first MiB of a member of a ZIP file, nothing when it cannot be had."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(name) as member:
            return member.read(1 << 20)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, ValueError, OSError, RuntimeError):
        return b""
