"""`POST /api/purge` and the deletion of one run: what is answered, and what is refused."""

from typing import Any

import httpx
import pytest
from tests.support.apps import Bench

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.service.batches import batches
from docstage.service.session import Session

_HASH = "a" * 64


@pytest.mark.parametrize(
    "body",
    [
        {"document": {}},
        {"document": {"path": "a.txt", "sha256": _HASH}},
        {"document": {"sha256": "abc"}},
        {"document": {"document_id": 1}},
        {"document": {"path": ""}},
        {"runs": {}},
        {"runs": {"older_than_days": -1}},
        {"runs": {"older_than_days": 1, "number": 2}},
        {"runs": {"batch_id": 1, "number": 2, "current": True}},
        {"document": {"path": "a"}, "runs": {"batch_id": 1}},
        {"dry": True},
    ],
)
async def test_what_cannot_be_meant_is_refused(client: httpx.AsyncClient, body: dict[str, Any]) -> None:
    """Bodies that name nothing, two things, or something unknown are problems and delete nothing."""
    answer = await client.post("/api/purge", json=body)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:docstage:problem:invalid-input"


async def test_what_does_not_exist(bench: Bench, client: httpx.AsyncClient) -> None:
    """Unknown documents, batches and runs answer 404."""
    batch_id = bench.batch_in(BatchStatus.STAGED)
    for body in (
        {"document": {"path": "/nowhere/a.txt"}},
        {"document": {"sha256": _HASH}},
        {"document": {"batch_id": batch_id, "document_id": 999}},
        {"runs": {"batch_id": 999}},
        {"runs": {"batch_id": batch_id, "number": 9}},
    ):
        assert (await client.post("/api/purge", json=body)).status_code == 404, body
    assert (await client.delete(f"/api/batches/{batch_id}/runs/9")).status_code == 404


async def test_batches_at_work_are_refused(bench: Bench, client: httpx.AsyncClient) -> None:
    """Neither a document nor the current run of what is analysed goes; nor is the database written anew."""
    batch_id = bench.batch_in(BatchStatus.ANALYZING)
    for body in (
        {"document": {"path": "a.txt"}},
        {"runs": {"batch_id": batch_id, "current": True}},
        {"rewrite": True},
    ):
        answer = await client.post("/api/purge", json=body)
        assert answer.status_code == 409, body
    assert (await client.delete(f"/api/batches/{batch_id}/runs/1")).status_code == 409


async def test_a_purge_is_answered_with_what_went(bench: Bench, client: httpx.AsyncClient) -> None:
    """The dry run tells the same, and deletes nothing; tasks are marked afterwards."""
    batch_id = bench.batch_in(BatchStatus.STAGED)
    body: dict[str, Any] = {"document": {"path": "a.txt"}}
    preview = (await client.post("/api/purge", json=body | {"dry_run": True})).json()
    went = (await client.post("/api/purge", json=body)).json()
    assert preview | {"dry_run": False, "done": True} == went
    assert (went["documents"], went["runs"], went["batches"]) == (1, 1, [batch_id])
    items = (await client.get(f"/api/batches/{batch_id}/tasks")).json()["items"]
    assert [(one["purged"], one["status"]) for one in items] == [(True, "CANCELLED"), (False, "QUEUED")]
    detail = (await client.get(f"/api/batches/{batch_id}/tasks/{items[0]['id']}")).json()
    assert detail["purged"]
    document = (await client.get(f"/api/batches/{batch_id}/documents/{items[0]['document_id']}")).json()
    assert (document["reason"], document["size"], document["sha256"]) == ("purged", 0, None)
    estimate = (await client.get(f"/api/batches/{batch_id}/estimate")).json()
    assert estimate["documents"] == 1


async def test_an_earlier_run_is_deleted(bench: Bench, client: httpx.AsyncClient) -> None:
    """204, and it is listed no more."""
    batch_id = bench.batch_in(BatchStatus.STAGED)
    batches.act(Session(bench.services), batch_id, Action.RESTAGE)
    assert (await client.delete(f"/api/batches/{batch_id}/runs/1")).status_code == 204
    assert [one["number"] for one in (await client.get(f"/api/batches/{batch_id}/runs")).json()] == [2]
