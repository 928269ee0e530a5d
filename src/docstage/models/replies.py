"""Reads answers of the OpenAI chat API."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from docstage.domain.served import Served
from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage
from docstage.domain.written import Written
from docstage.models.answers import parse_answer
from docstage.models.bounds import OutputBounds, TokenBounds, read_told
from docstage.models.error_bodies import without_keep_alives
from docstage.models.failures import failure_in_success
from docstage.models.masking import KeyMask
from docstage.models.no_answers import failure_without_answer
from docstage.models.protocol import ModelFailure, ModelReply, ModelRequest
from docstage.models.schemas.fitting import Fitted
from docstage.models.schemas.validation import BadAnswer


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """A model's answer before it is judged.

    Attributes:
        text: what it wrote.
        usage: tokens as counted by the provider, or None.
        served: what the provider says of it; why it stopped in the words of the OpenAI chat API.
        refusal: the words with which it declined, or None.
        note: what people should know of it, or None.
        thoughts: what the model wrote before its answer, or None.
        told_cost: nano-dollars that the provider says it bills, or None.
    """

    text: str
    served: Served
    usage: Usage | None
    refusal: str | None = None
    note: str | None = None
    thoughts: str | None = None
    told_cost: int | None = None


def judge(
    answer: RawAnswer, request: ModelRequest, bounds: OutputBounds, fitted: Fitted | None = None
) -> ModelReply:
    """The reply that an answer amounts to.

    Args:
        fitted: how the request's schema was asked for, if it has one.

    Raises:
        ModelFailure: a refusal, cut off, empty, far too long, or not what the schema asks for; usage and text
            are kept.
    """
    bounds.check_text(answer.text, answer.usage)
    if answer.refusal is not None or answer.served.finish_reason == "content_filter":
        words = answer.refusal or "The provider's content filter withheld the answer."
        raise _failure(FailureKind.REFUSAL, f"The model declined: {words}", answer)
    if answer.served.finish_reason == "length":
        words = f"The answer was cut off at max_output_tokens ({bounds.limit:,})."
        raise _failure(FailureKind.CUT_OFF, words, answer)
    if not answer.text.strip():
        raise _failure(FailureKind.BAD_ANSWER, "The answer is empty.", answer)
    value = None
    if request.schema is not None and fitted is not None:
        try:
            value = parse_answer(answer.text, request.schema, fitted.restored)
        except BadAnswer as error:
            raise _failure(FailureKind.BAD_ANSWER, str(error), answer) from None
    return ModelReply(
        answer.text,
        value,
        answer.usage,
        answer.served,
        answer.note,
        answer.thoughts,
        answer.told_cost,
    )


def read_answer(body: bytes, bounds: TokenBounds) -> RawAnswer:
    """The answer in the body of a successful response.

    Args:
        bounds: how many tokens the call can have taken.

    Raises:
        ModelFailure: the body is no chat completion; the usage is kept where there is one.
    """
    try:
        data = json.loads(without_keep_alives(body.decode()) if body[:1] == b":" else body)
    except (ValueError, RecursionError):
        raise failure_without_answer(body) from None
    if not isinstance(data, dict):
        raise failure_without_answer(body)
    told = read_told(data.get("usage"))
    choices = data.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict) or not isinstance(choice.get("message"), dict):
        raise _error_in_success(data, bounds.believe(told, "")[0])
    if choice.get("error"):
        raise _error_in_success(choice, bounds.believe(told, "")[0])
    message = choice["message"]
    text = _text(message.get("content"))
    usage, note = bounds.believe(told, text)
    refusal = message.get("refusal")
    return RawAnswer(
        text=text,
        served=Served(model=_word(data.get("model")), finish_reason=_word(choice.get("finish_reason"))),
        usage=usage,
        refusal=refusal if isinstance(refusal, str) and refusal else None,
        note=note,
    )


def scrub_failure(failure: ModelFailure, scrub: Callable[[str], str], mask: KeyMask) -> ModelFailure:
    """The same failure without secrets: in its message none at all, in what the model wrote as in answers."""
    scrubbed = ModelFailure(
        failure.kind,
        scrub(failure.message),
        status_code=failure.status_code,
        retry_after=failure.retry_after,
        usage=failure.usage,
        written=mask.written(failure.written),
        final=failure.final,
        sent=failure.sent,
    )
    scrubbed.told_cost = failure.told_cost
    return scrubbed


def _failure(kind: FailureKind, message: str, answer: RawAnswer, *, final: bool = False) -> ModelFailure:
    words = f"{message} {answer.note}" if answer.note else message
    written = Written(answer.text or None, answer.thoughts)
    failure = ModelFailure(kind, words, usage=answer.usage, written=written, final=final)
    failure.told_cost = answer.told_cost
    return failure


def _error_in_success(data: dict[str, Any], usage: Usage | None) -> ModelFailure:
    """An error within an answer of status 200; gateways such as OpenRouter give its real status as a code."""
    error = data.get("error")
    if not error:
        message = f"The answer has no choices: {json.dumps(data)}"
        return ModelFailure(FailureKind.BAD_ANSWER, message, status_code=200, usage=usage)
    return failure_in_success({"error": error}, usage)


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
