"""A model that says what a test wants and keeps every request."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[dict[str, Any]], Any]


@dataclass(slots=True)
class Parrot:
    """The model.

    Attributes:
        base_url: where it listens.
        requests: the body of every call, parsed.
        visits: what was asked of it that is neither a call nor the list of its models.
    """

    base_url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    visits: list[str] = field(default_factory=list)


def asked(body: dict[str, Any]) -> str:
    """The user's message of a request."""
    return str(body["messages"][-1]["content"])


@contextmanager
def running_parrot(answer: Answer, model: str = "parrot") -> Iterator[Parrot]:
    """Serve until the block ends.

    Args:
        answer: the answer's text for the body of a request.
        model: what it says that it is.
    """
    parrot = Parrot()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/v1/models":
                self._say({"object": "list", "data": [{"id": model, "object": "model"}]})
            else:
                parrot.visits.append(self.path)
                self._say({})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            parrot.requests.append(body)
            message = {"role": "assistant", "content": answer(body)}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            read = len(json.dumps(body["messages"])) // 4
            usage = {"prompt_tokens": read, "completion_tokens": 9, "total_tokens": read + 9}
            self._say({"id": "1", "model": model, "choices": [choice], "usage": usage})

        def _say(self, document: dict[str, Any]) -> None:
            data = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    parrot.base_url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield parrot
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
