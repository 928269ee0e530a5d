"""A provider's library that is not installed is told wherever a connection of it is met."""

import sys

import httpx
import pytest
from sqlalchemy import update
from tests.support.apps import Bench

from docstage.domain.lifecycle import BatchStatus
from docstage.store.tables import connection

_WANTED = {"name": "Large", "provider": "anthropic", "model": "claude-sonnet-4-5", "api_key": "env:HOME"}
_DRAFT = {name: value for name, value in _WANTED.items() if name != "name"}
_WORDS = "docstage[anthropic]"


async def test_a_connection_is_refused_without_its_library(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the field and the way out; with the library it is made."""
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "anthropic", None)
        refused = await client.post("/api/connections", json=_WANTED)
        tested = (await client.post("/api/connections/check", json=_DRAFT)).json()
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:docstage:problem:library-missing"
    assert refused.json()["errors"][0]["field"] == "provider"
    assert _WORDS in refused.json()["detail"]
    assert not tested["ok"]
    assert _WORDS in tested["message"]
    assert (await client.post("/api/connections", json=_WANTED)).status_code == 201


async def test_a_library_that_went_is_told_by_estimate_and_doctor(
    bench: Bench, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as where docstage was installed anew, without its extras."""
    monkeypatch.setitem(sys.modules, "anthropic", None)
    members = bench.make_members()
    with bench.database.write() as c:
        c.execute(update(connection).values(provider="anthropic", model="claude-sonnet-4-5"))
    staged = bench.batch_in(BatchStatus.STAGED)
    warnings = (await client.get(f"/api/batches/{staged}/estimate")).json()["warnings"]
    assert any(_WORDS in text for text in warnings)
    checks = (await client.get("/api/doctor")).json()
    failed = next(one for one in checks if one["name"] == "library of Small")
    assert not failed["ok"]
    assert _WORDS in failed["message"]
    found = (await client.post(f"/api/connections/{members['connection_ids'][0]}/test")).json()
    assert not found["ok"]
