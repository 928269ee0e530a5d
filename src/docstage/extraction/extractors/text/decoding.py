"""From bytes to text, whatever the encoding."""

import codecs
import re

from docstage.extraction.extractors.text.guessing import guess
from docstage.extraction.extractors.text.mixed_lines import decode_lines
from docstage.extraction.media_types import utf16_without_mark

# UTF-32 comes first: its little-endian mark begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)|<meta[^>]{0,500}?charset\s*=\s*["']?\s*([\w.:-]+)""",
    re.IGNORECASE,
)
_ESCAPES = (
    (b"\x1b$B", "iso2022_jp"),
    (b"\x1b$@", "iso2022_jp"),
    (b"\x1b$)C", "iso2022_kr"),
)
_DETECTION_SAMPLE = 256 * 1_024
# A cut or patched file may hold a few broken sequences and still be UTF-8.
_TOLERATED_ERRORS = 1_000


def decode(data: bytes, *, markup: bool = False) -> str | None:
    """The text of the data without its byte order mark, or None when it is text in no known encoding.

    Args:
        data: the whole file.
        markup: it is XML or HTML, which may say in its beginning how it is encoded.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if unmarked := utf16_without_mark(data):
        return data.decode(unmarked, "replace")
    try:
        return data.decode(_escaping(data) or "utf-8")
    except UnicodeDecodeError:
        return _decode_legacy(data, markup)


def _escaping(data: bytes) -> str | None:
    """The encoding, if it looks like ASCII with escape sequences, as some do in eastern mails."""
    return next((codec for mark, codec in _ESCAPES if mark in data), None)


def _decode_legacy(data: bytes, markup: bool) -> str | None:
    text = _decode_as_declared(data) if markup else None
    for otherwise in (decode_lines, _almost_utf8, _decode_detected):
        if text is None:
            text = otherwise(data)
    return text


def _decode_as_declared(data: bytes) -> str | None:
    found = _DECLARED.search(data[:2_048])
    if found is None:
        return None
    try:
        return data.decode((found[1] or found[2]).decode("ascii"))
    except (LookupError, ValueError):
        return None


def _almost_utf8(data: bytes) -> str | None:
    text = data.decode("utf-8", "replace")
    errors = text.count("\ufffd")
    wide = sum(len(found) for found in re.findall("[^\x00-\x7f\ufffd]+", text[:_DETECTION_SAMPLE]))
    if wide <= errors or errors * _TOLERATED_ERRORS > len(text):
        return None
    return text


def _decode_detected(data: bytes) -> str | None:
    # Cut after a line, so that the sample does not end inside a character.
    sample = data[: data.rfind(b"\n", 0, _DETECTION_SAMPLE) + 1] if len(data) > _DETECTION_SAMPLE else data
    codec = guess(sample or data[:_DETECTION_SAMPLE])
    return None if codec is None else data.decode(codec, "replace")
