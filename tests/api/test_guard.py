"""What every request has to pass, and what every answer carries."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.apps import ADDRESS, Bench, client_of
from tests.support.benches import sqlite_bench

from docstage.store.database import Database

TOKEN = "a-long-token"


async def _get(bench: Bench, host: str, path: str = "/livez", token: str = "") -> httpx.Response:
    async with client_of(bench, token) as client:
        return await client.get(path, headers={"host": host})


@pytest.mark.parametrize("host", ["localhost", "localhost:8640", "127.0.0.1:1", "[::1]:8640", "LOCALHOST"])
async def test_loopback_names_are_answered(bench: Bench, host: str) -> None:
    """The names of this machine are its own, whatever the port."""
    assert (await _get(bench, host)).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "10.0.0.7", "", "[::1", "a@localhost:x"]
)
async def test_other_names_are_refused(bench: Bench, host: str) -> None:
    """A page whose name was made to resolve to this machine gets nothing."""
    response = await _get(bench, host)
    assert response.status_code == 403
    assert response.json()["type"] == "urn:docstage:problem:host-not-allowed"


async def test_configured_names_are_answered(tmp_path: Path, template: Path) -> None:
    """The name of a proxy can be allowed; a server on all addresses answers to any address, but no name."""
    options: dict[str, Any] = {"host": "0.0.0.0", "allowed_hosts": ("docs.example",)}
    with sqlite_bench(tmp_path, template, **options) as bench:
        assert (await _get(bench, "docs.example")).status_code == 200
        assert (await _get(bench, "10.0.0.7:8640")).status_code == 200
        assert (await _get(bench, "other.example")).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999", ""])
async def test_other_origins_change_nothing(bench: Bench, client: httpx.AsyncClient, origin: str) -> None:
    """A page of another site, or of another port, may not act."""
    response = await client.post("/api/prompts", json={"name": "a", "text": "b"}, headers={"origin": origin})
    assert response.status_code == 403
    assert response.json()["type"] == "urn:docstage:problem:origin-not-allowed"
    assert (await client.get("/api/prompts")).json()["items"] == []


async def test_its_own_origin_may_act(client: httpx.AsyncClient) -> None:
    """The product's own pages may."""
    body = {"name": "a", "text": "b"}
    response = await client.post("/api/prompts", json=body, headers={"origin": ADDRESS})
    assert response.status_code == 201


@pytest.fixture
async def guarded(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    """A client without the token that the server wants."""
    async with client_of(bench, TOKEN) as client:
        yield client


@pytest.mark.parametrize("path", ["/api/batches", "/api/stream", "/metrics", "/openapi.json", "/api/nothing"])
async def test_a_token_is_needed(guarded: httpx.AsyncClient, path: str) -> None:
    """Without it, or with a wrong one, nothing is told."""
    for given in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}):
        response = await guarded.get(path, headers=given)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.json()["type"] == "urn:docstage:problem:unauthorized"
    query = await guarded.get(path, params={"token": TOKEN})
    assert query.status_code == 401


async def test_the_token_opens(guarded: httpx.AsyncClient) -> None:
    """With it everything is as without; that the process lives may be asked by anybody."""
    headers = {"authorization": f"bearer {TOKEN}"}
    assert (await guarded.get("/api/batches", headers=headers)).status_code == 200
    assert (await guarded.get("/livez")).status_code == 200


async def test_odd_tokens_are_refused(guarded: httpx.AsyncClient) -> None:
    """Characters that are not ASCII are a wrong token, not a defect."""
    response = await guarded.get("/api/batches", headers={b"authorization": "Bearer é".encode("latin-1")})
    assert response.status_code == 401


async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient) -> None:
    """Also errors do; what the API tells is not kept by caches."""
    for path in ("/", "/api/batches", "/api/nothing", "/api/batches/1"):
        headers = (await client.get(path)).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert ("no-store" in headers.get("cache-control", "")) is path.startswith("/api")


async def test_bodies_have_a_limit(client: httpx.AsyncClient) -> None:
    """More than 1 MiB is refused, also when its length is not told before."""
    headers = {"content-type": "application/json"}
    told = await client.post("/api/prompts", content=b" " * 1_048_577, headers=headers)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 65_536

    untold = await client.post("/api/prompts", content=pieces(), headers=headers)
    for response in (told, untold):
        assert response.status_code == 413
        assert response.json()["type"] == "urn:docstage:problem:body-too-large"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
async def test_bodies_are_json(client: httpx.AsyncClient, kind: str | None) -> None:
    """Anything else is refused, which also keeps forms of other sites out."""
    headers = {"content-type": kind} if kind else {}
    response = await client.post("/api/prompts", content=b'{"name": "a", "text": "b"}', headers=headers)
    assert response.status_code == 415


@pytest.mark.parametrize("body", [b"{", b'{"name": }', b"\xff\xfe", b"[" * 100_000])
async def test_malformed_json_is_told(client: httpx.AsyncClient, body: bytes) -> None:
    """What is no JSON answers 400."""
    headers = {"content-type": "application/json"}
    response = await client.post("/api/prompts", content=body, headers=headers)
    assert response.status_code == 400
    assert response.json()["type"] == "urn:docstage:problem:malformed"


async def test_a_defect_is_not_explained_to_callers(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug answers 500 with an id, under which the log has the rest; the token is in neither."""

    def fail(*_args: object, **_options: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr("docstage.service.batches.batches.get_batch", fail)
    headers = {"authorization": f"Bearer {TOKEN}"}
    with caplog.at_level(logging.DEBUG):
        async with client_of(bench, TOKEN) as client:
            response = await client.get("/api/batches/1", headers=headers)
    assert response.status_code == 500
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "the inside" not in response.text
    assert response.json()["id"] in caplog.text
    assert "the inside" in caplog.text
    assert TOKEN not in caplog.text + response.text


async def test_a_missing_database_is_unavailable(tmp_path: Path, template: Path) -> None:
    """Without its tables the server is alive but not ready, and says so as a problem."""
    with sqlite_bench(tmp_path, template) as bench:
        with bench.database.write() as c:
            c.exec_driver_sql("DROP TABLE alembic_version")
        async with client_of(bench) as client:
            ready = await client.get("/readyz")
            assert ready.status_code == 503
            assert ready.json()["type"] == "urn:docstage:problem:unavailable"
            assert (await client.get("/livez")).status_code == 200
            checks = (await client.get("/api/doctor")).json()
    assert [check["ok"] for check in checks if check["name"] == "database"] == [False]


async def test_a_database_that_is_away_is_unavailable(tmp_path: Path) -> None:
    """When nothing listens where the database should be, requests answer 503, and the process still lives."""
    database = Database("postgresql://nobody@127.0.0.1:9/nothing")
    async with client_of(Bench.set_up(database, tmp_path)) as client:
        for path in ("/readyz", "/api/batches", "/metrics"):
            response = await client.get(path)
            assert response.status_code == 503
            assert response.json()["type"] == "urn:docstage:problem:unavailable"
        assert (await client.get("/livez")).status_code == 200
        checks = (await client.get("/api/doctor")).json()
        assert [check["name"] for check in checks] == ["database", "disk", "settings", "own files", "ocr"]
    database.close()
