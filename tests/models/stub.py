"""A server for tests that gives prepared answers and keeps what it was asked."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Stub:
    """A server on loopback.

    Attributes:
        url: its address, without a path.
        handler: answers every request.
        requests: each request's method, path with query, headers and parsed body.
    """

    url: str = ""
    handler: Handler = field(default=lambda _request: _answer_nothing())
    requests: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)

    def answers(self, body: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """From now on answer with this JSON."""

        async def handler(_request: web.Request) -> web.StreamResponse:
            return web.json_response(body, status=status, headers=headers)

        self.handler = handler

    def answers_text(self, text: str, status: int = 200, content_type: str = "text/html") -> None:
        """From now on answer with this text."""

        async def handler(_request: web.Request) -> web.StreamResponse:
            return web.Response(text=text, status=status, content_type=content_type)

        self.handler = handler


async def _answer_nothing() -> web.StreamResponse:
    return web.Response(status=204)


@asynccontextmanager
async def running_stub(ssl_context: Any = None) -> AsyncIterator[Stub]:
    """Serve on a free port until the block ends."""
    stub = Stub()

    async def receive(request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        headers = {name.lower(): value for name, value in request.headers.items()}
        stub.requests.append((request.method, request.raw_path, headers, body))
        return await stub.handler(request)

    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_route("*", "/{path:.*}", receive)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=ssl_context)
    await site.start()
    scheme = "https" if ssl_context else "http"
    stub.url = f"{scheme}://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield stub
    finally:
        await runner.cleanup()


def completion(content: str | None = "fine", **changes: Any) -> dict[str, Any]:
    """A chat completion as OpenAI documents it, with members of its only choice changed."""
    message = {"role": "assistant", "content": content}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_750_000_000,
        "model": "served-model",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message, **changes}],
        "usage": {
            "prompt_tokens": 100,
            "completion_tokens": 7,
            "total_tokens": 107,
            "prompt_tokens_details": {"cached_tokens": 64},
        },
    }
