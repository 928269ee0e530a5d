"""Paths as they are stored: names of POSIX are bytes, databases keep UTF-8."""

import os
import re
from pathlib import Path

# A path is kept as text in a UTF-8 database, but POSIX names are bytes. Bytes that are not UTF-8 (which
# Python shows as lone surrogates) become %80 to %FF, and a % that could be mistaken for one of these becomes
# %25. All other names, `100%.pdf` and `a%20b.txt` included, stay as they are.
_NEEDS_ESCAPE = re.compile("%(?=25|[89A-F][0-9A-F])|[\udc80-\udcff]")
_ESCAPED = re.compile("%(25|[89A-F][0-9A-F])")


def to_os_path(root: Path, path: str) -> Path:
    """Where the file with a `FoundFile.path` lies, for opening it."""
    raw = _ESCAPED.sub(lambda found: _unescape(found.group(1)), path)
    return root / raw


def to_stored_path(relative: str) -> str:
    """The reverse of `to_os_path`: a relative path as `os` gives it, in the form that can be stored."""
    return _NEEDS_ESCAPE.sub(lambda found: f"%{_byte(found.group()):02X}", relative)


def _byte(character: str) -> int:
    return os.fsencode(character)[0]


def _unescape(digits: str) -> str:
    return "%" if digits == "25" else chr(0xDC00 + int(digits, 16))
