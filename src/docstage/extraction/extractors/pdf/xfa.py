"""What was entered into forms of Adobe LiveCycle (XFA), which PDFium does not draw."""

import ctypes
import re
from html import unescape

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it ships no types
from pypdfium2 import raw

from docstage.domain.content import Part, PartKind

_DYNAMIC = raw.FORMTYPE_XFA_FULL
_MOST_PACKETS = 100
_MOST_BYTES = 20 * 2**20
# An element with text and nothing else in it is a field; its name is that of the field.
_FIELD = re.compile(r"<([\w.-]+:)?([\w.-]{1,100})(?:\s[^<>]{0,1000})?>([^<>]{1,100000})</(?:[\w.-]+:)?\2\s*>")


def read_xfa(document: pdfium.PdfDocument, number: int) -> Part | None:
    """The entries of a form whose pages only PDF readers by Adobe show; None for any other document.

    Args:
        document: the document.
        number: of the part that they become.
    """
    if raw.FPDF_GetFormType(document) != _DYNAMIC:
        return None
    entries = [
        f"{name}: {' '.join(unescape(value).split())}"
        for packet in _packets(document)
        for _, name, value in _FIELD.findall(packet)
        if value.strip()
    ]
    left_out = "The labels and fixed texts of this form were not read, only what was entered."
    return Part(
        PartKind.SECTION, number, "\n".join(entries), name="Entries of the form", left_out=(left_out,)
    )


def _packets(document: pdfium.PdfDocument) -> list[str]:
    """The XML of the form's data."""
    count = min(max(raw.FPDF_GetXFAPacketCount(document), 0), _MOST_PACKETS)
    return [
        _packet(document, index).decode("utf-8", "replace")
        for index in range(count)
        if _packet_name(document, index) == "datasets"
    ]


def _packet_name(document: pdfium.PdfDocument, index: int) -> str:
    buffer = ctypes.create_string_buffer(200)
    raw.FPDF_GetXFAPacketName(document, index, buffer, len(buffer))
    return buffer.value.decode("ascii", "replace")


def _packet(document: pdfium.PdfDocument, index: int) -> bytes:
    size = ctypes.c_ulong()
    if not raw.FPDF_GetXFAPacketContent(document, index, None, 0, size) or size.value > _MOST_BYTES:
        return b""
    buffer = ctypes.create_string_buffer(max(size.value, 1))
    raw.FPDF_GetXFAPacketContent(document, index, buffer, size.value, size)
    return buffer.raw[: size.value]
