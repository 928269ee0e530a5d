"""Turns what servers say when they fail into kinds of failure.

The wording and codes are those that OpenAI, Azure, Mistral, Groq, OpenRouter, xAI, DeepSeek, Together,
Ollama, LM Studio, vLLM and llama.cpp document or answer.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from docstage.domain.tasks import FailureKind
from docstage.models.protocol import ModelFailure
from docstage.models.retry_after import retry_after_seconds

MESSAGE_LIMIT = 500
LONGEST_BODY = 100_000  # bytes of an unusable answer that are looked at
_SHORTEST_SECRET = 4
MASK = "***"

_QUOTA = re.compile(
    r"insufficient[_ ](?:quota|balance|credits?|funds)|billing|credit balance|out of credits"
    r"|spend(?:ing)?[_ ]limit|exceeded_current_quota|payment required",
    re.IGNORECASE,
)
_CONTEXT = re.compile(
    r"context_length_exceeded|exceed_context_size|(?:maximum|max|available) context"
    r"|context (?:length|window|size)|(?:prompt|input) is too long|input[_ ]too[_ ]long"
    r"|input token count|reduce the length",
    re.IGNORECASE,
)
# More tokens in one request than the account may send in a minute: waiting never mends it.
_TOO_LARGE = re.compile(r"request too large|tokens must be reduced|reduce your message size", re.IGNORECASE)
_UNKNOWN_MODEL = re.compile(
    r"model_not_found|invalid_model|invalid model|not a valid model|no such model"
    r"|model\b.{0,200}?(?:not (?:found|exist)|does ?n[o']t exist|does not exist|not have access)",
    re.IGNORECASE | re.DOTALL,
)
_NO_IMAGES = re.compile(
    r"image input is not supported|(?:not|endpoints found that) support (?:for )?image|not a multimodal"
    r"|image_url.{0,40}not supported",
    re.IGNORECASE,
)
_FILTERED = re.compile(
    r"content_filter|content_policy|content management policy|responsibleai|moderation", re.IGNORECASE
)
_TAGS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What the body of an unsuccessful answer says.

    Attributes:
        message: for people.
        codes: for programs: its code, type and the like, joined by blanks.
    """

    message: str
    codes: str = ""


def failure_of_response(
    status: int, headers: Mapping[str, str], body: bytes, secrets: Iterable[str] = ()
) -> ModelFailure:
    """The failure that an unsuccessful HTTP answer stands for."""
    error = read_error(body)
    kind = kind_of(status, error)
    advice = _advice(status, kind, headers)
    message = shorten(f"{advice} It said: {error.message}" if error.message else advice, secrets)
    return ModelFailure(kind, message, status_code=status, retry_after=retry_after_seconds(status, headers))


def read_error(body: bytes) -> ErrorBody:
    """The message and codes of an error's body: JSON of any known shape, a web page, or plain text."""
    text = body[:LONGEST_BODY].decode("utf-8", "replace").strip()
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return ErrorBody(" ".join(_TAGS.sub(" ", text).split()))
    return error_of(data)


def error_of(data: Any) -> ErrorBody:
    """The message and codes of an error's parsed body."""
    if not isinstance(data, dict):
        return ErrorBody(json.dumps(data))
    inner = data.get("error")
    error = inner if isinstance(inner, dict) else data
    codes = " ".join(str(error[key]) for key in ("code", "type", "status") if error.get(key))
    for message in (error.get("message"), inner, error.get("detail")):
        if isinstance(message, str) and message:
            return ErrorBody(message, codes)
    return ErrorBody(json.dumps(error.get("message") or error.get("detail") or error), codes)


def kind_of(status: int, error: ErrorBody) -> FailureKind:
    """The kind of failure of an HTTP status and what its body says."""
    if status == 429:
        return _kind_of_limit(error)
    if status in (400, 404, 415, 422, 500) and _NO_IMAGES.search(error.message):
        return FailureKind.REJECTED_INPUT
    if status >= 500:
        return FailureKind.OVERLOADED
    if status in (401, 402, 403):
        return _kind_of_denial(status, error)
    if status == 408:
        return FailureKind.TIMEOUT
    return _kind_of_rejection(status, error)


def _kind_of_limit(error: ErrorBody) -> FailureKind:
    if _TOO_LARGE.search(error.message):
        return FailureKind.CONTEXT_OVERFLOW
    return FailureKind.QUOTA if _is_quota(error) else FailureKind.RATE_LIMITED


def _kind_of_denial(status: int, error: ErrorBody) -> FailureKind:
    if status == 402 or (status == 403 and _is_quota(error)):
        return FailureKind.QUOTA
    if status == 403 and _UNKNOWN_MODEL.search(error.codes):
        return FailureKind.UNKNOWN_MODEL
    if status == 403 and _FILTERED.search(f"{error.codes} {error.message}"):
        return FailureKind.REFUSAL
    return FailureKind.AUTH


def _kind_of_rejection(status: int, error: ErrorBody) -> FailureKind:
    said = f"{error.codes} {error.message}"
    if status in (400, 413, 422) and _CONTEXT.search(said):
        return FailureKind.CONTEXT_OVERFLOW
    if status == 413 and _TOO_LARGE.search(error.message):
        return FailureKind.CONTEXT_OVERFLOW
    if status in (400, 404, 422) and _UNKNOWN_MODEL.search(said):
        return FailureKind.UNKNOWN_MODEL
    if status == 400 and _FILTERED.search(said):
        return FailureKind.REFUSAL
    if status == 400 and _is_quota(error):
        return FailureKind.QUOTA
    return FailureKind.BAD_REQUEST


def _is_quota(error: ErrorBody) -> bool:
    return _QUOTA.search(f"{error.codes} {error.message}") is not None


def shorten(message: str, secrets: Iterable[str] = ()) -> str:
    """At most 500 characters of a message, with every secret in it replaced by `***`.

    This is the only place where messages are cut: what is left of a secret at a cut would not be found.
    """
    # The longest first, for one may be part of another. Short ones are no secrets but would tear words apart.
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            for form in forms_of(secret):
                message = message.replace(form, MASK)
    return message if len(message) <= MESSAGE_LIMIT else message[: MESSAGE_LIMIT - 2] + " …"


def forms_of(secret: str) -> set[str]:
    """How it may stand in what a server said: as it is, in JSON, in Python's way or in an address."""
    return {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], quote(secret, safe="")}


def _advice(status: int, kind: FailureKind, headers: Mapping[str, str]) -> str:
    """What the status alone suggests to do, where servers' own messages seldom say it."""
    if status == 404 and kind is FailureKind.BAD_REQUEST:
        return "The address answers 404: is the base URL right? It usually ends in /v1."
    if status == 413 and kind is FailureKind.BAD_REQUEST:
        return "The request is larger than the server accepts (413)."
    if 300 <= status < 400:
        target = headers.get("location", "another address")
        return f"The server redirects to {target} ({status}), which is not followed: correct the base URL."
    return f"The server answered {status}."
