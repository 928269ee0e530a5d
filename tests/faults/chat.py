"""A chat server that logs every call and holds answers back until they are let through.

Its answers depend on document and prompt alone, so that a batch ends the same however often it was
interrupted. It lets the first so many tasks through, and answers them again whenever they are asked again.
"""

import asyncio
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from aiohttp import web
from tests.support.waiting import PATIENCE

POISON = "POISON"  # a document on which every call fails
FLAKY = "FLAKY"  # one on which the first call of a run fails

_DOCUMENT = re.compile(r"DOC-\d+")
_PROMPT = re.compile(r"ASK-\d+")

Key = tuple[str, str]  # document and prompt


def answer_of(key: Key) -> str:
    """What is answered for a document and prompt."""
    return f"{key[0]} {key[1]} {sha256(' '.join(key).encode()).hexdigest()[:12]}"


@dataclass(slots=True)
class Call:
    """A call that reached the server.

    Attributes:
        run: the run it was made for, as the test says.
        status: what it was answered with; None while it is not, or if the caller went away.
    """

    run: int
    key: Key
    begun_at: float
    status: int | None = None


@dataclass(slots=True)
class ChatServer:
    """Answers calls, each after a short while.

    Attributes:
        run: the run that calls are logged for.
        seconds: how long an answer takes.
    """

    run: int = 1
    seconds: float = 0.03
    calls: list[Call] = field(default_factory=list)
    base_url: str = ""
    _let: int = 1_000_000
    _through: dict[int, set[Key]] = field(default_factory=dict)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _loop: asyncio.AbstractEventLoop | None = None

    def let_through(self, tasks: int) -> None:
        """Answer the first so many tasks of the run; calls for others wait."""

        async def change() -> None:
            async with self._changed:
                self._let = tasks
                self._changed.notify_all()

        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(change(), self._loop).result(PATIENCE)

    def answered(self, run: int) -> Counter[Key]:
        """How often each task of a run was answered with success."""
        return Counter(call.key for call in list(self.calls) if call.run == run and call.status == 200)

    def asked(self, run: int) -> Counter[Key]:
        """How often each task of a run was asked."""
        return Counter(call.key for call in list(self.calls) if call.run == run)

    async def _complete(self, request: web.Request) -> web.Response:
        text = await request.text()
        document, prompt = _DOCUMENT.search(text), _PROMPT.search(text)
        assert document is not None
        assert prompt is not None
        call = Call(self.run, (document[0], prompt[0]), time.monotonic())
        self.calls.append(call)
        await self._turn_of(call)
        await asyncio.sleep(self.seconds)
        first = self.asked(call.run)[call.key] == 1
        status = 400 if POISON in text else 500 if FLAKY in text and first else 200
        call.status = status
        return web.json_response(_body(status, call.key), status=status)

    async def _turn_of(self, call: Call) -> None:
        through = self._through.setdefault(call.run, set())
        async with self._changed:
            await self._changed.wait_for(lambda: call.key in through or len(through) < self._let)
            through.add(call.key)

    async def start(self) -> web.AppRunner:
        """Listen on any free port."""
        self._loop = asyncio.get_running_loop()
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._complete)
        # Without it a call whose caller was killed would still be answered, as far as the log is concerned.
        runner = web.AppRunner(app, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        self.base_url = f"http://{host}:{port}/v1"
        return runner


def _body(status: int, key: Key) -> dict[str, Any]:
    if status != 200:
        return {"error": {"message": "The server cannot answer this.", "type": "invalid_request_error"}}
    message = {"role": "assistant", "content": answer_of(key)}
    usage = {"prompt_tokens": 2_500, "completion_tokens": 10, "total_tokens": 2_510}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {"object": "chat.completion", "model": "simulated-small", "choices": [choice], "usage": usage}


@contextmanager
def running_chat(seconds: float = 0.03) -> Iterator[ChatServer]:
    """A chat server in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="chat")
    thread.start()
    server = ChatServer(seconds=seconds)
    runner = asyncio.run_coroutine_threadsafe(server.start(), loop).result(PATIENCE)
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
