"""Compressed RTF, the form in which Outlook keeps formatted bodies ([MS-OXRTFCP])."""

import struct
import zlib

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Unreadable

_HEAD = struct.Struct("<II4sI")
# What stands in the dictionary before anything is written.
_KNOWN = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_WINDOW = 4_096
_LARGEST = 100 * 2**20


def unpack_rtf(data: bytes) -> bytes:
    """Unpack RTF.

    Raises:
        Unreadable: TOO_COMPLEX when it is too large, DAMAGED when it is not whole.
    """
    if len(data) < _HEAD.size:
        raise _damaged()
    packed_size, size, kind, checksum = _HEAD.unpack_from(data)
    if size > _LARGEST:
        raise _too_large()
    packed = data[_HEAD.size : max(_HEAD.size, packed_size + 4)]
    if kind == b"MELA":
        if len(packed) < size:
            raise _damaged()
        return packed[:size]
    # The checksum is the CRC of ZIP, without its inversions.
    if kind != b"LZFu" or zlib.crc32(packed, 0xFFFFFFFF) ^ 0xFFFFFFFF != checksum:
        raise _damaged()
    text, ended = _unpack(packed)
    if not ended and len(text) < size:
        raise _damaged()
    return text


def _unpack(packed: bytes) -> tuple[bytes, bool]:
    """The text, and whether it has its mark of the end.

    The circular dictionary always holds the last 4,096 bytes that were written: it needs no place of its own.
    """
    # What was never written is blank.
    text = bytearray(_KNOWN.rjust(_WINDOW))
    place, last, ended = 0, len(packed) - 1, False
    while place < last and not ended:
        control = packed[place]
        place += 1
        for bit in range(8):
            if not control >> bit & 1:
                text += packed[place : place + 1]
                place += 1
                continue
            token = int.from_bytes(packed[place : place + 2], "big")
            place += 2
            back = (len(text) + len(_KNOWN) - (token >> 4)) % _WINDOW
            if place > len(packed) or not back:
                ended = place <= len(packed)
                break
            _repeat(text, back, (token & 15) + 2)
        if len(text) > _WINDOW + _LARGEST:
            raise _too_large()
    return bytes(text[_WINDOW:]), ended


def _repeat(text: bytearray, back: int, length: int) -> None:
    """Write again what lies so far back; what is longer than that repeats itself."""
    start = len(text) - back
    piece = text[start : start + length]
    text += piece if back >= length else (piece * length)[:length]


def _damaged() -> Unreadable:
    detail = "The body of the mail is damaged or cut off. Open it in Outlook and save it anew."
    return Unreadable(DocumentReason.DAMAGED, detail)


def _too_large() -> Unreadable:
    detail = f"The body of the mail unpacks to more than {_LARGEST >> 20} MiB, so it is not opened."
    return Unreadable(DocumentReason.TOO_COMPLEX, detail)
