"""Spreadsheets: what their cells show, sheet by sheet."""

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Extracted, Limits, Unreadable
from docstage.extraction.extractors.office.embedded_pictures import Pictures
from docstage.extraction.extractors.office.package import zip_package
from docstage.extraction.extractors.open_document.names import OFFICE
from docstage.extraction.extractors.open_document.package import open_source
from docstage.extraction.extractors.sheets.ods import read_sheets
from docstage.extraction.extractors.sheets.parts import extracted
from docstage.extraction.extractors.sheets.xls import read_xls
from docstage.extraction.extractors.sheets.xlsb import read_xlsb
from docstage.extraction.extractors.sheets.xlsx import read_xlsx
from docstage.extraction.known_types import ODS, XLS

_LARGEST_PART = 100 * 2**20
_NO_SHEETS = "There is no sheet in this file. Open it in its program and save it anew."


class SheetExtractor:
    """Workbooks of Excel, from 2.0 on, and of LibreOffice."""

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Make each sheet a part. See `Extractor.extract`."""
        if media_type == ODS:
            return _open_document(data, media_type, limits)
        pictures = Pictures(limits)
        if media_type == XLS:
            sheets = read_xls(data, limits, pictures)
        else:
            package = zip_package(data, _LARGEST_PART)
            # Their parts tell which of the two it is, whatever its name.
            read = read_xlsb if (package.main or "").lower().endswith(".bin") else read_xlsx
            sheets = read(package, pictures)
        if not sheets:
            raise Unreadable(DocumentReason.DAMAGED, _NO_SHEETS)
        return extracted(sheets, media_type, pictures.notes())


EXTRACTOR = SheetExtractor


def _open_document(data: bytes, media_type: str, limits: Limits) -> Extracted:
    source = open_source(data, _LARGEST_PART)
    body = source.body
    if body is None or body.tag != f"{OFFICE}spreadsheet":
        raise Unreadable(DocumentReason.DAMAGED, _NO_SHEETS)
    return read_sheets(source, body, media_type, Pictures(limits))
