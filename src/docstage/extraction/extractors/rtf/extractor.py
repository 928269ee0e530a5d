"""Rich Text Format, as a reader sees it."""

from docstage.extraction.extractors.base import Extracted, Limits
from docstage.extraction.extractors.remarks import Remarks
from docstage.extraction.extractors.rtf.reader import RtfReader
from docstage.extraction.extractors.word.parts import parts_of
from docstage.extraction.extractors.word.pictures import Pictures


class RtfExtractor:
    """Rich Text Format."""

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Read the document. See `Extractor.extract`."""
        remarks = Remarks()
        pictures = Pictures(limits, remarks)
        reader = RtfReader(pictures, remarks)
        blocks = reader.read(data)
        parts = parts_of(blocks, pictures, lambda mark: reader.notes[mark])
        told, left_out = remarks.sentences(missing=False), remarks.sentences(missing=True)
        return Extracted(parts, media_type, told, left_out, tuple(reader.attachments))


EXTRACTOR = RtfExtractor
