"""Extraction without docstage around it: `python -m benchmarks.support.bare_extract KIND FOLDER PART OF`.

KIND is `extract`, docstage's own extractors called one after another, or `pdfium`, the text of all pages by
pypdfium2 alone. PART of OF processes takes every OF-th file. Nothing is kept.
"""

import sys
from pathlib import Path

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it ships no types

from docstage.extraction.extractors import Limits, Unreadable, extract


def _extract(path: Path) -> None:
    try:
        extract(path.read_bytes(), path.name, Limits())
    except Unreadable:
        return


def _pdfium(path: Path) -> None:
    document = pdfium.PdfDocument(path.read_bytes())
    for page in document:
        text_page = page.get_textpage()
        text_page.get_text_range()
        text_page.close()
        page.close()
    document.close()


if __name__ == "__main__":
    kind, folder, part, of = sys.argv[1:]
    work = {"extract": _extract, "pdfium": _pdfium}[kind]
    files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
    for file in files[int(part) :: int(of)]:
        work(file)
