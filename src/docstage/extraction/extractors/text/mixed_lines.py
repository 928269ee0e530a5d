"""Texts whose lines are in several encodings, such as logs and lists that were put together from others."""

import re
from collections.abc import Sequence
from enum import Enum, auto

from docstage.extraction.extractors.text.guessing import guess
from docstage.extraction.extractors.text.plausibility import implausibility

_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_SAMPLE = 64 * 1_024
_SHARE = 0.6  # of the bytes beyond ASCII of a line, which are UTF-8 where it was only cut or altered
_PLAUSIBLE = 0.2
_LEAST = 2  # bytes of a character beyond ASCII
# Encodings in which two bytes may be a character: by chance their lines are UTF-8 as well.
_WIDE = re.compile("big5|cp932|cp949|euc|gb", re.IGNORECASE)


class _Line(Enum):
    ASCII = auto()
    UTF8 = auto()  # but perhaps for some bytes
    OTHER = auto()


def decode_lines(data: bytes) -> str | None:
    """The text of which some lines are UTF-8 and others are not; None where it is not of this kind."""
    lines = data.split(b"\n")
    kinds = [_kind(line) for line in lines]
    others = [line for line, kind in zip(lines, kinds, strict=True) if kind is _Line.OTHER]
    unicode_lines = kinds.count(_Line.UTF8)
    if not unicode_lines:
        return None
    codec = _codec_of(others)
    if unicode_lines < len(others) and (codec is None or _WIDE.match(codec)):
        return None
    codec = codec or "cp1252"
    return "\n".join(
        line.decode(codec if kind is _Line.OTHER else "utf-8", "replace")
        for line, kind in zip(lines, kinds, strict=True)
    )


def _codec_of(lines: Sequence[bytes]) -> str | None:
    sample = b"\n".join(lines)[:_SAMPLE]
    return guess(sample) if sample else None


def _kind(line: bytes) -> _Line:
    """What it is. By chance short lines in other encodings are UTF-8, too, but then a mixture of letters."""
    if line.isascii():
        return _Line.ASCII
    lengths = [len(found) for found in _SEQUENCE.findall(line)]
    wide = len(_BEYOND_ASCII.findall(line))
    if sum(lengths) == wide and max(lengths) > _LEAST:
        return _Line.UTF8  # three bytes that fit each other are no chance
    if sum(lengths) < _SHARE * wide:
        return _Line.OTHER
    text = line[:_SAMPLE].decode("utf-8", "ignore")
    return _Line.UTF8 if implausibility(text) < _PLAUSIBLE else _Line.OTHER
