"""What providers and gateways say that a call costs, in the shapes that their documentation shows."""

from typing import Any

import pytest
from aiohttp import web
from tests.models import test_wire as wire
from tests.models.stub import Stub, completion

from docstage.models.bills import told_cost


@pytest.mark.parametrize(
    ("usage", "nanos"),
    [
        ({"cost": 0.95, "cost_details": {"upstream_inference_cost": 19}}, 950_000_000),  # OpenRouter
        ({"cost": 0.0}, 0),  # a free model
        # OpenRouter with a key of one's own: its fee, and what the provider behind it charges.
        (
            {"cost": 0.001, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.02}},
            21_000_000,
        ),
        ({"cost": 0, "is_byok": True, "cost_details": {}}, None),
        ({"cost": 0.5, "is_byok": False, "cost_details": None}, 500_000_000),
        ({"cost_in_usd_ticks": 37_756_000}, 3_775_600),  # xAI
        ({"cost": {"input_tokens_cost": 0.001, "request_cost": 0.006, "total_cost": 0.007}}, 7_000_000),
        ({"cost": {"currency": "CNY", "total_cost": 0.007}}, None),
        ({"estimated_cost": 0.0000268}, 26_800),  # DeepInfra
        ({"estimated_cost": 0}, None),
        ({"logfire_ai_gateway": {"cost": "0.0038"}}, 3_800_000),
        ({"cost": "0.25"}, 250_000_000),
        # Not believed: no number, below zero, without end, beyond any call.
        ({"cost": "dear"}, None),
        ({"cost": True}, None),
        ({"cost": -0.01}, None),
        ({"cost": float("nan")}, None),
        ({"cost": float("inf")}, None),
        ({"cost": 10**400}, None),
        ({"cost": 5_000}, None),
        ({"cost": [0.1]}, None),
        ({"cost": 0.1, "currency": "EUR"}, None),
        ({}, None),
        (None, None),
        ([], None),
    ],
)
def test_costs_that_are_told(usage: Any, nanos: int | None) -> None:
    """In dollars, whatever the unit; what cannot be is as if nothing were told."""
    assert told_cost(usage) == nanos


@pytest.mark.parametrize(
    ("header", "nanos"),
    [("0.000415", 415_000), ("1.2e-05", 12_000), ("0.0", None), ("None", None), ("", None), ("-1", None)],
)
async def test_the_header_of_a_proxy_is_read(stub: Stub, header: str, nanos: int | None) -> None:
    """LiteLLM says 0 of a model that it has no price of (its issue 13790): that says nothing."""
    stub.answers(completion(), headers={"x-litellm-response-cost": header})
    assert (await wire.ask(stub.url)).told_cost == nanos


async def test_what_is_told_comes_with_answers_and_with_failures(stub: Stub) -> None:
    """Also of an answer that cannot be used, of a stream, and where no tokens are told."""
    usage = {"cost": 0.25}
    stub.answers(completion() | {"usage": usage})
    reply = await wire.ask(stub.url)
    assert (reply.told_cost, reply.usage) == (250_000_000, None)
    stub.answers(completion("") | {"usage": usage})
    failure = await wire.fail(stub.url)
    assert (failure.told_cost, failure.may_be_billed) == (250_000_000, True)
    stub.answers(completion(finish_reason="length") | {"usage": usage})
    assert (await wire.fail(stub.url)).told_cost == 250_000_000

    async def stream(_request: web.Request) -> web.StreamResponse:
        text = (
            'data: {"choices": [{"index": 0, "delta": {"content": "fine"}, "finish_reason": "stop"}]}\n\n'
            'data: {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 1, "cost": 0.5}}\n\n'
            "data: [DONE]\n\n"
        )
        return web.Response(text=text, content_type="text/event-stream")

    stub.handler = stream
    assert (await wire.ask(stub.url)).told_cost == 500_000_000


async def test_openrouter_is_asked_for_the_cost(stub: Stub) -> None:
    """Others are not sent what they do not know."""
    stub.answers(completion())
    await wire.ask(stub.url, provider="openrouter")
    await wire.ask(stub.url)
    assert [request[3].get("usage") for request in stub.requests] == [{"include": True}, None]
