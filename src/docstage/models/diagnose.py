"""Tells whether a connection works, and if not, why and what to do."""

import dataclasses
import difflib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from docstage.domain.content import Content
from docstage.domain.errors import DocstageError
from docstage.domain.tasks import FailureKind, way_forward
from docstage.domain.usage import Usage
from docstage.models.catalogue import Provider, get_provider
from docstage.models.factory import create_client
from docstage.models.protocol import (
    ConnectionConfig,
    ModelClient,
    ModelFailure,
    ModelReply,
    ModelRequest,
    OfferedModel,
)
from docstage.models.reasoning import output_limit

PROBE_OUTPUT_TOKENS = 16
MODEL_SAMPLE = 50
_PROBE = ModelRequest(content=Content(text="This is a test of the connection."), prompt="Reply with OK.")
_PROBE_INPUT_TOKENS = 100  # at most
# With these, there is no point in asking any further.
_FINAL = frozenset({FailureKind.CONNECTION, FailureKind.TIMEOUT, FailureKind.AUTH})
# The model answered, though not usefully: the connection works.
_ANSWERED = frozenset({FailureKind.BAD_ANSWER, FailureKind.CUT_OFF, FailureKind.REFUSAL})


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What a test of a connection found.

    Attributes:
        ok: a call was answered.
        kind: why not, or None.
        message: one or two sentences a user can act on.
        latency_ms: how long the test call took, if it was answered.
        models: names that the server offers, at most 50.
        context_tokens: how many tokens the model takes, where the server says so.
        billed: the test call may have been billed.
        usage: tokens that the test call cost.
        told_cost: nano-dollars that the provider says it bills for it, or None.
    """

    ok: bool
    kind: FailureKind | None
    message: str
    latency_ms: float | None = None
    models: tuple[str, ...] = ()
    context_tokens: int | None = None
    billed: bool = False
    usage: Usage | None = None
    told_cost: int | None = None


def _nobody_counts(_most: Usage) -> None:
    pass


async def _create(config: ConnectionConfig) -> ModelClient:
    return create_client(config)


async def diagnose(
    config: ConnectionConfig,
    on_call: Callable[[Usage], None] = _nobody_counts,
    create: Callable[[ConnectionConfig], Awaitable[ModelClient]] = _create,
) -> Diagnosis:
    """Test a connection: ask for the server's models, then make one call of at most 16 tokens of answer.

    Args:
        on_call: called when that call is about to be made, with the tokens that it takes at most.
        create: makes the client.
    """
    try:
        provider = get_provider(config.provider)
        if provider.needs_key and not config.api_key:
            message = f"{provider.title} needs a key, usually kept in {provider.key_env}. {provider.hint}"
            return Diagnosis(False, FailureKind.AUTH, message)
        probing = dataclasses.replace(config, max_output_tokens=PROBE_OUTPUT_TOKENS)
        client = await create(probing)
    except DocstageError as error:
        return Diagnosis(False, FailureKind.BAD_REQUEST, error.detail)
    try:
        most = Usage(_PROBE_INPUT_TOKENS, 0, output_limit(probing))
        return await _examine(client, provider, config.model, lambda: on_call(most))
    finally:
        await client.close()


async def _examine(
    client: ModelClient, provider: Provider, model: str, on_call: Callable[[], None]
) -> Diagnosis:
    try:
        offers = await client.models()
    except ModelFailure as failure:
        if failure.kind in _FINAL:
            return _failed(failure, provider, model, [])
        offers = []  # servers need not list their models
    context_tokens = await _context(client, model, offers)
    on_call()
    began = time.perf_counter()
    try:
        answer: ModelReply | ModelFailure = await client.complete(_PROBE)
    except ModelFailure as failure:
        # What is final would be so with every answer: of no known end, or far too long.
        if failure.kind not in _ANSWERED or failure.usage is None or failure.final:
            unanswered = _failed(failure, provider, model, offers)
            return dataclasses.replace(unanswered, billed=failure.may_be_billed)
        answer = failure
    latency_ms = (time.perf_counter() - began) * 1_000
    found = next((offer for offer in offers if offer.name == model), None)
    message = f"{model} answers.{_thoughts(answer)}"
    if offers and found is None:
        message += f" The server does not list it by that name.{_suggestion(model, offers)}"
    return Diagnosis(
        True,
        None,
        message,
        latency_ms,
        _sample(offers),
        context_tokens,
        True,
        answer.usage,
        answer.told_cost,
    )


def _thoughts(answer: ModelReply | ModelFailure) -> str:
    """What the answer cost in thoughts, where the provider says so."""
    usage = answer.usage
    if usage is None or not usage.reasoning_tokens:
        return ""
    return f" {usage.reasoning_tokens:,} tokens of {usage.output_tokens:,} were thoughts."


async def _context(client: ModelClient, model: str, offers: list[OfferedModel]) -> int | None:
    """What the model takes, where the server says so in its list or when it is asked."""
    listed = next((offer.context_tokens for offer in offers if offer.name == model), None)
    if listed is not None:
        return listed
    try:
        return await client.context_tokens()
    except ModelFailure:
        return None


def _failed(failure: ModelFailure, provider: Provider, model: str, offers: list[OfferedModel]) -> Diagnosis:
    message = failure.message
    if failure.kind is FailureKind.UNKNOWN_MODEL:
        message += _suggestion(model, offers)
    elif failure.kind is FailureKind.CONNECTION or (failure.kind is FailureKind.AUTH and not provider.local):
        message = f"{message} {provider.hint}"
    elif failure.final:
        message = f"{message} {way_forward(failure.kind, message)}"
    return Diagnosis(
        False, failure.kind, message, models=_sample(offers), usage=failure.usage, told_cost=failure.told_cost
    )


def _suggestion(model: str, offers: list[OfferedModel]) -> str:
    names = [offer.name for offer in offers]
    close = difflib.get_close_matches(model, names, n=3, cutoff=0.4)
    if close:
        return f" Did you mean {' or '.join(close)}?"
    return f" It offers: {', '.join(names[:5])}." if names else ""


def _sample(offers: list[OfferedModel]) -> tuple[str, ...]:
    return tuple(offer.name for offer in offers[:MODEL_SAMPLE])
