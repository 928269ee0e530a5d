"""What a run is expected to take, over HTTP."""

import httpx
import pytest
from sqlalchemy import update
from tests.api.analysed import PATHS, answered
from tests.support.apps import Bench

from docstage.domain.lifecycle import BatchStatus
from docstage.store import calibrations, library
from docstage.store.calibrations import CountedCall
from docstage.store.tables import connection, document, prompt_version


async def test_the_estimate(bench: Bench, client: httpx.AsyncClient) -> None:
    """A staged batch tells tasks, tokens and cost."""
    url = f"/api/batches/{bench.batch_in(BatchStatus.STAGED, PATHS)}"
    estimate = await answered(client, f"{url}/estimate")
    assert (estimate["tasks"], estimate["documents"], estimate["cost"]) == (4, 4, 0.0)


async def test_the_estimate_is_corrected_by_what_a_connection_counts(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    """Also after the run; what it takes at most rests on no tokenizer."""
    url = f"/api/batches/{bench.batch_in(BatchStatus.STAGED, PATHS)}/estimate"
    before = (await answered(client, url))["connections"][0]
    assert (before["calibration_calls"], before["context_tokens"]) == (0, None)
    with bench.database.write() as c:
        call = CountedCall(before["connection_id"], "simulated-small", 100, 300)
        calibrations.learn(c, [call] * 200)
    after = (await answered(client, url))["connections"][0]
    assert after["calibration_calls"] == 200
    assert after["input_tokens"] == pytest.approx(3 * before["input_tokens"], rel=0.02)
    assert after["max_input_tokens"] == before["max_input_tokens"] > 4 * 2_048


async def test_documents_that_may_not_fit_are_warned_of(bench: Bench, client: httpx.AsyncClient) -> None:
    """Surely too long is what no tokenizer can make short enough; anything else is sent."""
    url = f"/api/batches/{bench.batch_in(BatchStatus.STAGED, PATHS)}/estimate"
    connection_id = bench.members["connection_ids"][0]
    with bench.database.write() as c:
        c.execute(
            update(document).where(document.c.path == PATHS[0]).values(tokens=5_000, least_tokens=2_900)
        )
        c.execute(
            update(document).where(document.c.path == PATHS[1]).values(tokens=5_000, least_tokens=3_100)
        )
        values = {"context_tokens": 4_000, "max_output_tokens": 990}
        library.update_row(c, connection, connection_id, values)
    estimate = await answered(client, url)
    one = estimate["connections"][0]
    assert (one["tasks"], one["oversized_tasks"], one["doubtful_tasks"]) == (3, 1, 1)
    assert any("1 task has a document too long" in words for words in estimate["warnings"])
    assert any("1 task has a document perhaps too long" in words for words in estimate["warnings"])


async def test_the_estimate_tells_what_a_provider_leaves_to_docstage(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    """A sentence for a connection and prompt; a schema that no answer can fulfil is a warning."""
    bench.make_members()
    schema = {"type": "object", "properties": {"kind": {"type": "string", "pattern": "^[a-z]+$"}}}
    with bench.database.write() as c:
        c.execute(update(connection).values(provider="anthropic", model="claude-sonnet-4-6"))
        c.execute(update(prompt_version).values(schema=schema))
    url = f"/api/batches/{bench.batch_in(BatchStatus.STAGED, PATHS)}/estimate"
    estimate = await answered(client, url)
    assert estimate["notes"] == [
        'Small cannot enforce `pattern` of "kind" for Kind: docstage checks the answers itself.'
    ]
    assert not [warning for warning in estimate["warnings"] if "schema" in warning]
    with bench.database.write() as c:
        c.execute(update(prompt_version).values(schema={"type": "string", "enum": [1]}))
    url = f"/api/batches/{bench.batch_in(BatchStatus.STAGED, PATHS)}/estimate"
    assert "No answer can fulfil the schema of Kind" in (await answered(client, url))["warnings"][0]


async def test_the_estimate_tells_what_reasoning_comes_to(bench: Bench, client: httpx.AsyncClient) -> None:
    """Before the run: that thoughts are billed, and the room that they have, which counts at most."""
    bench.make_members()
    with bench.database.write() as c:
        changed = {"provider": "openai", "model": "gpt-5-mini", "reasoning": "low", "max_output_tokens": 100}
        c.execute(update(connection).values(**changed))
    url = f"/api/batches/{bench.batch_in(BatchStatus.STAGED, PATHS)}/estimate"
    estimate = await answered(client, url)
    assert any("gpt-5-mini always reasons" in note and "4,096" in note for note in estimate["notes"])
    (one,) = estimate["connections"]
    assert one["max_output_tokens"] == one["tasks"] * 4_196
