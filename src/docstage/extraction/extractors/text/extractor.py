"""Text that models read as it stands: it is decoded and nothing else."""

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Extracted, Limits, Unreadable, is_garbage
from docstage.extraction.extractors.text.decoding import decode
from docstage.extraction.known_types import XML


class TextExtractor:
    """Plain text, Markdown, JSON, CSV, XML, notebooks, source code, logs."""

    def extract(self, data: bytes, media_type: str, _limits: Limits, /) -> Extracted:
        """Decode the text. See `Extractor.extract`."""
        text = decode_text(data, markup=media_type in (XML, "image/svg+xml"))
        if not text.strip():
            raise Unreadable(DocumentReason.EMPTY, "The file holds nothing but blanks.")
        return Extracted.whole(text, media_type)


EXTRACTOR = TextExtractor


def decode_text(data: bytes, *, markup: bool = False) -> str:
    """Decode text in any known encoding.

    Raises:
        Unreadable: DAMAGED, when the data is no text.
    """
    text = decode(data, markup=markup)
    if text is None or is_garbage(text):
        detail = "The file is named like a text, but its contents are not text in any known encoding."
        raise Unreadable(DocumentReason.DAMAGED, detail)
    return text
