"""A writer of compound files ([MS-CFB], of which Outlook's mails are), true ones and ones that lie."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

_SECTOR, _MINI, _CUTOFF = 4_096, 64, 4_096
_ENTRY, _TABLE = 128, _SECTOR // 4
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_IN_HEADER = 109  # sectors of the allocation table that the header can name


class Fault(Enum):
    """Where the tables of a file lead round and round."""

    DIRECTORY_CIRCLE = "the sectors of the directory"
    MINI_CIRCLE = "the pieces of all short streams"
    TABLES_CIRCLE = "the sectors that tell where the allocation table is"
    TABLES_CLAIM = "the same, and the header says that they are as many as a file can have"


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream.

    Attributes:
        claimed: the length that the directory tells; None means the true one.
        circle: its last sector leads back to its first.
    """

    data: bytes
    claimed: int | None = None
    circle: bool = False


@dataclass(frozen=True, slots=True)
class Storage:
    """A folder inside a compound file.

    Attributes:
        circle: the entries in it are siblings of one another without end, and it is its own child.
        list: each entry in it has one sibling, the next one; careless writers make no tree of them.
    """

    entries: Mapping[str, "Stream | Storage"]
    circle: bool = False
    list: bool = False


@dataclass(frozen=True, slots=True)
class _Header:
    directory_sectors: int
    directory: int
    mini_table: int
    mini_tables: int


@dataclass(slots=True)
class _Entry:
    name: str
    kind: int
    content: Stream | Storage
    left: int = _FREE
    right: int = _FREE
    child: int = _FREE
    start: int = _END
    size: int = 0

    def packed(self) -> bytes:
        name = self.name.encode("utf-16-le") + b"\0\0"
        links = (len(name), self.kind, 1, self.left, self.right, self.child)
        return struct.pack("<64sHBBIII36xIQ", name, *links, self.start, self.size)


@dataclass(slots=True)
class _Chains:
    """Equal pieces of data and which follows which."""

    piece: int
    following: list[int] = field(default_factory=list)
    data: bytearray = field(default_factory=bytearray)

    def add(self, data: bytes, circle: bool = False) -> int:
        """Where the data begins."""
        first, count = len(self.following), -(-len(data) // self.piece)
        if not count:
            return _END
        last = first if circle else _END
        self.following += [*range(first + 1, first + count), last]
        self.data += data + bytes(count * self.piece - len(data))
        return first


def compound_file(root: Storage, fault: Fault | None = None) -> bytes:
    """A compound file of version 4, of at most some 400 MB."""
    entries = _laid_out(root)
    sectors, minis = _Chains(_SECTOR), _Chains(_MINI)
    for entry in entries:
        if isinstance(entry.content, Stream):
            _store(entry, entry.content, sectors, minis)
    if fault is Fault.MINI_CIRCLE:
        minis.following = [0] * len(minis.following)
    entries[0].start, entries[0].size = sectors.add(bytes(minis.data)), len(minis.data)
    mini_table = sectors.add(_padded(minis.following))
    packed = b"".join(entry.packed() for entry in entries)
    directory = sectors.add(packed, fault is Fault.DIRECTORY_CIRCLE)
    header = _Header(-(-len(packed) // _SECTOR), directory, mini_table, -(-len(minis.following) // _TABLE))
    return _with_table(sectors, header, fault)


def _laid_out(root: Storage) -> list[_Entry]:
    """The entries of all storages; a loop, since bombs lie deeper than Python recurses."""
    entries = [_Entry("Root Entry", _ROOT, root)]
    for own, entry in enumerate(entries):
        storage = entry.content
        if not isinstance(storage, Storage):
            continue
        # [MS-CFB] 2.6.4: shorter names come first.
        names = sorted(storage.entries, key=lambda name: (len(name), name.upper()))
        numbers = range(len(entries), len(entries) + len(names))
        for name in names:
            content = storage.entries[name]
            entries.append(_Entry(name, _STREAM if isinstance(content, Stream) else _STORAGE, content))
        entry.child = _chain(numbers, entries) if storage.list else _tree(numbers, entries)
        if storage.circle:
            for number in numbers:
                entries[number].left = entries[number].right = entries[number].child = own or number
    return entries


def _tree(ordered: Sequence[int], entries: list[_Entry]) -> int:
    if not ordered:
        return _FREE
    middle = len(ordered) // 2
    entry = entries[ordered[middle]]
    entry.left, entry.right = _tree(ordered[:middle], entries), _tree(ordered[middle + 1 :], entries)
    return ordered[middle]


def _chain(ordered: Sequence[int], entries: list[_Entry]) -> int:
    for number in ordered[:-1]:
        entries[number].right = number + 1
    return ordered[0] if ordered else _FREE


def _store(entry: _Entry, content: Stream, sectors: _Chains, minis: _Chains) -> None:
    chains = sectors if max(len(content.data), content.claimed or 0) >= _CUTOFF else minis
    entry.start = chains.add(content.data, content.circle)
    entry.size = len(content.data) if content.claimed is None else content.claimed


def _padded(numbers: Sequence[int]) -> bytes:
    count = -(-len(numbers) // _TABLE) * _TABLE
    return struct.pack(f"<{count}I", *numbers, *[_FREE] * (count - len(numbers)))


def _with_table(sectors: _Chains, about: _Header, fault: Fault | None) -> bytes:
    used, tables = len(sectors.following), 0
    while tables * _TABLE < used + tables:
        tables += 1
    if tables > _IN_HEADER:
        raise ValueError("a compound file of that size needs a table of tables")
    table = _padded([*sectors.following, *[_FAT] * tables])
    # The last number of a table of tables says where the next one is.
    more = (0, 0x7FFFFFFF) if fault is Fault.TABLES_CIRCLE else (_END, 0)
    claimed = tables
    if fault is Fault.TABLES_CLAIM:
        claimed = 0x7FFFFFFF
        more = (0, -(-(claimed - _IN_HEADER) // (_TABLE - 1)))
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 4, 0xFFFE, 12, 6),
        *(about.directory_sectors, claimed, about.directory, 0, _CUTOFF),
        *(about.mini_table, about.mini_tables, *more),
    )
    places = struct.pack(f"<{tables}I", *range(used, used + tables))
    head = (header + places).ljust(512, b"\xff")
    return head + bytes(_SECTOR - len(head)) + bytes(sectors.data) + table
