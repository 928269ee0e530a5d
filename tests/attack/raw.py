"""Requests as no client library would send them, over a plain socket."""

import json
import select
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.support.waiting import PATIENCE

_PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Attributes:
        status: 0 when the connection was closed without an answer.
        milliseconds: from the first byte that was sent to the last one of the answer.
    """

    status: int
    kind: str
    body: bytes
    milliseconds: float

    @property
    def problem(self) -> Any:
        """The problem document, an empty one where there is none."""
        return json.loads(self.body) if self.kind == "application/problem+json" else {}


def ask(address: str, line: str, headers: Iterable[str] = (), body: bytes | Iterable[bytes] = b"") -> Reply:
    """Send a request and read the answer, which may come before all has been sent.

    Args:
        line: method and target, such as `GET /api/batches`.
        headers: whole lines; without any of a length, that of `body` is added.
        body: bytes, or pieces that are sent as chunks.
    """
    lines = [f"{line} HTTP/1.1", *headers]
    names = {one.partition(":")[0].lower() for one in lines[1:]}
    if "host" not in names:
        lines.append(f"Host: {urlsplit(address).netloc}")
    if not isinstance(body, bytes):
        lines.append("Transfer-Encoding: chunked")
    elif "content-length" not in names and body:
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    return send(address, _pieces(head, body))


def send(address: str, pieces: Iterable[bytes]) -> Reply:
    """Send bytes as they are until something comes back, and read that."""
    parts = urlsplit(address)
    began = time.perf_counter()
    with socket.create_connection((parts.hostname, parts.port), PATIENCE) as link:
        try:
            for piece in pieces:
                if _is_readable(link):
                    break
                link.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused; what it says may still be read
        status, kind, answer = _read(link)
    return Reply(status, kind, answer, 1_000 * (time.perf_counter() - began))


def _is_readable(link: socket.socket) -> bool:
    waiting = select.poll()  # unlike `select`, for any number of open files
    waiting.register(link, select.POLLIN)
    return bool(waiting.poll(0))


def _pieces(head: bytes, body: bytes | Iterable[bytes]) -> Iterator[bytes]:
    yield head
    if isinstance(body, bytes):
        for start in range(0, len(body), _PIECE):
            yield body[start : start + _PIECE]
        return
    for piece in body:
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def _read(link: socket.socket) -> tuple[int, str, bytes]:
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := _receive(link)):
            return 0, "", data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
    while len(body) < int(headers.get("content-length", "0")) and (more := _receive(link)):
        body += more
    return int(first.split()[1]), headers.get("content-type", "").partition(";")[0], body


def _receive(link: socket.socket) -> bytes:
    try:
        return link.recv(_PIECE)
    except ConnectionResetError:
        return b""
