"""A real web server among many who are connected: some say nothing, some read nothing."""

import asyncio
import errno
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest
from tests.attack.raw import ask
from tests.support.apps import Bench, Outcome
from tests.support.benches import sqlite_bench
from tests.support.serving import serving
from tests.support.waiting import PATIENCE, until

from docstage.api.server import WebServer
from docstage.domain.lifecycle import BatchStatus
from docstage.service.results import results
from docstage.web import connection_limits as crowd
from docstage.web import protocol
from docstage.web.admission import Work
from docstage.web.connection_limits import Crowd, NoFiles
from docstage.web.protocol import Awaited, Protocol

STREAM = b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n"
SIZE = 1_500_000
Dial = Callable[..., socket.socket]


@pytest.fixture
def served(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Bench, str, WebServer]]:
    """A bench, and the address of its server; the system holds little of what is sent."""
    made = Protocol.connection_made

    def made_small(self: Protocol, transport: asyncio.Transport) -> None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
        made(self, transport)

    monkeypatch.setattr(Protocol, "connection_made", made_small)
    with sqlite_bench(tmp_path, template, port=0) as bench, serving(bench) as (address, server):
        yield bench, address, server


@pytest.fixture
def dial(served: tuple[Bench, str, WebServer]) -> Iterator[Dial]:
    """Opens a connection that takes little at a time, and sends some bytes."""
    links: list[socket.socket] = []
    parts = urlsplit(served[1])

    def opened(data: bytes, holds: int = 4_096) -> socket.socket:
        link = socket.socket()
        links.append(link)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, holds)
        link.settimeout(PATIENCE)
        link.connect((parts.hostname, parts.port))
        link.sendall(data)
        return link

    yield opened
    for link in links:
        link.close()


def _table(bench: Bench) -> bytes:
    """A request for a long answer."""
    batch_id = bench.batch_in(BatchStatus.ANALYZING)
    bench.finish(batch_id, [Outcome(text="x" * SIZE)])
    return b"GET /api/batches/%d/tasks HTTP/1.1\r\nHost: localhost\r\n\r\n" % batch_id


def _closing(request: bytes) -> bytes:
    """The request, as the only one of its connection."""
    return request.replace(b"localhost\r\n", b"localhost\r\nConnection: close\r\n")


def _length(link: socket.socket) -> int:
    """How many bytes come until the server closes the connection."""
    length = 0
    try:
        while more := link.recv(65_536):
            length += len(more)
    except ConnectionResetError:
        pass
    return length


def _begun(link: socket.socket) -> bytes:
    """The first bytes of an answer."""
    return link.recv(12)


def test_who_reads_nothing_is_cut_off(
    served: tuple[Bench, str, WebServer], dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was not taken does not stay in memory."""
    monkeypatch.setitem(protocol.SECONDS, Awaited.READER, 0.1)
    bench, _, server = served
    link = dial(_table(bench))
    assert _begun(link) == b"HTTP/1.1 200"
    until(lambda: not server.server_state.connections)
    assert _length(link) < SIZE


def _look_at(reader: Protocol) -> None:
    """Have the server look at a reader, as it does now and then."""
    looked = threading.Event()

    def look() -> None:
        reader._stop_watching_reader()
        reader._look_at_reader()
        looked.set()

    reader.loop.call_soon_threadsafe(look)
    assert looked.wait(PATIENCE)


def test_who_reads_slowly_gets_all(served: tuple[Bench, str, WebServer], dial: Dial) -> None:
    """A reader may take as long as it likes, as long as it has taken some whenever it is looked at."""
    bench, _, server = served
    link = dial(_table(bench))
    length, looks = len(_begun(link)), 0
    until(lambda: not server.server_state.tasks)
    [reader] = cast("list[Protocol]", list(server.server_state.connections))
    while (left := reader.unread) > protocol._SOME:
        while reader.unread > left - protocol._SOME:
            length += len(link.recv(25_000))
        _look_at(reader)
        looks += 1
    assert looks > 3
    assert length > SIZE / 2
    link.shutdown(socket.SHUT_WR)
    assert length + _length(link) > SIZE


def test_who_waits_for_the_last_bytes_is_cut_off_too(
    served: tuple[Bench, str, WebServer], dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the answer has ended and only its reader is missing, and the connection is to be closed."""
    monkeypatch.setitem(protocol.SECONDS, Awaited.READER, 0.1)
    bench, _, server = served
    link = dial(_closing(_table(bench)))
    _begun(link)
    until(lambda: not server.server_state.tasks)
    until(lambda: not server.server_state.connections)
    assert _length(link) < SIZE


def test_all_together_leave_little_unread(
    served: tuple[Bench, str, WebServer], dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it becomes too much, the slowest readers go, and the others stay."""
    monkeypatch.setattr(crowd, "MOST_UNREAD", 2 * SIZE)
    bench, _, server = served
    request = _table(bench)
    links = []
    for _ in range(4):
        links.append(dial(request))
        _begun(links[-1])
        until(lambda: not server.server_state.tasks)
    left = [one.transport.get_write_buffer_size() for one in list(server.server_state.connections)]
    assert len(left) < 4
    assert 0 < sum(left) <= crowd.MOST_UNREAD
    assert _length(links[0]) < SIZE


def test_idle_connections_make_room(served: tuple[Bench, str, WebServer], dial: Dial) -> None:
    """Any number of connections that say nothing keeps nobody out."""
    _, address, server = served
    server.server_state.most = 5
    links = [dial(b"") for _ in range(20)]
    assert ask(address, "GET /livez").status == 200
    assert _length(links[0]) == 0
    assert len(server.server_state.connections) <= 5


def test_one_too_many_is_told(served: tuple[Bench, str, WebServer], dial: Dial) -> None:
    """While all are at work, a further one is told so at once; when one has gone, it is welcome."""
    _, address, server = served
    server.server_state.most = 3
    links = [dial(STREAM) for _ in range(3)]
    for link in links:
        assert _begun(link) == b"HTTP/1.1 200"
    reply = ask(address, "GET /api/batches")
    assert (reply.status, reply.problem["type"]) == (503, "urn:docstage:problem:too-many-connections")
    links[0].close()
    until(lambda: len(server.server_state.connections) < 3)
    assert ask(address, "GET /api/batches").status == 200


def test_those_who_are_turned_away_are_few(
    served: tuple[Bench, str, WebServer], dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who does not go by itself is cut off, and so is at once who comes while too many have not gone."""
    monkeypatch.setattr(protocol, "_FAREWELL_SECONDS", 0.2)
    _, _, server = served
    state = server.server_state
    state.most, state.most_farewells = 1, 2
    busy = dial(STREAM)
    _begun(busy)
    links = [dial(b"") for _ in range(6)]
    heard = []
    for link in links:
        try:
            heard.append(link.recv(12))
        except ConnectionResetError:
            heard.append(b"")
    assert heard.count(b"HTTP/1.1 503") >= 2
    assert len(state.farewells) <= 2
    until(lambda: not state.farewells)


def test_there_are_only_so_many_streams(served: tuple[Bench, str, WebServer], dial: Dial) -> None:
    """Each costs time whenever something happens; a further one is told, and others are not concerned."""
    _, address, server = served
    server._feed.most = 2
    links = [dial(STREAM) for _ in range(2)]
    for link in links:
        _begun(link)
    reply = ask(address, "GET /api/stream")
    assert (reply.status, reply.problem["type"]) == (503, "urn:docstage:problem:too-many-streams")
    assert ask(address, "GET /api/batches").status == 200


def test_large_tables_leave_threads_to_others(
    served: tuple[Bench, str, WebServer], dial: Dial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty that ask for the same table wait for one another, and a usual question does not."""
    bench, address, server = served
    request = _table(bench)
    begun: list[None] = []
    go_on = threading.Event()
    real = results.list_tasks

    def waiting(*arguments: Any) -> Any:
        begun.append(None)
        assert go_on.wait(PATIENCE)
        return real(*arguments)

    monkeypatch.setattr(results, "list_tasks", waiting)
    links = [dial(request) for _ in range(60)]
    until(lambda: len(server.server_state.tasks) == 60)
    until(lambda: begun)
    assert ask(address, "GET /api/batches").status == 200
    assert len(begun) <= Work.TABLE.value[1]
    go_on.set()
    for link in links:
        assert _begun(link) == b"HTTP/1.1 200"


def test_a_process_without_files_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    """Where asyncio would log a traceback again and again; and it cuts an idle connection off."""

    class Loop:
        at, passed_on = 0.0, 0

        def time(self) -> float:
            return self.at

        def default_exception_handler(self, _context: object) -> None:
            self.passed_on += 1

    loop: Any = Loop()
    handler = NoFiles(Crowd())
    full = {
        "message": "socket.accept() out of system resource",
        "exception": OSError(errno.EMFILE, "Too many"),
    }
    with caplog.at_level(logging.WARNING):
        for loop.at in (0.0, 1.0, 59.0, 61.0):
            handler(loop, full)
        handler(loop, {"message": "a bug", "exception": ValueError()})
    assert len(caplog.records) == 2
    assert loop.passed_on == 1
