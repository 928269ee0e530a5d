"""Answers end, think and count as those of real providers do."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from tests.simulator.chat import Reply, body, call, with_schema
from tests.support.simulators import INSTANT

from docstage.simulator.faults import Fates
from docstage.simulator.kinds import CostReport, Fault, Overflow, Thoughts
from docstage.simulator.profile import Profile

Start = Callable[..., str]
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"parties": {"type": "array", "items": {"type": "string"}}, "rent": {"type": "number"}},
    "required": ["parties", "rent"],
    "additionalProperties": False,
}


async def _answered(start: Start, request: dict[str, Any], **members: Any) -> Reply:
    return await call(start(Profile(latency=INSTANT, **members)), request)


def _choice(reply: Reply) -> dict[str, Any]:
    choice: dict[str, Any] = reply.body["choices"][0]
    return choice


@pytest.mark.parametrize("word", ["error", "abort", "content_filter", "insufficient_system_resource"])
async def test_an_answer_that_breaks_off_says_why(simulator: Start, word: str) -> None:
    """Half of it is there, and the finish reason is the word that was ordered."""
    whole = await call(simulator(), body())
    reply = await _answered(simulator, body(), endings={word: 1.0})
    assert _choice(reply)["finish_reason"] == word
    assert reply.content == whole.content[: len(whole.content) // 2]


async def test_an_ending_may_be_null_missing_or_unknown(simulator: Start) -> None:
    """The answer is whole then; only nobody says so."""
    whole = await call(simulator(), body())
    for word, shown in (("null", None), ("missing", "nothing"), ("unknown", "unknown")):
        reply = await _answered(simulator, body(), endings={word: 1.0})
        assert _choice(reply).get("finish_reason", "nothing") == shown
        assert reply.content == whole.content


@pytest.mark.parametrize("request_body", [body(max_tokens=50), with_schema(SCHEMA, max_tokens=50)])
async def test_a_long_winded_model_writes_up_to_the_limit(
    simulator: Start, request_body: dict[str, Any]
) -> None:
    """`length` is true: the whole limit was written, and JSON has no end."""
    reply = await _answered(simulator, request_body, endings={"length": 1.0})
    assert _choice(reply)["finish_reason"] == "length"
    assert reply.body["usage"]["completion_tokens"] == 50
    assert not reply.content.endswith("}")


def test_endings_come_as_often_as_asked_beside_faults() -> None:
    """They are drawn by themselves, and the fates without them stay as they were."""
    bodies = [str(number).encode() for number in range(4_000)]
    plain = [Fates(Profile(error_rates={Fault.EMPTY: 0.2})).draw(one).fault for one in bodies]
    both = Fates(Profile(error_rates={Fault.EMPTY: 0.2}, endings={"length": 0.3}))
    drawn = [both.draw(one) for one in bodies]
    assert [fate.fault for fate in drawn] == plain
    assert abs(Counter(fate.ending for fate in drawn)["length"] / 4_000 - 0.3) < 0.02


@pytest.mark.parametrize(
    ("thoughts", "member"),
    [(Thoughts.REASONING_CONTENT, "reasoning_content"), (Thoughts.REASONING, "reasoning")],
)
async def test_thoughts_stand_beside_the_answer_and_are_counted(
    simulator: Start, thoughts: Thoughts, member: str
) -> None:
    """They are part of the output, and told apart."""
    reply = await _answered(simulator, body(), thoughts=thoughts, thought_tokens=100)
    usage = reply.body["usage"]
    thought = usage["completion_tokens_details"]["reasoning_tokens"]
    assert 50 <= thought <= 150
    assert usage["completion_tokens"] > thought
    assert len(_choice(reply)["message"][member]) // 4 == pytest.approx(thought, abs=1)
    assert "text that bears" in reply.content or reply.content.startswith("- ")


async def test_thoughts_can_stand_in_the_answer(simulator: Start) -> None:
    """Between tags, or with the closing one alone, as templates leave it; nobody counts them apart."""
    tags = await _answered(simulator, body(), thoughts=Thoughts.TAGS)
    assert tags.content.startswith("<think>\n")
    assert "</think>\n\n- " in tags.content
    assert "completion_tokens_details" not in tags.body["usage"]
    closing = await _answered(simulator, body(), thoughts=Thoughts.CLOSING_TAG)
    assert "<think>" not in closing.content
    assert "</think>" in closing.content


async def test_hidden_thoughts_are_only_counted(simulator: Start) -> None:
    """As with OpenAI's own reasoning models."""
    reply = await _answered(simulator, body(), thoughts=Thoughts.HIDDEN)
    assert reply.body["usage"]["completion_tokens_details"]["reasoning_tokens"] > 100
    assert set(_choice(reply)["message"]) == {"role", "content"}


@pytest.mark.parametrize(
    ("told", "least", "most"),
    [
        ({"reasoning_effort": "none"}, 0, 0),
        ({"reasoning_effort": "low"}, 1, 75),
        ({"reasoning_effort": "high"}, 100, 300),
        ({"reasoning": {"max_tokens": 20}}, 20, 20),
        ({"reasoning": {"enabled": False}}, 0, 0),
        ({"chat_template_kwargs": {"enable_thinking": False}}, 0, 0),
        ({"think": False}, 0, 0),
        ({"thinking": {"type": "disabled"}}, 0, 0),
        ({"reasoning": True}, 50, 150),
    ],
)
async def test_a_model_thinks_as_much_as_it_is_told(
    simulator: Start, told: dict[str, Any], least: int, most: int
) -> None:
    """By the members that providers have for it."""
    reply = await _answered(simulator, body(**told), thoughts=Thoughts.HIDDEN, thought_tokens=100)
    assert least <= reply.body["usage"]["completion_tokens_details"]["reasoning_tokens"] <= most


async def test_thoughts_can_use_up_the_whole_limit(simulator: Start) -> None:
    """No answer is left, all is billed; so it is with a limit that is too low, and as a fault of its own."""
    low = await _answered(simulator, body(max_tokens=20), thoughts=Thoughts.REASONING_CONTENT)
    endless = await _answered(simulator, body(max_tokens=20), error_rates={Fault.ENDLESS_THOUGHTS: 1.0})
    for reply in (low, endless):
        assert (reply.content, _choice(reply)["finish_reason"]) == ("", "length")
        assert reply.body["usage"]["completion_tokens"] == 20
        assert reply.body["usage"]["completion_tokens_details"]["reasoning_tokens"] == 20


async def test_usage_can_be_missing_zero_or_impossible(simulator: Start) -> None:
    """The answer itself is as usual."""
    missing = await _answered(simulator, body(), error_rates={Fault.NO_USAGE: 1.0})
    assert "usage" not in missing.body
    zero = await _answered(simulator, body(), error_rates={Fault.ZERO_USAGE: 1.0})
    assert set(zero.body["usage"].values()) == {0}
    impossible = await _answered(simulator, body(), error_rates={Fault.IMPOSSIBLE_USAGE: 1.0})
    assert impossible.body["usage"]["prompt_tokens"] > 10**11
    assert missing.content == zero.content == impossible.content


async def test_a_document_can_be_cut_in_silence(simulator: Start) -> None:
    """The end is read and the limit is told as the number of tokens, as Ollama's /v1 does it."""
    long = "The first line names Ada Lovelace. " * 200 + "\nThe rent ends on 1 May 2027."
    reply = await _answered(
        simulator, body(long), context_tokens=200, overflow=Overflow.TRUNCATE, tells_context=False
    )
    assert (reply.status, reply.body["usage"]["prompt_tokens"]) == (200, 200)
    assert _choice(reply)["finish_reason"] == "stop"
    assert "2027-05-01" in reply.content


async def test_json_can_come_in_other_clothes(simulator: Start) -> None:
    """Among words, in a fence, as a tool call, as a list of parts: each holds the same JSON."""
    request = with_schema(SCHEMA)
    plain = json.loads((await call(simulator(), request)).content)
    prose = await _answered(simulator, request, error_rates={Fault.PROSE: 1.0})
    assert json.loads(prose.content.split("\n\n")[1]) == plain
    fenced = await _answered(simulator, request, error_rates={Fault.FENCED: 1.0})
    assert json.loads(fenced.content.removeprefix("```json\n").removesuffix("\n```")) == plain
    called = _choice(await _answered(simulator, request, error_rates={Fault.TOOL_CALL: 1.0}))
    assert (called["finish_reason"], called["message"]["content"]) == ("tool_calls", None)
    assert json.loads(called["message"]["tool_calls"][0]["function"]["arguments"]) == plain
    parts = await _answered(simulator, request, error_rates={Fault.PARTS: 1.0})
    assert json.loads(_choice(parts)["message"]["content"][0]["text"]) == plain


async def test_a_stream_can_come_although_none_was_asked_for(simulator: Start) -> None:
    """With its thoughts, its usage and, where it is a tool call, the arguments in pieces."""
    rates = {Fault.STREAMED: 1.0, Fault.TOOL_CALL: 1.0, Fault.KEEP_ALIVE: 1.0}
    reply = await _answered(
        simulator, with_schema(SCHEMA), error_rates=rates, thoughts=Thoughts.REASONING_CONTENT
    )
    assert reply.headers["Content-Type"] == "text/event-stream"
    assert reply.text.startswith(": PROCESSING\n\n")
    events = [line.removeprefix("data: ") for line in reply.text.split("\n\n") if line.startswith("data: {")]
    chunks = [json.loads(event) for event in events]
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    arguments = [one["function"]["arguments"] for delta in deltas for one in delta.get("tool_calls", ())]
    assert set(json.loads("".join(arguments))) == set(SCHEMA["required"])
    assert "".join(delta.get("reasoning_content", "") for delta in deltas)
    assert chunks[-1]["usage"]["completion_tokens"] > 0
    assert reply.text.endswith("data: [DONE]\n\n")


async def test_a_stream_can_end_in_the_middle(simulator: Start) -> None:
    """Neither a reason nor the end mark comes."""
    reply = await _answered(simulator, body(), error_rates={Fault.STREAM_CUT: 1.0})
    assert reply.text.startswith("data: {")
    assert "[DONE]" not in reply.text
    assert '"stop"' not in reply.text


async def test_choices_can_be_none_or_an_error(simulator: Start) -> None:
    """The usage is told all the same."""
    none = await _answered(simulator, body(), error_rates={Fault.NO_CHOICES: 1.0})
    assert (none.body["choices"], none.body["usage"]["prompt_tokens"] > 0) == ([], True)
    error = await _answered(simulator, body(), error_rates={Fault.ERROR_IN_CHOICE: 1.0})
    assert (_choice(error)["finish_reason"], _choice(error)["error"]["code"]) == ("error", 502)


async def test_an_answer_can_stand_where_thoughts_belong(simulator: Start) -> None:
    """As servers do it whose reader of thoughts does not know that there are none."""
    reply = await _answered(simulator, body(), error_rates={Fault.ANSWER_IN_THOUGHTS: 1.0})
    message = _choice(reply)["message"]
    assert (message["content"], message["reasoning_content"][:2]) == (None, "- ")


async def test_blank_lines_may_come_before_an_answer(simulator: Start) -> None:
    """It is JSON all the same."""
    reply = await _answered(simulator, body(), error_rates={Fault.KEEP_ALIVE: 1.0})
    assert reply.text.startswith("\n\n")
    assert reply.content


async def test_a_broken_schema_is_put_right_when_the_model_is_told(simulator: Start) -> None:
    """The first answer breaks one member; shown to the model again, the next one fulfils the schema."""
    url = simulator(Profile(latency=INSTANT, error_rates={Fault.WRONG_SCHEMA_ONCE: 1.0}))
    first = json.loads((await call(url, with_schema(SCHEMA))).content)
    assert not (isinstance(first.get("parties"), list) and isinstance(first.get("rent"), (int, float)))
    request = with_schema(SCHEMA)
    request["messages"] += [
        {"role": "assistant", "content": json.dumps(first)},
        {"role": "user", "content": "At rent: that is no number. Write the whole JSON again."},
    ]
    second = json.loads((await call(url, request)).content)
    assert isinstance(second["parties"], list)
    assert isinstance(second["rent"], (int, float))


async def test_another_model_may_answer(simulator: Start) -> None:
    """As a share of the calls, or always the same one."""
    some = await _answered(simulator, body(), error_rates={Fault.OTHER_MODEL: 1.0})
    always = await _answered(simulator, body(), serves="served-model")
    assert (some.body["model"], always.body["model"]) == ("another-model", "served-model")


async def test_the_cost_is_told_where_gateways_tell_it(simulator: Start) -> None:
    """In the usage or in a header, by the profile's prices."""
    prices: dict[str, Any] = {"input_price": 1.0, "output_price": 10.0}
    reply = await _answered(simulator, body(), cost=CostReport.USAGE, **prices)
    usage = reply.body["usage"]
    expected = (usage["prompt_tokens"] + 10 * usage["completion_tokens"]) / 1e6
    assert usage["cost"] == pytest.approx(expected)
    header = await _answered(simulator, body(), cost=CostReport.HEADER, **prices)
    assert float(header.headers["x-litellm-response-cost"]) == pytest.approx(expected)
    assert "cost" not in header.body["usage"]
    flex = await _answered(simulator, body(service_tier="flex"), cost=CostReport.USAGE, **prices)
    assert flex.body["service_tier"] == "flex"
    assert flex.body["usage"]["cost"] == pytest.approx(expected / 2)


async def test_writing_to_the_cache_is_told_and_billed(simulator: Start) -> None:
    """The first call writes what the second reads."""
    profile = Profile(
        latency=INSTANT,
        cost=CostReport.USAGE,
        cache_writes=True,
        input_price=1.0,
        cache_write_price=1.25,
        cached_price=0.1,
        output_price=0.0,
    )
    url = simulator(profile)
    long = "A line of the lease. " * 400
    first = (await call(url, body(long))).body["usage"]
    second = (await call(url, body(long, "Another question?"))).body["usage"]
    assert first["prompt_tokens_details"]["cache_write_tokens"] == first["prompt_tokens"]
    assert first["cost"] == pytest.approx(first["prompt_tokens"] * 1.25 / 1e6)
    details = second["prompt_tokens_details"]
    assert details["cached_tokens"] > 1_024
    assert details["cached_tokens"] + details["cache_write_tokens"] == second["prompt_tokens"]


async def test_tokens_can_be_counted_otherwise(simulator: Start) -> None:
    """Every model has a tokenizer of its own."""
    plain = (await call(simulator(), body())).body["usage"]["prompt_tokens"]
    twice = await _answered(simulator, body(), token_ratio=2.0)
    assert twice.body["usage"]["prompt_tokens"] == 2 * plain
