"""A server that hands back every secret it is given, in each way in which servers fail, and in answers."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# The first part of the path says how the server fails.
WAYS = (
    "401",
    "403",
    "404",
    "429",
    "400",
    "500",
    "302",
    "page",
    "types",
    "cut",
    "slow",
    "plain",
    "answer",
    "escaped",
)
USABLE = ("answer", "escaped")  # what looks like a model's answer
SLOW_SECONDS = 2.0


@dataclass(slots=True)
class Echo:
    """A running server.

    Attributes:
        address: below it each of `WAYS` is a base URL.
        told: the headers and path of every request.
    """

    address: str = ""
    told: list[str] = field(default_factory=list)


def _completion(told: str, *, escaped: bool) -> dict[str, Any]:
    """A usable answer that repeats what was told, as it is or as JSON with every letter escaped."""
    letters = "".join(f"\\u{ord(letter):04x}" for letter in told)
    content = f'{{"told": "{letters}"}}' if escaped else told
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    return {"model": told, "choices": [choice], "usage": {"prompt_tokens": 200, "completion_tokens": 1}}


def _handler(echo: Echo, over: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._fail()

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length", "0")))
            self._fail()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

        def _fail(self) -> None:
            way = self.path.split("/")[1]
            told = " ".join(f"{name}: {value};" for name, value in self.headers.items()) + self.path
            echo.told.append(told)
            if way == "slow":
                over.wait(SLOW_SECONDS)
            if way.isdigit():
                kind, body = "application/json", json.dumps({"error": {"message": told, "code": told}})
            elif way == "types":
                choice = {"message": {"role": told, "content": {told: told}}, "finish_reason": told}
                kind, body = (
                    "application/json",
                    json.dumps({"choices": [choice], "usage": told, "data": told}),
                )
            elif way in USABLE:
                kind, body = "application/json", json.dumps(_completion(told, escaped=way == "escaped"))
            else:
                kind, body = "text/html", f"<html><b>{told}</b></html>"
            self._send(int(way) if way.isdigit() else 200, kind, body.encode(), told)

        def _send(self, status: int, kind: str, body: bytes, told: str) -> None:
            self.send_response(status, "Told" if self.path.startswith("/plain") else None)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body) * (2 if self.path.startswith("/cut") else 1)))
            self.send_header("location", f"http://127.0.0.1:9/?{told}")
            self.send_header("www-authenticate", told)
            self.send_header("x-request-id", told)
            with suppress(BrokenPipeError):  # who was kept waiting has left
                self.end_headers()
                self.wfile.write(body)

    return Handler


@contextmanager
def running_echo() -> Iterator[Echo]:
    """Serve until the block ends."""
    echo, over = Echo(), threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(echo, over))
    echo.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield echo
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
