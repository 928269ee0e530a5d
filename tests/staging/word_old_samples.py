"""Binary Word documents that tests write, structure by structure ([MS-DOC])."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.hostile.compound import Storage, Stream, compound_file

_TEXT = 2_048
_PAGE = 512
_STORIES = ("text", "footnotes", "margins", "macros", "comments", "endnotes", "boxes", "margin boxes")
_CHARACTERS, _PARAGRAPHS, _CLX = 12, 13, 33
IN_TABLE = struct.pack("<HB", 0x2416, 1)
ENDS_ROW = IN_TABLE + struct.pack("<HB", 0x2417, 1)


def row(*edges: int, merges: Sequence[int] = ()) -> bytes:
    """Properties of the end of a row, with the edges of its cells and flags of how they are merged."""
    flags = b"".join(struct.pack("<H18x", merge) for merge in merges)
    operand = struct.pack(f"<B{len(edges)}h", len(edges) - 1, *edges) + flags
    return ENDS_ROW + struct.pack("<HH", 0xD608, len(operand) + 1) + operand


def depth(level: int) -> bytes:
    """Properties of a paragraph in tables in each other."""
    return IN_TABLE + struct.pack("<HI", 0x6649, level)


def item(number: int, level: int = 0) -> bytes:
    """Properties of a paragraph of a list."""
    return struct.pack("<HBHH", 0x260A, level, 0x460B, number)


def level(form: int, text: str, start: int = 1) -> bytes:
    """How numbers of a level look; a digit in braces stands for the number of a level."""
    shown = "".join(chr(int(one)) if one.isdigit() else one for one in text)
    fixed = struct.pack("<iBB9sBiiBBBB", start, form, 0, b"", 0, 0, 0, 0, 0, 0, 0)
    return fixed + struct.pack("<H", len(shown)) + shown.encode("utf-16-le")


def places(numbers: Sequence[int], entries: Sequence[bytes] = ()) -> bytes:
    """A table of places with what stands at each."""
    return struct.pack(f"<{len(numbers)}I", *numbers) + b"".join(entries)


@dataclass
class OldDocument:
    """A document to be written.

    Attributes:
        stories: paragraphs of each story, with the characters that end them, and their properties.
        looks: properties of stretches of text: first and last place.
        structures: what else is in the file, by its number.
        replaced: what stands in the place of structures that would be written.
        behind: what lies behind the structure of lists.
        data: the stream of data.
        flags: of the head.
        narrow: whether a character has one byte.
        objects: what is embedded.
    """

    stories: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict)
    looks: list[tuple[int, int, bytes]] = field(default_factory=list)
    structures: dict[int, bytes] = field(default_factory=dict)
    replaced: dict[int, bytes] = field(default_factory=dict)
    behind: bytes = b""
    data: bytes = b""
    flags: int = 0x1200
    narrow: bool = False
    objects: dict[str, Storage | Stream] = field(default_factory=dict)

    def __bytes__(self) -> bytes:
        text = "".join(one for name in _STORIES for one, _ in self.stories.get(name, ()))
        width = 1 if self.narrow else 2
        main = bytearray(_TEXT) + text.encode("cp1252" if self.narrow else "utf-16-le")
        self._write_head(main, text)
        offset = _TEXT * 2 | 1 << 30 if self.narrow else _TEXT
        clx = places([0, len(text)], [struct.pack("<HIH", 0, offset, 0)])
        self.structures[_CLX] = b"\x02" + struct.pack("<I", len(clx)) + clx
        edges = [_TEXT]
        for name in _STORIES:
            for one, _ in self.stories.get(name, ()):
                edges.append(edges[-1] + width * len(one))
        said = [struct.pack("<H", 0) + one for name in _STORIES for _, one in self.stories.get(name, ())]
        self.structures[_PARAGRAPHS] = self._pages(main, edges, said, 13)
        if self.looks:
            starts = [_TEXT + width * one for look in self.looks for one in look[:2]]
            between = [one for look in self.looks for one in (look[2], b"")]
            self.structures[_CHARACTERS] = self._pages(main, [*starts, starts[-1] + 2], between, 1)
        table = self._write_table(main)
        members: dict[str, Storage | Stream] = {"WordDocument": Stream(bytes(main)), "1Table": Stream(table)}
        members |= {"Data": Stream(self.data), "ObjectPool": Storage(self.objects)}
        return compound_file(Storage(members))

    def _write_head(self, main: bytearray, text: str) -> None:
        struct.pack_into("<HHHHHHH", main, 0, 0xA5EC, 0xC1, 0, 0x409, 0, self.flags, 0xBF)
        struct.pack_into("<H", main, 32, 14)
        struct.pack_into("<H", main, 62, 22)
        counts = [sum(len(one) for one, _ in self.stories.get(name, ())) for name in _STORIES]
        struct.pack_into(f"<{len(counts)}I", main, 76, *counts)
        struct.pack_into("<H", main, 152, 93)
        assert sum(counts) == len(text)

    def _pages(self, main: bytearray, edges: list[int], said: list[bytes], size: int) -> bytes:
        """Write properties on pages of their own, one for each stretch; their table."""
        numbers = []
        for (start, end), one in zip(pairwise(edges), said, strict=True):
            main += bytes(-len(main) % _PAGE)
            numbers.append(len(main) // _PAGE)
            page = bytearray(_PAGE)
            struct.pack_into("<II", page, 0, start, end)
            body = (
                bytes([(len(one) + 1) // 2]) + one
                if size == 1
                else b"\0" + bytes([(len(one) + 1) // 2]) + one
            )
            if size == 1:
                body = bytes([len(one)]) + one
            at = (_PAGE - 2 - len(body)) & ~1
            page[at : at + len(body)] = body
            page[8] = at // 2
            page[-1] = 1
            main += page
        return places(edges, [struct.pack("<I", number) for number in numbers])

    def _write_table(self, main: bytearray) -> bytes:
        table = b""
        for number, structure in sorted((self.structures | self.replaced).items()):
            struct.pack_into("<II", main, 154 + 8 * number, len(table), len(structure))
            table += structure + (self.behind if number == 73 else b"")
        return table
