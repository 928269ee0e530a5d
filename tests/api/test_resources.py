"""Prompts, batches and listings over HTTP."""

import json
from typing import Any

import httpx
import pytest
from tests.api.problems import fields
from tests.support.apps import Bench, client_of
from tests.support.populated import populate

from docstage.domain.lifecycle import BatchStatus
from docstage.store.invariants import INVARIANTS


async def test_prompts_have_versions(client: httpx.AsyncClient) -> None:
    """Whatever changes an answer makes a version; the name, or the same text again, does not."""
    made = (await client.post("/api/prompts", json={"name": "Kind", "text": "Which?"})).json()
    url = f"/api/prompts/{made['id']}"
    assert (await client.patch(url, json={"name": "Kinds", "text": "Which?"})).json()["version"] == 1
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    second = (await client.patch(url, json={"schema": schema})).json()
    assert (second["version"], second["schema"], second["text"]) == (2, schema, "Which?")
    assert (await client.patch(url, json={"schema": None})).json()["version"] == 3
    versions = (await client.get(f"{url}/versions")).json()
    assert [version["version"] for version in versions] == [3, 2, 1]
    assert (await client.get(f"{url}?version=1")).json()["schema"] is None
    assert (await client.get(f"{url}?version=9")).status_code == 404
    assert fields(await client.patch(url, json={"schema": {"type": "nothing"}})) == ["schema"]
    assert fields(await client.patch(url, json={"answer_schema": schema})) == [
        "answer_schema"
    ]  # no such member


async def test_a_prompt_is_tried_on_one_document(bench: Bench, client: httpx.AsyncClient) -> None:
    """A prompt that is not stored is asked; what is wrong with the request is named by its field."""
    members = bench.make_members()
    body: dict[str, Any] = {
        "text": "Who wrote it?",
        "connection_id": members["connection_ids"][0],
        "folder_id": members["folder_ids"][0],
        "path": "letter.txt",
    }
    tried = await client.post("/api/prompts/try", json=body)
    assert (tried.status_code, tried.json()["ok"]) == (200, True)
    assert tried.json()["document"]["text"] == "Dear Sir or Madam"
    assert fields(await client.post("/api/prompts/try", json=body | {"path": ".hidden"})) == ["path"]
    assert fields(await client.post("/api/prompts/try", json=body | {"folder_id": 99})) == ["folder_id"]
    assert fields(await client.post("/api/prompts/try", json=body | {"text": ""})) == ["text"]


async def test_a_batch_from_beginning_to_end(bench: Bench, client: httpx.AsyncClient) -> None:
    """It is saved, shown, changed, staged, and deleted once it rests; its log remains."""
    body = bench.batch_input(metadata={"case": "Ä\\u0000 😀"}, budget=2.5)
    saved = await client.post("/api/batches/save", json=body)
    assert saved.status_code == 201
    batch = saved.json()
    assert batch["status"] == "SAVED"
    assert (batch["budget"], batch["metadata"], batch["run"]) == (2.5, body["metadata"], None)
    assert batch["saved_at"] is not None
    assert batch["staging_at"] is None
    url = f"/api/batches/{batch['id']}"
    assert (await client.get(url)).json() == batch
    assert (await client.patch(url, json={"name": "New", "budget": None})).json()["budget"] is None
    staged = await client.post(f"{url}/stage")
    assert (staged.status_code, staged.json()["status"], staged.json()["run"]) == (202, "STAGING", 1)
    locked = await client.patch(url, json={"name": "Newer", "prompt_ids": body["prompt_ids"]})
    assert (locked.status_code, locked.json()["current_status"]) == (409, "STAGING")
    assert (await client.get(url)).json()["name"] == "New"
    busy = await client.delete(url)
    assert (busy.status_code, "Cancel it first" in busy.json()["detail"]) == (409, True)
    await client.post(f"{url}/action", json={"action": "cancel", "reason": "enough"})
    assert (await client.get(url)).json()["status_reason"] == "cancelled: enough"
    assert (await client.delete(url)).status_code == 204
    assert (await client.get(url)).status_code == 404
    actions = [one["action"] for one in (await client.get(f"{url}/events")).json()["items"]]
    assert actions == ["delete", "cancel", "stage", "edit", "save"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"folder_ids": []}, "folder_ids"),
        ({"connection_ids": [99]}, "connection_ids"),
        ({"prompt_ids": [1, 1]}, "prompt_ids"),
        ({"budget": -1}, "budget"),
        ({"name": "x" * 200 + " "}, "name"),
        ({"budget": "5"}, "budget"),
        ({"failure_limit": True}, "failure_limit"),
        ({"metadata": {"a": "\x00"}}, "metadata"),
        ({"metadata": {"a": json.loads("[" * 60 + "]" * 60)}}, "metadata"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_a_batch_is_checked(
    bench: Bench, client: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    """Each value that is not acceptable is named, and nothing is stored, staged or not."""
    for endpoint in ("save", "stage"):
        response = await client.post(f"/api/batches/{endpoint}", json=bench.batch_input(**change))
        assert {name.split(".")[0] for name in fields(response)} == {field}
    assert (await client.get("/api/batches")).json()["items"] == []
    assert (await client.get("/api/events")).json()["items"] == []


async def test_numbers_that_are_none_are_refused(bench: Bench, client: httpx.AsyncClient) -> None:
    """NaN is no JSON, and databases differ about it."""
    body = json.dumps(bench.batch_input(metadata={"a": float("nan")}))
    response = await client.post(
        "/api/batches/save", content=body, headers={"content-type": "application/json"}
    )
    assert fields(response) == ["metadata"]


async def test_what_is_used_cannot_be_deleted(bench: Bench, client: httpx.AsyncClient) -> None:
    """The answer names the batches that use it."""
    batch_id = bench.batch_in(BatchStatus.SAVED)
    for kind in ("folder", "connection", "prompt"):
        response = await client.delete(f"/api/{kind}s/{bench.members[f'{kind}_ids'][0]}")
        assert (response.status_code, response.json()["used_by"]) == (409, [batch_id])


async def test_lists_are_paged_by_key(either: Bench) -> None:
    """Each batch comes once, in order, whatever the sort and however small the page."""
    wanted = [either.batch_in(BatchStatus.SAVED) for _ in range(5)]
    async with client_of(either) as client:
        for sort, expected in (
            ("id", wanted),
            ("-id", wanted[::-1]),
            ("name", wanted),
            ("-updated_at", wanted[::-1]),
        ):
            found: list[int] = []
            params: dict[str, Any] = {"limit": 2, "sort": sort}
            while True:
                page = (await client.get("/api/batches", params=params)).json()
                found += [item["id"] for item in page["items"]]
                if page["next"] is None:
                    break
                params["cursor"] = page["next"]
            assert found == expected
        only = (await client.get("/api/batches?status=STAGED&status=SAVED&search=MAY")).json()["items"]
        assert len(only) == 5
        assert (await client.get("/api/batches?status=STAGED")).json()["items"] == []


async def test_cursors_are_good_for_their_own_listing_and_order_alone(either: Bench) -> None:
    """Of every listing each cursor is refused (422) by all others and in every other order."""
    listings = _listings(populate(either)[BatchStatus.COMPLETED])
    async with client_of(either) as client:
        await client.post("/api/folders", json={"path": str(either.documents), "name": "Second"})
        second = {"provider": "simulated", "model": "simulated-large", "name": "Second"}
        await client.post("/api/connections", json=second)
        await client.post("/api/prompts", json={"name": "Second", "text": "Who?"})
        cursors = {}
        for path, sorts in listings.items():
            for sort in sorts:
                page = (await client.get(path, params={"limit": 1, "sort": sort})).json()
                cursors[path, sort] = page["next"]
        given = {place: cursor for place, cursor in cursors.items() if cursor is not None}
        assert {path for path, _sort in given} == set(listings), "each has at least two rows"
        for (path, sort), cursor in given.items():
            for other in listings:
                for order in listings[other]:
                    query = {"limit": 1, "sort": order, "cursor": cursor}
                    response = await client.get(other, params=query)
                    own = (path, sort) == (other, order)
                    assert response.status_code == (200 if own else 422), (path, sort, other, order)
                    assert own or "cursor" in response.json()["detail"]


def _listings(batch_id: int) -> dict[str, list[str]]:
    """Every listing that is paged, with orders of it."""
    return {
        "/api/batches": ["id", "-id", "name"],
        "/api/folders": ["id", "name", "-name"],
        "/api/connections": ["id", "name", "created_at"],
        "/api/prompts": ["id", "name"],
        f"/api/batches/{batch_id}/documents": ["id", "path"],
        f"/api/batches/{batch_id}/tasks": ["id", "-id", "document"],
        "/api/events": ["id", "-id"],
    }


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "sort=nothing", "cursor=x", "status=DONE", "search=%00"]
)
async def test_listings_refuse_nonsense(client: httpx.AsyncClient, query: str) -> None:
    """Bad parameters answer 422."""
    response = await client.get(f"/api/batches?{query}")
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


async def test_addresses_that_do_not_exist(client: httpx.AsyncClient) -> None:
    """404 and 405 are problems too; 405 tells every method that the address takes."""
    for path in ("/nothing", "/api/batches/abc", "/api/batches/1/nothing", "/api/batches/", "/docs"):
        response = await client.get(path)
        assert response.status_code == 404
        assert response.headers["content-type"] == "application/problem+json"
    wrong = await client.put("/api/batches/1")
    assert wrong.status_code == 405
    assert wrong.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH"
    assert (await client.get("/api/batches/save")).headers["allow"] == "OPTIONS, POST"
    assert (await client.get(f"/api/batches/{2**60}")).status_code == 422


async def test_the_document_of_the_api_is_complete(client: httpx.AsyncClient) -> None:
    """Every operation has an id of its own, a tag, a description, and its problems; references hold."""
    document = (await client.get("/openapi.json")).json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names) >= 45
    for operation in operations:
        assert operation["tags"]
        assert operation["description"]
        assert "application/problem+json" in operation["responses"]["500"]["content"]
        assert "application/problem+json" in operation["responses"]["422"]["content"]
    text = json.dumps(document)
    schemas = document["components"]["schemas"]
    used = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert used <= schemas.keys()
    for path in (
        "save",
        "stage",
        "{batch_id}/stage",
        "{batch_id}/reprocess-staging",
        "{batch_id}/run",
        "{batch_id}/rerun",
        "{batch_id}/action",
    ):
        assert "post" in document["paths"][f"/api/batches/{path}"]


async def test_the_deep_check_answers_as_a_list_or_line_by_line(either: Bench) -> None:
    """Without `deep` the invariants are left out; lines have the same checks as the list."""
    async with client_of(either) as client:
        shallow = (await client.get("/api/doctor")).json()
        listed = (await client.get("/api/doctor", params={"deep": True})).json()
        lines = await client.get(
            "/api/doctor", params={"deep": True}, headers={"accept": "application/jsonl"}
        )
    assert lines.headers["content-type"] == "application/jsonl"
    names = [json.loads(line)["name"] for line in lines.text.splitlines()]
    assert names == [check["name"] for check in listed]
    assert names == [check["name"] for check in shallow] + [one.name for one in INVARIANTS]


@pytest.mark.parametrize(
    ("prices", "cost"),
    [([None], None), (["free"], 0.0), (["free", None], None), ([{"input": 1, "output": 1}, None], "some")],
)
async def test_an_estimate_has_no_zero_where_a_price_is_unknown(
    bench: Bench, client: httpx.AsyncClient, prices: list[object], cost: object
) -> None:
    """What is known is a least; where nothing is known to cost anything, the sum is unknown."""
    members = bench.make_members()
    own = {"provider": "openai-compatible", "model": "m", "base_url": "http://127.0.0.1:9/v1"}
    added = [
        (await client.post("/api/connections", json=own | {"name": f"c{n}", "prices": price})).json()["id"]
        for n, price in enumerate(prices)
    ]
    bench.members["connection_ids"] = added
    batch_id = bench.batch_in(BatchStatus.STAGED)
    estimate = (await client.get(f"/api/batches/{batch_id}/estimate")).json()
    if cost == "some":
        assert estimate["cost"] > 0
        assert estimate["max_cost"] > 0
    else:
        assert (estimate["cost"], estimate["max_cost"]) == (cost, cost)
    assert len(estimate["unpriced_connections"]) == prices.count(None)
    assert members["prompt_ids"]
