"""Requests that are too large, too many, too deep or never end, sent to a real server.

`python -m tests.attack.oversized` prints, for each, what it was answered, after how long, and how much more
memory the server took meanwhile.
"""

import argparse
import itertools
import json
import socket
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.attack.raw import Reply, ask, send
from tests.browser.server import Server
from tests.support.waiting import PATIENCE

_JSON = ("Content-Type: application/json",)
_BYTES = ("Content-Type: application/octet-stream",)
_PROMPT = {"name": "P", "text": "Why?"}
_BATCH = {"name": "B", "folder_ids": [1], "connection_ids": [1], "prompt_ids": [1]}
_CONNECTION = {"name": "C", "provider": "simulated", "model": "simulated-small"}
_PIECE = b" " * 65_536
_UPLOAD = "POST /api/folders/upload?name=N&path="
_LONG = "x" * 60_000
_PARAMETERS = (
    *(("limit", value) for value in ("0", "-1", "1001", "9" * 40, "1e2", _LONG)),
    *(("cursor", value) for value in ("x", "W10", "W1tb" * 400, "x" * 2_001, "%00", _LONG)),
    *(("search", value) for value in ("x" * 501, "%00", _LONG)),
    *(("sort", _LONG), ("status", _LONG)),
)


@dataclass(frozen=True, slots=True)
class Attack:
    """A request, and the statuses with which it may be refused."""

    name: str
    send: Callable[[str], Reply]
    refused: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attack came to.

    Attributes:
        growth: bytes of memory that the server took more, at the worst moment.
    """

    attack: Attack
    reply: Reply
    growth: int

    @property
    def fault(self) -> str:
        """What is not as it must be; empty where all is."""
        if self.reply.status not in self.attack.refused:
            return f"answered {self.reply.status}, not {' or '.join(map(str, self.attack.refused))}"
        if self.reply.problem.get("status") != self.reply.status:
            return f"refused with {self.reply.kind or 'nothing'} instead of a problem document"
        if len(self.reply.body) > 100_000:
            return f"refused with {len(self.reply.body):,} bytes"
        return ""


def _json(line: str, value: Any) -> Callable[[str], Reply]:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return lambda address: ask(address, line, _JSON, body)


def _plain(line: str, *headers: str, body: Callable[[], bytes | Iterable[bytes]] = bytes) -> Any:
    return lambda address: ask(address, line, headers, body())


def _bodies() -> Iterator[Attack]:
    prompts = "POST /api/prompts"
    yield Attack("1 byte over the limit", _json(prompts, b" " * 1_048_577), (413,))
    yield Attack("10 GB announced", _plain(prompts, *_JSON, f"Content-Length: {10**10}", body=bytes), (413,))
    yield Attack("64 MiB in chunks", _plain(prompts, *_JSON, body=lambda: [_PIECE] * 1_024), (413,))
    yield Attack("chunks without end", _plain(prompts, *_JSON, body=lambda: itertools.repeat(_PIECE)), (413,))
    yield Attack(
        "one chunk of 2^60 bytes", lambda a: _broken(a, b"1000000000000000\r\n" + _PIECE * 17), (413,)
    )
    yield Attack("chunk size that is none", lambda a: _broken(a, b"zz\r\n{}\r\n0\r\n\r\n"), (400,))
    for length in ("-1", "1e3", "9" * 30, "5, 6"):
        refusal = (400, 413) if length.isdecimal() else (400,)
        yield Attack(
            f"Content-Length: {length}", _plain(prompts, *_JSON, f"Content-Length: {length}"), refusal
        )
    gzip = (*_JSON, "Content-Encoding: gzip")
    yield Attack(
        "compressed", _plain(prompts, *gzip, body=lambda: b"\x1f\x8b" + b"\0" * 1_000_000), (400, 415)
    )


def _broken(address: str, body: bytes) -> Reply:
    head = (
        b"POST /api/prompts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    return send(address, [head, body])


def _values() -> Iterator[Attack]:
    prompts, batches = "POST /api/prompts", "POST /api/batches/save"
    for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
        for number, whole in itertools.product((1_000, 100_000), (True, False)):
            body = opening * number + b"1" + closing * (number if whole else 0)
            name = f"{number:,} × {opening.decode()}{'' if whole else ', left open'}"
            yield Attack(name, _json(prompts, body), (400, 422))
    for depth in (60, 500, 100_000):
        schema = b'{"name": "P", "text": "W", "schema": ' + b'{"not":' * depth + b"{}" + b"}" * (depth + 1)
        yield Attack(f"schema {depth:,} deep", _json(prompts, schema), (400, 422))
    many = dict.fromkeys((f"m{n}" for n in range(50_000)), 1)
    yield Attack("50,000 members that do not exist", _json(prompts, _PROMPT | many), (422,))
    yield Attack(
        "metadata of 900,000 characters", _json(batches, _BATCH | {"metadata": {"a": "x" * 900_000}}), (422,)
    )
    yield Attack("metadata of 100,000 members", _json(batches, _BATCH | {"metadata": many}), (422,))
    yield Attack(
        "number of 1,000,000 digits", _json(batches, b'{"budget": ' + b"9" * 1_000_000 + b"}"), (400, 422)
    )
    yield Attack("1e999999", _json(batches, b'{"budget": 1e999999}'), (422,))
    for kind in ("folder", "connection", "prompt"):
        name = f"{kind}_ids"
        yield Attack(f"100,000 {name}", _json(batches, _BATCH | {name: [*range(1, 100_001)]}), (422,))
        yield Attack(
            f"100,000 {name} that are none", _json(batches, _BATCH | {name: ["x"] * 100_000}), (422,)
        )
    yield Attack(
        "100,000 patterns", _json("POST /api/folders/check", {"path": "/", "include": [""] * 100_000}), (422,)
    )
    kinds = {"action": "retry", "failure_kinds": ["x"] * 100_000}
    yield Attack("100,000 failure kinds", _json("POST /api/batches/1/action", kinds), (422,))
    headers = {f"h{n}": "v" for n in range(50_000)}
    yield Attack(
        "50,000 headers for a model",
        _json("POST /api/connections", _CONNECTION | {"headers": headers}),
        (422,),
    )


def _matrices() -> Iterator[Attack]:
    """More combinations than are laid out; the ids need not even exist."""
    for folders, connections, prompts in ((1, 101, 100), (1_000, 1_000, 1_000)):
        counts = {"folder_ids": folders, "connection_ids": connections, "prompt_ids": prompts}
        body = _BATCH | {name: [*range(1, number + 1)] for name, number in counts.items()}
        for action in ("save", "stage"):
            name = f"{action} {folders:,} × {connections:,} × {prompts:,}"
            yield Attack(name, _json(f"POST /api/batches/{action}", body), (422,))


def _heads() -> Iterator[Attack]:
    for name, value in _PARAMETERS:
        shown = value if len(value) < 20 else f"{len(value):,} characters"
        yield Attack(f"?{name}={shown}", _plain(f"GET /api/batches?{name}={value}"), (422,))
    yield Attack("4,000 × ?status=SAVED", _plain("GET /api/batches?" + "status=SAVED&" * 4_000), (422,))
    ids = "connection_id=1&" * 3_000
    yield Attack("3,000 × ?connection_id=1", _plain("GET /api/batches/1/tasks?" + ids), (422,))
    yield Attack(
        "7,000 unknown parameters",
        _plain("GET /api/batches?limit=0&" + "&".join(f"p{n}=" for n in range(7_000))),
        (422,),
    )
    yield Attack("path of 1 MB", _plain("GET /" + "x" * 1_000_000), (431,))
    yield Attack("query of 200,000 characters", _plain("GET /api/batches?search=" + "x" * 200_000), (431,))
    yield Attack("id of 60,000 digits", _plain("GET /api/batches/" + "9" * 60_000), (414,))
    yield Attack("header of 1 MB", _plain("GET /api/batches", "X-A: " + "x" * 1_000_000), (431,))
    yield Attack("20,000 headers", _plain("GET /api/batches", *(f"X-{n}: y" for n in range(20_000))), (431,))
    yield Attack("header without end", lambda a: send(a, _endless_head()), (431,))
    yield Attack("no HTTP", lambda a: send(a, [b"\x16\x03\x01\x02\x00" * 20 + b"\r\n\r\n"]), (400,))
    yield Attack("host of 60,000 characters", _plain("GET /api/batches", "Host: " + "x" * 60_000), (403,))
    yield Attack("method of 60,000 letters", _plain("X" * 60_000 + " /api/batches"), (405, 501))
    save = "POST /api/batches/save"
    for length in (256, 60_000):
        key = f"Idempotency-Key: {'k' * length}"
        yield Attack(
            f"key of {length:,} characters",
            _plain(save, *_JSON, key, body=lambda: json.dumps(_BATCH).encode()),
            (422,),
        )
    for length in (1_001, 60_000):
        tag = f'If-Match: "{"t" * length}"'
        yield Attack(
            f"tag of {length:,} characters",
            _plain("PATCH /api/batches/1", *_JSON, tag, body=lambda: b"{}"),
            (404, 422),
        )


def _endless_head() -> Iterator[bytes]:
    yield b"GET /api/batches HTTP/1.1\r\n"
    for number in itertools.count():
        yield b"X-%d: %s\r\n" % (number, b"y" * 1_000)


def _uploads() -> Iterator[Attack]:
    yield Attack(
        "upload of 200 GB announced", _plain(f"{_UPLOAD}a", *_BYTES, f"Content-Length: {2 * 10**11}"), (422,)
    )
    yield Attack(
        "upload without end", _plain(f"{_UPLOAD}a", *_BYTES, body=lambda: itertools.repeat(_PIECE)), (422,)
    )
    yield Attack("file name of 256 bytes", _plain(f"{_UPLOAD}{'n' * 256}", *_BYTES), (422,))
    yield Attack("path of 60,000 characters", _plain(f"{_UPLOAD}{'n/' * 30_000}n", *_BYTES), (422,))
    yield Attack("path 2,000 deep", _plain(f"{_UPLOAD}{'n/' * 2_000}n", *_BYTES), (422,))
    for name, boundary in (("10,000 parts", "b"), ("no boundary", ""), ("another boundary", "c")):
        kind = f"Content-Type: multipart/form-data{f'; boundary={boundary}' if boundary else ''}"
        yield Attack(f"form with {name}", _plain(f"{_UPLOAD}a", kind, body=_form), (415,))


def _form() -> bytes:
    part = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nx\r\n'
    return part * 10_000 + b"--b--\r\n"


GROUPS: Mapping[str, Callable[[], Iterator[Attack]]] = {
    "bodies": _bodies,
    "values": _values,
    "matrices": _matrices,
    "heads": _heads,
    "uploads": _uploads,
}


class Target:
    """A server with a home of its own, small limits for files, and its memory in view."""

    def __init__(self, home: Path) -> None:
        """Start it."""
        self.server = Server(home, settings={"DOCSTAGE_MAX_FILE_MB": "4"})
        self.server.start()
        assert self.server.process is not None
        self.status = Path(f"/proc/{self.server.process.pid}/status")

    def hit(self, attack: Attack) -> Outcome:
        """Carry an attack out, and see that the server answers as usual afterwards."""
        before = self._forget_peak()
        reply = attack.send(self.server.address)
        growth = self._memory("VmHWM") - before
        assert ask(self.server.address, "GET /livez").status == 200, f"gone after {attack.name}"
        return Outcome(attack, reply, growth)

    def crowd(self, number: int) -> str:
        """Let many connections begin a request and say no more, and ask as usual; the figures in words."""
        before = self._forget_peak()
        parts = urlsplit(self.server.address)
        with ExitStack() as stack:
            for _ in range(number):
                link = socket.create_connection((parts.hostname, parts.port), PATIENCE)
                stack.enter_context(link).sendall(b"GET /api/batches HTTP/1.1\r\nHost: ")
            reply = ask(self.server.address, "GET /api/batches")
        assert reply.status == 200, f"a usual question beside {number} half ones is answered {reply.status}"
        growth = (self._memory("VmHWM") - before) / 1e6
        return f"beside {number} half requests: {reply.milliseconds:.1f} ms, {growth:.1f} MB more"

    def _forget_peak(self) -> int:
        (self.status.parent / "clear_refs").write_text("5")  # the peak begins anew
        return self._memory("VmRSS")

    def _memory(self, name: str) -> int:
        (line,) = (one for one in self.status.read_text().splitlines() if one.startswith(f"{name}:"))
        return int(line.split()[1]) * 1_024


@contextmanager
def target(home: Path) -> Iterator[Target]:
    """A server for as long as the context lasts, warm enough for its memory to say something."""
    one = Target(home)
    try:
        for _ in range(20):
            ask(one.server.address, "POST /api/prompts", _JSON, json.dumps({"text": "x" * 200_000}).encode())
        ask(one.server.address, "GET /openapi.json")
        yield one
    finally:
        one.server.stop()


def main() -> None:
    """Carry all attacks out and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--group", choices=GROUPS, action="append")
    chosen = parser.parse_args().group or [*GROUPS]
    faults = 0
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, target(Path(folder)) as one:
        for group in chosen:
            print(f"{group:<44} {'answer':>6} {'ms':>8} {'MB more':>8}")
            for attack in GROUPS[group]():
                outcome = one.hit(attack)
                faults += bool(outcome.fault)
                reply = outcome.reply
                figures = f"{reply.status:>6} {reply.milliseconds:>8.1f} {outcome.growth / 1e6:>8.1f}"
                print(f"  {attack.name:<42} {figures}  {outcome.fault}", flush=True)
        print(one.crowd(500))
    print(f"{faults} not as they must be; {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
