"""Words that stand in the pictures of annotations only: of signatures, stamps and entries without a value."""

from collections import Counter
from collections.abc import Iterable, Iterator

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it ships no types
from pypdfium2 import raw

from docstage.extraction.extractors.pdf.annotations import Remark
from docstage.extraction.extractors.pdf.text import PageText


def with_appearances(
    document: pdfium.PdfDocument, number: int, remarks: Iterable[Remark]
) -> Iterator[Remark]:
    """The remarks, with the words that only their appearance says; without those that say nothing.

    It makes the appearances part of the page's drawing, so nothing else may be read of the page afterwards.

    Args:
        document: the document; none of its pages is open.
        number: of the page, from 0.
        remarks: what is known of its annotations.
    """
    known = list(remarks)
    silent = [remark for remark in known if not remark.said]
    words = _shown(document, number, silent) if silent else {}
    for remark in known:
        said = words.get(remark, "") if not remark.said else ""
        if remark.said:
            yield remark
        elif said:
            yield Remark(remark.box, remark.words.removesuffix("]").rstrip() + f" {said}]", said)


def _shown(document: pdfium.PdfDocument, number: int, remarks: list[Remark]) -> dict[Remark, str]:
    before = _words(document, number, remarks)
    page = document[number]
    try:
        if raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY) != raw.FLATTEN_SUCCESS:
            return {}
    finally:
        page.close()
    after = _words(document, number, remarks)
    return {remark: _more(before[remark], after[remark]) for remark in remarks}


def _words(document: pdfium.PdfDocument, number: int, remarks: list[Remark]) -> dict[Remark, str]:
    page = document[number]
    try:
        text = PageText(page)
        try:
            return {remark: text.within(remark.box) for remark in remarks}
        finally:
            text.close()
    finally:
        page.close()


def _more(before: str, after: str) -> str:
    """The words of the second text that are not in the first."""
    known = Counter(before.split())
    more = []
    for word in after.split():
        if known[word]:
            known[word] -= 1
        else:
            more.append(word)
    return " ".join(more)
