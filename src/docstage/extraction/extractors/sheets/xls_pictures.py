"""Pictures on the sheets of old workbooks ([MS-XLS] 2.4.170, 2.4.171; [MS-ODRAW] 2.2)."""

import struct
from collections.abc import Iterator

from docstage.domain.content import PICTURE_MARK, ImagePart
from docstage.extraction.extractors.office.art_records import STORED, art_records
from docstage.extraction.extractors.office.embedded_pictures import Pictures
from docstage.extraction.extractors.sheets.model import MOST_ROWS, Drawn, Sheet

_SHAPE, _OPTIONS, _ANCHOR = 0xF00A, 0xF00B, 0xF010
_METAFILES = {0xF01A: "EMF", 0xF01B: "WMF", 0xF01C: "PICT"}
_BITMAP = 0xF01F
_BLIPS = frozenset({*_METAFILES, _BITMAP, 0xF01D, 0xF01E, 0xF029, 0xF02A})
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
_PICTURE_OPTION = 0x0104
_HEAD_OF_BITMAP = 17


class DrawnPictures:
    """The pictures that a workbook stores once for all its sheets.

    Args:
        pictures: takes them in.
    """

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self._group = bytearray()
        self._stored: list[tuple[int, bytes] | None] | None = None

    def add(self, data: bytes) -> None:
        """Take a record of the drawing group, which may come in several."""
        self._group += data

    def place(self, drawing: bytes, sheet: Sheet) -> None:
        """Put the pictures of a sheet's drawing where they stand."""
        for number, row, column in _shown(drawing):
            if self._stored is None:
                self._stored = list(_stored(bytes(self._group)))
            blip = self._stored[number - 1] if number <= len(self._stored) else None
            if blip is None:
                sheet.left_out.append("A picture is not included: it does not lie in the file.")
                continue
            image = self._taken(*blip)
            if isinstance(image, ImagePart):
                sheet.drawn.append(Drawn(row, column, PICTURE_MARK, (image,)))
            elif image:
                sheet.left_out.append(image)

    def _taken(self, kind: int, payload: bytes) -> ImagePart | str | None:
        if kind in _METAFILES:
            return (
                f"A drawing in the format {_METAFILES[kind]} is not included: models take no such pictures."
            )
        return self._pictures.take(_image(kind, payload), "another place")


def _shown(drawing: bytes) -> Iterator[tuple[int, int, int]]:
    """Number of the picture, row and column of each shape that shows one."""
    number = row = column = 0
    for kind, payload in art_records(drawing):
        if kind == _SHAPE:
            if number:
                yield number, row, column
            number = row = column = 0
        elif kind == _OPTIONS:
            for option, value in struct.iter_unpack("<HI", payload[: len(payload) // 6 * 6]):
                if option & 0x3FFF == _PICTURE_OPTION:
                    number = value
                    break
        elif kind == _ANCHOR and len(payload) >= 8:
            left, _, top = struct.unpack_from("<HHH", payload, 2)
            row, column = min(top + 1, MOST_ROWS), left + 1
    if number:
        yield number, row, column


def _stored(group: bytes) -> Iterator[tuple[int, bytes] | None]:
    """Kind and contents of the stored pictures in their order, None where there is none at a place."""
    is_awaited = False
    for kind, payload in art_records(group):
        if kind == STORED:
            if is_awaited:
                yield None
            is_awaited = True
        elif kind in _BLIPS and is_awaited:
            yield kind, payload
            is_awaited = False
    if is_awaited:
        yield None


def _image(kind: int, payload: bytes) -> bytes:
    """A picture as a file of its own."""
    if kind == _BITMAP:
        return _bitmap(payload[_HEAD_OF_BITMAP:])
    starts = (payload.find(magic, 0, 64) for magic in _MAGIC)
    return payload[next((one for one in starts if one >= 0), 0) :]


def _bitmap(data: bytes) -> bytes:
    """A bitmap of Windows behind the head that it has in files."""
    if len(data) < 40:
        return data
    size, bits, colours = (
        struct.unpack_from(form, data, at)[0] for form, at in (("<I", 0), ("<H", 14), ("<I", 32))
    )
    palette = colours or (1 << bits if bits <= 8 else 0)
    return struct.pack("<2sIII", b"BM", 14 + len(data), 0, 14 + size + 4 * min(palette, 256)) + data
