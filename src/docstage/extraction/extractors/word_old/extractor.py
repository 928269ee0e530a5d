"""Binary Word documents (.doc), as a reader sees them."""

import re
import struct
from contextlib import suppress

from docstage.extraction.extractors.base import Attachment, Extracted, Limits, Unreadable
from docstage.extraction.extractors.remarks import Remarks
from docstage.extraction.extractors.word.document import Block
from docstage.extraction.extractors.word.embedded import kept_in, program_of
from docstage.extraction.extractors.word.parts import parts_of
from docstage.extraction.extractors.word.pictures import Pictures
from docstage.extraction.extractors.word_old.file import OldFile
from docstage.extraction.extractors.word_old.story import OldStories

_INSTRUCTION = re.compile("\x13[^\x13-\x15]*\x14|\x13[^\x13-\x15]*\x15")
_OF_WORD_6 = (
    "It was saved by Word 6 or 95: only its words are read, without numbers of lists, pictures and the "
    "columns of tables. Save it anew as .docx."
)
_OBJECT_ONE = "An embedded document is left out. Save the file anew as .docx."
_OBJECT_MANY = "{} embedded documents are left out. Save the file anew as .docx."
_MOST_OBJECTS = 1_000
_PARTLY = "Parts of the file are damaged, so that some of its tables, numbers or notes may be missing."


class OldWordExtractor:
    """DOC and DOT of Word 97 to 2003, and the words of Word 6 and 95."""

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Read the document. See `Extractor.extract`."""
        file = OldFile(data, limits.text_characters)
        remarks = Remarks()
        pictures = Pictures(limits, remarks)
        if file.is_97:
            blocks, notes = _read(file, pictures, remarks)
        else:
            remarks.leave_out(_OF_WORD_6)
            blocks, notes = _plain(file), {}
        attachments = _attached(file, remarks)
        parts = parts_of(blocks, pictures, lambda mark: notes[mark])
        told, left_out = remarks.sentences(missing=False), remarks.sentences(missing=True)
        return Extracted(parts, media_type, told, left_out, attachments)


EXTRACTOR = OldWordExtractor


def _attached(file: OldFile, remarks: Remarks) -> tuple[Attachment, ...]:
    """The files that lie in the document. What a program has taken apart is told as missing."""
    found = []
    for number, one in enumerate(file.objects()[:_MOST_OBJECTS], 1):
        with suppress(Unreadable):
            if (kept := kept_in(one, f"object {number}")) is not None:
                found.append(kept)
            elif program_of(one) is not None:
                remarks.count(_OBJECT_ONE, _OBJECT_MANY)
    return tuple(found)


def _read(file: OldFile, pictures: Pictures, remarks: Remarks) -> tuple[list[Block], dict[str, str]]:
    try:
        stories = OldStories(file, pictures, remarks)
        return stories.read(), stories.notes
    except (struct.error, IndexError, ValueError, KeyError):
        remarks.leave_out(_PARTLY)
        return _plain(file), {}


def _plain(file: OldFile) -> list[Block]:
    """The words of all stories, without anything about them."""
    blocks = []
    for start, end in file.stories.values():
        text = _INSTRUCTION.sub("", file.text[start:end]).replace("\x07\x07", "\r").replace("\x07", " | ")
        words = "".join(one for one in text if one >= " " or one in "\r\n\t\x0b\x0c")
        blocks += [
            Block(line.strip(" |")) for line in words.replace("\x0b", "\r").splitlines() if line.strip(" |")
        ]
    return blocks
