"""Rich Text Format: by xberg, with the numbers of lists and the pictures that it leaves out."""

import hashlib
import re
from collections.abc import Iterator

from docstage.domain.content import Part, PartKind
from docstage.extraction.extractors.base import Extracted, Limits
from docstage.extraction.extractors.remarks import Remarks
from docstage.extraction.extractors.word.pictures import Pictures, Shown
from docstage.extraction.extractors.xberg_reader import convert, markdown

# Numbers that were computed when the file was saved, for readers that do not count lists.
_NUMBER = re.compile(rb"\{\\(?:listtext|pntext)(?![a-z])")
# A picture, one for newer programs, and the same one again for older programs.
_PICTURE = re.compile(rb"\{(?:\\\*)?\\(pict|shppict|nonshppict)(?![a-z])")
_BRACES = re.compile(rb"\\[{}\\]|\\bin(\d{1,9}) ?|[{}]")
_INNER = re.compile(rb"\{[^{}]*\}")
_WORD = re.compile(rb"\\[a-zA-Z]+-?\d* ?")
_HEX = re.compile(rb"[0-9a-fA-F\s]{40,}")
_METAFILE = re.compile(rb"\\(?:emfblip|wmetafile|macpict|pmmetafile)")
_GOAL = re.compile(rb"\\pic([wh])goal(\d{1,6})")
# A number at the beginning of a line, which xberg keeps from becoming a list of Markdown.
_ESCAPED = re.compile(r"^(\s*\w+)\\([.)])", re.MULTILINE)
_TWIP = 635  # 914,400ths of an inch
_MOST_PICTURES = 1_000


class RtfExtractor:
    """Rich Text Format."""

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Convert the document to Markdown. See `Extractor.extract`."""
        remarks = Remarks()
        pictures = Pictures(limits, remarks)
        name = f"picture{hashlib.sha256(data).hexdigest()[:12]}n"
        prepared, marks = _prepared(_NUMBER.sub(b"{", data), name, pictures)
        document = convert(prepared, media_type)
        for warning in document.processing_warnings:
            remarks.leave_out(warning.message[:300])
        text = _ESCAPED.sub(r"\1\2", markdown(document.content))
        text = re.sub(f"{name}(\\d+)x", lambda found: marks[int(found[1])], text)
        text, images = pictures.placed(text)
        part = Part(
            PartKind.SECTION, 1, text, images, pictured=bool(images) and len(text) < 100 * len(images)
        )
        told, left_out = remarks.sentences(missing=False), remarks.sentences(missing=True)
        return Extracted((part,), media_type, told, left_out)


EXTRACTOR = RtfExtractor


def _prepared(data: bytes, name: str, pictures: Pictures) -> tuple[bytes, list[str]]:
    """The file with a word in the place of each picture, and the marks that these words stand for."""
    pieces: list[bytes] = []
    marks: list[str] = []
    at = 0
    for start, end, kind in _groups(data):
        pieces.append(data[at:start])
        at = end
        if kind != b"nonshppict" and len(marks) < _MOST_PICTURES:
            pieces.append(f" {name}{len(marks)}x ".encode())
            marks.append(_taken(data[start:end], pictures))
    return b"".join([*pieces, data[at:]]), marks


def _groups(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Beginning and end of the outermost groups of pictures, with their kind."""
    at = 0
    while found := _PICTURE.search(data, at):
        end = _end(data, found.end())
        yield found.start(), end, found[1]
        at = end


def _end(data: bytes, at: int) -> int:
    """Where the group ends that is open there."""
    depth = 1
    while found := _BRACES.search(data, at):
        at = found.end() + int(found[1] or 0)
        depth += (found[0] == b"{") - (found[0] == b"}")
        if not depth:
            return at
    return len(data)


def _taken(group: bytes, pictures: Pictures) -> str:
    goal = {side: int(number) * _TWIP for side, number in _GOAL.findall(group)}
    shown = Shown((goal[b"w"], goal[b"h"]) if len(goal) == 2 and all(goal.values()) else None)
    if _METAFILE.search(group):
        return pictures.take(f"picture {len(group)}", b"\1\0\0\0", shown)
    found = max(_HEX.findall(_WORD.sub(b"", _INNER.sub(b"", group[1:]))), key=len, default=b"")
    digits = b"".join(found.split())
    data = bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
    return pictures.take(hashlib.sha256(data).hexdigest(), data, shown)
