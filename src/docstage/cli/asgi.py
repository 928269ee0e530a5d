"""Calls of the application in this process, with answers that stream: an export may not fit into memory."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
from starlette.types import ASGIApp, Message

from docstage.domain.errors import DocstageError

_PIECES_AHEAD = 8


class AppTransport(httpx.AsyncBaseTransport):
    """Passes httpx's requests to an ASGI application."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the application; its lifespan is not run."""
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request as soon as the application has begun to."""
        exchange = _Exchange(await request.aread())
        exchange.begin(self._app, _scope(request))
        start = await exchange.next_message()
        return httpx.Response(start["status"], headers=start["headers"], stream=exchange)


class _Exchange(httpx.AsyncByteStream):
    """One request and its answer, whose pieces wait here until they are read."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._messages: asyncio.Queue[Message] = asyncio.Queue(_PIECES_AHEAD)
        self._closed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self, app: ASGIApp, scope: dict[str, Any]) -> None:
        """Let the application work on the request."""
        self._task = asyncio.create_task(_run(app, scope, self), name=f"request {scope['path']}")

    async def receive(self) -> Message:
        """What the application gets: the body, and later that the reader has gone."""
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._closed.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """What the application answers."""
        await self._messages.put(message)

    async def next_message(self) -> Message:
        """The next message of the answer; raises what the application raised."""
        assert self._task is not None
        message = asyncio.ensure_future(self._messages.get())
        try:
            await asyncio.wait({message, self._task}, return_when=asyncio.FIRST_COMPLETED)
            if not message.done():
                self._task.result()
        except BaseException:
            message.cancel()
            raise
        return await message

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """The pieces of the body."""
        more = True
        while more:
            message = await self.next_message()
            yield message.get("body", b"")
            more = message.get("more_body", False)

    async def aclose(self) -> None:
        """End the exchange; what the application still had to do for it is given up."""
        self._closed.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


async def _run(app: ASGIApp, scope: dict[str, Any], exchange: _Exchange) -> None:
    try:
        await app(scope, exchange.receive, exchange.send)
    except RuntimeError as error:
        # Starlette puts one around errors that come when the answer has begun.
        if isinstance(error.__cause__, DocstageError):
            raise error.__cause__ from None
        raise


def _scope(request: httpx.Request) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": request.url.raw_path.split(b"?")[0],
        "query_string": request.url.query,
        "server": (request.url.host, request.url.port),
        "client": ("127.0.0.1", 0),
        "root_path": "",
    }
