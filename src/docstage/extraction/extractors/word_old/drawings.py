"""Pictures and form fields of binary Word documents ([MS-DOC] 2.9.192, 2.9.78; [MS-ODRAW] 2.2)."""

import struct
from collections.abc import Iterator

from docstage.extraction.extractors.office.art_records import STORED, art_records
from docstage.extraction.extractors.word.fields import CHECKED, UNCHECKED
from docstage.extraction.extractors.word.pictures import Pictures, Shown
from docstage.extraction.extractors.word_old.file import OldFile

_DRAWINGS = 50
_SHAPE, _OPTIONS, _BLIP = 0xF00A, 0xF00B, range(0xF018, 0xF118)
_PICTURE_OPTION = 0x0104
_TWIP = 635  # 914,400ths of an inch
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_METAFILE = frozenset({0xF01A, 0xF01B, 0xF01C})
_SET = 25  # a form field whose state is the one that it had at first


class OldDrawings:
    """Pictures of a document, in its lines and beside them."""

    def __init__(self, file: OldFile, pictures: Pictures) -> None:
        self._file = file
        self._pictures = pictures
        self._data: bytes | None = None
        self._stored, self._shapes = _floating(file)

    def in_line(self, place: int) -> str:
        """A mark for the picture at a place of the stream of data."""
        data = self._stream()
        if place + 68 > len(data):
            return ""
        size, header = struct.unpack_from("<IH", data, place)
        width, height, across, down = struct.unpack_from("<HHHH", data, place + 28)
        shown = Shown((width * _TWIP * across // 1_000, height * _TWIP * down // 1_000))
        return self._blip(data[place + header : place + size], f"data {place}", shown)

    def beside(self, shape: int) -> str:
        """A mark for the picture that a shape shows, nothing where it shows none."""
        number = self._shapes.get(shape)
        if number is None or not 0 < number <= len(self._stored):
            return ""
        offset, size = self._stored[number - 1]
        return self._blip(self._file.main[offset : offset + size], f"stored {number}", Shown())

    def control(self, place: int) -> str:
        """What a check box at a place of the stream of data shows (FFData, 2.9.78)."""
        data = self._stream()
        if place + 6 > len(data):
            return ""
        at = place + int.from_bytes(data[place + 4 : place + 6], "little")
        flags = int.from_bytes(data[at + 4 : at + 6], "little")
        if flags & 3 != 1:
            return ""
        name = int.from_bytes(data[at + 10 : at + 12], "little")
        first = data[at + 12 + 2 * (name + 1) : at + 14 + 2 * (name + 1)]
        state = flags >> 2 & 0x1F
        return CHECKED if (int.from_bytes(first, "little") if state == _SET else state) else UNCHECKED

    def _stream(self) -> bytes:
        if self._data is None:
            self._data = self._file.stream("Data")
        return self._data

    def _blip(self, data: bytes, name: str, shown: Shown) -> str:
        for kind, payload in art_records(data):
            if kind in _BLIP:
                starts = (payload.find(magic, 0, 64) for magic in _MAGIC)
                start = next((one for one in starts if one >= 0), None)
                if start is not None:
                    return self._pictures.take(name, payload[start:], shown)
                return self._pictures.take(name, b"\1\0\0\0" if kind in _METAFILE else payload[:64], shown)
        return ""


def _floating(file: OldFile) -> tuple[list[tuple[int, int]], dict[int, int]]:
    """Where pictures are stored, and the number of the picture of each shape."""
    stored: list[tuple[int, int]] = []
    shapes: dict[int, int] = {}
    shape = 0
    data = file.structure(_DRAWINGS)
    for at in _parts(data):
        for kind, payload in art_records(data[at[0] : at[1]]):
            if kind == STORED and len(payload) >= 32:
                size, offset = struct.unpack_from("<I4xI", payload, 20)
                stored.append((offset, size))
            elif kind == _SHAPE and len(payload) >= 4:
                (shape,) = struct.unpack_from("<I", payload)
            elif kind == _OPTIONS:
                for option, value in struct.iter_unpack("<HI", payload[: len(payload) // 6 * 6]):
                    if option & 0x3FFF == _PICTURE_OPTION:
                        shapes[shape] = value
    return stored, shapes


def _parts(data: bytes) -> Iterator[tuple[int, int]]:
    """The group of all drawings, and then each drawing behind a byte of its own (2.9.171)."""
    at = 0
    while at + 8 <= len(data):
        size = 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        yield at, at + size
        at += size + 1
