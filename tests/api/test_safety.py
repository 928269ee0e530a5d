"""Edits that know what they change, and requests that may be sent twice."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx
import pytest
from tests.support.apps import Bench, client_of
from tests.support.waiting import PATIENCE

from docstage.domain.lifecycle import BatchStatus
from docstage.store.database import Database

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


@pytest.mark.parametrize("kind", ["folder", "connection", "prompt", "batch"])
async def test_what_was_edited_since_is_not_deleted(either: Bench, kind: str) -> None:
    """A deletion may name the state that it is meant for; one that comes too late changes nothing."""
    async with client_of(either) as client:
        made = await _created(client, either)
        if kind != "batch":
            assert (await client.delete(made["batch"])).status_code == 204
        address = made[kind]
        tag = (await client.get(address)).headers["etag"]
        either.clock.at += 1
        assert (await client.patch(address, json={"name": "Edited"})).status_code == 200
        late = await client.delete(address, headers={"if-match": tag})
        assert (late.status_code, late.json()["type"]) == (412, "urn:docstage:problem:changed")
        now = await client.get(address)
        assert now.json()["name"] == "Edited"
        gone = await client.delete(address, headers={"if-match": now.headers["etag"]})
        assert gone.status_code == 204
        again = await client.delete(address, headers={"if-match": now.headers["etag"]})
        assert again.status_code == 404


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
    async with client_of(either, timeout=PATIENCE) as client:
        body = either.batch_input()
        sent = [
            client.post("/api/batches/save", json=body, headers={"idempotency-key": KEY}) for _ in range(20)
        ]
        answers = await asyncio.gather(*sent)
        assert {one.status_code for one in answers} == {201}
        assert len({one.json()["id"] for one in answers}) == 1
        assert len((await client.get("/api/batches")).json()["items"]) == 1


async def test_a_marked_action_is_carried_out_once(either: Bench) -> None:
    """Sent again it answers the batch as it is, instead of another run."""
    batch_id = either.batch_in(BatchStatus.COMPLETED)
    address = f"/api/batches/{batch_id}/reprocess-staging"
    async with client_of(either) as client:
        answers = [await client.post(address, headers={"idempotency-key": KEY}) for _ in range(3)]
        assert [(one.status_code, one.json()["run"]) for one in answers] == [(202, 2)] * 3
        either.move(batch_id, BatchStatus.FAILED_STAGING)
        late = await client.post(address, headers={"idempotency-key": KEY})
        assert (late.status_code, late.json()["status"]) == (202, "FAILED_STAGING")
        unmarked = await client.post(address)
        assert (unmarked.status_code, unmarked.json()["run"]) == (202, 3)


async def test_a_marked_action_that_is_sent_many_times_at_once(either: Bench) -> None:
    """Each of them is answered as the one that is carried out, and none that it came too late."""
    ready = [either.batch_in(BatchStatus.STAGED) for _ in range(4)]
    async with client_of(either, timeout=PATIENCE) as client:
        for number in ready:
            marked = {"idempotency-key": f"run {number}".replace(" ", "-")}
            sent = [client.post(f"/api/batches/{number}/run", headers=marked) for _ in range(20)]
            answers = await asyncio.gather(*sent)
            assert [(one.status_code, one.json()["status"]) for one in answers] == [(202, "ANALYZING")] * 20
            events = (await client.get(f"/api/batches/{number}/events")).json()["items"]
            assert [one["action"] for one in events].count("run") == 1


async def test_one_key_for_two_requests_at_once(either: Bench) -> None:
    """One of them is carried out; every other one is told that the key is taken, and changes nothing."""
    ready = [either.batch_in(BatchStatus.STAGED) for _ in range(20)]
    async with client_of(either, timeout=PATIENCE) as client:
        sent = [
            client.post(f"/api/batches/{number}/run", headers={"idempotency-key": KEY}) for number in ready
        ]
        answers = await asyncio.gather(*sent)
        assert sorted(one.status_code for one in answers) == [202] + [422] * 19
        statuses = [(await client.get(f"/api/batches/{number}")).json()["status"] for number in ready]
        assert sorted(statuses) == ["ANALYZING"] + ["STAGED"] * 19


async def test_a_marked_request_survives_its_server(either: Bench) -> None:
    """A server that is started anew knows what the one before had carried out, although it told nobody."""
    batch_id = either.batch_in(BatchStatus.COMPLETED)
    address = f"/api/batches/{batch_id}/rerun"
    async with client_of(either) as client:
        lost = await client.post(address, headers={"idempotency-key": KEY})
        assert lost.json()["run"] == 2
    again = Bench(
        replace(either.services, database=Database(either.database.url)), either.documents, either.clock
    )
    async with client_of(again) as client:
        answer = await client.post(address, headers={"idempotency-key": KEY})
        assert (answer.status_code, answer.json()["run"]) == (202, 2)
    again.database.close()


async def test_a_saved_batch_that_was_deleted_is_not_saved_again(bench: Bench) -> None:
    """Sent again after that, the request is answered 404 instead of bringing the batch back."""
    async with client_of(bench) as client:
        body = bench.batch_input()
        made = await client.post("/api/batches/save", json=body, headers={"idempotency-key": KEY})
        await client.delete(f"/api/batches/{made.json()['id']}")
        again = await client.post("/api/batches/save", json=body, headers={"idempotency-key": KEY})
        assert again.status_code == 404
        assert (await client.get("/api/batches")).json()["items"] == []


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


async def test_keys_are_free_after_a_week(either: Bench) -> None:
    """Also that of the first marked request since; until then the earlier one is answered."""
    batch_id = either.batch_in(BatchStatus.COMPLETED)
    address = f"/api/batches/{batch_id}/reprocess-staging"
    async with client_of(either) as client:
        for days, run in ((0, 2), (6.9, 2), (0.2, 3)):
            either.clock.at += days * 86_400
            answer = await client.post(address, headers={"idempotency-key": KEY})
            assert (answer.status_code, answer.json()["run"]) == (202, run)
            either.move(batch_id, BatchStatus.FAILED)


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
