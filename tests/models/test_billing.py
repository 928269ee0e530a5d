"""Which failed calls may have been billed: only what was refused in so many words is free for sure."""

import asyncio
import socket

import pytest
from aiohttp import web
from tests.models.stub import Stub
from tests.models.test_wire import fail

from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Price, Usage, cost_of
from docstage.domain.written import Written
from docstage.models.protocol import ModelFailure

_Kind = FailureKind


@pytest.mark.parametrize(
    ("failure", "billed"),
    [
        (ModelFailure(_Kind.RATE_LIMITED, "", status_code=429), False),
        (ModelFailure(_Kind.AUTH, "", status_code=401), False),
        (ModelFailure(_Kind.BAD_REQUEST, "", status_code=400), False),
        (ModelFailure(_Kind.OVERLOADED, "", status_code=503), False),
        (ModelFailure(_Kind.OVERLOADED, "", status_code=504), True),  # a gateway's patience has ended
        (ModelFailure(_Kind.OVERLOADED, "", status_code=524), True),
        (ModelFailure(_Kind.REFUSAL, "", status_code=403), False),
        (ModelFailure(_Kind.QUOTA, "", status_code=200), False),  # a gateway's way to refuse
        (ModelFailure(_Kind.TIMEOUT, ""), True),
        (ModelFailure(_Kind.CONNECTION, ""), True),
        (ModelFailure(_Kind.CONNECTION, "", sent=False), False),
        (ModelFailure(_Kind.BAD_ANSWER, "", status_code=200), True),
        (ModelFailure(_Kind.TRUNCATED, ""), True),
        (ModelFailure(_Kind.CUT_OFF, ""), True),
        (ModelFailure(_Kind.BAD_REQUEST, "", status_code=400, written=Written("a beginning")), True),
        (ModelFailure(_Kind.REFUSAL, ""), True),
        (ModelFailure(_Kind.INTERNAL, ""), True),
        (ModelFailure(_Kind.INTERNAL, "", sent=False), False),
        (ModelFailure(_Kind.UNSUPPORTED_INPUT, "", sent=False), False),
        (ModelFailure(_Kind.BAD_REQUEST, "", status_code=400, usage=Usage(1, 0, 1)), True),
    ],
)
def test_what_may_have_been_billed(failure: ModelFailure, billed: bool) -> None:
    """What was answered, or is of unknown outcome; not what was refused or never left."""
    assert failure.may_be_billed is billed


@pytest.mark.parametrize(
    ("price", "usage", "billed", "cost"),
    [
        (Price(1.0, 2.0), Usage(10, 0, 5), True, 20_000),
        (Price(1.0, 2.0), None, True, None),
        (Price(1.0, 2.0), None, False, 0),
        (None, Usage(10, 0, 5), True, None),
        (None, None, False, 0),
        (Price(0.0, 0.0, source="local"), None, True, 0),
        (Price(0.0, 0.0, 1.0), None, True, None),  # cached input costs something
    ],
)
def test_unknown_is_never_zero(
    price: Price | None, usage: Usage | None, billed: bool, cost: int | None
) -> None:
    """A cost is zero where nothing was billed or all is free, and unknown where a part of it is."""
    assert cost_of(price, usage, billed=billed).nanos == cost


async def test_an_answer_that_was_cut_may_have_been_billed(stub: Stub) -> None:
    """The model has worked; nobody knows how much."""

    async def cut(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    stub.handler = cut
    assert (await fail(stub.url)).may_be_billed


async def test_a_call_that_timed_out_may_have_been_billed(stub: Stub) -> None:
    """Providers go on when nobody waits any more."""
    released = asyncio.Event()

    async def hang(_request: web.Request) -> web.StreamResponse:
        await released.wait()
        return web.Response()

    stub.handler = hang
    failure = await fail(stub.url, timeout=0.2)
    released.set()
    assert failure.may_be_billed


async def test_what_could_not_connect_was_not_billed() -> None:
    """Nothing was sent."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        failure = await fail(f"http://127.0.0.1:{free.getsockname()[1]}")
    assert not failure.may_be_billed
    assert not (await fail("http://docstage-test.invalid/v1")).may_be_billed
