"""What a format of export files is."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from docstage.domain.rows import TaskRow
from docstage.results.columns import Columns

_PIECE_BYTES = 50_000


@dataclass(frozen=True, slots=True)
class Format:
    """A format in which results leave. The registry is in the package above.

    Attributes:
        name: how API and commands name it.
        title: how pages name it.
        description: a sentence that says what it is for.
        media_type: of the answer over HTTP.
        suffix: how names of such files end, with its dot.
        write: the bytes of a file with these columns and rows, piece by piece, read as they are written. A
            piece is a line or less, and it is made by looking at one row at a time.
    """

    name: str
    title: str
    description: str
    media_type: str
    suffix: str
    write: Callable[[Columns, Iterable[TaskRow]], Iterator[bytes]]

    @property
    def has_header(self) -> bool:
        """Whether a file without tasks has something all the same: the names of its columns."""
        return any(self.write(Columns.of(()), ()))

    def pieces(self, columns: Columns, rows: Iterable[TaskRow]) -> Iterator[bytes]:
        """What `write` makes, several at once: handing a piece on takes longer than writing it."""
        held: list[bytes] = []
        size = 0
        for piece in self.write(columns, rows):
            held.append(piece)
            size += len(piece)
            if size >= _PIECE_BYTES:
                yield b"".join(held)
                held, size = [], 0
        if held:
            yield b"".join(held)
