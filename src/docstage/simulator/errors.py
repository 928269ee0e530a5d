"""Errors as real providers word them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from math import ceil
from types import MappingProxyType
from typing import Any

from aiohttp import web

from docstage.simulator.kinds import Away, Fault, Wait
from docstage.simulator.schedule import in_words

HEADERS = {"X-Docstage-Simulator": "no language model"}
_HTML = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


@dataclass(frozen=True, slots=True)
class ErrorReply:
    """An error, or what else is no answer.

    Attributes:
        status: the HTTP status.
        body: JSON, or the heading of a web page.
        headers: further headers, such as `Retry-After`.
    """

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self, headers: Mapping[str, str] | None = None) -> web.Response:
        """The error as an answer."""
        shown = {**HEADERS, **(headers or {}), **self.headers}
        if isinstance(self.body, str):
            page = _HTML.format(self.body)
            return web.Response(status=self.status, text=page, content_type="text/html", headers=shown)
        return web.json_response(self.body, status=self.status, headers=shown)


def openai_error(
    status: int, message: str, kind: str, code: str | int | None = None, param: str | None = None
) -> ErrorReply:
    """An error in the shape of OpenAI, which most others have taken over."""
    return ErrorReply(status, {"error": {"message": message, "type": kind, "param": param, "code": code}})


def bad_request(message: str, code: str | None = None, param: str | None = None) -> ErrorReply:
    """A request that cannot be answered as it is."""
    return openai_error(400, message, "invalid_request_error", code, param)


def limit_reached(limit: str, seconds: float, wait: Wait, now: float | None = None) -> ErrorReply:
    """The answer to a call beyond a limit, which tells the seconds to wait in the given way.

    `Retry-After` is in whole seconds, as HTTP has it, and at least one. A date is counted from `now`, in
    seconds since the epoch; None means the clock.
    """
    whole = max(1, ceil(seconds))
    message = f"Rate limit reached: {limit}."
    if wait is Wait.DETAILS:
        return _google_limit(limit, whole)
    if wait is Wait.WORDS:
        message += f" Please try again in {in_words(whole)}."
    headers = {
        Wait.SECONDS: {"Retry-After": str(whole)},
        Wait.DATE: {
            "Retry-After": formatdate(ceil(time.time() if now is None else now) + whole, usegmt=True)
        },
        Wait.MILLISECONDS: {"retry-after-ms": str(max(1, ceil(seconds * 1_000)))},
    }.get(wait, {})
    reply = openai_error(429, message, "requests", "rate_limit_exceeded")
    return ErrorReply(reply.status, reply.body, headers)


def _google_limit(limit: str, seconds: int) -> ErrorReply:
    """A limit as Gemini words it, per-minute ones too: it speaks of billing, and means a wait."""
    message = (
        "You exceeded your current quota, please check your plan and billing details. "
        f"Quota exceeded: {limit}. Please retry in {seconds}.0s."
    )
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{seconds}s"}
    error = {"code": 429, "message": message, "status": "RESOURCE_EXHAUSTED", "details": [info]}
    return ErrorReply(429, [{"error": error}])


def no_room_for_output(tokens: int, output: int, most: int) -> ErrorReply:
    """The answer to a request that is too long together with its output limit, as vLLM words it."""
    message = (
        f"This model's maximum context length is {most} tokens. However, you requested {tokens + output} "
        f"tokens ({tokens} in the messages, {output} in the completion). Please reduce the length of the "
        "messages or completion."
    )
    return bad_request(message)


def context_overflow(tokens: int, most: int) -> ErrorReply:
    """The answer to a request that is too long."""
    message = f"This model's maximum context length is {most} tokens, but the messages have {tokens}."
    return bad_request(message, "context_length_exceeded")


def unknown_model(name: str, why: str) -> ErrorReply:
    """The answer to a call of a model that there is not."""
    message = f"The model `{name}` does not exist. {why}"
    return openai_error(404, message, "invalid_request_error", "model_not_found")


def spent(status: int, used: float, most: float) -> ErrorReply:
    """The answer once the spending limit is reached, as those say it that use the status for it.

    400 is LiteLLM's, 402 OpenRouter's, 403 that of a key's own limit with OpenRouter, 429 OpenAI's.
    """
    if status == 400:
        message = f"Budget has been exceeded! Current cost: {used:.6f}, Max budget: {most}"
        return openai_error(400, message, "budget_exceeded", "400")
    if status == 402:
        message = "This request requires more credits, or fewer max_tokens. To increase, add more credits."
        return ErrorReply(402, {"error": {"message": message, "code": 402}})
    if status == 403:
        message = "Key limit exceeded (daily limit). Manage it in the settings of your keys."
        return ErrorReply(403, {"error": {"message": message, "code": 403}})
    return FAULT_REPLIES[Fault.QUOTA]


def proxy_error() -> ErrorReply:
    """An overloaded provider in the words of a LiteLLM proxy, which puts type and code of its own around."""
    message = (
        "litellm.InternalServerError: AnthropicException - Overloaded. Handle with "
        "`litellm.InternalServerError`. Received Model Group=simulated\nAvailable Model Group Fallbacks=None"
    )
    return openai_error(500, message, "None", "500", "None")


FAULT_REPLIES: Mapping[Fault, ErrorReply] = MappingProxyType(
    {
        Fault.RATE_LIMITED_NO_HEADER: limit_reached("simulated", 1.0, Wait.NOT),
        Fault.SERVER_ERROR: openai_error(500, "The server had an error.", "server_error"),
        Fault.BAD_GATEWAY_HTML: ErrorReply(502, "502 Bad Gateway"),
        Fault.UNAVAILABLE: openai_error(503, "The engine is overloaded, try again later.", "server_error"),
        Fault.HTML_200: ErrorReply(200, "Welcome"),
        Fault.AUTH: openai_error(
            401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key"
        ),
        Fault.QUOTA: openai_error(
            429, "You exceeded your current quota.", "insufficient_quota", "insufficient_quota"
        ),
        Fault.CONTEXT_OVERFLOW: context_overflow(128_001, 128_000),
        Fault.OVERLOADED: ErrorReply(
            529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
        ),
        Fault.LOADING: openai_error(503, "Loading model", "unavailable_error", 503),
        Fault.ERROR_IN_200: ErrorReply(
            200, {"error": {"message": "Provider returned error", "code": 502}, "user_id": "simulated"}
        ),
        Fault.PROXY_ERROR: proxy_error(),
        Fault.INVALID_PROMPT: bad_request(
            "Invalid prompt: your prompt was flagged as potentially violating our usage policy. "
            "Please try again with a different prompt.",
            "invalid_prompt",
        ),
        Fault.PROMPT_FILTERED: bad_request(
            "The response was filtered due to the prompt triggering the content management policy.",
            "content_filter",
            "prompt",
        ),
        Fault.GATEWAY_TIMEOUT: ErrorReply(504, "504 Gateway Time-out"),
        Fault.JSON_FAILED: ErrorReply(
            400,
            {
                "error": {
                    "message": "Failed to generate JSON. Please adjust your prompt.",
                    "type": "invalid_request_error",
                    "code": "json_validate_failed",
                    "failed_generation": '{"title": "The document',
                }
            },
        ),
        Fault.DOCUMENT_ERROR: openai_error(
            500,
            "model runner has unexpectedly stopped, this may be due to resource limitations",
            "api_error",
        ),
    }
)
AWAY_REPLIES: Mapping[Away, ErrorReply] = MappingProxyType(
    {
        Away.UNAVAILABLE: openai_error(503, "The service is down for maintenance.", "server_error"),
        Away.BAD_GATEWAY: FAULT_REPLIES[Fault.BAD_GATEWAY_HTML],
    }
)
