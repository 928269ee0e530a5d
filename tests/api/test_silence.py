"""What callers typed is never ignored in silence, whichever endpoint they ask."""

import re
from typing import Any

import httpx
import pytest
from tests.support.apps import Bench

from docstage.api.app import create_app
from docstage.domain.lifecycle import BatchStatus


def _operations(bench: Bench) -> list[tuple[str, str, dict[str, Any]]]:
    paths = create_app(bench.services).openapi()["paths"]
    return [
        (method, path, operation)
        for path, operations in paths.items()
        for method, operation in operations.items()
    ]


def _address(path: str) -> str:
    return re.sub(r"\{\w+\}", "1", path)


def _typed(path: str) -> dict[str, str]:
    return {"content-type": "application/octet-stream"} if path.endswith("/upload") else {}


async def test_no_endpoint_ignores_a_parameter(bench: Bench, client: httpx.AsyncClient) -> None:
    """An unknown one is refused before anything is done, also of endpoints that take none."""
    bench.batch_in(BatchStatus.SAVED)
    operations = _operations(bench)
    assert len(operations) > 50
    for method, path, _ in operations:
        response = await client.request(method, f"{_address(path)}?statuss=FAILED", headers=_typed(path))
        assert response.status_code == 422, (method, path, response.text)
        assert response.json()["errors"][0]["field"] == "statuss", (method, path)


async def test_no_endpoint_takes_one_of_several_values(bench: Bench, client: httpx.AsyncClient) -> None:
    """Where one value is taken, several are refused; filters take several."""
    bench.batch_in(BatchStatus.SAVED)
    seen = 0
    for method, path, operation in _operations(bench):
        single = [
            one["name"]
            for one in operation.get("parameters", ())
            if one["in"] == "query" and "array" not in str(one["schema"])
        ]
        for name in single:
            twice = f"{name}=1&{name}=1"
            response = await client.request(method, f"{_address(path)}?{twice}", headers=_typed(path))
            assert response.status_code == 422, (method, path, name)
            assert "several times" in response.text, (method, path, name)
            seen += 1
    assert seen > 20
    many = await client.get("/api/batches", params=[("status", "SAVED"), ("status", "FAILED")])
    assert many.status_code == 200


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("statuss=FAILED", "did you mean status?"),
        ("Status=FAILED", "did you mean status?"),
        ("limits=5", "did you mean limit?"),
        ("order=name", "this address takes search, status"),
        ("x" * 300 + "=1", "no such parameter"),
    ],
)
async def test_what_was_meant_is_said(client: httpx.AsyncClient, query: str, words: str) -> None:
    """The closest name, or all there are."""
    assert words in (await client.get(f"/api/batches?{query}")).json()["detail"]


async def test_the_head_of_everything_can_be_asked(bench: Bench, client: httpx.AsyncClient) -> None:
    """Wherever GET is answered HEAD is, with the same status and without a body; a stream ends at once."""
    bench.batch_in(BatchStatus.STAGED)
    for method, path, _ in _operations(bench):
        if method != "get":
            continue
        address = _address(path)
        head = await client.head(address)
        assert head.content == b"", address
        if path != "/api/stream":
            asked = await client.get(address)
            assert head.status_code == asked.status_code, address
            assert head.headers.get("content-type") == asked.headers.get("content-type"), address
    assert (await client.head("/api/stream")).status_code == 200


async def test_options_tell_the_methods(client: httpx.AsyncClient) -> None:
    """Of what exists; what does not exist stays 404."""
    asked = await client.options("/api/batches/7")
    assert (asked.status_code, asked.headers["allow"]) == (204, "DELETE, GET, HEAD, OPTIONS, PATCH")
    assert (await client.options("/livez")).headers["allow"] == "GET, HEAD, OPTIONS"
    assert (await client.options("/api/nothing")).status_code == 404
