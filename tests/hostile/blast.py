"""Sets bombs off in real workers and tells what each came to: `python -m tests.hostile.blast [NAME ...]`."""

import asyncio
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.hostile.bombs import BOMBS

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors import Limits
from docstage.extraction.pool import Encoded, ExtractionJob, ExtractionPool, NotEncoded

_LOOK = 0.02
_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Blast:
    """What a bomb came to.

    Attributes:
        size: of the file, bytes.
        seconds: until the outcome was there, all attempts included.
        peak: the most memory that a worker had in use, bytes.
    """

    name: str
    outcome: Encoded | NotEncoded
    size: int
    seconds: float
    peak: int

    @property
    def reason(self) -> DocumentReason | None:
        """Why it is not encoded."""
        return self.outcome.reason if isinstance(self.outcome, NotEncoded) else None

    def line(self) -> str:
        """It, for people."""
        told = self.outcome.detail if isinstance(self.outcome, NotEncoded) else self.outcome.told or ""
        return (
            f"{self.name:20} {self.size / _MB:8.1f} MB {self.seconds:6.1f} s {self.peak // _MB:6,} MB  "
            f"{self.reason or 'encoded':12} {told[:110]}"
        )


async def set_off(name: str, folder: Path, pool: ExtractionPool) -> Blast:
    """Make a bomb in the folder, extract it and take it away."""
    BOMBS[name].make(folder / name)
    size, begun = (folder / name).stat().st_size, time.perf_counter()
    with _watched() as watch:
        outcome = await pool.extract(ExtractionJob(folder, name))
    (folder / name).unlink()
    return Blast(name, outcome, size, time.perf_counter() - begun, watch.peak)


@dataclass(slots=True)
class _Watch:
    """The memory of the workers that this process has."""

    peak: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def look_on(self) -> None:
        """Look until it is over."""
        while not self.over.wait(_LOOK):
            self.peak = max([self.peak, *_high_marks(os.getpid())])


@contextmanager
def _watched() -> Iterator[_Watch]:
    watch = _Watch()
    thread = threading.Thread(target=watch.look_on)
    thread.start()
    try:
        yield watch
    finally:
        watch.over.set()
        thread.join()


def _high_marks(parent: int) -> Iterator[int]:
    """The most memory that each child has had, bytes."""
    for entry in Path("/proc").iterdir():
        try:
            lines = (entry / "status").read_text().splitlines() if entry.name.isdigit() else []
        except OSError:
            continue  # it has ended
        status = dict(line.split(":", 1) for line in lines)
        if int(status.get("PPid", "0")) == parent and "VmHWM" in status:
            yield int(status["VmHWM"].split()[0]) * 1_024


async def set_all_off(names: Sequence[str]) -> list[Blast]:
    """Set bombs off one by one, with a fresh worker and the limits that users have; prints each."""
    blasts = []
    with tempfile.TemporaryDirectory() as created:
        place = await asyncio.to_thread(Path(created).resolve)
        for name in names:
            async with ExtractionPool(1, Limits()) as pool:
                blasts.append(await set_off(name, place, pool))
            print(blasts[-1].line(), flush=True)
    return blasts


if __name__ == "__main__":
    asyncio.run(set_all_off(sys.argv[1:] or list(BOMBS)))
