"""Reads answers of the OpenAI chat API."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage, counted
from docstage.models.answers import BadAnswer, parse_answer
from docstage.models.failures import LONGEST_BODY, error_of, kind_of
from docstage.models.protocol import ModelFailure, ModelReply, ModelRequest


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's answer before it is judged.

    Attributes:
        text: what it wrote.
        finish_reason: why it stopped, in the words of the OpenAI chat API.
        usage: tokens as counted by the provider, or None.
        model: the model's name as served, or None.
        refusal: the words with which it declined, or None.
    """

    text: str
    finish_reason: str | None
    usage: Usage | None
    model: str | None
    refusal: str | None = None


def judge(answer: Answer, request: ModelRequest, max_output_tokens: int) -> ModelReply:
    """The reply that an answer amounts to.

    Raises:
        ModelFailure: it is a refusal, empty, or not what the schema asks for; the usage is kept.
    """
    cut_off = answer.finish_reason == "length"
    if answer.refusal is not None or answer.finish_reason == "content_filter":
        words = answer.refusal or "The provider's content filter withheld the answer."
        raise _failure(FailureKind.REFUSAL, f"The model declined: {words}", answer)
    if not answer.text.strip():
        words = _with_cut("The answer is empty", cut_off, max_output_tokens)
        raise _failure(FailureKind.BAD_ANSWER, words, answer, final=cut_off)
    value = None
    if request.schema is not None:
        try:
            value = parse_answer(answer.text, request.schema)
        except BadAnswer as error:
            words = _with_cut(str(error).rstrip("."), cut_off, max_output_tokens)
            raise _failure(FailureKind.BAD_ANSWER, words, answer, final=cut_off) from None
    return ModelReply(answer.text, value, answer.usage, answer.model, answer.finish_reason)


def read_answer(body: bytes) -> Answer:
    """The answer in the body of a successful response.

    Raises:
        ModelFailure: the body is no chat completion; the usage is kept where there is one.
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise _no_completion(body) from None
    if not isinstance(data, dict):
        raise _no_completion(body)
    usage = read_usage(data.get("usage"))
    choices = data.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict) or not isinstance(choice.get("message"), dict):
        raise _error_in_success(data, usage)
    if choice.get("error"):
        raise _error_in_success(choice, usage)
    message = choice["message"]
    refusal = message.get("refusal")
    return Answer(
        text=_text(message.get("content")),
        finish_reason=_word(choice.get("finish_reason")),
        usage=usage,
        model=_word(data.get("model")),
        refusal=refusal if isinstance(refusal, str) and refusal else None,
    )


def read_usage(usage: Any) -> Usage | None:
    """Tokens from the `usage` member of OpenAI's form; None where it is missing or unreadable.

    The cached ones are told in `prompt_tokens_details.cached_tokens` (OpenAI and most others) or in
    `prompt_cache_hit_tokens` (DeepSeek).
    """
    if not isinstance(usage, dict) or not isinstance(usage.get("prompt_tokens"), int):
        return None
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else None
    if cached is None:
        cached = usage.get("prompt_cache_hit_tokens")
    input_tokens = counted(usage["prompt_tokens"])
    return Usage(input_tokens, min(counted(cached), input_tokens), counted(usage.get("completion_tokens")))


def scrub_failure(failure: ModelFailure, scrub: Callable[[str], str]) -> ModelFailure:
    """The same failure without secrets in its message and text."""
    return ModelFailure(
        failure.kind,
        scrub(failure.message),
        status_code=failure.status_code,
        retry_after=failure.retry_after,
        usage=failure.usage,
        text=None if failure.text is None else scrub(failure.text),
        final=failure.final,
    )


def _failure(kind: FailureKind, message: str, answer: Answer, *, final: bool = False) -> ModelFailure:
    return ModelFailure(kind, message, usage=answer.usage, text=answer.text or None, final=final)


def _with_cut(words: str, cut_off: bool, max_output_tokens: int) -> str:
    return f"{words}; it was cut off at max_output_tokens ({max_output_tokens})." if cut_off else f"{words}."


def _no_completion(body: bytes) -> ModelFailure:
    start = " ".join(body[:LONGEST_BODY].decode("utf-8", "replace").split())
    looks = "a web page" if start[:1] == "<" else "no chat completion" if start else "empty"
    message = f"The server's answer is {looks}: is the base URL right? It begins: {start}"
    return ModelFailure(FailureKind.BAD_ANSWER, message, status_code=200)


def _error_in_success(data: dict[str, Any], usage: Usage | None) -> ModelFailure:
    """An error within an answer of status 200; gateways such as OpenRouter give its real status as a code."""
    error = data.get("error")
    if not error:
        message = f"The answer has no choices: {json.dumps(data)}"
        return ModelFailure(FailureKind.BAD_ANSWER, message, status_code=200, usage=usage)
    code = error.get("code") if isinstance(error, dict) else None
    said = error_of(data)
    kind = kind_of(code, said) if isinstance(code, int) and 400 <= code < 600 else FailureKind.BAD_ANSWER
    return ModelFailure(kind, said.message, status_code=200, usage=usage)


def _text(content: Any) -> str:
    """The text of a message whose content is a string or, with Mistral's reasoning models, a list."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    texts = (part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text")
    return "".join(text for text in texts if isinstance(text, str))


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) else None
