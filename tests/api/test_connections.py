"""Connections over HTTP: their keys, their servers, and what is tested before it is saved."""

from typing import Any

import httpx
import pytest
from tests.api.problems import fields
from tests.support.apps import Bench
from tests.support.simulators import INSTANT

from docstage.domain.lifecycle import BatchStatus
from docstage.domain.rehearsals import SIMULATOR_OFFERS
from docstage.simulator.profile import Profile

KEY = "sk-very-secret-1234"


async def test_secrets_never_come_back(bench: Bench, client: httpx.AsyncClient) -> None:
    """Neither keys nor values of headers are in any answer, export, snapshot or event, nor bare on disk."""
    connection = {
        "name": "Paid",
        "provider": "openai",
        "model": "gpt-5-mini",
        "api_key": KEY,
        "headers": {"X-Team": "header-secret"},
    }
    made = await client.post("/api/connections", json=connection)
    assert made.json()["api_key"] == "stored"
    assert made.json()["header_names"] == ["X-Team"]
    number = made.json()["id"]
    bench.make_members()["connection_ids"] = [number]
    batch_id = bench.batch_in(BatchStatus.COMPLETED)
    bad = connection | {"limits": {"concurrency": 0}}
    answers = [made, await client.post("/api/connections", json=bad)]
    paths = ["", "/progress", "/snapshot", "/events", "/tasks", "/estimate", "/export?format=jsonl", "/runs"]
    answers += [await client.get(f"/api/batches/{batch_id}{path}") for path in paths]
    answers += [await client.get(f"/api/connections{path}") for path in ("", f"/{number}")]
    answers += [await client.get(path) for path in ("/api/events", "/api/doctor", "/metrics")]
    assert {answer.status_code for answer in answers} == {200, 201, 422}
    assert not [answer.url for answer in answers if KEY in answer.text or "header-secret" in answer.text]
    path = bench.database.path
    assert path is not None
    assert KEY.encode() not in path.read_bytes()


async def test_a_key_is_looked_for(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a key the provider's usual variable is taken where it is set; else it says what to do."""
    body = {"name": "Paid", "provider": "openai", "model": "gpt-5-mini"}
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    refused = await client.post("/api/connections", json=body)
    assert fields(refused) == ["api_key"]
    assert "OPENAI_API_KEY" in refused.json()["detail"]
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    made = await client.post("/api/connections", json=body)
    assert made.json()["api_key"] == "env:OPENAI_API_KEY"
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    change = {"provider": "anthropic", "model": "claude-haiku-4-5"}
    moved = await client.patch(f"/api/connections/{made.json()['id']}", json=change)
    assert moved.json()["api_key"] == "env:ANTHROPIC_API_KEY"


async def test_a_stored_key_stays_with_its_address(bench: Bench, client: httpx.AsyncClient) -> None:
    """A key that was entered is sent nowhere else unless entered again; replaced ones are forgotten."""
    body = {"name": "Paid", "provider": "openai", "model": "gpt-5-mini", "api_key": KEY}
    url = f"/api/connections/{(await client.post('/api/connections', json=body)).json()['id']}"
    elsewhere = {"base_url": "https://elsewhere.example/v1"}
    assert fields(await client.patch(url, json=elsewhere)) == ["api_key"]
    assert (await client.patch(url, json=elsewhere | {"api_key": "env:OTHER"})).json()[
        "api_key"
    ] == "env:OTHER"
    with bench.database.read() as c:
        assert c.exec_driver_sql("SELECT count(*) FROM secret").scalar() == 0


async def test_a_connection_from_beginning_to_end(client: httpx.AsyncClient) -> None:
    """Members that a change does not name stay, null clears what can be cleared."""
    body = {
        "name": "Local",
        "provider": "openai-compatible",
        "model": "m",
        "base_url": "https://models.example.com/v1/",
        "limits": {"concurrency": 3, "requests_per_minute": 60},
        "temperature": 0.5,
    }
    made = (await client.post("/api/connections", json=body)).json()
    assert made["price"] is None
    assert made["base_url"] == "https://models.example.com/v1"
    url = f"/api/connections/{made['id']}"
    change = {"limits": {"tokens_per_minute": 9}, "temperature": None, "prices": {"input": 1, "output": 2}}
    changed = (await client.patch(url, json=change)).json()
    assert changed["limits"] == {"concurrency": 3, "requests_per_minute": 60, "tokens_per_minute": 9}
    assert changed["temperature"] is None
    told = {"input": 1.0, "output": 2.0, "cached": None, "cache_write": None, "source": "connection"}
    assert changed["price"] == told
    assert changed["prices"] == {name: told[name] for name in ("input", "output", "cached", "cache_write")}
    assert fields(await client.patch(url, json={"name": None})) == ["name"]
    assert fields(await client.patch(url, json={"base_url": None})) == ["base_url"]
    assert fields(await client.patch(url, json={"provider": "nobody"})) == ["provider"]
    assert (await client.delete(url)).status_code == 204


async def test_reasoning_of_a_connection(client: httpx.AsyncClient) -> None:
    """A level, or tokens as a number or in digits; null leaves it to the provider, all else is refused."""
    body = {"name": "R", "provider": "ollama", "model": "gpt-5-mini", "reasoning": "low"}
    made = (await client.post("/api/connections", json=body)).json()
    assert made["reasoning"] == "low"
    assert any("always reasons" in note for note in made["notes"])
    url = f"/api/connections/{made['id']}"
    for given, kept in [(2048, 2048), ("512", 512), ("off", "off"), (None, None)]:
        assert (await client.patch(url, json={"reasoning": given})).json()["reasoning"] == kept
    for wrong in ("much", 0, 127, 200_001, 1.5, True, "٣٠٠", "9" * 5_000, ["low"]):
        assert fields(await client.patch(url, json={"reasoning": wrong})) == ["reasoning"]


async def test_the_simulator_needs_nothing_started(bench: Bench, client: httpx.AsyncClient) -> None:
    """A simulated connection without an address tests well and offers its models."""
    url = f"/api/connections/{bench.make_members()['connection_ids'][0]}"
    assert (await client.post(f"{url}/test")).json()["ok"] is True
    names = [model["name"] for model in (await client.get(f"{url}/models")).json()]
    assert names == list(SIMULATOR_OFFERS)


async def test_servers_are_really_asked(client: httpx.AsyncClient, simulator: Any) -> None:
    """A server that answers tests well; one that does not is told as unavailable."""
    body = {"name": "S", "provider": "openai-compatible", "model": "simulated-small", "base_url": simulator()}
    url = f"/api/connections/{(await client.post('/api/connections', json=body)).json()['id']}"
    tested = (await client.post(f"{url}/test")).json()
    assert (tested["ok"], tested["message"]) == (True, "simulated-small answers.")
    assert len((await client.get(f"{url}/models")).json()) == len(SIMULATOR_OFFERS)
    await client.patch(url, json={"base_url": "http://127.0.0.1:9/v1"})
    assert (await client.post(f"{url}/test")).json()["kind"] == "connection"
    away = await client.get(f"{url}/models")
    assert (away.status_code, away.json()["failure_kind"]) == (503, "connection")


async def test_a_connection_is_tested_before_it_is_saved(
    bench: Bench, client: httpx.AsyncClient, simulator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values of a form are tested as they are, with keys typed or referred to; nothing is stored."""
    address = simulator(Profile(latency=INSTANT, api_key=KEY))
    draft = {"provider": "openai-compatible", "model": "simulated-small", "base_url": address}
    assert (await client.post("/api/connections/check", json=draft)).json()["kind"] == "auth"
    typed = await client.post("/api/connections/check", json=draft | {"api_key": KEY})
    assert (typed.json()["ok"], KEY in typed.text) == (True, False)
    monkeypatch.setenv("SOME_KEY", KEY)
    referred = draft | {"api_key": "env:SOME_KEY", "model": ""}
    offered = (await client.post("/api/connections/models", json=referred)).json()
    assert [one["name"] for one in offered] == sorted(SIMULATOR_OFFERS)
    unset = await client.post("/api/connections/check", json=draft | {"api_key": "env:NOT_THERE"})
    assert (unset.status_code, unset.json()["type"]) == (422, "urn:docstage:problem:secret")
    assert fields(await client.post("/api/connections/check", json=referred)) == ["model"]
    away = await client.post("/api/connections/models", json=draft | {"base_url": "http://127.0.0.1:9/v1"})
    assert (away.status_code, away.json()["failure_kind"]) == (503, "connection")
    assert (await client.get("/api/connections")).json()["items"] == []
    with bench.database.read() as c:
        assert c.exec_driver_sql("SELECT count(*) FROM secret").scalar() == 0


async def test_a_change_is_tested_with_what_is_stored(client: httpx.AsyncClient, simulator: Any) -> None:
    """Key and headers of a saved connection are used for its own address, and sent to no other."""
    draft = {
        "provider": "openai-compatible",
        "model": "simulated-small",
        "base_url": simulator(Profile(latency=INSTANT, api_key=KEY)),
    }
    body = draft | {"name": "Kept", "api_key": KEY, "headers": {"X-Team": "a"}}
    made = (await client.post("/api/connections", json=body)).json()
    change = draft | {"connection_id": made["id"]}
    assert (await client.post("/api/connections/check", json=change)).json()["ok"] is True
    without = await client.post("/api/connections/check", json=change | {"api_key": None})
    assert without.json()["kind"] == "auth"
    elsewhere = change | {"base_url": "http://127.0.0.1:9/v1"}
    assert fields(await client.post("/api/connections/check", json=elsewhere)) == ["api_key"]
    keyed = elsewhere | {"api_key": "another"}
    assert fields(await client.post("/api/connections/check", json=keyed)) == ["headers"]
    moved = {"base_url": "http://127.0.0.1:9/v1", "api_key": "another"}
    assert fields(await client.patch(f"/api/connections/{made['id']}", json=moved)) == ["headers"]
    gone = await client.post("/api/connections/check", json=change | {"connection_id": 99})
    assert fields(gone) == ["connection_id"]


async def test_a_connection_can_be_said_to_be_free(bench: Bench, client: httpx.AsyncClient) -> None:
    """Its price is then known to be zero, wherever it is; without a word it stays unknown."""
    own = {"name": "Mine", "provider": "openai-compatible", "model": "m", "base_url": "http://127.0.0.1:9/v1"}
    added = (await client.post("/api/connections", json=own)).json()
    assert added["price"] is None
    url = f"/api/connections/{added['id']}"
    for given in ("free", {"input": 0, "output": 0}):
        price = (await client.patch(url, json={"prices": given})).json()["price"]
        assert (price["input"], price["output"], price["source"]) == (0, 0, "free")
        assert (await client.patch(url, json={"prices": None})).json()["price"] is None
    refused = await client.patch(url, json={"prices": "cheap"})
    assert (refused.status_code, refused.json()["errors"][0]["field"].split(".")[0]) == (422, "prices")
    other = await client.post("/api/connections", json=own | {"name": "Yours", "prices": "free"})
    assert other.json()["price"]["source"] == "free"
