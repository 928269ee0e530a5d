"""What a server says of tokens is believed only where it can be, and no answer is read without end."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from tests.models import test_pydantic_ai_client as sdk
from tests.models import test_wire as wire
from tests.models.shapes import success
from tests.models.stub import Stub, completion

from docstage.domain.content import Content, ImagePart
from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage
from docstage.models.bounds import TokenBounds, Told
from docstage.models.protocol import ModelFailure, ModelReply, ModelRequest

CANNOT_BE: list[tuple[object, object, object]] = [
    (10**30, 0, 2),
    (9, 0, 10**30),
    (200_000, 0, 2),  # of a document of eleven characters
    (9, 0, 5_000),  # of an answer of four
    (-9, 0, 2),
    (9, 0, -2),
    (9, -1, 2),
    (9, 90, 2),  # more from the cache than there was
    (0, 0, 2),
    (9, 0, 0),  # there is an answer
    (9.0, 0, 2),
    (9, 0, 2.5),
    (9, 1.5, 2),
    (True, 0, 2),
    (9, 0, True),
    ("9", 0, 2),
    ("many", 0, 2),
    (9, 0, None),
    (9, 0, "2"),
    (float("nan"), 0, 2),
    (9, 0, float("inf")),
    ([9], 0, 2),
]


def _told(counts: tuple[object, object, object]) -> dict[str, Any]:
    given, cached, made = counts
    return {
        "prompt_tokens": given,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens": made,
    }


@pytest.mark.parametrize("counts", CANNOT_BE, ids=repr)
async def test_numbers_that_cannot_be_are_not_believed(
    stub: Stub, counts: tuple[object, object, object]
) -> None:
    """The answer counts; what it cost is unknown, and it says so."""
    stub.answers_text(json.dumps(completion() | {"usage": _told(counts)}), content_type="application/json")
    reply = await wire.ask(stub.url)
    assert (reply.text, reply.usage) == ("fine", None)
    assert "cannot be" in (reply.note or "")
    assert len(reply.note or "") < 300


# The library warns of what it cannot read.
@pytest.mark.filterwarnings("ignore:Failed to extract usage")
@pytest.mark.parametrize("counts", [(10**30, 0, 7), (100, 0, 10**30), (-5, 0, 7)], ids=repr)
@pytest.mark.parametrize("provider", ["anthropic", "google", "azure"])
async def test_no_provider_is_believed_what_cannot_be(
    stub: Stub, provider: str, counts: tuple[int, int, int]
) -> None:
    """Likewise through the SDKs; whichever of them refuses the answer itself tells no usage either."""
    body = json.dumps(success(provider, "fine"))
    names = {
        "anthropic": ("input_tokens", "output_tokens"),
        "google": ("promptTokenCount", "candidatesTokenCount"),
    }
    given, made = names.get(provider, ("prompt_tokens", "completion_tokens"))
    answer = json.loads(body)
    told = answer["usageMetadata" if provider == "google" else "usage"]
    told |= {given: counts[0], made: counts[2]}
    stub.answers(answer)
    try:
        usage, may_be_billed = (await sdk.ask(provider, stub.url)).usage, True
    except ModelFailure as failure:
        usage, may_be_billed = failure.usage, failure.may_be_billed
    assert (usage, may_be_billed) == (None, True)


async def test_unusable_answers_are_not_believed_either(stub: Stub) -> None:
    """A failure that tells what cannot be is of unknown cost, not of none."""
    stub.answers(completion("") | {"usage": _told((10**30, 0, 0))})
    failure = await wire.fail(stub.url)
    assert (failure.usage, failure.may_be_billed) == (None, True)
    assert "cannot be" in failure.message


async def test_long_documents_pictures_and_reasoning_are_believed(stub: Stub) -> None:
    """Bounds are those of the call: dense scripts, many pictures and hidden reasoning are within them."""
    many = ModelRequest(Content("ﷺ" * 50_000, (ImagePart("image/png", b"x" * 99),) * 20), "What is it?")
    stub.answers(completion() | {"usage": _told((900_000, 0, 1_024))})
    assert (await wire.ask(stub.url, many)).usage == Usage(900_000, 0, 1_024)
    stub.answers(completion() | {"usage": _told((9, 0, 60_000))})
    assert (await wire.ask(stub.url, max_output_tokens=60_000)).usage == Usage(9, 0, 60_000)


def _long(size: int) -> Callable[[web.Request], Any]:
    async def handler(_request: web.Request) -> web.StreamResponse:
        return web.json_response(completion("x" * size))

    return handler


@pytest.mark.parametrize("size", [12 * 2**20, 600_000, 200_000])
async def test_an_answer_that_is_far_too_long_is_a_bad_answer(stub: Stub, size: int) -> None:
    """Whether it is cut off while it is read or afterwards; and it is not asked for again."""
    stub.handler = _long(size)
    failure = await wire.fail(stub.url)
    assert (failure.kind, failure.final) == (FailureKind.BAD_ANSWER, True)
    assert "far longer than max_output_tokens (1,024) allows" in failure.message


@pytest.mark.parametrize("provider", ["anthropic", "google", "azure"])
async def test_the_sdks_read_no_answer_without_end(stub: Stub, provider: str) -> None:
    """What is behind the bound is not read, and told as a bad answer, not as trouble of the network."""
    stub.answers(success(provider, "x" * 12 * 2**20))
    failure = await sdk.fail(provider, stub.url)
    assert (failure.kind, failure.final, failure.may_be_billed) == (FailureKind.BAD_ANSWER, True, True)
    assert "far longer" in failure.message


async def test_a_long_answer_within_the_limit_is_read(stub: Stub) -> None:
    """A connection that allows more gets more."""
    stub.handler = _long(600_000)

    async def ask() -> ModelReply:
        return await wire.ask(stub.url, max_output_tokens=100_000)

    assert len((await ask()).text) == 600_000


# Shapes of `usage` as documented: what is told of caches and reasoning, and the tokens that it comes to.
# OpenAI: platform.openai.com/docs/api-reference/chat. DeepSeek: api-docs.deepseek.com (context caching).
# OpenRouter: openrouter.ai/docs/use-cases/usage-accounting. LiteLLM: docs.litellm.ai (prompt caching).
# xAI: docs.x.ai (reasoning), whose output leaves reasoning out; Google likewise by OpenAI's API.
@pytest.mark.parametrize(
    ("told", "usage"),
    [
        (
            {"prompt_tokens": 100, "completion_tokens": 9, "prompt_tokens_details": {"cached_tokens": 60}},
            Usage(100, 60, 9),
        ),
        (
            {"prompt_tokens": 100, "completion_tokens": 9, "prompt_cache_hit_tokens": 64},
            Usage(100, 64, 9),
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 9,
                "prompt_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 90},
            },
            Usage(100, 0, 9, 90),
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 9,
                "prompt_tokens_details": {"cached_tokens": 10},
                "cache_creation_input_tokens": 80,
                "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 80},
            },
            Usage(100, 10, 9, 80, hour_write_tokens=80),
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 90,
                "total_tokens": 190,
                "completion_tokens_details": {"reasoning_tokens": 80},
            },
            Usage(100, 0, 90, 0, 80),
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 9,
                "total_tokens": 189,
                "completion_tokens_details": {"reasoning_tokens": 80},
            },
            Usage(100, 0, 89, 0, 80),
        ),
        # Some write null where they have nothing to tell.
        (
            {"prompt_tokens": 100, "completion_tokens": 9, "prompt_tokens_details": {"cached_tokens": None}},
            Usage(100, 0, 9),
        ),
        ({"prompt_tokens": 100, "completion_tokens": 9, "prompt_tokens_details": None}, Usage(100, 0, 9)),
        # More was read from a cache and written to one than there was, or more reasoning than output.
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 9,
                "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 60},
            },
            None,
        ),
        (
            {
                "prompt_tokens": 100,
                "completion_tokens": 9,
                "prompt_tokens_details": {"cache_write_tokens": -1},
            },
            None,
        ),
        (
            {
                "prompt_tokens": 9,
                "completion_tokens": 9,
                "completion_tokens_details": {"reasoning_tokens": 50},
            },
            None,
        ),
    ],
)
async def test_caches_and_reasoning_are_read(stub: Stub, told: dict[str, Any], usage: Usage | None) -> None:
    """Tokens that are billed apart are told apart, in whatever shape; what cannot be is unknown."""
    stub.answers(completion() | {"usage": told})
    assert (await wire.ask(stub.url)).usage == usage


def test_nothing_told_is_no_fault() -> None:
    """Then the usage is unknown, and there is nothing to say."""
    bounds = TokenBounds.of(sent=10, images=0, received=10, limit=10)
    assert bounds.believe(None, "fine") == (None, None)
    assert bounds.believe(Told(10, 0, 0), "") == (Usage(10, 0, 0), None)
