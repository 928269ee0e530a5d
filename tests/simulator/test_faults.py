"""Faults happen as often as asked, are the same in each run, and look like the real thing."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable

import aiohttp
import pytest
from tests.simulator.chat import Reply, body, call, with_schema
from tests.support.simulators import INSTANT

from docstage.domain.errors import InvalidInput
from docstage.simulator.faults import Fates
from docstage.simulator.kinds import Fault
from docstage.simulator.profile import Latency, Profile

Start = Callable[..., str]


def _always(fault: Fault) -> Profile:
    return Profile(latency=INSTANT, error_rates={fault: 1.0})


async def _meet(start: Start, fault: Fault) -> Reply:
    return await call(start(_always(fault)), body())


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault.RATE_LIMITED, 429, "rate_limit_exceeded"),
        (Fault.RATE_LIMITED_NO_HEADER, 429, "rate_limit_exceeded"),
        (Fault.SERVER_ERROR, 500, None),
        (Fault.UNAVAILABLE, 503, None),
        (Fault.AUTH, 401, "invalid_api_key"),
        (Fault.QUOTA, 429, "insufficient_quota"),
        (Fault.CONTEXT_OVERFLOW, 400, "context_length_exceeded"),
    ],
)
async def test_errors_have_the_shape_of_openai(
    simulator: Start, fault: Fault, status: int, code: str | None
) -> None:
    """Status and code are those that clients tell the failures apart by."""
    reply = await _meet(simulator, fault)
    assert (reply.status, reply.body["error"]["code"]) == (status, code)
    assert ("Retry-After" in reply.headers) is (fault is Fault.RATE_LIMITED)


@pytest.mark.parametrize(("fault", "status"), [(Fault.BAD_GATEWAY_HTML, 502), (Fault.HTML_200, 200)])
async def test_web_pages_come_in_place_of_answers(simulator: Start, fault: Fault, status: int) -> None:
    """Proxies and captive portals answer with HTML."""
    reply = await _meet(simulator, fault)
    assert reply.status == status
    assert reply.text.startswith("<!DOCTYPE html>")


async def test_an_empty_answer_has_no_text(simulator: Start) -> None:
    """It is a success with an empty string."""
    assert (await _meet(simulator, Fault.EMPTY)).content == ""


async def test_a_refusal_says_so(simulator: Start) -> None:
    """The message has a refusal and no content."""
    message = (await _meet(simulator, Fault.REFUSAL)).body["choices"][0]["message"]
    assert message["content"] is None
    assert message["refusal"]


async def test_a_wrong_answer_does_not_fulfil_the_schema(simulator: Start) -> None:
    """It is JSON of another kind, and no JSON where every value would do."""
    url = simulator(_always(Fault.WRONG_SCHEMA))
    strict = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    assert "a" not in json.loads((await call(url, with_schema(strict))).content)
    with pytest.raises(json.JSONDecodeError):
        json.loads((await call(url, with_schema({}))).content)


async def test_broken_json_ends_early(simulator: Start) -> None:
    """The body is complete for HTTP but not for JSON."""
    with pytest.raises(json.JSONDecodeError):
        await _meet(simulator, Fault.BROKEN_JSON)


async def test_a_cut_connection_ends_in_the_body(simulator: Start) -> None:
    """The client gets fewer bytes than were announced."""
    with pytest.raises(aiohttp.ClientPayloadError):
        await _meet(simulator, Fault.CUT)


async def test_a_timeout_never_answers(simulator: Start) -> None:
    """Only the client's own patience or the server's end finishes the call."""
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_meet(simulator, Fault.TIMEOUT), 0.2)


def test_faults_come_as_often_as_asked() -> None:
    """Over many calls the shares are near the rates."""
    rates = {Fault.SERVER_ERROR: 0.2, Fault.EMPTY: 0.1}
    fates = Fates(Profile(error_rates=rates))
    drawn = Counter(fates.draw(str(number).encode()).fault for number in range(5_000))
    assert abs(drawn[Fault.SERVER_ERROR] / 5_000 - 0.2) < 0.02
    assert abs(drawn[Fault.EMPTY] / 5_000 - 0.1) < 0.02


def test_fates_do_not_depend_on_the_order_of_calls() -> None:
    """Each request has its own row of fates; another seed has other ones."""
    bodies = [str(number % 50).encode() for number in range(200)]

    def all_fates(seed: int, order: list[bytes]) -> set[tuple[str, Fault | None, float]]:
        fates = Fates(Profile(seed=seed, error_rates={Fault.EMPTY: 0.5}))
        return {(fate.key, fate.fault, fate.seconds) for fate in map(fates.draw, order)}

    assert all_fates(1, bodies) == all_fates(1, bodies[::-1])
    assert all_fates(1, bodies) != all_fates(2, bodies)


def test_a_repeated_call_can_succeed() -> None:
    """The same request gets another fate the next time."""
    fates = Fates(Profile(error_rates={Fault.SERVER_ERROR: 0.5}))
    assert {fates.draw(b"same").fault for _ in range(20)} == {None, Fault.SERVER_ERROR}


def test_latencies_spread_around_the_median() -> None:
    """Half of the calls are quicker than the median; a slow call takes many times as long."""
    fates = Fates(Profile(latency=Latency(median=2.0, sigma=0.5)))
    seconds = sorted(fates.draw(str(number).encode()).seconds for number in range(2_001))
    assert seconds[1_000] == pytest.approx(2.0, rel=0.1)
    assert seconds[0] < 1.0
    assert seconds[-1] > 4.0
    slow = Fates(Profile(latency=Latency(median=2.0, sigma=0.0), error_rates={Fault.SLOW: 1.0}))
    assert slow.draw(b"x").seconds == 40.0


def test_a_senseless_profile_is_refused() -> None:
    """Each wrong value is named."""
    with pytest.raises(InvalidInput) as caught:
        Profile(error_rates={Fault.CUT: 0.7, Fault.EMPTY: 0.7}, concurrency=0, models=())
    assert [error["field"] for error in caught.value.extra["errors"]] == ["error_rates", "limits", "models"]
