"""Waits, outages, refusals and spending limits are those of real providers."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
from tests.simulator.chat import Reply, body, call, get, with_schema
from tests.simulator.test_limits import Hands
from tests.support.simulators import INSTANT

from docstage.simulator.errors import limit_reached
from docstage.simulator.faults import Fates
from docstage.simulator.kinds import Away, Fault, Schemas, Wait
from docstage.simulator.profile import Profile

Start = Callable[..., str]
OPEN = {"type": "object", "properties": {"a": {"type": "string"}}}
CLOSED = OPEN | {"required": ["a"], "additionalProperties": False}


async def _met(start: Start, request: dict[str, Any] | None = None, **members: Any) -> Reply:
    return await call(start(Profile(latency=INSTANT, **members)), request or body())


async def test_a_wait_of_hours_is_told_in_seconds(simulator: Start) -> None:
    """However long it is."""
    reply = await _met(simulator, error_rates={Fault.RATE_LIMITED: 1.0}, retry_after=20_000.0)
    assert (reply.status, reply.headers["Retry-After"]) == (429, "20000")


async def test_a_wait_can_be_told_in_other_ways(simulator: Start) -> None:
    """As a date, in milliseconds, in words, in Google's details, or not at all."""
    limited: dict[str, Any] = {"error_rates": {Fault.RATE_LIMITED: 1.0}, "retry_after": 432.0}
    date = await _met(simulator, **limited, wait=Wait.DATE)
    assert date.headers["Retry-After"].endswith(" GMT")
    at_noon = limit_reached("simulated", 431.5, Wait.DATE, now=1_793_448_000.0)
    assert at_noon.headers == {"Retry-After": "Sat, 31 Oct 2026 12:07:12 GMT"}
    milliseconds = await _met(simulator, **limited, wait=Wait.MILLISECONDS)
    assert milliseconds.headers["retry-after-ms"] == "432000"
    words = await _met(simulator, **limited, wait=Wait.WORDS)
    assert "try again in 7m12s" in words.body["error"]["message"]
    assert "Retry-After" not in words.headers
    nothing = await _met(simulator, **limited, wait=Wait.NOT)
    assert "432" not in nothing.text + str(nothing.headers)


async def test_google_speaks_of_billing_and_means_a_minute(simulator: Start) -> None:
    """The list, the words and the details are those of Gemini's OpenAI endpoint."""
    url = simulator(Profile(latency=INSTANT, requests_per_minute=1, wait=Wait.DETAILS), clock=Hands())
    await call(url, body())
    reply = await call(url, body())
    (error,) = [entry["error"] for entry in json.loads(reply.text)]
    assert (reply.status, error["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert "billing" in error["message"]
    assert error["details"][0]["retryDelay"] == "60s"


async def test_calls_a_day_are_counted_until_the_day_ends(simulator: Start) -> None:
    """The wait is until then, and shorter where time is told to pass faster."""
    hands = Hands()
    url = simulator(Profile(latency=INSTANT, requests_per_day=2), clock=hands)
    assert [(await call(url, body())).status for _ in range(2)] == [200, 200]
    hands.now = 80_000.0
    denied = await call(url, body())
    assert (denied.status, denied.headers["Retry-After"]) == (429, "6400")
    hands.now = 86_400.0
    assert (await call(url, body())).status == 200
    quick = simulator(Profile(latency=INSTANT, requests_per_day=1, time_scale=3_600.0), clock=Hands())
    await call(quick, body())
    assert (await call(quick, body())).headers["Retry-After"] == "24"


async def test_an_outage_begins_ends_and_comes_again(simulator: Start) -> None:
    """By the clock, from the first call on."""
    hands = Hands()
    profile = Profile(latency=INSTANT, outage_after=100.0, outage_seconds=50.0, outage_every=1_000.0)
    url = simulator(profile, clock=hands)
    found = []
    for hands.now in (7.0, 106.0, 107.0, 156.0, 158.0, 1_108.0, 1_160.0):
        found.append((await call(url, body())).status)
    assert found == [200, 200, 503, 503, 200, 503, 200]


async def test_an_outage_may_come_but_once(simulator: Start) -> None:
    """And show itself as a web page."""
    hands = Hands()
    profile = Profile(latency=INSTANT, outage_seconds=50.0, away=Away.BAD_GATEWAY)
    url = simulator(profile, clock=hands)
    away = await call(url, body())
    assert (away.status, away.text[:9]) == (502, "<!DOCTYPE")
    hands.now = 50.0
    assert (await call(url, body())).status == 200


async def test_a_server_that_is_away_closes_or_keeps_silent(simulator: Start) -> None:
    """No answer at all comes then."""
    closed = simulator(Profile(latency=INSTANT, outage_seconds=50.0, away=Away.CLOSED), clock=Hands())
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await call(closed, body())
    silent = simulator(Profile(latency=INSTANT, outage_seconds=50.0, away=Away.SILENT), clock=Hands())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(call(silent, body()), 0.2)


async def test_a_model_is_loaded_first(simulator: Start) -> None:
    """Calls get llama.cpp's 503 until it is."""
    hands = Hands()
    url = simulator(Profile(latency=INSTANT, loading_seconds=20.0), clock=hands)
    loading = await call(url, body())
    assert (loading.status, loading.body["error"]["message"]) == (503, "Loading model")
    hands.now = 20.0
    assert (await call(url, body())).status == 200


async def test_calls_wait_for_a_slot(simulator: Start) -> None:
    """A server with one slot takes the second call when the first has gone; it tells how many it has."""
    url = simulator(Profile(latency=INSTANT, slots=1, log=1, error_rates={Fault.TIMEOUT: 0.5}))
    root = url.removesuffix("/v1")
    assert (await get(f"{root}/props")).body["total_slots"] == 1
    fates = Fates(Profile(error_rates={Fault.TIMEOUT: 0.5}))
    bodies = [json.dumps(body(prompt=f"Question {number}?")).encode() for number in range(50)]
    by_fault = {fates.draw(one).fault: one for one in bodies}
    stuck = asyncio.create_task(call(url, by_fault[Fault.TIMEOUT]))
    await _in_flight(root, 1)
    waiting = asyncio.create_task(call(url, by_fault[None]))
    await _in_flight(root, 2)
    for _ in range(3):
        assert (await get(f"{root}/requests")).body["in_flight"] == 2
    stuck.cancel()
    assert (await waiting).status == 200


async def _in_flight(root: str, calls: int) -> None:
    while (await get(f"{root}/requests")).body["in_flight"] != calls:
        pass


@pytest.mark.parametrize(
    ("fault", "status", "found"),
    [
        (Fault.OVERLOADED, 529, "overloaded_error"),
        (Fault.LOADING, 503, "Loading model"),
        (Fault.ERROR_IN_200, 200, "Provider returned error"),
        (Fault.PROXY_ERROR, 500, "litellm.InternalServerError"),
        (Fault.INVALID_PROMPT, 400, "invalid_prompt"),
        (Fault.PROMPT_FILTERED, 400, "content_filter"),
        (Fault.GATEWAY_TIMEOUT, 504, "<!DOCTYPE html>"),
        (Fault.DOCUMENT_ERROR, 500, "model runner has unexpectedly stopped"),
    ],
)
async def test_errors_are_worded_as_their_providers_word_them(
    simulator: Start, fault: Fault, status: int, found: str
) -> None:
    """Status and words are what clients tell them apart by."""
    reply = await _met(simulator, error_rates={fault: 1.0})
    assert reply.status == status
    assert found in reply.text


async def test_json_that_failed_is_told_only_where_json_was_asked_for(simulator: Start) -> None:
    """With what the model wrote, as Groq sends it."""
    rates = {Fault.JSON_FAILED: 1.0}
    failed = await _met(simulator, with_schema(CLOSED), error_rates=rates)
    assert (failed.status, failed.body["error"]["code"]) == (400, "json_validate_failed")
    assert failed.body["error"]["failed_generation"]
    assert (await _met(simulator, error_rates=rates)).status == 200


async def test_connections_close_before_or_after_blank_lines(simulator: Start) -> None:
    """Neither is an answer."""
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await _met(simulator, error_rates={Fault.CLOSED: 1.0})
    with pytest.raises(aiohttp.ClientPayloadError):
        await _met(simulator, error_rates={Fault.KEEP_ALIVE_CUT: 1.0})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_met(simulator, error_rates={Fault.STALLED: 1.0}), 0.2)


async def test_a_poisoned_document_fails_each_time(simulator: Start) -> None:
    """Trying again changes nothing, and asking another question neither."""
    url = simulator(Profile(latency=INSTANT, error_rates={Fault.DOCUMENT_ERROR: 0.5}))
    documents = [f"Document {number}." for number in range(20)]
    first = [(await call(url, body(one))).status for one in documents]
    again = [(await call(url, body(one, "And the date?"))).status for one in documents]
    assert first == again
    assert set(first) == {200, 500}


async def test_a_member_that_is_not_taken_is_named(simulator: Start) -> None:
    """In OpenAI's words; requests without it pass."""
    refused = await _met(simulator, body(temperature=0), refuses=("temperature",))
    error = refused.body["error"]
    assert (refused.status, error["param"], error["code"]) == (400, "temperature", "unsupported_parameter")
    assert (await _met(simulator, body(), refuses=("temperature",))).status == 200
    tokens = await _met(simulator, body(max_tokens=9), refuses=("max_tokens",))
    assert "Use 'max_completion_tokens' instead." in tokens.body["error"]["message"]


async def test_an_output_limit_that_is_too_large_is_refused(simulator: Start) -> None:
    """With the largest one."""
    refused = await _met(simulator, body(max_tokens=9_000), largest_output=4_096)
    assert (refused.status, "at most 4096" in refused.body["error"]["message"]) == (400, True)
    assert (await _met(simulator, body(max_tokens=4_096), largest_output=4_096)).status == 200


async def test_the_output_limit_can_count_towards_the_context(simulator: Start) -> None:
    """A document that would fit alone is refused together with it, in vLLM's words."""
    context: dict[str, Any] = {"context_tokens": 1_000, "output_in_context": True}
    refused = await _met(simulator, body(max_tokens=999), **context)
    assert (refused.status, "999 in the completion" in refused.body["error"]["message"]) == (400, True)
    assert (await _met(simulator, body(max_tokens=500), **context)).status == 200


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        (OPEN, "'additionalProperties' is required to be supplied and to be false"),
        (OPEN | {"additionalProperties": False}, "Missing 'a'"),
        (CLOSED | {"minProperties": 1}, "'minProperties' is not permitted"),
        ({"type": "array", "items": CLOSED}, "schema must be a JSON Schema of 'type: \"object\"'"),
        (CLOSED | {"properties": ["a"]}, "It is no JSON Schema"),
        (CLOSED | {"properties": {"a": OPEN}}, "In context=('properties', 'a')"),
        (CLOSED | {"properties": {"a": {"anyOf": [{"type": "null"}, OPEN]}}}, "'anyOf', '1'"),
    ],
)
async def test_strict_schemas_are_those_of_openai(
    simulator: Start, schema: dict[str, Any], fault: str
) -> None:
    """What is wrong is said as OpenAI says it; a schema that keeps to the rules passes."""
    refused = await _met(simulator, with_schema(schema), schemas=Schemas.STRICT)
    assert (refused.status, fault in refused.body["error"]["message"]) == (400, True), refused.text
    assert (await _met(simulator, with_schema(CLOSED), schemas=Schemas.STRICT)).status == 200


async def test_schemas_can_be_refused_or_ignored(simulator: Start) -> None:
    """`response_format` as a whole, or only with a schema; or it is taken and not obeyed."""
    none = await _met(simulator, with_schema(CLOSED), schemas=Schemas.NONE)
    assert (none.status, none.body["error"]["param"]) == (400, "response_format")
    assert (await _met(simulator, with_schema(CLOSED), schemas=Schemas.OBJECT)).status == 400
    any_object = body(response_format={"type": "json_object"})
    assert (await _met(simulator, any_object, schemas=Schemas.OBJECT)).status == 200
    assert (await _met(simulator, with_schema(CLOSED), schemas=Schemas.IGNORED)).content.startswith("- ")


@pytest.mark.parametrize("more", [{}, {"response_format": {"type": "json_object"}}])
async def test_a_schema_in_the_prompt_is_obeyed(simulator: Start, more: dict[str, Any]) -> None:
    """Where a schema is not taken apart, models still read it."""
    prompt = f"Which amounts? Answer with JSON only, that fulfils this JSON Schema:\n{json.dumps(CLOSED)}"
    reply = await _met(simulator, body(prompt=prompt, **more), schemas=Schemas.OBJECT)
    assert set(json.loads(reply.content)) == {"a"}
    unclear = await _met(simulator, body(prompt="Does it name a JSON schema {like this}?"))
    assert unclear.content.startswith("- ")


@pytest.mark.parametrize(
    ("status", "found"),
    [(400, "budget_exceeded"), (402, "more credits"), (403, "Key limit"), (429, "insufficient_quota")],
)
async def test_the_spending_limit_ends_a_day(simulator: Start, status: int, found: str) -> None:
    """Once it is reached calls are refused, in the words of who uses the status; the next day is free."""
    hands = Hands()
    profile = Profile(latency=INSTANT, output_price=1_000.0, spending_limit=0.001, spending_status=status)
    url = simulator(profile, clock=hands)
    assert (await call(url, body())).status == 200
    refused = await call(url, body())
    assert (refused.status, found in refused.text) == (status, True)
    hands.now = 86_400.0
    assert (await call(url, body())).status == 200
