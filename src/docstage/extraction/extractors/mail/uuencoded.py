"""Files that old mailers wrote into the text of a mail (uuencode, as POSIX has it)."""

import binascii
import re

from docstage.extraction.extractors.base import Attachment

# What ends with a length that fits: a text that only speaks of such a file has no such lines.
_FILE = re.compile(
    r"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n((?:[ -`]{1,90}\r?\n)+?)[ `]?(?:\r?\n)?end[ \t]*\r?$",
    re.MULTILINE,
)
_MOST_FILES = 100


def without_files(text: str) -> tuple[str, tuple[Attachment, ...]]:
    """The text with the files cut out of it, and the files; what cannot be decoded stays in it."""
    if "\nend" not in text or "begin " not in text:
        return text, ()
    files: list[Attachment] = []

    def cut(found: re.Match[str]) -> str:
        data = _decoded(found[2])
        if data is None or len(files) >= _MOST_FILES:
            return found[0]
        files.append(Attachment(found[1].strip(), data))
        return ""

    return _FILE.sub(cut, text), tuple(files)


def _decoded(lines: str) -> bytes | None:
    try:
        return b"".join(binascii.a2b_uu(line) for line in lines.splitlines() if line.strip())
    except (binascii.Error, ValueError):
        return None
