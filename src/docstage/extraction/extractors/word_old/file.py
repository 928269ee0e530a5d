"""Binary files of Word 97 to 2003 ([MS-DOC]), and of Word 6 and 95: their text, their tables of places."""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.compound import CompoundFile, Storage
from docstage.extraction.extractors.word_old.charsets import decode, old_page, wide_of_word_95

_WORD_97 = 0xA5EC  # FibBase.wIdent, 2.5.2
_WORD_6 = frozenset({0xA5DC, 0xA697, 0xA698, 0xA699})  # the last three in the far east
_WORD_2 = (b"\xdb\xa5", b"\x9b\xa5", b"\x31\xbe")
_FIRST_OF_97 = 0xC0
_COMPLEX, _ENCRYPTED, _TABLE_1, _WIDE = 0x0004, 0x0100, 0x0200, 0x1000
_PAIRS = 154  # where the places of everything else begin, 2.5.1
_COUNTS = 76  # ccpText, and then those of the other stories, 2.5.4
_CLX, _OLD_CLX = 33, 0x160
_COMPRESSED = 1 << 30
_DAMAGED = "The file is damaged or cut off. Open it in Word and save it anew."
_TOO_OLD = "It was saved by Word 2 or earlier, which cannot be read. Save it anew as .docx."
_LOCKED = "The document is locked with a password. Save a copy without one."
STORIES = ("text", "footnotes", "margins", "macros", "comments", "endnotes", "boxes", "margin boxes")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text.

    Attributes:
        start: its first character's place in the whole text.
        offset: where it lies in the stream of the document.
        width: bytes of a character.
    """

    start: int
    offset: int
    width: int


class OldFile:
    """A binary document, opened.

    Args:
        data: the file.
        most: characters that its text may have.

    Attributes:
        text: all of its text, story after story, with its control characters.
        stories: first and last place of each story.
        is_97: whether there is more than text that can be read.

    Raises:
        Unreadable: DAMAGED, PASSWORD or TOO_COMPLEX.
    """

    def __init__(self, data: bytes, most: int) -> None:
        if data.startswith(_WORD_2):
            raise Unreadable(DocumentReason.DAMAGED, _TOO_OLD)
        root = CompoundFile(data).root
        if root.stream("EncryptedPackage") is not None:
            raise Unreadable(DocumentReason.PASSWORD, _LOCKED)
        self.main = root.stream("WordDocument") or b""
        if len(self.main) < _PAIRS:
            raise Unreadable(DocumentReason.DAMAGED, _DAMAGED)
        self._root = root
        identity, version = struct.unpack_from("<HH", self.main)
        self.language, self.flags = struct.unpack_from("<H2xH", self.main, 6)
        if self.flags & _ENCRYPTED:
            raise Unreadable(DocumentReason.PASSWORD, _LOCKED)
        self.is_97 = identity == _WORD_97 and version >= _FIRST_OF_97
        if not self.is_97 and identity not in _WORD_6:
            raise Unreadable(DocumentReason.DAMAGED, _DAMAGED)
        self._table = (
            root.stream("1Table" if self.flags & _TABLE_1 else "0Table") or b"" if self.is_97 else b""
        )
        self._pieces: list[Piece] = []
        self._page = "cp1252" if self.is_97 else old_page(self.main, self.language)
        self.text = self._read_pieces(self.structure(_CLX) if self.is_97 else self._old_pieces(), most)
        self.stories = self._read_stories()
        self._starts = [piece.start for piece in self._pieces]

    def stream(self, name: str) -> bytes:
        """Another stream of the file, empty where there is none."""
        return self._root.stream(name) or b""

    def objects(self) -> list[Storage]:
        """The objects that lie in the document."""
        pool = self._root.storage("ObjectPool")
        found = [] if pool is None else [pool.storage(name) for name in pool.storages("_")]
        return [one for one in found if one is not None]

    def structure(self, number: int) -> bytes:
        """What lies at a place that the file names (FibRgFcLcb97, 2.5.6), empty where there is nothing."""
        at = _PAIRS + 8 * number
        if not self.is_97 or at + 8 > len(self.main):
            return b""
        start, size = struct.unpack_from("<II", self.main, at)
        return self._table[start : start + size]

    def beyond(self, number: int) -> bytes:
        """What lies behind such a structure."""
        start, size = struct.unpack_from("<II", self.main, _PAIRS + 8 * number)
        return self._table[start + size :]

    def places(self, number: int, size: int) -> list[tuple[int, bytes]]:
        """A table of places in the text, each with this many bytes (a PLC, 2.2.2); the last has none."""
        return plc(self.structure(number), size)

    def offset(self, place: int) -> int:
        """Where a character lies in the stream of the document."""
        found = bisect_right(self._starts, place) - 1
        if found < 0:
            return -1
        piece = self._pieces[found]
        return piece.offset + (place - piece.start) * piece.width

    def stretches(self, start: int, end: int) -> Iterator[tuple[int, int, int, int]]:
        """Pieces of a stretch of text: first and last place, offset of the first, bytes of a character."""
        found = max(bisect_right(self._starts, start) - 1, 0)
        for at in range(found, len(self._pieces)):
            piece = self._pieces[at]
            following = self._pieces[at + 1].start if at + 1 < len(self._pieces) else len(self.text)
            first, last = max(start, piece.start), min(end, following)
            if piece.start >= end:
                return
            if first < last:
                yield first, last, piece.offset + (first - piece.start) * piece.width, piece.width

    def _old_pieces(self) -> bytes:
        """The pieces of a file of Word 6 or 95, which has such only where it was saved in haste."""
        if not self.flags & _COMPLEX or len(self.main) < _OLD_CLX + 8:
            return b""
        start, size = struct.unpack_from("<II", self.main, _OLD_CLX)
        return self.main[start : start + size]

    def _read_pieces(self, clx: bytes, most: int) -> str:
        texts, length = [], 0
        for (start, piece), (end, _) in pairwise(plc(_piece_table(clx), 8)):
            if end > most:
                raise _too_long(most)
            if start != length or end < start:
                raise Unreadable(DocumentReason.DAMAGED, _DAMAGED)
            texts.append(self._read_piece(start, end, piece))
            length = end
        return "".join(texts) or self._read_old(most)

    def _read_piece(self, start: int, end: int, piece: bytes) -> str:
        (packed,) = struct.unpack_from("<I", piece, 2)
        is_narrow = bool(packed & _COMPRESSED) if self.is_97 else not self.flags & _WIDE
        width = 1 if is_narrow else 2
        offset = (packed & (_COMPRESSED - 1)) // (2 if is_narrow and self.is_97 else 1)
        self._pieces.append(Piece(start, offset, width))
        raw = self.main[offset : offset + (end - start) * width]
        if is_narrow:
            text = decode(raw, self._page)
        else:
            text = _wide(raw) if self.is_97 else wide_of_word_95(_wide(raw))
        return text.ljust(end - start, "\0")

    def _read_old(self, most: int) -> str:
        """The text in one piece."""
        start, end = struct.unpack_from("<II", self.main, 24)  # fcMin, fcMac
        if end - start > 2 * most:
            raise _too_long(most)
        width = 2 if self.flags & _WIDE and not self.is_97 else 1
        self._pieces.append(Piece(0, start, width))
        raw = self.main[start:end]
        return decode(raw, self._page) if width == 1 else wide_of_word_95(_wide(raw))

    def _read_stories(self) -> dict[str, tuple[int, int]]:
        at = _COUNTS if self.is_97 else 52
        counts = struct.unpack_from(f"<{len(STORIES)}I", self.main, at)
        stories, start = {}, 0
        for name, count in zip(STORIES, counts, strict=True):
            end = min(start + count, len(self.text))
            stories[name] = (start, end)
            start = end
        return stories


def plc(data: bytes, size: int) -> list[tuple[int, bytes]]:
    """Places of four bytes, one more than there are entries, and the entries."""
    count = (len(data) - 4) // (4 + size)
    if count < 0:
        return []
    places = struct.unpack_from(f"<{count + 1}I", data)
    first = 4 * (count + 1)
    return [(place, data[first + n * size : first + (n + 1) * size]) for n, place in enumerate(places)]


def _piece_table(clx: bytes) -> bytes:
    """The table of pieces, behind the properties that pieces may have (2.9.38)."""
    at = 0
    while at + 5 <= len(clx) and clx[at] == 1:
        at += 3 + int.from_bytes(clx[at + 1 : at + 3], "little")
    if at + 5 > len(clx) or clx[at] != 2:
        return b""
    return clx[at + 5 : at + 5 + int.from_bytes(clx[at + 1 : at + 5], "little")]


def _wide(raw: bytes) -> str:
    """UTF-16, of which each half of a pair is a character in the count of places."""
    count = len(raw) // 2
    text = raw[: 2 * count].decode("utf-16-le", "surrogatepass")
    if len(text) == count:
        return text
    return "".join(map(chr, struct.unpack_from(f"<{count}H", raw)))


def _too_long(most: int) -> Unreadable:
    return Unreadable(
        DocumentReason.TOO_COMPLEX, f"Its text has more than {most:,} characters. Split the document."
    )
