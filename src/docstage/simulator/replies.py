"""What the simulated provider sends: completions, streams of them, errors, and damaged ones."""

import asyncio
import json
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from docstage.domain.content import CHARACTERS_PER_TOKEN, estimate_tokens
from docstage.simulator.profile import Fault

FINGERPRINT = "docstage-simulator-no-language-model"
HEADERS = {"X-Docstage-Simulator": "no language model"}
ABOUT = (
    "This is the docstage simulator. It speaks the OpenAI chat API, but it is no language model: "
    "it answers by rules, with quotations from the document. See /v1/models.\n"
)
_HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_STREAMED_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer.

    Attributes:
        key: names the call.
        model: which model answers.
        text: the answer; empty for a refusal.
        refusal: why it will not answer, or None.
        finish_reason: `stop` or `length`.
        input_tokens: all input tokens.
        cached_tokens: those of the input that were read from the cache.
        output_tokens: tokens of the answer.
    """

    key: str
    model: str
    text: str
    refusal: str | None
    finish_reason: str
    input_tokens: int
    cached_tokens: int
    output_tokens: int

    def body(self) -> bytes:
        """The answer as JSON."""
        message = {"role": "assistant", "content": self.text if self.refusal is None else None}
        if self.refusal is not None:
            message["refusal"] = self.refusal
        choice = {"index": 0, "message": message, "finish_reason": self.finish_reason}
        return json.dumps(self._frame("chat.completion", [choice]) | {"usage": self._usage()}).encode()

    def response(self, headers: Mapping[str, str]) -> web.Response:
        """The answer in one piece."""
        return web.Response(body=self.body(), content_type="application/json", headers={**HEADERS, **headers})

    def events(self, include_usage: bool) -> Iterator[str]:
        """The answer as the data of server-sent events."""
        yield self._event({"role": "assistant", "content": ""})
        if self.refusal is not None:
            yield self._event({"refusal": self.refusal})
        for start in range(0, len(self.text), _STREAMED_CHARACTERS):
            yield self._event({"content": self.text[start : start + _STREAMED_CHARACTERS]})
        yield self._event({}, self.finish_reason)
        if include_usage:
            yield json.dumps(self._frame("chat.completion.chunk", []) | {"usage": self._usage()})
        yield "[DONE]"

    def _event(self, delta: dict[str, str], finish_reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return json.dumps(self._frame("chat.completion.chunk", [choice]))

    def _frame(self, kind: str, choices: list[Any]) -> dict[str, Any]:
        return {
            "id": f"chatcmpl-{self.key}",
            "object": kind,
            "created": int(time.time()),
            "model": self.model,
            "system_fingerprint": FINGERPRINT,
            "choices": choices,
        }

    def _usage(self) -> dict[str, Any]:
        return {
            "prompt_tokens": self.input_tokens,
            "completion_tokens": self.output_tokens,
            "total_tokens": self.input_tokens + self.output_tokens,
            "prompt_tokens_details": {"cached_tokens": self.cached_tokens},
        }


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """An error as OpenAI words it, or a web page.

    Attributes:
        status: the HTTP status.
        message: what is wrong.
        kind: the error's `type`; None makes the answer a web page.
        code: the error's `code`, or None.
        headers: further headers, such as `Retry-After`.
    """

    status: int
    message: str
    kind: str | None
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self, headers: Mapping[str, str] | None = None) -> web.Response:
        """The error as an answer."""
        shown = {**HEADERS, **(headers or {}), **self.headers}
        if self.kind is None:
            page = _HTML.format(self.message)
            return web.Response(status=self.status, text=page, content_type="text/html", headers=shown)
        error = {"message": self.message, "type": self.kind, "param": None, "code": self.code}
        return web.json_response({"error": error}, status=self.status, headers=shown)


def limit_reached(limit: str, retry_after: float | None) -> ErrorReply:
    """The answer to a call beyond a limit; `Retry-After` is in whole seconds, as HTTP has it."""
    headers = {} if retry_after is None else {"Retry-After": str(max(1, math.ceil(retry_after)))}
    return ErrorReply(429, f"Rate limit reached: {limit}.", "requests", "rate_limit_exceeded", headers)


def context_overflow(tokens: int, most: int) -> ErrorReply:
    """The answer to a request that is too long."""
    message = f"This model's maximum context length is {most} tokens, but the messages have {tokens}."
    return ErrorReply(400, message, "invalid_request_error", "context_length_exceeded")


FAULT_REPLIES: Mapping[Fault, ErrorReply] = {
    Fault.RATE_LIMITED: limit_reached("simulated", 1.0),
    Fault.RATE_LIMITED_NO_HEADER: limit_reached("simulated", None),
    Fault.SERVER_ERROR: ErrorReply(500, "The server had an error.", "server_error"),
    Fault.BAD_GATEWAY_HTML: ErrorReply(502, "502 Bad Gateway", None),
    Fault.UNAVAILABLE: ErrorReply(503, "The engine is overloaded, try again later.", "server_error"),
    Fault.HTML_200: ErrorReply(200, "Welcome", None),
    Fault.AUTH: ErrorReply(401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    Fault.QUOTA: ErrorReply(
        429, "You exceeded your current quota.", "insufficient_quota", "insufficient_quota"
    ),
    Fault.CONTEXT_OVERFLOW: context_overflow(128_001, 128_000),
}


def models(names: tuple[str, ...], context_tokens: int) -> dict[str, Any]:
    """The answer of `/v1/models`."""
    offered = [
        {
            "id": name,
            "object": "model",
            "created": 0,
            "owned_by": "docstage-simulator",
            "context_window": context_tokens,
        }
        for name in names
    ]
    return {"object": "list", "data": offered}


def cut_to(text: str, tokens: int) -> str:
    """The beginning of a text that has no more than so many tokens."""
    shorter = text[: tokens * CHARACTERS_PER_TOKEN]
    while estimate_tokens(shorter) > tokens:
        shorter = shorter[:-1]
    return shorter


async def send_stream(
    http: web.Request,
    completion: Completion,
    headers: Mapping[str, str],
    pace: float,
    include_usage: bool,
) -> web.StreamResponse:
    """Send the answer as server-sent events, with the pace's seconds for each token."""
    response = web.StreamResponse(headers={**HEADERS, **headers, "Content-Type": "text/event-stream"})
    await response.prepare(http)
    for event in completion.events(include_usage):
        await response.write(f"data: {event}\n\n".encode())
        if pace:
            await asyncio.sleep(pace * _STREAMED_CHARACTERS / CHARACTERS_PER_TOKEN)
    await response.write_eof()
    return response


async def send_damaged(http: web.Request, completion: Completion, *, cut: bool) -> web.StreamResponse:
    """Send the first half of the answer: as if that were all, or closing the connection when `cut`."""
    body = completion.body()
    half = body[: len(body) // 2]
    response = web.StreamResponse(headers={**HEADERS, "Content-Type": "application/json"})
    response.content_length = len(body) if cut else len(half)
    await response.prepare(http)
    await response.write(half)
    if cut and http.transport is not None:
        http.transport.close()
    else:
        await response.write_eof()
    return response
