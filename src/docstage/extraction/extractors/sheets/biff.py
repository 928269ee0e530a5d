"""Records of old workbooks ([MS-XLS] 2.1.4, and the formats of Excel 2 to 5 before it), and texts in them."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from docstage.extraction.extractors.text.code_pages import codec_of

BOF = frozenset({0x0009, 0x0209, 0x0409, 0x0809})
EOF, CONTINUE = 0x000A, 0x003C
_HEAD = struct.Struct("<HH")
_MACINTOSH, _WINDOWS = 0x8000, 0x8001


@dataclass(frozen=True, slots=True)
class Record:
    """A record.

    Attributes:
        at: where it begins in the stream.
        more: the records that continue it.
    """

    kind: int
    data: bytes
    at: int
    more: tuple[bytes, ...] = ()

    @property
    def whole(self) -> bytes:
        """Its bytes with those of the records that continue it."""
        return b"".join((self.data, *self.more)) if self.more else self.data


def records(stream: bytes, start: int = 0) -> Iterator[Record]:
    """The records from a place on, up to the first that is not whole."""
    at = start
    while at + _HEAD.size <= len(stream):
        kind, size = _HEAD.unpack_from(stream, at)
        data = stream[at + 4 : at + 4 + size]
        if len(data) < size:
            return
        following = at + 4 + size
        more: list[bytes] = []
        while stream[following : following + 2] == b"\x3c\x00" and following + 4 <= len(stream):
            (size,) = struct.unpack_from("<H", stream, following + 2)
            more.append(stream[following + 4 : following + 4 + size])
            following += 4 + size
        yield Record(kind, data, at, tuple(more))
        at = following


def version_of(begin: Record) -> int:
    """The version of a stream, 2 to 5 or 8, by the record with which it begins."""
    if begin.kind != 0x0809:
        return {0x0009: 2, 0x0209: 3}.get(begin.kind, 4)
    return 8 if begin.data[:2] == b"\x00\x06" else 5


class Texts:
    """Decodes the texts of a workbook.

    Attributes:
        version: of its format.
        codec: of texts with a byte for each character.
    """

    def __init__(self, version: int) -> None:
        self.version = version
        self.codec = "cp1252"

    def set_code_page(self, number: int) -> None:
        """Decode bytes by this code page from now on."""
        known = {_MACINTOSH: 10_000, _WINDOWS: 1_252, 1_200: 1_252}.get(number, number)
        self.codec = codec_of(known) or "cp1252"

    def long(self, data: bytes, at: int) -> str:
        """A text whose length has two bytes."""
        count = int.from_bytes(data[at : at + 2], "little")
        return self._wide(data, at + 2, count) if self.version == 8 else self._bytes(data, at + 2, count)

    def short(self, data: bytes, at: int) -> str:
        """A text whose length has one byte."""
        count = data[at] if at < len(data) else 0
        return self._wide(data, at + 1, count) if self.version == 8 else self._bytes(data, at + 1, count)

    def plain(self, data: bytes) -> str:
        """Bytes without a length."""
        return data.decode(self.codec, "replace")

    def _bytes(self, data: bytes, at: int, count: int) -> str:
        return self.plain(data[at : at + count])

    def _wide(self, data: bytes, at: int, count: int) -> str:
        """A text in Unicode behind its flags ([MS-XLS] 2.5.293): how it looks follows, and is left."""
        flags = data[at] if at < len(data) else 0
        at += 1 + (2 if flags & 8 else 0) + (4 if flags & 4 else 0)
        return characters(data[at : at + count * (1 + (flags & 1))], flags)


def characters(data: bytes, flags: int) -> str:
    """Characters of two bytes each, or of one where the other is always zero."""
    return data.decode("utf-16-le", "replace") if flags & 1 else data.decode("latin-1")


def continued_text(pieces: tuple[bytes, ...], count: int) -> str:
    """A text that begins with its flags and is continued in further records, each with flags of its own."""
    found: list[str] = []
    for piece in pieces:
        if count <= 0 or not piece:
            break
        text = characters(piece[1 : 1 + count * (1 + (piece[0] & 1))], piece[0])
        found.append(text)
        count -= len(text)
    return "".join(found)


def shared_texts(record: Record) -> list[str]:
    """The texts that cells share ([MS-XLS] 2.4.265)."""
    reader = _SharedTexts([record.data[8:], *record.more])
    texts: list[str] = []
    (count,) = struct.unpack_from("<I", record.data.ljust(8, b"\0"), 4)
    while len(texts) < count and reader.has_more():
        texts.append(reader.text())
    return texts


class _SharedTexts:
    """Reads texts over the ends of records: characters go on behind new flags there, all else as it is."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces
        self._piece = 0
        self._at = 0

    def has_more(self) -> bool:
        """Whether anything is left."""
        while self._piece < len(self._pieces) and self._at >= len(self._pieces[self._piece]):
            self._piece, self._at = self._piece + 1, 0
        return self._piece < len(self._pieces)

    def text(self) -> str:
        """The next text, without how it looks and how it is pronounced."""
        count = int.from_bytes(self._take(2), "little")
        flags = (self._take(1) or b"\0")[0]
        looks = int.from_bytes(self._take(2), "little") * 4 if flags & 8 else 0
        spoken = int.from_bytes(self._take(4), "little") if flags & 4 else 0
        text = self._characters(count, flags)
        self._take(looks + spoken)
        return text

    def _characters(self, count: int, flags: int) -> str:
        found: list[str] = []
        while count > 0 and self._piece < len(self._pieces):
            piece, width = self._pieces[self._piece], 1 + (flags & 1)
            taken = min(count, (len(piece) - self._at) // width)
            found.append(characters(piece[self._at : self._at + taken * width], flags))
            self._at += taken * width
            count -= taken
            if count > 0:
                self._piece, self._at = self._piece + 1, 0
                flags = self._take(1)[0] if self.has_more() else 0
        return "".join(found)

    def _take(self, count: int) -> bytes:
        taken = bytearray()
        while count > len(taken) and self.has_more():
            piece = self._pieces[self._piece]
            part = piece[self._at : self._at + count - len(taken)]
            taken += part
            self._at += len(part)
        return bytes(taken)
