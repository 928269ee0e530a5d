"""Reads answers of the OpenAI chat API."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from docstage.domain.served import Served
from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage
from docstage.domain.written import Written
from docstage.models.answers import Wanted, is_json, parse_answer
from docstage.models.bills import told_cost
from docstage.models.bounds import OutputBounds, TokenBounds, read_told
from docstage.models.endings import Ending, ending_of, in_words, kind_of_ending
from docstage.models.failures import failure_in_success
from docstage.models.masking import KeyMask
from docstage.models.no_answers import failure_without_answer
from docstage.models.protocol import ModelFailure, ModelReply, ModelRequest
from docstage.models.schemas.fitting import Fitted
from docstage.models.schemas.validation import BadAnswer
from docstage.models.shapes import read_shape
from docstage.models.streams import read_stream
from docstage.models.thoughts import split_thoughts


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """A model's answer before it is judged.

    Attributes:
        text: what it wrote, perhaps with thoughts before it.
        usage: tokens as counted by the provider, or None.
        served: what the provider says of it; why it stopped in the provider's own word.
        refusal: the words with which it declined, or None.
        note: what people should know of it, or None.
        thoughts: what the server keeps apart from the answer, or None.
        arguments: with which the model called tools, each as JSON.
        native: why it stopped in the word of the provider behind a gateway or a library, or None.
        told_cost: nano-dollars that the provider says it bills, or None.
    """

    text: str
    served: Served
    usage: Usage | None
    refusal: str | None = None
    note: str | None = None
    thoughts: str | None = None
    arguments: tuple[str, ...] = ()
    native: str | None = None
    told_cost: int | None = None


def judge(
    answer: RawAnswer, request: ModelRequest, bounds: OutputBounds, fitted: Fitted | None = None
) -> ModelReply:
    """The reply that an answer amounts to. Only an answer that is known to be whole is one.

    Args:
        fitted: how the request's schema was asked for, if it has one.

    Raises:
        ModelFailure: a refusal, cut off, broken off, of no known ending, empty, far too long, or not what the
            schema asks for. Usage, text and thoughts are kept.
    """
    answer = _without_thoughts(answer)
    _check_length(answer, bounds)
    ending = ending_of(answer.served.finish_reason, answer.native)
    _check_ending(answer, ending, bounds.limit)
    if not answer.text.strip():
        if request.schema is None or not answer.arguments:
            raise _failure(FailureKind.BAD_ANSWER, _nothing_in(answer), answer)
        answer = replace(answer, text="\n".join(answer.arguments))
    value = None
    if request.schema is not None:
        wanted = Wanted(request.schema, fitted.restored) if fitted else Wanted(request.schema)
        value = _value(answer, wanted, bounds.limit)
    elif ending is Ending.TOOL:
        words = "The model called a tool instead of answering, though none was offered."
        raise _failure(FailureKind.BAD_ANSWER, words, answer)
    elif _took_all(answer, bounds.limit):
        raise _cut_off_in_silence(answer, bounds.limit)
    return ModelReply(
        answer.text,
        value,
        answer.usage,
        answer.served,
        answer.note,
        answer.thoughts,
        answer.told_cost,
    )


# Below this, answers of a word or two that take all tokens by chance are not rare.
_LEAST_LIMIT = 16


def _took_all(answer: RawAnswer, limit: int) -> bool:
    """Whether what was written has just as many tokens as it may have, whatever the server says of its end.

    LiteLLM says `stop` of every answer of Ollama (its issue 25825), other gateways of others. A text that is
    too short for so many tokens says nothing: the others were thoughts that nobody has seen.
    """
    if answer.usage is None or limit < _LEAST_LIMIT:
        return False
    return answer.usage.output_tokens == limit <= len(answer.text) + len(answer.thoughts or "")


def _cut_off_in_silence(answer: RawAnswer, limit: int) -> ModelFailure:
    told = "The server says that it ended by itself, but it has just as many tokens as it may have."
    return _failure(FailureKind.CUT_OFF, f"{in_words(Ending.LIMIT, '', limit)} {told}", answer)


def _without_thoughts(answer: RawAnswer) -> RawAnswer:
    if is_json(answer.text):
        return answer
    text, thoughts = split_thoughts(answer.text)
    if not thoughts and text == answer.text:
        return answer
    both = "\n\n".join(filter(None, (answer.thoughts, thoughts)))
    return replace(answer, text=text, thoughts=both or None)


def _check_length(answer: RawAnswer, bounds: OutputBounds) -> None:
    try:
        bounds.check_text(answer.text, answer.usage)
    except ModelFailure as failure:
        failure.written = _written(answer)
        raise


def _check_ending(answer: RawAnswer, ending: Ending, limit: int) -> None:
    """Raise the failure of an answer that was declined, or is not known to be whole."""
    if answer.refusal is not None:
        raise _failure(FailureKind.REFUSAL, f"The model declined: {answer.refusal}", answer)
    kind = kind_of_ending(ending)
    if kind is None:
        return
    told = answer.native or answer.served.finish_reason or ""
    words = in_words(ending, told, limit)
    if ending is Ending.LIMIT and answer.thoughts and not answer.text.strip():
        words = f"The thoughts took all of max_output_tokens ({limit:,}): it was cut off before its answer."
    # An ending that is not known will not be known the next time.
    raise _failure(kind, words, answer, final=kind is FailureKind.BAD_ANSWER)


def _nothing_in(answer: RawAnswer) -> str:
    if answer.arguments:
        return "The answer is empty: the model called a tool instead, though none was offered."
    if answer.thoughts:
        return "The answer is empty: the model wrote only thoughts."
    return "The answer is empty."


def _value(answer: RawAnswer, wanted: Wanted, limit: int) -> Any:
    try:
        return parse_answer(answer.text, wanted, answer.arguments)
    except BadAnswer as error:
        if _took_all(answer, limit):
            raise _cut_off_in_silence(answer, limit) from None
        raise _failure(FailureKind.BAD_ANSWER, str(error), answer) from None


def read_answer(body: bytes, bounds: TokenBounds, headers: Mapping[str, str] | None = None) -> RawAnswer:
    """The answer in the body of a successful response, also one that is a stream.

    Args:
        bounds: how many tokens the call can have taken.
        headers: those of the response, where a gateway may tell the cost.

    Raises:
        ModelFailure: the body is no answer; what it says of usage and text is kept.
    """
    data = _object_in(body)
    said, billed = read_shape(data), told_cost(data.get("usage"), headers)
    if said is None:
        raise _billed(_error_in_success(data, bounds.believe(read_told(data.get("usage")), "")[0]), billed)
    usage, note = bounds.believe(read_told(said.usage), said.text)
    answer = RawAnswer(
        text=said.text,
        served=Served(model=said.model, finish_reason=said.ending),
        usage=usage,
        refusal=said.refusal,
        note=note,
        thoughts=said.thoughts or None,
        arguments=said.arguments,
        native=said.native,
        told_cost=billed,
    )
    if said.error:
        failure = _billed(_error_in_success({"error": said.error}, usage), billed)
        failure.written = _written(answer)
        if failure.kind is FailureKind.BAD_ANSWER:  # the model's answer is not what was wrong
            failure.kind = FailureKind.OVERLOADED
        raise failure
    return answer


def _billed(failure: ModelFailure, cost: int | None) -> ModelFailure:
    """The failure of a call for which the provider bills so many nano-dollars all the same, if it says so."""
    failure.told_cost = cost or None  # a gateway that counts nothing for an error says nothing of the bill
    return failure


def _object_in(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        data = read_stream(body)
    if not isinstance(data, dict):
        raise failure_without_answer(body)
    return data


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
    failure = ModelFailure(kind, words, usage=answer.usage, written=_written(answer), final=final)
    failure.told_cost = answer.told_cost
    return failure


def _written(answer: RawAnswer) -> Written:
    return Written(answer.text or "\n".join(answer.arguments), answer.thoughts)


def _error_in_success(data: dict[str, Any], usage: Usage | None) -> ModelFailure:
    """An error within an answer of status 200; gateways such as OpenRouter give its real status as a code."""
    error = data.get("error")
    if not error:
        said = failure_in_success(data, usage)  # some say it at the top, such as {"code": 401, "message": …}
        message = f"The answer has no choices: {json.dumps(data)}"
        nothing = ModelFailure(FailureKind.BAD_ANSWER, message, status_code=200, usage=usage)
        return nothing if said.kind is FailureKind.BAD_ANSWER else said
    return failure_in_success({"error": error}, usage)
