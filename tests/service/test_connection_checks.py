"""Tests of connections are calls that are billed, so they stand in the ledger of what was spent."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import web
from sqlalchemy import select
from tests.models.stub import Stub, completion, running_stub
from tests.support.apps import Bench
from tests.support.simulators import running_simulator

from docstage.domain.rehearsals import SIMULATOR_OFFERS
from docstage.domain.tasks import FailureKind
from docstage.service.connections import checks as connection_checks
from docstage.service.connections import connections
from docstage.service.connections.inputs import ConnectionChange, ConnectionDraft, ConnectionInput
from docstage.service.session import Session
from docstage.service.system.spending import Period
from docstage.service.system.spending import spending as view_spending
from docstage.simulator.kinds import Fault
from docstage.simulator.profile import Latency, Profile
from docstage.store.tables import spending

FREE_OF_LATENCY = Latency(median=0.0)
PRICES = {"input": 1_000.0, "output": 2_000.0}


@pytest_asyncio.fixture
async def stub() -> AsyncIterator[Stub]:
    """A server that answers as it is told."""
    async with running_stub() as server:
        yield server


def _connect(bench: Bench, address: str) -> int:
    wanted = {
        "name": "Priced",
        "provider": "simulated",
        "model": "simulated-small",
        "base_url": address,
        "prices": PRICES,
    }
    return connections.create_connection(bench.services, ConnectionInput.model_validate(wanted)).id


async def test_the_test_of_a_connection_is_in_the_ledger(either: Bench) -> None:
    """Its tokens and what they cost, under the name of the connection, and so is its draft's."""
    with running_simulator(Profile(latency=FREE_OF_LATENCY)) as address:
        connection_id = _connect(either, address)
        assert (await connection_checks.test(either.services, connection_id)).ok
        with either.database.read() as c:
            first = c.execute(select(spending)).one()
        draft = ConnectionDraft(
            connection_id=connection_id, provider="simulated", model="simulated-small", base_url=address
        )
        assert (await connection_checks.test_draft(either.services, draft)).ok
    assert (first.connection, first.calls, first.unpriced_calls) == ("Priced", 1, 0)
    assert min(first.input_tokens, first.output_tokens) > 0
    assert first.cost == 1_000_000 * (first.input_tokens + 2 * first.output_tokens)
    found = view_spending(either.services, Period())
    assert [(one.connection, one.calls) for one in found.connections] == [("Priced", 2)]
    assert found.total.cost == 2 * first.cost / 1e9


async def test_a_connection_that_is_not_saved_has_a_place_in_the_ledger(either: Bench) -> None:
    """Its test is no less billed; what is unknown of its price is counted as such."""
    with running_simulator(Profile(latency=FREE_OF_LATENCY)) as address:
        draft = ConnectionDraft(provider="openai-compatible", model="simulated-small", base_url=address)
        assert (await connection_checks.test_draft(either.services, draft)).ok
    (found,) = view_spending(either.services, Period()).connections
    assert (found.connection, found.connection_id) == ("Connections not saved", 0)
    assert (found.calls, found.unpriced_calls, found.cost) == (1, 1, None)


@pytest.mark.parametrize("listing_fails", [False, True])
async def test_a_test_that_is_not_answered_costs_nothing(bench: Bench, listing_fails: bool) -> None:
    """A call that failed is counted without a price; without any call there is no entry."""
    faults = Profile(latency=FREE_OF_LATENCY, error_rates={Fault.SERVER_ERROR: 1.0})
    with running_simulator(faults) as address:
        found_at = "http://127.0.0.1:9/v1" if listing_fails else address
        connection_id = _connect(bench, found_at)
        assert not (await connection_checks.test(bench.services, connection_id)).ok
    with bench.database.read() as c:
        rows = [(one.calls, one.cost, one.unpriced_calls) for one in c.execute(select(spending))]
    assert rows == ([] if listing_fails else [(1, 0, 0)])


async def test_the_simulator_beside_the_engine_is_not_called(bench: Bench) -> None:
    """There is nothing to reach and nothing to pay."""
    connection_id = bench.make_members()["connection_ids"][0]
    assert (await connection_checks.test(bench.services, connection_id)).ok
    with bench.database.read() as c:
        assert c.execute(select(spending)).all() == []


async def test_the_simulator_beside_the_engine_offers_what_can_be_rehearsed(bench: Bench) -> None:
    """Each model with what it is like; names that are put together are known, and wrong ones told."""
    draft = ConnectionDraft(provider="simulated")
    offered = await connection_checks.draft_models(bench.services, draft)
    assert {one.name: one.about for one in offered} == SIMULATOR_OFFERS
    good = ConnectionDraft(provider="simulated", model="night+time_scale=60")
    assert (await connection_checks.test_draft(bench.services, good)).ok
    wrong = ConnectionDraft(provider="simulated", model="nihgt")
    found = await connection_checks.test_draft(bench.services, wrong)
    assert (found.ok, found.kind, "free-tier" in found.message) == (False, FailureKind.UNKNOWN_MODEL, True)


async def test_a_test_keeps_what_the_model_takes(either: Bench, stub: Stub) -> None:
    """With the connection, until it is another; a draft keeps nothing."""
    model = {"id": "m", "max_model_len": 16_384}

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response({"data": [model]} if request.path.endswith("models") else completion("OK"))

    stub.handler = answer
    url = f"{stub.url}/v1"
    wanted = ConnectionInput(name="Own", provider="vllm", model="m", base_url=url)
    made = connections.create_connection(either.services, wanted)
    assert (made.context_tokens, made.known_context_tokens) == (None, None)
    draft = ConnectionDraft(connection_id=made.id, provider="vllm", model="m", base_url=url)
    assert (await connection_checks.test_draft(either.services, draft)).context_tokens == 16_384
    assert connections.get_connection(either.services, made.id).known_context_tokens is None
    assert (await connection_checks.test(either.services, made.id)).ok
    assert connections.get_connection(either.services, made.id).known_context_tokens == 16_384
    session = Session(either.services)
    longer = connections.change_connection(session, made.id, ConnectionChange(max_output_tokens=9))
    assert longer.known_context_tokens == 16_384
    said = connections.change_connection(session, made.id, ConnectionChange(context_tokens=8_192))
    assert (said.context_tokens, said.known_context_tokens) == (8_192, 16_384)
    other = connections.change_connection(session, made.id, ConnectionChange(model="n"))
    assert (other.known_context_tokens, other.context_known_at) == (None, None)
