"""What a hostile document is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

MB = 1 << 20
GB = 1 << 30


@dataclass(frozen=True, slots=True)
class Bomb:
    """A hostile document.

    Attributes:
        make: writes it to a path.
        harmless: it may come out ENCODED, since nothing of it is opened or everything is bounded.
        quick: it costs little, so that every run of the tests can take it.
    """

    make: Callable[[Path], None]
    harmless: bool = False
    quick: bool = False


def made(make: Callable[[], bytes], *, harmless: bool = False, quick: bool = False) -> Bomb:
    """A bomb of these bytes, which are made when it is needed."""

    def write(path: Path) -> None:
        path.write_bytes(make())

    return Bomb(write, harmless, quick)
