"""What `extra` of a connection may not say is refused when it is saved, and told where it is stored."""

from typing import Any

import httpx
import pytest
from sqlalchemy import update
from tests.support.apps import Bench, client_of

from docstage.domain.errors import InvalidInput
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.service.batches.actions import act
from docstage.service.session import Session
from docstage.store.tables import connection

NEW = {"name": "Mine", "provider": "ollama", "model": "m"}


async def _fault(client: httpx.AsyncClient, method: str, path: str, body: dict[str, Any]) -> str:
    response = await client.request(method, path, json=body)
    assert response.status_code == 422, response.text
    (error,) = response.json()["errors"]
    assert error["field"] == "extra"
    return str(error["message"])


async def test_it_is_refused_with_the_member_and_what_to_do(bench: Bench) -> None:
    """Of new connections, changed ones and drafts alike; every member is told at once."""
    async with client_of(bench) as client:
        extra = {"options": {"num_predict": 9}, "n": 2, "seed": 1}
        told = await _fault(client, "POST", "/api/connections", NEW | {"extra": extra})
        assert "`extra` may not set options.num_predict" in told
        assert "set max_output_tokens instead" in told
        assert "`extra` may not set n:" in told
        made = await client.post("/api/connections", json=NEW | {"extra": {"seed": 1}})
        assert made.status_code == 201
        address = f"/api/connections/{made.json()['id']}"
        assert "model" in await _fault(client, "PATCH", address, {"extra": {"model": "dearer"}})
        draft: dict[str, Any] = {"provider": "ollama", "model": "m", "extra": {"tools": []}}
        assert "tools" in await _fault(client, "POST", "/api/connections/check", draft)


async def test_a_batch_with_an_earlier_one_is_told_so_and_does_not_run(bench: Bench) -> None:
    """As a warning where it is staged, with the same words where it is run; and it runs once it is mended."""
    batch_id = bench.batch_in(BatchStatus.STAGED, ["a.txt"])
    with bench.database.write() as c:
        c.execute(update(connection).values(extra={"max_tokens": 9}))
    async with client_of(bench) as client:
        estimate = (await client.get(f"/api/batches/{batch_id}/estimate")).json()
    words = "Small: `extra` may not set max_tokens: it is the connection's output limit"
    assert any(words in warning for warning in estimate["warnings"])
    with pytest.raises(InvalidInput) as refused:
        act(Session(bench.services), batch_id, Action.RUN)
    assert words in refused.value.detail
    with bench.database.write() as c:
        c.execute(update(connection).values(extra={}))
    assert act(Session(bench.services), batch_id, Action.RUN).status is BatchStatus.ANALYZING
