"""Word processors, spreadsheets, presentations and e-books."""

import html
import io
import re
import zipfile

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.archive import check_archive
from docstage.extraction.extractors.base import Extracted, Limits, Unreadable, tidy
from docstage.extraction.extractors.nesting import check_nesting
from docstage.extraction.extractors.xberg_reader import convert, markdown
from docstage.extraction.known_types import DOC, DOCX, ENCRYPTED_OOXML, EPUB, ODF, OOXML

_ZIPPED = frozenset(OOXML) | ODF | {EPUB}
# xberg 1.3.9 reads no more than this of a part, and of an e-book without a word about the rest (measured).
_LARGEST_PART = {EPUB: 16 * 2**20}
_OTHER_PART = 100 * 2**20
_MOST_NOTES = 10
_LOCKED = "The document is locked with a password. Save a copy without one."
_MARGIN = re.compile(r"word/(header|footer)\d*\.xml")
_PARAGRAPH = re.compile(r"<w:p[ >].*?</w:p>", re.DOTALL)
_TEXT = re.compile(r"<w:t(?: [^>]*)?>([^<]*)</w:t>|(<w:(?:tab|br)\b)")
# [MS-DOC] FibBase: wIdent is 0xA5EC; bit 8 of the flags at offset 10 says that the document is encrypted.
_FIB, _FIB_FLAGS, _FIB_ENCRYPTED = b"\xec\xa5", 10, 0x01
_SECTOR = 512


class OfficeExtractor:
    """Office, OpenDocument, RTF and EPUB by xberg."""

    def extract(self, data: bytes, media_type: str, _limits: Limits, /) -> Extracted:
        """Convert the document to Markdown. See `Extractor.extract`."""
        _refuse_locked(data, media_type)
        if media_type in _ZIPPED:
            check_archive(data, _LARGEST_PART.get(media_type, _OTHER_PART))
        family = OOXML.get(media_type)
        if media_type in ODF:  # the readers of others refuse it themselves
            check_nesting(data)
        document = convert(data, media_type)
        text = markdown(document.content)
        if family == DOCX:
            text = _with_margins(data, text)
        notes = tuple(dict.fromkeys(warning.message[:300] for warning in document.processing_warnings))
        return Extracted.whole(text, media_type, left_out=notes[:_MOST_NOTES])


EXTRACTOR = OfficeExtractor


def _refuse_locked(data: bytes, media_type: str) -> None:
    locked = media_type == ENCRYPTED_OOXML or (media_type == DOC and _is_encrypted_doc(data))
    if media_type in ODF and not locked:
        locked = b"encryption-data" in _member(data, "META-INF/manifest.xml")
    if locked:
        raise Unreadable(DocumentReason.PASSWORD, _LOCKED)


def _is_encrypted_doc(data: bytes) -> bool:
    for start in range(_SECTOR, len(data) - _FIB_FLAGS - 1, _SECTOR):
        if data.startswith(_FIB, start):
            return bool(data[start + _FIB_FLAGS + 1] & _FIB_ENCRYPTED)
    return False


def _with_margins(data: bytes, text: str) -> str:
    """The text with running headers above and footers below it, which xberg leaves out."""
    found: dict[str, list[str]] = {"header": [], "footer": []}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in sorted(archive.namelist()):
            if kind := _MARGIN.fullmatch(name):
                words = _words(archive.read(name).decode("utf-8", "replace"))
                if words and words not in found[kind[1]]:
                    found[kind[1]].append(words)
    return "\n\n".join(part for part in (*found["header"], text, *found["footer"]) if part.strip())


def _words(xml: str) -> str:
    paragraphs = (
        "".join("\t" if found[2] else html.unescape(found[1]) for found in _TEXT.finditer(paragraph))
        for paragraph in _PARAGRAPH.findall(xml)
    )
    return tidy("\n".join(paragraph for paragraph in paragraphs if paragraph.strip()))


def _member(data: bytes, name: str) -> bytes:
    """The first MiB of a member of a ZIP file, nothing when it cannot be had."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(name) as member:
            return member.read(1 << 20)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, ValueError, OSError, RuntimeError):
        return b""
