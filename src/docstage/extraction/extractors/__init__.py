"""Turns the bytes of a document into what models receive."""

from functools import cache
from importlib import import_module

from docstage.domain.content import DocumentReason
from docstage.domain.handling import Attachments
from docstage.extraction.archive_types import why_unknown
from docstage.extraction.extractors.base import Extracted, Extractor, Limits, Unreadable, checked
from docstage.extraction.known_types import EXTRACTORS
from docstage.extraction.media_types import detect

__all__ = ["ENCODER_VERSION", "Extracted", "Extractor", "Limits", "Unreadable", "extract"]

ENCODER_VERSION = "5"
"""Part of every content's key. Raise it whenever the same bytes give another output."""


def extract(
    data: bytes, name: str, limits: Limits, attachments: Attachments = Attachments.IN_PLACE
) -> Extracted:
    """Find out what a document is and extract it.

    Args:
        data: the whole file.
        name: its name, which decides where the contents alone do not tell what it is.
        limits: what it may cost; time and memory are for the caller to watch.
        attachments: what becomes of the files that lie in it. Those that are documents of their own are in
            `Extracted.attachments`; a document that has nothing else may be empty then.

    Raises:
        Unreadable: with the reason and a way forward.
    """
    extracted = _read(data, name, limits)
    if not extracted.attachments:
        return checked(extracted, limits)
    # Only with the first document that needs it; and it needs what this package begins with.
    from docstage.extraction.extractors.attachments import leave_out, read_in_place

    match attachments:
        case Attachments.IN_PLACE:
            return checked(read_in_place(extracted, limits, _read), limits)
        case Attachments.LEAVE_OUT:
            return checked(leave_out(extracted), limits)
        case Attachments.APART:
            is_empty = all(part.is_empty for part in extracted.parts)
            return extracted if is_empty else checked(extracted, limits)


def _read(data: bytes, name: str, limits: Limits) -> Extracted:
    """One file by itself."""
    if not data:
        raise Unreadable(DocumentReason.EMPTY, "The file is empty.")
    media_type = detect(data, name)
    if media_type not in EXTRACTORS:
        raise Unreadable(DocumentReason.UNKNOWN_TYPE, why_unknown(media_type))
    return _extractor(EXTRACTORS[media_type]).extract(data, media_type, limits)


@cache
def _extractor(module: str) -> Extractor:
    """The extractor of a module below this package. Its libraries are loaded with its first document."""
    made: Extractor = import_module(f"{__name__}.{module}").EXTRACTOR()
    return made
