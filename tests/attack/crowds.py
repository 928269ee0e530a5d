"""Crowds that ask and do not read, or connect and do not ask, and what others get beside them.

`python -m tests.attack.crowds` prints, for each crowd, how long others wait, how much more memory the server
takes and how many were turned away.
"""

import argparse
import socket
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.attack.raw import ask
from tests.browser.server import Server
from tests.support.apps import Bench, Outcome
from tests.support.waiting import PATIENCE

from docstage.domain.lifecycle import BatchStatus
from docstage.store.database import Database
from docstage.store.migrate import upgrade

_MB = 1 << 20
_QUESTIONS = 40
# What a crowd asks for; `{batch}` is a batch with a large table.
TARGETS = {
    "exports": "/api/batches/{batch}/export?format=jsonl",
    "tables": "/api/batches/{batch}/tasks?limit=1000",
    "streams": "/api/stream",
    "pages": "/openapi.json",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What others got beside a crowd.

    Attributes:
        median: milliseconds until a usual question was answered.
        worst: the longest of all.
        growth: bytes of memory that the server took more, at the worst moment.
        answers: what the crowd itself was answered, by status; 0 for those that nothing had come to.
    """

    median: float
    worst: float
    growth: int
    answers: Counter[int]

    def __str__(self) -> str:
        """In a line."""
        told = ", ".join(f"{status or 'nothing'}: {n:,}" for status, n in sorted(self.answers.items()))
        return (
            f"others wait {self.median:.1f} ms, at most {self.worst:.1f}; "
            f"{self.growth / _MB:.1f} MB more; the crowd got {told or 'nothing'}"
        )


class Place:
    """A server with a batch whose table is large."""

    def __init__(self, home: Path, *, documents: int, characters: int) -> None:
        """Fill its database and start it.

        Args:
            characters: length of each answer.
        """
        data = home / "data"
        data.mkdir(parents=True)
        database = Database(str(data / "docstage.db"))
        upgrade(database)
        bench = Bench.set_up(database, data)
        paths = [f"{n:05}.txt" for n in range(documents)]
        self.batch = bench.batch_in(BatchStatus.ANALYZING, paths)
        bench.finish(self.batch, [Outcome(text="x" * characters)] * documents)
        bench.move(self.batch, BatchStatus.COMPLETED)
        database.close()
        self.size = documents * characters
        self.server = Server(home)
        self.server.start()
        assert self.server.process is not None
        self._proc = Path(f"/proc/{self.server.process.pid}")

    def beside(self, number: int, line: str = "") -> Figures:
        """Let so many connect, ask for this path and read nothing, and ask usual questions meanwhile.

        Args:
            line: the path; without one, they say nothing at all.
        """
        head = f"GET {line} HTTP/1.1\r\nHost: {urlsplit(self.server.address).netloc}\r\n\r\n".encode()
        (self._proc / "clear_refs").write_text("5")  # the peak begins anew
        before = self.memory("VmRSS")
        with crowd_of(self.server.address, number, head if line else b"") as links:
            waits = [self._question() for _ in range(_QUESTIONS)]
            answers = Counter(_first_lines(links))
        growth = max(0, self.memory("VmHWM") - before)
        return Figures(statistics.median(waits), max(waits), growth, answers)

    def open_files(self) -> int:
        """How many files the server has open."""
        return len(list((self._proc / "fd").iterdir()))

    def memory(self, name: str) -> int:
        """A figure of the server's memory, bytes."""
        status = (self._proc / "status").read_text().splitlines()
        (line,) = (one for one in status if one.startswith(f"{name}:"))
        return int(line.split()[1]) * 1_024

    def _question(self) -> float:
        """How long it takes to be answered, turned away or not before."""
        began = time.perf_counter()
        while (reply := ask(self.server.address, "GET /api/batches?limit=5")).status == 503:
            assert reply.problem["type"] == "urn:docstage:problem:too-many-connections"
            assert time.perf_counter() - began < PATIENCE
        assert reply.status == 200, f"a usual question is answered {reply.status}: {reply.body!r}"
        return 1_000 * (time.perf_counter() - began)


@contextmanager
def crowd_of(address: str, number: int, head: bytes = b"") -> Iterator[list[socket.socket]]:
    """So many connections that take little at a time, each of which has sent this."""
    parts = urlsplit(address)
    with ExitStack() as stack:
        links = []
        for _ in range(number):
            link = stack.enter_context(socket.socket())
            link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            link.settimeout(PATIENCE)
            link.connect((parts.hostname, parts.port))
            if head:
                link.sendall(head)
            links.append(link)
        yield links


def _first_lines(links: list[socket.socket]) -> Iterator[int]:
    """The status that each has been answered so far."""
    for link in links:
        link.setblocking(False)
        try:
            data = link.recv(64)
        except BlockingIOError:
            yield 0
        except ConnectionResetError:
            yield -1
        else:
            yield int(data.split()[1]) if data else -1


@contextmanager
def place(home: Path, *, documents: int = 2_000, characters: int = 8_000) -> Iterator[Place]:
    """A server for as long as the context lasts."""
    one = Place(home, documents=documents, characters=characters)
    try:
        for _ in range(20):
            ask(one.server.address, "GET /api/batches")
        yield one
    finally:
        one.server.stop()


def main() -> None:
    """Let every crowd come and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=100)
    number = parser.parse_args().number
    with tempfile.TemporaryDirectory() as folder, place(Path(folder)) as one:
        print(f"an export has {one.size / _MB:.0f} MB; memory {one.memory('VmRSS') / _MB:.0f} MB")
        for name, line in TARGETS.items():
            print(
                f"{number} that read no {name}: {one.beside(number, line.format(batch=one.batch))}",
                flush=True,
            )
        print(f"{3_000} that say nothing: {one.beside(3_000)}")
        print(f"{3_000} streams: {one.beside(3_000, TARGETS['streams'])}")
        print(f"memory {one.memory('VmRSS') / _MB:.0f} MB, {one.open_files()} files open")


if __name__ == "__main__":
    main()
