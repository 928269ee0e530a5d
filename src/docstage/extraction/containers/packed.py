"""A packed stream as a container of one file."""

from docstage.extraction.containers.base import Entry, Opened, damaged, damaged_member
from docstage.extraction.containers.bounded import Bounded
from docstage.extraction.containers.names import safe_paths
from docstage.extraction.packed_streams import BROKEN, stream_of

_ENDINGS = {".svgz": ".svg"}
_DROPPED = (".gz", ".gzip", ".bz2", ".bzip2", ".xz", ".lzma", ".zst", ".zstd", ".z")


def open_packed(data: bytes, name: str, _most: int, _room: int) -> Opened:
    """Open what one of these packed. See `Opener`."""
    opened = stream_of(data)
    if opened is None:
        raise damaged()

    def read(most: int) -> bytes:
        try:
            return Bounded(opened, most).read()
        except BROKEN as error:
            raise damaged_member() from error

    return Opened([Entry(safe_paths([_inner_name(name)])[0], None, read)], 1)


def _inner_name(name: str) -> str:
    """What a file was called before it was packed."""
    stem, dot, ending = name.rpartition(".")
    ending = (dot + ending).lower()
    if ending in _ENDINGS:
        return stem + _ENDINGS[ending]
    return stem if stem and ending in _DROPPED else f"{name} (unpacked)"
