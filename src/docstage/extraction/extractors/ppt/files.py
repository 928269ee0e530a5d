"""Pictures and embedded files of old PowerPoint presentations."""

import struct
import zlib

from docstage.extraction.extractors.base import Attachment
from docstage.extraction.extractors.ppt.records import Persisted, Record, record_at
from docstage.extraction.extractors.ppt.text import string
from docstage.extraction.extractors.word.embedded import embedded

_DRAWINGS, _STORE_HOLDER, _STORE, _ENTRY = 0x040B, 0xF000, 0xF001, 0xF007
_BITMAP = 0xF01F
_METAFILES = {0xF01A: "EMF", 0xF01B: "WMF", 0xF01C: "PICT"}
_FIRST_BLIP, _LAST_BLIP = 0xF018, 0xF117
_UNIQUE = 16  # bytes of a picture's digest, of which there are two where the instance is odd
_NAME_AND_ENTRY = 36  # bytes of FBSE before its name ([MS-ODRAW] 2.2.32)
_BITMAP_FILE = 14
_OBJECTS, _EMBEDDED, _OBJECT, _STORAGE = 0x0409, 0x0FCC, 0x0FC3, 0x1011
_CONTROL = 0x0FEE
_PROGRAM = 2
_COMPRESSED = 1
_MOST_UNPACKED = 200 * 2**20


class PictureStore:
    """The pictures of a presentation by their numbers (`OfficeArtBStoreContainer`)."""

    def __init__(self, document: Record | None, pictures: bytes) -> None:
        self._pictures = pictures
        self._entries: list[Record] = []
        holder = None if document is None else document.first(_DRAWINGS)
        store = None if holder is None else holder.first(_STORE_HOLDER)
        store = None if store is None else store.first(_STORE)
        self._entries = [] if store is None else list(store)

    def find(self, number: int) -> bytes | str | None:
        """The picture of a number, from 1; the name of its format when that is one of metafiles."""
        if not 0 < number <= len(self._entries):
            return None
        entry = self._entries[number - 1]
        blip = self._blip(entry)
        if blip is None:
            return None
        return _METAFILES.get(blip.kind) or _picture(blip)

    def _blip(self, entry: Record) -> Record | None:
        if entry.kind != _ENTRY:
            return entry if _FIRST_BLIP <= entry.kind <= _LAST_BLIP else None
        inside = entry.start + _NAME_AND_ENTRY + entry.number(33, "<B")
        for data, place in ((self._pictures, entry.number(28)), (entry.data[: entry.end], inside)):
            for kind in range(0xF01A, 0xF02B):
                found = record_at(data, place, kind)
                if found is not None:
                    return found
        return None


def _picture(blip: Record) -> bytes:
    skipped = _UNIQUE * (2 if blip.instance & 1 else 1) + 1
    data = blip.data[blip.start + skipped : blip.end]
    return _bitmap_file(data) if blip.kind == _BITMAP else data


def _bitmap_file(data: bytes) -> bytes:
    """A bitmap with the header that it has in a file of its own (BITMAPFILEHEADER)."""
    if len(data) < 40:
        return data
    header, _, _, _, bits, compression, *_, colors, _ = struct.unpack_from("<IiiHHIIiiII", data)
    palette = 4 * (colors or (1 << bits if bits <= 8 else 0)) + (
        12 if compression == 3 and header == 40 else 0
    )
    size = _BITMAP_FILE + len(data)
    return struct.pack("<2sIHHI", b"BM", size, 0, 0, _BITMAP_FILE + header + palette) + data


def embedded_files(document: Record | None, persisted: Persisted) -> dict[int, Attachment | str]:
    """Embedded files by the ids that shapes name them by, else the programs that could open them."""
    objects = None if document is None else document.first(_OBJECTS)
    found: dict[int, Attachment | str] = {}
    for one in () if objects is None else objects:
        about = one.first(_OBJECT) if one.kind in (_EMBEDDED, _CONTROL) else None
        if about is not None:
            number = about.number(8)
            data = _storage(persisted.find(about.number(16), _STORAGE))
            file = embedded(data, f"object {number}.bin") if data and one.kind == _EMBEDDED else None
            found[number] = file or string(one, _PROGRAM)
    return found


def _storage(record: Record | None) -> bytes | None:
    """The compound file of an object; nothing when it is damaged or unpacks to too much."""
    if record is None:
        return None
    if record.instance != _COMPRESSED:
        return record.body
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(record.body[4:], _MOST_UNPACKED)
    except zlib.error:
        return None
    return data if not inflater.unconsumed_tail else None
