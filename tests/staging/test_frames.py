"""Messages between pool and workers."""

import pytest

from docstage.extraction import worker_messages as frames
from docstage.extraction.extraction_result import read_outcome


def test_round_trip() -> None:
    """A frame gives back its header and the lengths of its parts."""
    frame = frames.pack({"a": "\udcff"}, [b"12", b""])
    length = frames.header_length(frame[:4])
    assert frames.unpack_header(frame[4 : 4 + length]) == ({"a": "\udcff"}, [2, 0])
    assert frame[4 + length :] == b"12"


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"{}",
        b"[]",
        b"5",
        b"\xff",
        b'{"parts": 5}',
        b'{"parts": [-1]}',
        b'{"parts": [true]}',
        b'{"parts": ["1"]}',
        b'{"parts": [99999999999]}',
        b"[" * 100_000,
    ],
)
def test_hostile_headers(header: bytes) -> None:
    """Whatever comes instead of a header is refused."""
    with pytest.raises(frames.BadFrame):
        frames.unpack_header(header)


def test_endless_header() -> None:
    """A header longer than any is refused before it is read."""
    with pytest.raises(frames.BadFrame):
        frames.header_length(b"\xff\xff\xff\xff")


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"reason": "no such reason", "detail": ""},
        {"reason": "damaged"},
        {"reason": "damaged", "detail": 5},
        {"sha256": 5, "size": "x"},
        {"images": ["image/png"]},
    ],
)
def test_hostile_replies(header: dict[str, object]) -> None:
    """A reply whose members are missing or of the wrong type is refused."""
    with pytest.raises(frames.BadFrame):
        read_outcome(header, [])
