"""A model that answers what a test has written for it, on a loopback port of its own."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: a text with 200, or a failure with another status."""

    text: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


# Given the question with its document and the number of the call, from 1; None never answers.
Script = Callable[[str, int], Reply | None]


@contextmanager
def scripted(script: Script) -> Iterator[str]:
    """The address of a model that follows the script until the block ends."""
    ended, calls = threading.Event(), iter(range(1, 1_000_000))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            reply = script(json.dumps(json.loads(body), ensure_ascii=False), next(calls))
            if reply is None:
                ended.wait()
                return
            data = json.dumps(_body(reply)).encode()
            self.send_response(reply.status)
            for name, value in (reply.headers | {"content-length": str(len(data))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{cast(tuple[str, int], server.server_address)[1]}/v1"
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _body(reply: Reply) -> dict[str, Any]:
    if reply.status != 200:
        return {"error": {"message": reply.text, "type": "server_error"}}
    usage = {"prompt_tokens": 20, "completion_tokens": max(1, len(reply.text) // 4)}
    message = {"role": "assistant", "content": reply.text}
    return {
        "model": "scripted",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": usage | {"total_tokens": sum(usage.values())},
    }
