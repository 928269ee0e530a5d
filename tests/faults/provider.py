"""A chat server that fails in every way that providers do, and logs each request with its time.

What becomes of a request is settled by a seed, the task and how often the task was asked, so that every task
ends the same however the calls fall. Besides, the server as a whole can be away, sick, or refuse its key.
"""

import asyncio
import json
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from enum import StrEnum
from typing import Any

from aiohttp import web

from docstage.domain.tasks import FailureKind

_DOCUMENT = re.compile(r"DOC-(\d+)")
_PROMPT = re.compile(r"ASK-(\d+)")

Key = tuple[int, int]  # document and prompt


class Fault(StrEnum):
    """What a provider does instead of answering."""

    LIMITED = "429"
    LIMITED_SECONDS = "429, Retry-After in seconds"
    LIMITED_DATE = "429, Retry-After as a date"
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502 without a body"
    UNAVAILABLE = "503 with a web page"
    SILENCE = "no answer in time"
    CUT = "answer cut off by length"
    CUT_STREAM = "chunked answer cut off"
    BROKEN = "half a JSON body"
    EMPTY = "empty body"
    NO_WORDS = "answer without words"
    NO_JSON = "answer that is no JSON"
    WRONG_SCHEMA = "answer of another schema"
    # These come again with every call of the task.
    OVERFLOW = "context overflow"
    TOO_LARGE = "429, request too large"
    REFUSAL = "refusal"
    NEVER_FITS = "never the right schema"


# Which failure each fault must be recorded as; those of the second list end their task.
KINDS = {
    Fault.LIMITED: FailureKind.RATE_LIMITED,
    Fault.LIMITED_SECONDS: FailureKind.RATE_LIMITED,
    Fault.LIMITED_DATE: FailureKind.RATE_LIMITED,
    Fault.SERVER_ERROR: FailureKind.OVERLOADED,
    Fault.BAD_GATEWAY: FailureKind.OVERLOADED,
    Fault.UNAVAILABLE: FailureKind.OVERLOADED,
    Fault.SILENCE: FailureKind.TIMEOUT,
    Fault.CUT: FailureKind.CONNECTION,
    Fault.CUT_STREAM: FailureKind.CONNECTION,
    Fault.BROKEN: FailureKind.CONNECTION,  # it was cut on its way
    Fault.EMPTY: FailureKind.CONNECTION,
    Fault.NO_WORDS: FailureKind.BAD_ANSWER,
    Fault.NO_JSON: FailureKind.BAD_ANSWER,
    Fault.WRONG_SCHEMA: FailureKind.BAD_ANSWER,
}
FATAL = {
    Fault.OVERFLOW: FailureKind.CONTEXT_OVERFLOW,
    Fault.TOO_LARGE: FailureKind.CONTEXT_OVERFLOW,
    Fault.REFUSAL: FailureKind.REFUSAL,
    Fault.NEVER_FITS: FailureKind.BAD_ANSWER,
}
# A second unusable answer would end its task, and these are to be answered in the end.
_UNUSABLE = [fault for fault, kind in KINDS.items() if kind is FailureKind.BAD_ANSWER]
_SECOND = [fault for fault, kind in KINDS.items() if kind is not FailureKind.BAD_ANSWER]
_FATAL_SHARE = 0.1  # of the faults
_MOST_FAULTS = 2  # of one task, so that its tries are not used up by bad luck


class Episode(StrEnum):
    """What can be wrong with the server as a whole."""

    EXPIRED = "key expired"
    QUOTA = "quota exhausted"
    AWAY = "nothing listens"
    SICK = "503 for all"


@dataclass(slots=True)
class Request:
    """A request that reached the server.

    Attributes:
        nth: how often its task had been asked then, this time included; calls in an episode left out.
        ended_at: when it was answered or given up.
        wait: seconds that it was told to wait, if any.
        others: requests that were open when it came, itself included.
    """

    at: float
    key: Key
    nth: int
    what: Fault | Episode | None
    others: int
    ended_at: float | None = None
    wait: float = 0.0


@dataclass(slots=True)
class Provider:
    """The server.

    Attributes:
        share: of the calls that fail.
        healthy_from: tasks of documents from this number on are always answered.
        key: the key that it takes at the moment; empty means any.
        episodes: what begins with which request.
        seconds: how long it is away or sick.
        length: characters that make answers longer.
        spans: episodes that are over, with their begin and end.
        mended_at: when somebody resumed the batch.
    """

    seed: int
    share: float = 0.2
    healthy_from: int = 1_000_000
    key: str = "first"
    episodes: dict[int, Episode] = field(default_factory=dict)
    seconds: float = 3.0
    length: int = 0
    base_url: str = ""
    requests: list[Request] = field(default_factory=list)
    episode: Episode | None = None
    spans: list[tuple[Episode, float, float]] = field(default_factory=list)
    mended_at: list[float] = field(default_factory=list)
    _asked: Counter[Key] = field(default_factory=Counter)
    _open: int = 0
    _began_at: float = 0.0
    _runner: web.AppRunner | None = None
    _port: int = 0
    _back: asyncio.Task[None] | None = None

    def fatal(self, key: Key) -> Fault | None:
        """What every call of a task comes to, if it can never be answered."""
        if key[0] >= self.healthy_from:
            return None
        draw = random.Random(f"{self.seed} {key}")
        return draw.choice(list(FATAL)) if draw.random() < self.share * _FATAL_SHARE else None

    def fault(self, key: Key, nth: int) -> Fault | None:
        """What the nth call of a task comes to, while the server as a whole is well."""
        if fatal := self.fatal(key):
            return fatal
        if key[0] >= self.healthy_from or nth > _MOST_FAULTS:
            return None
        draw = random.Random(f"{self.seed} {key} {nth}")
        return draw.choice(list(KINDS) if nth == 1 else _SECOND) if draw.random() < self.share else None

    def mend(self) -> None:
        """End an episode that only somebody can end."""
        self._end_episode()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()
        document, prompt = _DOCUMENT.search(text), _PROMPT.search(text)
        assert document is not None
        assert prompt is not None
        key = (int(document[1]), int(prompt[1]))
        self._open += 1
        entry = Request(time.monotonic(), key, 0, None, self._open)
        self.requests.append(entry)
        if begins := self.episodes.pop(len(self.requests), None):
            self._begin_episode(begins)
        try:
            return await self._answer(request, entry)
        finally:
            self._open -= 1
            entry.ended_at = time.monotonic()

    async def _answer(self, request: web.Request, entry: Request) -> web.StreamResponse:
        if self.episode:
            entry.what = self.episode
            return _of_episode(self.episode)
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}":
            entry.what = Episode.EXPIRED
            return _of_episode(Episode.EXPIRED)
        self._asked[entry.key] += 1
        entry.nth = self._asked[entry.key]
        entry.what = self.fault(entry.key, entry.nth)
        if entry.what in _UNUSABLE and sum(one.key == entry.key for one in self.requests) > 1:
            entry.what = None  # a second try that comes to nothing would be the last one
        if entry.what is None:
            healthy = entry.key[0] >= self.healthy_from
            await asyncio.sleep(0.1 if healthy else 0.02)
            return web.json_response(completion({"kind": "letter" + "!" * self.length}))
        await asyncio.sleep(0.01)
        return await _of_fault(request, entry)

    def _begin_episode(self, episode: Episode) -> None:
        self.episode, self._began_at = episode, time.monotonic()
        if episode is Episode.EXPIRED:
            self.key = "second"
            self._end_episode()  # from here on the key decides
        elif episode in {Episode.AWAY, Episode.SICK}:
            self._back = asyncio.create_task(self._return(episode))

    def _end_episode(self) -> None:
        if self.episode:
            self.spans.append((self.episode, self._began_at, time.monotonic()))
        self.episode = None

    async def _return(self, episode: Episode) -> None:
        if episode is Episode.AWAY:
            assert self._runner is not None
            assert self._runner.server is not None
            for site in list(self._runner.sites):
                await site.stop()
            for connection in self._runner.server.connections:
                if connection.transport:
                    connection.transport.abort()
        await asyncio.sleep(self.seconds)
        if episode is Episode.AWAY:
            assert self._runner is not None
            await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._end_episode()

    async def start(self) -> None:
        """Listen on any free port."""
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._complete)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        self.base_url = f"http://127.0.0.1:{self._port}/v1"

    async def stop(self) -> None:
        """Listen no more."""
        if self._back:
            self._back.cancel()
            await asyncio.gather(self._back, return_exceptions=True)
        if self._runner:
            await self._runner.cleanup()


@asynccontextmanager
async def running_provider(seed: int, **values: Any) -> AsyncIterator[Provider]:
    """A provider in this event loop."""
    provider = Provider(seed, **values)
    await provider.start()
    try:
        yield provider
    finally:
        await provider.stop()


def completion(answer: object) -> dict[str, Any]:
    """A chat completion with this answer: words, or a value as JSON."""
    content = answer if isinstance(answer, str) else json.dumps(answer)
    usage = {"prompt_tokens": 30_000, "completion_tokens": 10, "total_tokens": 30_010}
    choice = {"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}
    return {"object": "chat.completion", "model": "simulated-small", "choices": [choice], "usage": usage}


def error(status: int, message: str, code: str = "", **headers: str) -> web.Response:
    """An error as OpenAI documents it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.json_response({"error": {"message": message, "code": code}}, status=status, headers=named)


def _of_episode(episode: Episode) -> web.Response:
    if episode is Episode.EXPIRED:
        return error(401, "Incorrect API key provided.", "invalid_api_key")
    if episode is Episode.QUOTA:
        return error(429, "You exceeded your current quota.", "insufficient_quota")
    return error(503, "The server is overloaded.")


_ERRORS = {
    Fault.LIMITED: (429, "Rate limit reached.", "rate_limit_exceeded"),
    Fault.SERVER_ERROR: (500, "The server had an error.", "server_error"),
    Fault.OVERFLOW: (400, "Maximum context length is 8192 tokens.", "context_length_exceeded"),
    Fault.TOO_LARGE: (
        429,
        "Request too large for m on tokens per min (TPM): Limit 10000, Requested 20000. The input or output "
        "tokens must be reduced in order to run successfully.",
        "rate_limit_exceeded",
    ),
}
_ANSWERS: dict[Fault, object] = {
    Fault.NO_WORDS: "",
    Fault.NO_JSON: '{"kind": "let',
    Fault.WRONG_SCHEMA: {"kind": 7},
    Fault.NEVER_FITS: {"sort": "letter"},
}

_PAGES: dict[Fault, dict[str, Any]] = {
    Fault.BAD_GATEWAY: {"status": 502},
    Fault.UNAVAILABLE: {
        "status": 503,
        "text": "<html><title>503</title><h1>Service unavailable</h1></html>",
        "content_type": "text/html",
    },
    Fault.EMPTY: {"status": 200, "content_type": "application/json"},
}


async def _of_fault(request: web.Request, entry: Request) -> web.StreamResponse:
    fault = entry.what
    assert isinstance(fault, Fault)
    if fault in _ERRORS:
        return error(*_ERRORS[fault])
    if fault in _ANSWERS:
        return web.json_response(completion(_ANSWERS[fault]))
    if fault in {Fault.LIMITED_SECONDS, Fault.LIMITED_DATE}:
        entry.wait = 1.0
        # A date has no fractions: it lies between one second and two away.
        date = formatdate(time.time() + 2, usegmt=True)
        return error(429, "Slow down.", Retry_After="1" if fault is Fault.LIMITED_SECONDS else date)
    if fault in _PAGES:
        return web.Response(**_PAGES[fault])
    if fault is Fault.REFUSAL:
        refused = completion("")
        refused["choices"][0]["message"]["refusal"] = "I cannot help with that."
        return web.json_response(refused)
    return await _without_an_end(request, fault)


async def _without_an_end(request: web.Request, fault: Fault) -> web.StreamResponse:
    whole = json.dumps(completion({"kind": "letter"})).encode()
    if fault is Fault.SILENCE:
        await asyncio.sleep(600)  # until the caller has gone
    if fault is Fault.BROKEN:
        return web.Response(body=whole[: len(whole) // 2], content_type="application/json")
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    if fault is Fault.CUT:
        response.content_length = len(whole)
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    assert request.transport is not None
    request.transport.abort()
    return response
