"""A stream of which no more can be unpacked than there is room for."""

import io
from collections.abc import Callable

from docstage.extraction.containers.base import Overfull
from docstage.extraction.packed_streams import Stream

_STEP = 1 << 20


class Bounded(io.RawIOBase):
    """What is packed, as a file that can be read and passed over as far as there is room.

    Args:
        open_stream: opens what is read; again, to go back in it.
        room: bytes.
    """

    def __init__(self, open_stream: Callable[[], Stream], room: int) -> None:
        self._open = open_stream
        self._stream = open_stream()
        self._room = room
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is, backwards at the cost of unpacking anew."""
        return True

    def tell(self) -> int:
        """Where it stands."""
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes, fewer only at the end. Raises Overfull where that would pass the room."""
        left = self._room + 1 - self._at
        data = self._stream.read(left if size < 0 else min(size, left))
        self._at += len(data)
        if self._at > self._room:
            raise Overfull(f"It unpacks to more than {self._room / 2**20:,.0f} MiB.")
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place from the beginning; behind the end, to the end."""
        assert whence == io.SEEK_SET
        if offset < self._at:
            self._stream.close()
            self._stream, self._at = self._open(), 0
        while self._at < offset and self.read(min(offset - self._at, _STEP)):
            pass
        return self._at
