"""What `extra` may not say: docstage sets it, or it changes what calls cost."""

from typing import Any

import pytest
from tests.models import test_wire as wire
from tests.models.stub import Stub, completion

from docstage.domain.errors import InvalidInput
from docstage.models.extras import check_extra, contradictions, sendable, service_tier


@pytest.mark.parametrize(
    ("extra", "path", "advice"),
    [
        ({"max_completion_tokens": 50_000}, "max_completion_tokens", "set max_output_tokens"),
        ({"max_tokens": 1}, "max_tokens", "set max_output_tokens"),
        ({"n": 3}, "n", "leave it out"),
        ({"best_of": 3}, "best_of", "leave it out"),
        ({"model": "gpt-5-pro"}, "model", "the connection's model"),
        ({"models": ["a", "b"]}, "models", "the connection's model"),
        ({"temperature": 1}, "temperature", "the connection's temperature"),
        ({"messages": []}, "messages", "into the prompt"),
        ({"stream": True}, "stream", "whole answers"),
        ({"tools": [{"type": "web_search"}]}, "tools", "besides the answer"),
        ({"web_search_options": {}}, "web_search_options", "besides the answer"),
        ({"plugins": [{"id": "web"}]}, "plugins", "besides the answer"),
        ({"prediction": {"type": "content"}}, "prediction", "besides the answer"),
        ({"speed": "fast"}, "speed", "does not know"),
        # However providers write it, and wherever they nest it.
        ({"maxOutputTokens": 9}, "maxOutputTokens", "set max_output_tokens"),
        ({"options": {"num_predict": -1}}, "options.num_predict", "set max_output_tokens"),
        ({"generationConfig": {"candidateCount": 8}}, "generationConfig.candidateCount", "leave it out"),
        ({"extra_body": {"a": {"Max-Tokens": 9}}}, "extra_body.a.Max-Tokens", "set max_output_tokens"),
        ({"a": [{"n": 2}]}, "a.n", "leave it out"),
    ],
)
def test_contradictions_are_named_with_what_to_do(extra: dict[str, Any], path: str, advice: str) -> None:
    """The member is named as it was written; it never leaves, though a stored connection has it."""
    (found,) = contradictions(extra | {"seed": 1})
    assert found.path == path
    assert advice in str(found)
    assert sendable(extra | {"seed": 1})["seed"] == 1
    assert contradictions(sendable(extra)) == []
    with pytest.raises(InvalidInput, match=r"Mine: `extra` may not set"):
        check_extra(extra, "Mine")


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"seed": 1, "top_p": 0.9, "stop": ["\n"], "logit_bias": {"n": 1}, "metadata": {"model": "a"}},
        {"response_format": {"type": "json_schema", "json_schema": {"schema": {"properties": {"n": {}}}}}},
        {"provider": {"order": ["a"], "allow_fallbacks": False}, "transforms": []},
        {"chat_template_kwargs": {"enable_thinking": False, "tools": None}},
        {"service_tier": "flex", "reasoning_effort": "low", "region": "eu-west-1"},
    ],
)
def test_what_changes_neither_stays(extra: dict[str, Any]) -> None:
    """Names below what servers check answers by, or hand on, are anybody's."""
    assert contradictions(extra) == []
    assert sendable(extra) == extra


async def test_the_request_says_what_docstage_reserved_for(stub: Stub) -> None:
    """Model, number of answers and output limit are those of the connection, whatever is stored."""
    stub.answers(completion())
    extra = {"model": "dear", "n": 9, "max_tokens": 10**6, "options": {"num_predict": 9, "top_k": 5}}
    await wire.ask(stub.url, extra=extra, max_output_tokens=77)
    sent = stub.requests[0][3]
    assert (sent["model"], sent["max_completion_tokens"], sent["options"]) == ("m", 77, {"top_k": 5})
    assert not sent.keys() & {"n", "max_tokens"}


def test_service_tiers_are_found_wherever_they_are() -> None:
    """In the words of OpenAI, Anthropic and Groq, and in Bedrock's object."""
    assert service_tier({"service_tier": "Flex"}) == "flex"
    assert service_tier({"extra_body": {"serviceTier": {"type": "priority"}}}) == "priority"
    assert service_tier({"seed": 1}) is service_tier({"service_tier": None}) is None
