"""Turns the bytes of a document into what models receive."""

from collections.abc import Callable
from functools import cache

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Extracted, Extractor, Limits, Unreadable, checked
from docstage.extraction.known_types import HTML, IMAGE_EXTENSIONS, MBOX, MSG, PDF, RFC822, TEXT_TYPES
from docstage.extraction.media_types import detect

__all__ = ["ENCODER_VERSION", "Extracted", "Extractor", "Limits", "Unreadable", "extract"]

ENCODER_VERSION = "4"
"""Part of every content's key. Raise it whenever the same bytes give another output."""


def extract(data: bytes, name: str, limits: Limits) -> Extracted:
    """Find out what a document is and extract it.

    Args:
        data: the whole file.
        name: its name, which decides where the contents alone do not tell what it is.
        limits: what it may cost; time and memory are for the caller to watch.

    Raises:
        Unreadable: with the reason and a way forward.
    """
    if not data:
        raise Unreadable(DocumentReason.EMPTY, "The file is empty.")
    media_type = detect(data, name)
    if media_type is None:
        raise Unreadable(DocumentReason.UNKNOWN_TYPE, "docstage cannot read documents of this kind.")
    return checked(_extractor(_family(media_type)).extract(data, media_type, limits), limits)


def _family(media_type: str) -> str:
    if media_type in TEXT_TYPES:
        return "text"
    if media_type in IMAGE_EXTENSIONS.values():
        return "pictures"
    return {PDF: "pdf", HTML: "web", RFC822: "mail", MBOX: "mail", MSG: "mail"}.get(media_type, "office")


@cache
def _extractor(family: str) -> Extractor:
    """The extractor of a family. Its libraries are loaded with its first document."""
    return _FAMILIES[family]()


def _text() -> Extractor:
    from docstage.extraction.extractors.text import TextExtractor

    return TextExtractor()


def _pdf() -> Extractor:
    from docstage.extraction.extractors.pdf import PdfExtractor

    return PdfExtractor()


def _pictures() -> Extractor:
    from docstage.extraction.extractors.pictures import PictureExtractor

    return PictureExtractor()


def _web() -> Extractor:
    from docstage.extraction.extractors.web import HtmlExtractor

    return HtmlExtractor()


def _mail() -> Extractor:
    from docstage.extraction.extractors.mail import MailExtractor

    return MailExtractor(extract)


def _office() -> Extractor:
    from docstage.extraction.extractors.office import OfficeExtractor

    return OfficeExtractor()


_FAMILIES: dict[str, Callable[[], Extractor]] = {
    "text": _text,
    "pdf": _pdf,
    "pictures": _pictures,
    "web": _web,
    "mail": _mail,
    "office": _office,
}
