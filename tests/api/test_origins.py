"""Front ends of other origins: let in by their exact origin, and by nothing else."""

from dataclasses import replace

import httpx
import pytest
from tests.support.apps import Bench

from docstage.api.app import create_app
from docstage.domain.errors import ConfigurationError
from docstage.web.origins import Origins

OWN = "http://localhost:5173"


def _client(bench: Bench, *origins: str, token: str = "") -> httpx.AsyncClient:
    settings = replace(bench.services.settings, allowed_origins=origins)
    app = create_app(replace(bench.services, settings=settings), token=token)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


async def test_a_front_end_of_ones_own_can_write(bench: Bench) -> None:
    """The browser asks first, without a token; then it sends, and may read the answer and its tag."""
    asking = {"origin": OWN, "access-control-request-method": "POST"}
    async with _client(bench, OWN, token="secret") as client:
        first = await client.options("/api/folders", headers=asking)
        assert first.status_code == 204
        assert "POST" in first.headers["access-control-allow-methods"]
        for name in ("Authorization", "Content-Type", "If-Match", "Idempotency-Key"):
            assert name in first.headers["access-control-allow-headers"]
        body = {"path": str(bench.documents)}
        refused = await client.post("/api/folders", json=body, headers={"origin": OWN})
        assert refused.status_code == 401
        known = {"origin": OWN, "authorization": "Bearer secret"}
        made = await client.post("/api/folders", json=body, headers=known)
        assert made.status_code == 201
        for answer in (first, refused, made):
            assert answer.headers["access-control-allow-origin"] == OWN
            assert answer.headers["vary"] == "Origin"
        assert "ETag" in made.headers["access-control-expose-headers"]


@pytest.mark.parametrize(
    "origin", ["http://localhost:5174", "https://localhost:5173", "null", "http://[", "*"]
)
async def test_others_are_not_let_in(bench: Bench, origin: str) -> None:
    """Another port, another scheme, no origin at all: neither may they write nor read."""
    asking = {"origin": origin, "access-control-request-method": "POST"}
    async with _client(bench, OWN) as client:
        first = await client.options("/api/folders", headers=asking)
        read = await client.get("/api/folders", headers={"origin": origin})
        written = await client.post("/api/folders", json={}, headers={"origin": origin})
    assert written.status_code == 403
    assert written.json()["type"].endswith("origin-not-allowed")
    for answer in (first, read, written):
        assert "access-control-allow-origin" not in answer.headers


async def test_without_the_setting_there_is_no_cors(bench: Bench) -> None:
    """Nothing is told to other origins."""
    async with _client(bench) as client:
        answer = await client.get("/api/folders", headers={"origin": OWN})
    assert "access-control-allow-origin" not in answer.headers
    assert "vary" not in answer.headers


@pytest.mark.parametrize(
    "wrong", ["*", "http://*.example.com", "localhost:5173", "http://a.b/path", "ftp://a", ""]
)
def test_what_is_no_origin_is_refused(wrong: str) -> None:
    """At the start, in words."""
    with pytest.raises(ConfigurationError, match="allowed_origins"):
        Origins([wrong])


def test_the_usual_port_may_be_written() -> None:
    """Browsers leave it out."""
    assert "https://app.example.com" in Origins(["HTTPS://App.example.com:443"])


async def test_a_proxy_that_passes_the_host_on_needs_no_setting(bench: Bench) -> None:
    """As Vite's does: the page and the server are then the same origin, whatever the port."""
    async with _client(bench) as client:
        headers = {"host": "localhost:5173", "origin": OWN}
        path = {"path": str(bench.documents)}
        assert (await client.post("/api/folders", json=path, headers=headers)).status_code == 201
        changed = await client.post("/api/folders", json=path, headers={"origin": OWN})
        assert (changed.status_code, changed.json()["type"][-18:]) == (403, "origin-not-allowed")
