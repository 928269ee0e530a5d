"""Form controls of sheets, which Excel keeps in VML (ECMA-376 part 4, 19.4): their captions and ticks."""

import html
import re
from collections.abc import Iterator

from docstage.extraction.extractors.sheets.model import Drawn

_START = re.compile(r"<v:shape\s")
_KIND = re.compile(r'<x:ClientData\s[^>]*?ObjectType="(\w+)"')
_WORDS = re.compile(r"<v:textbox[^>]*>(.*)</v:textbox>", re.DOTALL)
_CHECKED = re.compile(r"<x:Checked>\s*([1-9])")
_ANCHOR = re.compile(r"<x:Anchor>\s*(\d{1,5})\s*,\s*\d+\s*,\s*(\d{1,7})")
_TAG = re.compile(r"<[^<>]*>")
_READ = frozenset({"Checkbox", "Radio", "Button", "Label", "GBox", "Edit", "Dialog"})
_TICKED = frozenset({"Checkbox", "Radio"})
_SPACE = b"urn:schemas-microsoft-com:office:excel"


def controls_of(data: bytes) -> Iterator[Drawn]:
    """The controls in a part of VML, which need not be well-formed: each ends with its shape's end."""
    if _SPACE not in data:
        return
    for piece in data.decode("utf-8", "replace").split("</v:shape>")[:-1]:
        starts = [found.end() for found in _START.finditer(piece)]
        kind = _KIND.search(piece, starts[-1]) if starts else None
        if kind is not None and kind[1] in _READ:
            text = _shown(kind[1], piece[starts[-1] :])
            anchor = _ANCHOR.search(piece, starts[-1])
            row, column = (int(anchor[2]) + 1, int(anchor[1]) + 1) if anchor else (0, 0)
            if text:
                yield Drawn(row, column, text)


def _shown(kind: str, shape: str) -> str:
    words = _WORDS.search(shape)
    caption = " ".join(html.unescape(_TAG.sub(" ", words[1])).split()) if words else ""
    if kind in _TICKED:
        return f"{'☒' if _CHECKED.search(shape) else '☐'} {caption}".strip()
    return caption
