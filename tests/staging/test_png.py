"""Pictures in PNG that are handed on unchanged are whole; what is not surely so is left to a decoder."""

import struct
import zlib

import pytest

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Limits, Unreadable
from docstage.extraction.extractors.pictures import PictureExtractor
from docstage.extraction.extractors.png import is_whole_png

_WIDTH, _HEIGHT = 60, 40
_LINE = b"\0" + bytes(range(180))


def _png(lines: bytes, *, interlaced: int = 0, between: bytes = b"", height: int = _HEIGHT) -> bytes:
    header = struct.pack(">IIBBBBB", _WIDTH, height, 8, 2, 0, 0, interlaced)
    packed = zlib.compress(lines)
    pieces = [_chunk(b"IDAT", packed[:50]), between, _chunk(b"IDAT", packed[50:])]
    start = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"pHYs", bytes(9))
    return start + b"".join(pieces) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


WHOLE = _png(_LINE * _HEIGHT)


def _flipped(at: int) -> bytes:
    return WHOLE[:at] + bytes([WHOLE[at] ^ 1]) + WHOLE[at + 1 :]


def test_a_whole_picture_is_handed_on_as_it_is() -> None:
    """Its bytes are the same, and nothing was decoded that a decoder would refuse."""
    assert is_whole_png(WHOLE)
    [image] = PictureExtractor().extract(WHOLE, "image/png", Limits()).images
    assert image.data == WHOLE


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(WHOLE[:8], id="signature alone"),
        pytest.param(WHOLE[:-12], id="no end"),
        pytest.param(WHOLE[: len(WHOLE) // 2], id="cut"),
        pytest.param(_flipped(70), id="a bit"),
        pytest.param(_flipped(len(WHOLE) - 20), id="a bit of the last chunk"),
        pytest.param(_png(_LINE * (_HEIGHT - 1)), id="a line too few, right checksums"),
        pytest.param(_png(_LINE * (_HEIGHT + 1)), id="a line too many"),
        pytest.param(_png(_LINE * 20 + b"\x05" + _LINE[1:] + _LINE * 19), id="unknown filter"),
        pytest.param(_png(_LINE * _HEIGHT, interlaced=1), id="interlaced"),
        pytest.param(_png(_LINE * _HEIGHT, between=_chunk(b"tEXt", b"a\0b")), id="text in between"),
        pytest.param(_png(bytes(2**25)), id="unpacks to far more"),
    ],
)
def test_everything_else_is_left_to_a_decoder(data: bytes) -> None:
    """Not only what is cut: also what has the right checksums and too little, too much or nonsense in it."""
    assert not is_whole_png(data)


def test_a_picture_that_is_cut_is_damaged_still() -> None:
    """A decoder tells, as before."""
    with pytest.raises(Unreadable) as refused:
        PictureExtractor().extract(WHOLE[: len(WHOLE) // 2], "image/png", Limits())
    assert refused.value.reason is DocumentReason.DAMAGED
