"""Edits that know what they change, and requests that may be sent twice."""

import asyncio
from typing import Any

import httpx
import pytest
from tests.support.apps import Bench, client_of

from docstage.domain.lifecycle import BatchStatus

KEY = "3c1c0c0e-6a52-4b1f-8f4e-2f2f4c2d9a11"


async def _created(client: httpx.AsyncClient, bench: Bench) -> dict[str, str]:
    """One of each thing that can be edited: its address by its kind."""
    ids = bench.make_members()
    batch = (await client.post("/api/batches/save", json=bench.batch_input())).json()["id"]
    return {
        "folder": f"/api/folders/{ids['folder_ids'][0]}",
        "connection": f"/api/connections/{ids['connection_ids'][0]}",
        "prompt": f"/api/prompts/{ids['prompt_ids'][0]}",
        "batch": f"/api/batches/{batch}",
    }


@pytest.mark.parametrize("kind", ["folder", "connection", "prompt", "batch"])
async def test_an_edit_of_an_old_state_is_refused(either: Bench, kind: str) -> None:
    """The tag that was read lets one edit through; with the old one the next is 412 and changes nothing."""
    async with client_of(either) as client:
        address = (await _created(client, either))[kind]
        tag = (await client.get(address)).headers["etag"]
        either.clock.at += 1
        first = await client.patch(address, json={"name": "First"}, headers={"if-match": tag})
        assert (first.status_code, first.json()["name"]) == (200, "First")
        either.clock.at += 1
        second = await client.patch(address, json={"name": "Second"}, headers={"if-match": tag})
        assert (second.status_code, second.json()["type"]) == (412, "urn:docstage:problem:changed")
        now = await client.get(address)
        assert (now.json()["name"], now.headers["etag"]) == ("First", first.headers["etag"])
        again = await client.patch(
            address, json={"name": "Third"}, headers={"if-match": f'"x", {now.headers["etag"]}'}
        )
        assert again.status_code == 200
        unasked = [
            await client.patch(address, json={"name": "Fourth"}, headers=h) for h in ({}, {"if-match": "*"})
        ]
        assert [one.status_code for one in unasked] == [200, 200]


async def test_a_batch_that_goes_on_can_be_edited(bench: Bench) -> None:
    """Status and progress are no part of a batch's tag, its budget is."""
    batch_id = bench.batch_in(BatchStatus.STAGED)
    async with client_of(bench) as client:
        address = f"/api/batches/{batch_id}"
        tag = (await client.get(address)).headers["etag"]
        bench.move(batch_id, BatchStatus.ANALYZING)
        assert (await client.get(address)).headers["etag"] == tag
        changed = await client.patch(address, json={"budget": 3}, headers={"if-match": tag})
        assert changed.status_code == 200
        assert changed.headers["etag"] != tag


async def test_weak_and_malformed_tags_fit_nothing(bench: Bench) -> None:
    """What is no strong tag cannot be the tag of the present state."""
    async with client_of(bench) as client:
        address = (await _created(client, bench))["folder"]
        tag = (await client.get(address)).headers["etag"]
        for header in (f"W/{tag}", tag.strip('"'), ""):
            answer = await client.patch(address, json={"name": "New"}, headers={"if-match": header})
            assert answer.status_code == 412


async def test_a_marked_save_is_carried_out_once(either: Bench) -> None:
    """Sent again it answers the same batch; twenty at once make one."""
    async with client_of(either, timeout=30) as client:
        body = either.batch_input()
        sent = [
            client.post("/api/batches/save", json=body, headers={"idempotency-key": KEY}) for _ in range(20)
        ]
        answers = await asyncio.gather(*sent)
        assert {one.status_code for one in answers} == {201}
        assert len({one.json()["id"] for one in answers}) == 1
        assert len((await client.get("/api/batches")).json()["items"]) == 1


async def test_a_marked_action_is_carried_out_once(either: Bench) -> None:
    """Sent again it answers the batch as it is, instead of 409 or another run."""
    batch_id = either.batch_in(BatchStatus.COMPLETED)
    address = f"/api/batches/{batch_id}/reprocess-staging"
    async with client_of(either) as client:
        answers = [await client.post(address, headers={"idempotency-key": KEY}) for _ in range(3)]
        assert [(one.status_code, one.json()["run"]) for one in answers] == [(202, 2)] * 3
        either.move(batch_id, BatchStatus.FAILED_STAGING)
        late = await client.post(address, headers={"idempotency-key": KEY})
        assert (late.status_code, late.json()["status"]) == (202, "FAILED_STAGING")
        unmarked = await client.post(address)
        assert unmarked.status_code == 409


@pytest.mark.parametrize(
    "other",
    [("/action", {"action": "reset"}), ("/rerun", {}), ("/reprocess-staging", {"reason": "another"})],
)
async def test_a_key_belongs_to_one_request(bench: Bench, other: tuple[str, dict[str, Any]]) -> None:
    """Another address or body under a used key is refused and changes nothing."""
    batch_id = bench.batch_in(BatchStatus.COMPLETED)
    address = f"/api/batches/{batch_id}"
    async with client_of(bench) as client:
        marked = {"idempotency-key": KEY}
        assert (await client.post(f"{address}/reprocess-staging", json={}, headers=marked)).status_code == 202
        before = bench.state(batch_id)
        answer = await client.post(address + other[0], json=other[1], headers=marked)
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:docstage:problem:idempotency-key-reused"
        assert bench.state(batch_id) == before


async def test_a_refused_request_leaves_its_key_free(bench: Bench) -> None:
    """What was answered 409 can be sent again under its key once it is allowed."""
    batch_id = bench.batch_in(BatchStatus.ANALYZING)
    address = f"/api/batches/{batch_id}/run"
    async with client_of(bench) as client:
        assert (await client.post(address, headers={"idempotency-key": KEY})).status_code == 409
        bench.move(batch_id, BatchStatus.STAGED)
        assert (await client.post(address, headers={"idempotency-key": KEY})).status_code == 202


async def test_keys_are_forgotten_after_a_week(bench: Bench) -> None:
    """The table of keys does not grow for ever."""
    async with client_of(bench) as client:
        body = bench.batch_input()
        first = await client.post("/api/batches/save", json=body, headers={"idempotency-key": KEY})
        bench.clock.at += 8 * 86_400
        await client.post("/api/batches/save", json=body, headers={"idempotency-key": "another"})
        again = await client.post("/api/batches/save", json=body, headers={"idempotency-key": KEY})
        assert again.json()["id"] != first.json()["id"]


@pytest.mark.parametrize("key", ["", "x" * 256, "with space"])
async def test_unusable_keys_are_refused(bench: Bench, key: str) -> None:
    """A key is 1 to 255 printable characters."""
    async with client_of(bench) as client:
        answer = await client.post(
            "/api/batches/save", json=bench.batch_input(), headers={"idempotency-key": key}
        )
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "idempotency-key")
