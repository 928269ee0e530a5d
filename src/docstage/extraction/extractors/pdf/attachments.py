"""Files that lie inside a PDF: of the document, of its portfolio, and at annotations of its pages."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass, field

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it ships no types
from pypdfium2 import raw

from docstage.extraction.extractors.base import Attachment, Limits
from docstage.extraction.extractors.pdf.annotations import annotations_of
from docstage.extraction.extractors.pdf.bombs import may_burst
from docstage.extraction.extractors.pdf.strings import attached_name

_MOST_FILES = 1_000
_USE_ATTACHMENTS = 5  # FPDFDoc_GetPageMode: PAGEMODE_USEATTACHMENTS


@dataclass(slots=True)
class Attached:
    """Collects the files, each once.

    Attributes:
        data: the whole PDF file.
        limits: what it may cost; all files together may be as large as a document.
        files: those that were taken.
        left_out: sentences about the others.
    """

    data: bytes
    limits: Limits
    files: list[Attachment] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    _bytes: int = 0
    _may_burst: bool | None = None

    def of_document(self, document: pdfium.PdfDocument) -> None:
        """Take the files that are listed for the whole document."""
        count = max(raw.FPDFDoc_GetAttachmentCount(document), 0)
        for index in range(min(count, _MOST_FILES)):
            self._take(raw.FPDFDoc_GetAttachment(document, index))
        if count > _MOST_FILES:
            self.left_out.append(f"{count - _MOST_FILES:,} more embedded files were not read.")

    def of_page(self, page: pdfium.PdfPage, kinds: Sequence[int]) -> None:
        """Take the files that are attached to places of a page, given the kinds of its annotations."""
        for annotation in annotations_of(page, kinds, (raw.FPDF_ANNOT_FILEATTACHMENT,)):
            self._take(raw.FPDFAnnot_GetFileAttachment(annotation))

    def _take(self, handle: object) -> None:
        if not handle or len(self.files) >= _MOST_FILES:
            return
        name = attached_name(handle) or f"file {len(self.files) + 1}"
        data = None if self._is_bomb() else _data(handle, self.limits.file_bytes - self._bytes)
        if data is None:
            self.left_out.append(f"The embedded file {name} was not read: it is too large or damaged.")
            return
        self._bytes += len(data)
        if Attachment(name, data) not in self.files:
            self.files.append(Attachment(name, data))

    def _is_bomb(self) -> bool:
        """Whether it may unpack without end, which PDFium would do before it tells the size."""
        if self._may_burst is None:
            self._may_burst = may_burst(self.data, self.limits.file_bytes)
        return self._may_burst


def is_portfolio(document: pdfium.PdfDocument, data: bytes) -> bool:
    """Whether the document is a cover around the files that it holds."""
    shows_files = raw.FPDFDoc_GetPageMode(document) == _USE_ATTACHMENTS
    return raw.FPDFDoc_GetAttachmentCount(document) > 0 and (shows_files or b"/Collection" in data)


def _data(handle: object, most: int) -> bytes | None:
    size = ctypes.c_ulong()
    if not raw.FPDFAttachment_GetFile(handle, None, 0, size) or size.value > most:
        return None
    buffer = ctypes.create_string_buffer(max(size.value, 1))
    if not raw.FPDFAttachment_GetFile(handle, buffer, size.value, size):
        return None
    return buffer.raw[: size.value]
