"""Turns the bytes of a document into what models receive."""

from functools import cache
from importlib import import_module

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Extracted, Extractor, Limits, Unreadable, checked
from docstage.extraction.known_types import EXTRACTORS
from docstage.extraction.media_types import detect

__all__ = ["ENCODER_VERSION", "Extracted", "Extractor", "Limits", "Unreadable", "extract"]

ENCODER_VERSION = "5"
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
    return checked(_extractor(EXTRACTORS[media_type]).extract(data, media_type, limits), limits)


@cache
def _extractor(module: str) -> Extractor:
    """The extractor of a module below this package. Its libraries are loaded with its first document."""
    made: Extractor = import_module(f"{__name__}.{module}").EXTRACTOR()
    return made
