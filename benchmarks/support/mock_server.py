"""A chat server that costs next to nothing: `python -m benchmarks.support.mock_server [--delay SECONDS]`.

It answers every POST with the same completion and knows just enough HTTP/1.1 for clients that send a
Content-Length. `GET /last` tells when the last POST arrived, in seconds of the machine's monotonic clock.
"""

import argparse
import asyncio
import json
import signal
import time

_COMPLETION = json.dumps(
    {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_800_000_000,
        "model": "mock",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "It is a short letter about an invoice."},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 120, "completion_tokens": 9, "total_tokens": 129},
    }
).encode()
_LENGTH = b"content-length:"


def _response(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


_ANSWER = _response(_COMPLETION)


class MockServer(asyncio.Protocol):
    """One connection; requests on it come one after another."""

    last = 0.0

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._held = b""
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            size = end + 4 + _content_length(self._held[:end])
            if len(self._held) < size:
                return
            request, self._held = self._held[:size], self._held[size:]
            self.answer(request)

    def answer(self, request: bytes) -> None:
        """Answer one request."""
        if request.startswith(b"GET"):
            self.send(_response(repr(MockServer.last).encode()))
            return
        MockServer.last = time.monotonic()
        if self._delay:
            self._loop.call_later(self._delay, self.send, _ANSWER)
        else:
            self.send(_ANSWER)

    def send(self, data: bytes) -> None:
        """Send, unless nobody listens any more."""
        assert self._transport is not None
        if not self._transport.is_closing():
            self._transport.write(data)

    def hang_up(self) -> None:
        """Cut the connection."""
        assert self._transport is not None
        self._transport.close()


def _content_length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(_LENGTH)
    return int(lowered[at + len(_LENGTH) :].split(b"\r", 1)[0]) if at >= 0 else 0


async def serve(kind: type[MockServer], delay: float, path: str = "/v1") -> None:
    """Serve until SIGTERM; writes its address, with this path, as its first line."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: kind(delay), "127.0.0.1", 0, backlog=2_048)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{path}", flush=True)
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before every answer")
    asyncio.run(serve(MockServer, parser.parse_args().delay))
