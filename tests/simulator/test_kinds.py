"""What is rehearsed ends as the real thing would: each fault and ending as its kind, by real clients."""

from collections.abc import Callable
from typing import Any

import pytest
from tests.support.simulators import INSTANT

from docstage.asking.wholeness import check_reply
from docstage.domain.content import Content
from docstage.domain.tasks import FailureKind
from docstage.domain.token_counts import count_tokens
from docstage.models.factory import create_client
from docstage.models.protocol import ConnectionConfig, ModelFailure, ModelReply, ModelRequest
from docstage.simulator.kinds import Away, CostReport, Fault, Overflow, Schemas, Thoughts, Wait
from docstage.simulator.profile import Latency, Profile

Start = Callable[..., str]
Kind = FailureKind
SCHEMA = {
    "type": "object",
    "properties": {"parties": {"type": "array", "items": {"type": "string"}}, "rent": {"type": "number"}},
    "required": ["parties", "rent"],
    "additionalProperties": False,
}
LEASE = "Lease between Birch Tools Limited and Harbour Estates. The rent is EUR 1,250.00 a month.\n" * 40
HOURS = 20_000.0

# None: the answer is used.
FAULTS: dict[Fault, FailureKind | None] = {
    Fault.RATE_LIMITED: Kind.RATE_LIMITED,
    Fault.RATE_LIMITED_NO_HEADER: Kind.RATE_LIMITED,
    Fault.SERVER_ERROR: Kind.OVERLOADED,
    Fault.BAD_GATEWAY_HTML: Kind.OVERLOADED,
    Fault.UNAVAILABLE: Kind.OVERLOADED,
    Fault.TIMEOUT: Kind.TIMEOUT,
    Fault.CUT: Kind.CONNECTION,
    Fault.BROKEN_JSON: Kind.CONNECTION,
    Fault.HTML_200: Kind.BAD_ANSWER,
    Fault.EMPTY: Kind.BAD_ANSWER,
    Fault.WRONG_SCHEMA: Kind.BAD_ANSWER,
    Fault.REFUSAL: Kind.REFUSAL,
    Fault.AUTH: Kind.AUTH,
    Fault.QUOTA: Kind.QUOTA,
    Fault.CONTEXT_OVERFLOW: Kind.CONTEXT_OVERFLOW,
    Fault.SLOW: None,
    Fault.OVERLOADED: Kind.OVERLOADED,
    Fault.LOADING: Kind.OVERLOADED,
    Fault.GATEWAY_TIMEOUT: Kind.OVERLOADED,
    Fault.CLOSED: Kind.CONNECTION,
    Fault.STALLED: Kind.TIMEOUT,
    Fault.KEEP_ALIVE_CUT: Kind.CONNECTION,
    Fault.STREAM_CUT: Kind.CUT_OFF,
    Fault.ERROR_IN_CHOICE: Kind.OVERLOADED,
    Fault.NO_CHOICES: Kind.BAD_ANSWER,
    Fault.ERROR_IN_200: Kind.OVERLOADED,
    Fault.PROXY_ERROR: Kind.OVERLOADED,
    Fault.INVALID_PROMPT: Kind.REFUSAL,
    Fault.PROMPT_FILTERED: Kind.REFUSAL,
    Fault.JSON_FAILED: Kind.BAD_ANSWER,
    Fault.WRONG_SCHEMA_ONCE: Kind.BAD_ANSWER,
    Fault.ENDLESS_THOUGHTS: Kind.CUT_OFF,
    Fault.DOCUMENT_ERROR: Kind.OVERLOADED,
    Fault.DOCUMENT_FILTERED: Kind.REFUSAL,
    Fault.PROSE: None,
    Fault.FENCED: None,
    Fault.TOOL_CALL: None,
    Fault.ANSWER_IN_THOUGHTS: Kind.BAD_ANSWER,
    Fault.PARTS: None,
    Fault.STREAMED: None,
    Fault.KEEP_ALIVE: None,
    Fault.NO_USAGE: None,
    Fault.ZERO_USAGE: None,
    Fault.IMPOSSIBLE_USAGE: None,
    Fault.OTHER_MODEL: None,
}
ENDINGS: dict[str, FailureKind | None] = {
    "length": Kind.CUT_OFF,
    "max_tokens": Kind.CUT_OFF,
    "model_context_window_exceeded": Kind.CUT_OFF,
    "content_filter": Kind.REFUSAL,
    "error": Kind.OVERLOADED,
    "abort": Kind.OVERLOADED,
    "insufficient_system_resource": Kind.OVERLOADED,
    "end_turn": None,
    "eos": None,
}
NO_KNOWN_ENDING = ("null", "missing", "unknown", "pause_turn", "OTHER")


async def _asked(
    start: Start, profile: Profile, schema: Any = SCHEMA, **config: Any
) -> ModelReply | ModelFailure:
    settings: dict[str, Any] = {"timeout": 0.5, "max_output_tokens": 1_000, **config}
    address = start(profile)
    connection = ConnectionConfig(provider="simulated", model="simulated-small", base_url=address, **settings)
    client = create_client(connection)
    request = ModelRequest(
        content=Content(LEASE), prompt="Which parties and rent?", schema=schema, document_name="lease.txt"
    )
    try:
        return await client.complete(request)
    except ModelFailure as failure:
        return failure
    finally:
        await client.close()


def _kind(found: ModelReply | ModelFailure) -> FailureKind | None:
    return found.kind if isinstance(found, ModelFailure) else None


def _profile(**members: Any) -> Profile:
    return Profile(**{"latency": INSTANT, **members})


def test_every_fault_has_its_kind() -> None:
    """None is left out."""
    assert set(FAULTS) == set(Fault)


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.SLOW])
async def test_a_fault_ends_as_its_kind(simulator: Start, fault: Fault) -> None:
    """With a schema, which brings out those of JSON."""
    assert _kind(await _asked(simulator, _profile(error_rates={fault: 1.0}))) == FAULTS[fault]


@pytest.mark.parametrize("word", ENDINGS)
@pytest.mark.parametrize("schema", [SCHEMA, None], ids=["json", "text"])
async def test_an_ending_ends_as_its_kind(simulator: Start, word: str, schema: Any) -> None:
    """Whatever was written until then."""
    assert _kind(await _asked(simulator, _profile(endings={word: 1.0}), schema)) == ENDINGS[word]


@pytest.mark.parametrize("word", NO_KNOWN_ENDING)
@pytest.mark.parametrize("schema", [SCHEMA, None], ids=["json", "text"])
async def test_an_answer_without_a_known_ending_is_none(simulator: Start, word: str, schema: Any) -> None:
    """Also where it is whole: nobody says so."""
    assert _kind(await _asked(simulator, _profile(endings={word: 1.0}), schema)) is not None


@pytest.mark.parametrize("thoughts", list(Thoughts))
async def test_thoughts_are_no_part_of_the_answer(simulator: Start, thoughts: Thoughts) -> None:
    """Wherever they stand; where they use up the limit, the answer is cut off."""
    reply = await _asked(simulator, _profile(thoughts=thoughts))
    assert isinstance(reply, ModelReply)
    assert set(reply.value) == {"parties", "rent"}
    text = await _asked(simulator, _profile(thoughts=thoughts), None)
    assert isinstance(text, ModelReply)
    assert "think>" not in text.text
    assert "line by line" not in text.text
    if thoughts is not Thoughts.NONE:
        eaten = await _asked(simulator, _profile(thoughts=thoughts, thought_tokens=5_000))
        assert _kind(eaten) is Kind.CUT_OFF


@pytest.mark.parametrize("wait", [wait for wait in Wait if wait is not Wait.NOT])
async def test_a_wait_is_understood_however_it_is_told(simulator: Start, wait: Wait) -> None:
    """Hours of it, to the second."""
    found = await _asked(
        simulator, _profile(error_rates={Fault.RATE_LIMITED: 1.0}, retry_after=HOURS, wait=wait)
    )
    assert isinstance(found, ModelFailure)
    assert found.kind is Kind.RATE_LIMITED
    assert found.retry_after == pytest.approx(HOURS, abs=5)


@pytest.mark.parametrize(
    ("away", "kind"),
    [
        (Away.UNAVAILABLE, Kind.OVERLOADED),
        (Away.BAD_GATEWAY, Kind.OVERLOADED),
        (Away.CLOSED, Kind.CONNECTION),
        (Away.SILENT, Kind.TIMEOUT),
    ],
)
async def test_an_outage_ends_as_what_only_needs_time(simulator: Start, away: Away, kind: Kind) -> None:
    """None of them needs a person."""
    found = await _asked(simulator, _profile(outage_seconds=HOURS, away=away))
    assert _kind(found) is kind


@pytest.mark.parametrize("status", [400, 402, 403, 429])
async def test_a_spending_limit_is_a_quota(simulator: Start, status: int) -> None:
    """By whatever status it is told."""
    assert _kind(await _asked(simulator, _profile(spending_limit=0.0, spending_status=status))) is Kind.QUOTA


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"refuses": ("max_tokens",)}, "max_completion_tokens"),
        ({"refuses": ("messages",)}, "messages"),
        ({"largest_output": 512}, "to 512 or less"),
    ],
)
async def test_a_refused_request_says_why(simulator: Start, members: dict[str, Any], words: str) -> None:
    """It would be refused again."""
    found = await _asked(simulator, _profile(**members))
    assert isinstance(found, ModelFailure)
    assert (found.kind, words in found.message) == (Kind.BAD_REQUEST, True), found.message


@pytest.mark.parametrize("schemas", [Schemas.STRICT, Schemas.OBJECT, Schemas.NONE])
async def test_schemas_that_are_not_taken_are_put_into_the_prompt(simulator: Start, schemas: Schemas) -> None:
    """And obeyed there."""
    schema = SCHEMA | {"minProperties": 1}
    reply = await _asked(simulator, _profile(schemas=schemas), schema)
    assert isinstance(reply, ModelReply)
    assert set(reply.value) == {"parties", "rent"}


async def test_a_document_that_was_cut_in_silence_is_told_by_its_tokens(simulator: Start) -> None:
    """One that was read whole is not."""
    whole = await _asked(simulator, _profile())
    cut = await _asked(simulator, _profile(context_tokens=100, overflow=Overflow.TRUNCATE))
    assert isinstance(whole, ModelReply)
    assert isinstance(cut, ModelReply)
    least = count_tokens(LEASE).least
    check_reply(whole, least)
    with pytest.raises(ModelFailure) as caught:
        check_reply(cut, least)
    assert caught.value.kind is Kind.TRUNCATED


async def test_a_slow_answer_is_used(simulator: Start) -> None:
    """As long as it comes within the call's time."""
    profile = _profile(latency=Latency(median=0.001), error_rates={Fault.SLOW: 1.0})
    assert _kind(await _asked(simulator, profile, timeout=60.0)) is None


@pytest.mark.parametrize("cost", [CostReport.USAGE, CostReport.HEADER])
async def test_what_a_call_cost_is_read_where_it_is_told(simulator: Start, cost: CostReport) -> None:
    """In the usage or in a header; in nano-dollars, by the profile's prices."""
    reply = await _asked(simulator, _profile(cost=cost, input_price=1.0, output_price=10.0))
    assert isinstance(reply, ModelReply)
    assert reply.usage is not None
    assert reply.told_cost == pytest.approx(
        (reply.usage.input_tokens + 10 * reply.usage.output_tokens) * 1e3, rel=0.01
    )


async def test_thoughts_and_cache_writes_are_counted_apart(simulator: Start) -> None:
    """As parts of output and input."""
    members: dict[str, Any] = {"cache_writes": True, "cache_minimum": 100, "thoughts": Thoughts.HIDDEN}
    reply = await _asked(simulator, _profile(**members))
    assert isinstance(reply, ModelReply)
    assert reply.usage is not None
    assert 0 < reply.usage.cache_write_tokens <= reply.usage.input_tokens
    assert 0 < reply.usage.reasoning_tokens < reply.usage.output_tokens


async def test_another_model_is_told(simulator: Start) -> None:
    """The answer says which one it is from."""
    reply = await _asked(simulator, _profile(serves="another-model"))
    assert isinstance(reply, ModelReply)
    assert reply.served.model == "another-model"


@pytest.mark.parametrize("fault", [Fault.NO_USAGE, Fault.ZERO_USAGE, Fault.IMPOSSIBLE_USAGE])
async def test_numbers_that_are_missing_or_cannot_be_are_unknown(simulator: Start, fault: Fault) -> None:
    """They are not taken for zero."""
    reply = await _asked(simulator, _profile(error_rates={fault: 1.0}))
    assert isinstance(reply, ModelReply)
    assert reply.usage is None
