"""PDF: the text of its pages, or pictures of them when it is a scan."""

import ctypes
import re
from collections.abc import Callable
from dataclasses import dataclass

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it ships no types
from pypdfium2 import raw

from docstage.domain.content import DocumentReason, ImagePart, Part, PartKind
from docstage.extraction.extractors.base import Extracted, Limits, Unreadable, is_garbage, tidy
from docstage.extraction.extractors.pictures import encode_jpeg

# PDF's unit is 1/72 inch: a scale of 2 makes 144 dots an inch, enough to read 8 point print.
_SCALE = 2.0
# Scanners and stamps leave page numbers or a line of advertising; a page of text has far more.
_TEXT_CHARACTERS = 16
# Fonts without a Unicode table come out as private-use characters or as garbage.
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_GARBLED_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class _Page:
    text: str
    is_picture: bool


class PdfExtractor:
    """PDF by PDFium."""

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Extract the text of all pages. See `Extractor.extract`."""
        document = _open(data)
        try:
            document.init_forms()
            pages = [_read_page(document, number) for number in range(len(document))]
            pictured = [number for number, page in enumerate(pages) if page.is_picture]
            shown = set(pictured[: limits.images])
            parts = tuple(
                _part(document, number, page, limits, shown=number in shown)
                for number, page in enumerate(pages)
            )
        finally:
            document.close()
        return Extracted(parts, media_type)


def _part(document: pdfium.PdfDocument, number: int, page: _Page, limits: Limits, *, shown: bool) -> Part:
    images = (_render(document, number, limits),) if shown else ()
    left_out = (
        (f"Its picture is not included: a document has at most {limits.images}.",)
        if page.is_picture and not shown
        else ()
    )
    return Part(PartKind.PAGE, number + 1, page.text, images, pictured=page.is_picture, left_out=left_out)


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


def _read_page(document: pdfium.PdfDocument, number: int) -> _Page:
    try:
        page = document[number]
    except pdfium.PdfiumError:
        return _Page("", is_picture=False)
    try:
        text_page = page.get_textpage()
        # PDFium writes U+FFFE in place of a hyphen that only breaks a word at the end of a line.
        text = tidy(text_page.get_text_range().replace("\ufffe", ""))
        text_page.close()
        text = "\n\n".join(part for part in (text, _form_values(document, page)) if part)
        if _is_garbled(text):
            return _Page("", is_picture=True)
        characters = len("".join(text.split()))
        return _Page(text, is_picture=characters < _TEXT_CHARACTERS and _has_graphics(page, bool(characters)))
    finally:
        page.close()


def _is_garbled(text: str) -> bool:
    return is_garbage(text, _GARBLED_SHARE) or len(_PRIVATE.findall(text)) > _GARBLED_SHARE * len(text)


def _has_graphics(page: pdfium.PdfPage, has_text: bool) -> bool:
    """Whether the page may show words that are not in its text: in images, as outlines, in odd fonts."""
    objects = (raw.FPDFPage_GetObject(page, index) for index in range(raw.FPDFPage_CountObjects(page)))
    return any(not has_text or raw.FPDFPageObj_GetType(each) != raw.FPDF_PAGEOBJ_TEXT for each in objects)


def _form_values(document: pdfium.PdfDocument, page: pdfium.PdfPage) -> str:
    """What was filled in: PDFium does not count it as text of the page."""
    if document.formenv is None:
        return ""
    lines = []
    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if raw.FPDFAnnot_GetSubtype(annotation) == raw.FPDF_ANNOT_WIDGET:
            name = _field(raw.FPDFAnnot_GetFormFieldName, document, annotation)
            value = _field(raw.FPDFAnnot_GetFormFieldValue, document, annotation)
            if value and value != "Off":
                lines.append(f"{name}: {value}")
        raw.FPDFPage_CloseAnnot(annotation)
    return tidy("\n".join(lines))


def _field(read: Callable[..., int], document: pdfium.PdfDocument, annotation: object) -> str:
    length = read(document.formenv, annotation, None, 0)
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    read(document.formenv, annotation, buffer, length)
    return bytes(buffer)[: max(length - 2, 0)].decode("utf-16-le", "replace")


def _render(document: pdfium.PdfDocument, number: int, limits: Limits) -> ImagePart:
    page = document[number]
    try:
        scale = min(_SCALE, limits.image_side / max(*page.get_size(), 1.0))
        bitmap = page.render(scale=scale)
        try:
            return encode_jpeg(bitmap.to_pil())
        finally:
            bitmap.close()
    finally:
        page.close()
