"""A real web server under requests that are none, or that do not end."""

import json
import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.support.apps import Bench
from tests.support.benches import sqlite_bench
from tests.support.serving import serving
from tests.support.waiting import PATIENCE, until

from docstage.api.server import WebServer
from docstage.domain.lifecycle import BatchStatus
from docstage.web import guard, protocol
from docstage.web.protocol import Awaited

Dial = Callable[[bytes], socket.socket]


@pytest.fixture
def hasty(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test names is not waited for long; all else is, so that a slow machine is no slow caller."""
    monkeypatch.setitem(protocol.SECONDS, request.param, 0.1)


@pytest.fixture
def served(tmp_path: Path, template: Path) -> Iterator[tuple[Bench, str, WebServer]]:
    """A bench, and the address of its server on any free port."""
    with sqlite_bench(tmp_path, template, port=0) as bench, serving(bench) as (address, server):
        yield bench, address, server


@pytest.fixture
def dial(served: tuple[Bench, str, WebServer]) -> Iterator[Dial]:
    """Opens a connection and sends some bytes."""
    links = []

    def opened(data: bytes) -> socket.socket:
        parts = urlsplit(served[1])
        links.append(socket.create_connection((parts.hostname, parts.port), PATIENCE))
        links[-1].sendall(data)
        return links[-1]

    yield opened
    for link in links:
        link.close()


def _all(link: socket.socket) -> bytes:
    """What comes until the server closes the connection."""
    data = b""
    try:
        while more := link.recv(65_536):
            data += more
    except ConnectionResetError:
        pass
    return data


def _send_for_ever(link: socket.socket) -> None:
    while True:
        link.sendall(b" " * 65_536)


def _begun(method: bytes, path: bytes, kind: bytes, length: int) -> bytes:
    """A head, of a request with a body."""
    headers = (b"Host: localhost", b"Content-Type: application/" + kind, b"Content-Length: %d" % length)
    return b"\r\n".join([b"%s %s HTTP/1.1" % (method, path), *headers, b"", b""])


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("hasty", [Awaited.HEAD], indirect=True)
@pytest.mark.parametrize("data", [b"", b"GET /api/batches HTTP/1.1\r\nHost: local"])
def test_a_head_that_does_not_come_is_given_up(dial: Dial, data: bytes) -> None:
    """A connection that says nothing, or half a head, does not stay open."""
    assert _all(dial(data)) == b""


def test_a_body_that_does_not_come_is_told(dial: Dial, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is answered 408, and the connection is closed where nothing more comes."""
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.1)
    monkeypatch.setitem(protocol.SECONDS, Awaited.REST, 0.1)
    answer = _all(dial(_begun(b"POST", b"/api/prompts", b"json", 10) + b"{"))
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["type"] == "urn:docstage:problem:body-too-slow"


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("hasty", [Awaited.REST], indirect=True)
def test_the_rest_of_a_refused_request_is_not_read_for_ever(dial: Dial) -> None:
    """Who is told that a body is too large and goes on sending is cut off."""
    link = dial(_begun(b"POST", b"/api/prompts", b"json", 10**12))
    with pytest.raises((ConnectionResetError, BrokenPipeError)):
        _send_for_ever(link)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("hasty", [Awaited.BODY], indirect=True)
def test_an_upload_that_stops_is_given_up(served: tuple[Bench, str, WebServer], dial: Dial) -> None:
    """Nothing of it stays."""
    link = dial(_begun(b"POST", b"/api/folders/upload?name=N&path=a.txt", b"octet-stream", 100) + b"half")
    assert _all(link) == b""
    place = served[0].services.settings.home / "uploads" / "N"
    until(lambda: place.is_dir() and not [*place.iterdir()])


@pytest.mark.parametrize(
    ("data", "status", "kind"),
    [
        (b"hello\r\n\r\n", 400, "malformed"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000, 431, "head-too-large"),
        (
            b"POST /api/prompts HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
            501,
            "malformed",
        ),
        (
            b"POST /api/prompts HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            400,
            "malformed",
        ),
    ],
)
def test_what_is_no_request_is_a_problem(
    dial: Dial, data: bytes, status: int, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is told as such, with the headers that all answers carry, and is no defect of the server."""
    with caplog.at_level(logging.ERROR):
        head, _, body = _all(dial(data)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"x-content-type-options: nosniff" in head
    problem = json.loads(body)
    assert (problem["status"], problem["type"]) == (status, f"urn:docstage:problem:{kind}")
    assert caplog.records == []


def test_half_a_request_is_not_carried_out(served: tuple[Bench, str, WebServer], dial: Dial) -> None:
    """Who goes away before the body that was announced has asked for nothing, also where it may be absent."""
    bench, _, server = served
    batch_id = bench.batch_in(BatchStatus.STAGED)
    before = bench.state(batch_id)
    for body in (b"", b"{}"):
        seen = server.server_state.total_requests
        link = dial(_begun(b"POST", b"/api/batches/%d/run" % batch_id, b"json", 10) + body)
        until(lambda: server.server_state.tasks)
        link.close()
        until(lambda: not server.server_state.connections and not server.server_state.tasks)
        assert server.server_state.total_requests == seen
    assert bench.state(batch_id) == before
