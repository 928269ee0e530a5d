"""Forms in PDF files: what was entered, ticked and chosen. PDFium does not count it as text of the page."""

from collections.abc import Iterator, Sequence

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it ships no types
from pypdfium2 import raw

from docstage.extraction.extractors.base import tidy
from docstage.extraction.extractors.pdf.annotations import (
    Remark,
    annotations_of,
    is_seen,
    place_of,
)
from docstage.extraction.extractors.pdf.strings import read_text

# ISO 32000-2, table 228: what is entered is not to be seen.
_PASSWORD = 1 << 13
_CHOICES = (raw.FPDF_FORMFIELD_COMBOBOX, raw.FPDF_FORMFIELD_LISTBOX)
_MOST_OPTIONS = 2_000


def read_entries(
    document: pdfium.PdfDocument, page: pdfium.PdfPage, kinds: Sequence[int]
) -> Iterator[Remark]:
    """What is in the fields of a page, as `name: value`; signatures have no words of their own."""
    if document.formenv is None:
        return
    for annotation in annotations_of(page, kinds, (raw.FPDF_ANNOT_WIDGET,)):
        remark = _entry(document, annotation) if is_seen(annotation) else None
        if remark is not None:
            yield remark


def _entry(document: pdfium.PdfDocument, annotation: object) -> Remark | None:
    form = document.formenv
    kind = raw.FPDFAnnot_GetFormFieldType(form, annotation)
    label = _label(document, annotation)
    if kind == raw.FPDF_FORMFIELD_SIGNATURE:
        return Remark(place_of(annotation), "[Signature: ]")
    if kind == raw.FPDF_FORMFIELD_PUSHBUTTON:
        return None
    if kind == raw.FPDF_FORMFIELD_CHECKBOX:
        said = "checked" if raw.FPDFAnnot_IsChecked(form, annotation) else "not checked"
    elif kind == raw.FPDF_FORMFIELD_RADIOBUTTON:
        said = _button(document, annotation)
    else:
        said = _value(document, annotation, kind)
    return Remark(place_of(annotation), f"{label}: {said}", said) if said else None


def _label(document: pdfium.PdfDocument, annotation: object) -> str:
    """The name of a field, and what is shown when one points at it, which often is what it means."""
    name = read_text(raw.FPDFAnnot_GetFormFieldName, document.formenv, annotation)
    shown = read_text(raw.FPDFAnnot_GetFormFieldAlternateName, document.formenv, annotation)
    name, shown = " ".join(name.split()), " ".join(shown.split())
    return f"{name} ({shown})" if name and shown and shown != name else name or shown


def _button(document: pdfium.PdfDocument, annotation: object) -> str:
    """What the chosen one of several buttons stands for; nothing for the others."""
    if not raw.FPDFAnnot_IsChecked(document.formenv, annotation):
        return ""
    exported = read_text(raw.FPDFAnnot_GetFormFieldExportValue, document.formenv, annotation)
    return exported or read_text(raw.FPDFAnnot_GetFormFieldValue, document.formenv, annotation) or "chosen"


def _value(document: pdfium.PdfDocument, annotation: object, kind: int) -> str:
    form = document.formenv
    if raw.FPDFAnnot_GetFormFieldFlags(form, annotation) & _PASSWORD and kind == raw.FPDF_FORMFIELD_TEXTFIELD:
        return ""
    if kind in _CHOICES:
        count = min(max(raw.FPDFAnnot_GetOptionCount(form, annotation), 0), _MOST_OPTIONS)
        chosen = (i for i in range(count) if raw.FPDFAnnot_IsOptionSelected(form, annotation, i))
        labels = [read_text(raw.FPDFAnnot_GetOptionLabel, form, annotation, index) for index in chosen]
        if any(labels):
            return ", ".join(filter(None, labels))
    return tidy(read_text(raw.FPDFAnnot_GetFormFieldValue, form, annotation)).strip()
