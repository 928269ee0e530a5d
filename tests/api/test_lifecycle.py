"""The lifecycle table, held over HTTP: every status and every action."""

import asyncio

import httpx
import pytest
from sqlalchemy import select
from tests.support.apps import Bench, Outcome, client_of

from docstage.domain.lifecycle import TABLE, Action, BatchStatus, allowed_actions
from docstage.domain.tasks import FailureKind
from docstage.store.tables import event, task

_TIMEOUT, _UNSENT = FailureKind.TIMEOUT, FailureKind.UNSUPPORTED_INPUT
ENDPOINTS = {
    Action.STAGE: "stage",
    Action.RESTAGE: "reprocess-staging",
    Action.RUN: "run",
    Action.RERUN: "rerun",
}


def _failing(bench: Bench, status: BatchStatus, *kinds: FailureKind) -> int:
    """A batch in this status, whose tasks failed so."""
    batch_id = bench.batch_in(BatchStatus.ANALYZING)
    bench.finish(batch_id, [Outcome(failure=kind) for kind in kinds])
    bench.move(batch_id, status)
    return batch_id


async def _check(bench: Bench, client: httpx.AsyncClient, status: BatchStatus, action: Action) -> None:
    retried = action is Action.RETRY and action in TABLE[status]
    batch_id = _failing(bench, status, FailureKind.TIMEOUT) if retried else bench.batch_in(status)
    before = bench.state(batch_id)
    response = await client.post(f"/api/batches/{batch_id}/action", json={"action": action})
    body = response.json()
    if action in TABLE[status]:
        target = TABLE[status][action].target
        assert response.status_code == 202
        assert body["status"] == target
        assert body["allowed_actions"] == allowed_actions(target)
        assert len(bench.state(batch_id)[1]) == len(before[1]) + 1
    else:
        assert response.status_code == 409
        assert response.headers["content-type"] == "application/problem+json"
        assert body["current_status"] == status
        assert body["allowed_actions"] == allowed_actions(status)
        assert bench.state(batch_id) == before


@pytest.mark.parametrize("status", BatchStatus)
async def test_every_action_from_every_status(
    bench: Bench, client: httpx.AsyncClient, status: BatchStatus
) -> None:
    """An action leads where the table says, or answers 409 and changes nothing.

    What each action does in both databases is held by `tests/engine` and `tests/model`.
    """
    for action in Action:
        await _check(bench, client, status, action)


@pytest.mark.parametrize("status", BatchStatus)
async def test_the_endpoints_do_what_the_unified_one_does(
    bench: Bench, client: httpx.AsyncClient, status: BatchStatus
) -> None:
    """Without any body, as the pages call them, they follow the same table."""
    for action, endpoint in ENDPOINTS.items():
        batch_id = bench.batch_in(status)
        response = await client.post(f"/api/batches/{batch_id}/{endpoint}")
        if action in TABLE[status]:
            assert response.status_code == 202
            assert response.json()["status"] == TABLE[status][action].target
        else:
            assert response.status_code == 409
            assert response.json()["type"] == "urn:docstage:problem:action-not-allowed"


async def test_of_fifty_simultaneous_requests_one_wins(either: Bench) -> None:
    """Exactly one `run` is answered 202, all others 409, and one event is logged."""
    batch_id = either.batch_in(BatchStatus.STAGED)
    async with client_of(either) as client:
        calls = (client.post(f"/api/batches/{batch_id}/run") for _ in range(50))
        statuses = [response.status_code for response in await asyncio.gather(*calls)]
    assert sorted(statuses) == [202] + [409] * 49
    with either.database.read() as c:
        logged = c.execute(select(event).where(event.c.action == "run")).all()
    assert len(logged) == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b'{"reason": "Monday"}', b'{"reason": null}'])
async def test_action_endpoints_take_a_reason_or_nothing(
    bench: Bench, client: httpx.AsyncClient, body: bytes
) -> None:
    """The body may be absent, empty, or name a reason, which is then shown and logged."""
    batch_id = bench.batch_in(BatchStatus.STAGED)
    headers = {"content-type": "application/json"}
    response = await client.post(f"/api/batches/{batch_id}/run", content=body, headers=headers)
    assert response.status_code == 202
    expected = "Monday" if b"Monday" in body else None
    assert response.json()["status_reason"] == expected
    events = (await client.get(f"/api/batches/{batch_id}/events")).json()["items"]
    assert events[0]["reason"] == expected


async def test_retry_takes_kinds_of_failure(bench: Bench, client: httpx.AsyncClient) -> None:
    """Kinds go with retry alone."""
    batch_id = _failing(bench, BatchStatus.FAILED, FailureKind.TIMEOUT)
    url = f"/api/batches/{batch_id}/action"
    refused = await client.post(url, json={"action": "restage", "failure_kinds": ["timeout"]})
    assert refused.status_code == 422
    taken = await client.post(url, json={"action": "retry", "failure_kinds": ["timeout"]})
    assert taken.json()["status"] == "ANALYZING"


@pytest.mark.parametrize("status", [BatchStatus.COMPLETED, BatchStatus.FAILED])
@pytest.mark.parametrize(
    ("ends", "asked", "words"),
    [
        ((None, None), (_TIMEOUT,), "No task failed after a call"),
        (
            (None, _UNSENT),
            (_TIMEOUT,),
            "1 cannot be sent, since their connections do not take",
        ),
        ((_UNSENT, _UNSENT), (_UNSENT,), "2 cannot be sent"),
        ((_TIMEOUT, None), (FailureKind.REFUSAL,), "failed as refusal. There are: 1 timeout."),
        ((_TIMEOUT, _UNSENT), (_UNSENT,), "failed as unsupported input. There are: 1 timeout."),
    ],
)
async def test_a_retry_of_failures_that_there_are_not_is_refused(
    either: Bench,
    status: BatchStatus,
    ends: tuple[FailureKind | None, ...],
    asked: tuple[FailureKind, ...],
    words: str,
) -> None:
    """Nothing changes, and the answer says what there is instead."""
    batch_id = either.batch_in(BatchStatus.ANALYZING)
    either.finish(batch_id, [Outcome(text="yes") if kind is None else Outcome(failure=kind) for kind in ends])
    either.move(batch_id, status)
    before, rows = either.state(batch_id), _tasks(either)
    async with client_of(either) as client:
        body = {"action": "retry", "failure_kinds": list(asked)}
        refused = await client.post(f"/api/batches/{batch_id}/action", json=body)
    problem = refused.json()
    assert (refused.status_code, problem["type"]) == (409, "urn:docstage:problem:nothing-to-retry")
    assert words in problem["detail"]
    assert "restage" in problem["detail"].lower() or "There are" in problem["detail"]
    assert problem["current_status"] == status
    assert problem["allowed_actions"] == [one for one in allowed_actions(status) if one is not Action.RETRY]
    assert problem["failed_tasks"] == ends.count(_TIMEOUT)
    assert problem["unsendable_tasks"] == ends.count(_UNSENT)
    assert (either.state(batch_id), _tasks(either)) == (before, rows)


@pytest.mark.parametrize("status", [BatchStatus.COMPLETED, BatchStatus.FAILED])
@pytest.mark.parametrize("ends", [(None, None), (None, _UNSENT)])
async def test_a_retry_of_all_where_nothing_failed_says_so(
    bench: Bench, client: httpx.AsyncClient, status: BatchStatus, ends: tuple[FailureKind | None, ...]
) -> None:
    """The status allows it; no task is queued, and the reason tells."""
    batch_id = bench.batch_in(BatchStatus.ANALYZING)
    bench.finish(batch_id, [Outcome(text="yes") if kind is None else Outcome(failure=kind) for kind in ends])
    bench.move(batch_id, status)
    tasks = _tasks(bench)
    retried = await client.post(f"/api/batches/{batch_id}/action", json={"action": "retry"})
    assert (retried.status_code, retried.json()["status"]) == (202, "ANALYZING")
    assert "nothing to retry. No task failed" in retried.json()["status_reason"]
    assert _tasks(bench) == tasks


async def test_a_retry_leaves_alone_what_cannot_be_sent(either: Bench) -> None:
    """Only what failed after a call is called again."""
    batch_id = _failing(either, BatchStatus.COMPLETED, _TIMEOUT, _UNSENT)
    async with client_of(either) as client:
        retried = await client.post(f"/api/batches/{batch_id}/action", json={"action": "retry"})
    counts = retried.json()["counts"]
    assert (counts["queued"], counts["failed"], counts["unsendable"]) == (1, 1, 1)


def _tasks(bench: Bench) -> list[tuple[object, ...]]:
    with bench.database.read() as c:
        return [tuple(row) for row in c.execute(select(task).order_by(task.c.id))]


async def test_a_budget_needs_prices(bench: Bench, client: httpx.AsyncClient) -> None:
    """A batch with a budget does not run while a price is unknown, and says whose."""
    batch_id = bench.batch_in(BatchStatus.STAGED)
    connection_id = bench.members["connection_ids"][0]
    unknown = {"provider": "openai-compatible", "base_url": "https://models.example.com/v1"}
    bench.members.clear()
    added = await client.post("/api/connections", json={"name": "Other", "model": "m", **unknown})
    await client.post(f"/api/batches/{batch_id}/action", json={"action": "reset"})
    change = {"budget": 1.0, "connection_ids": [connection_id, added.json()["id"]]}
    assert (await client.patch(f"/api/batches/{batch_id}", json=change)).json()["budget"] == 1.0
    await client.post(f"/api/batches/{batch_id}/stage")
    bench.move(batch_id, BatchStatus.STAGED)
    before = bench.state(batch_id)
    response = await client.post(f"/api/batches/{batch_id}/run")
    assert response.status_code == 409
    assert response.json()["unpriced_connections"] == ["Other"]
    assert bench.state(batch_id) == before


async def test_a_budget_that_could_not_be_kept_is_not_taken(bench: Bench, client: httpx.AsyncClient) -> None:
    """Not while the batch is analysed, nor while it is staged to be; at other times it is."""
    batch_id = bench.batch_in(BatchStatus.STAGED)
    connection_id = bench.members["connection_ids"][0]
    no_price = {"provider": "openai-compatible", "model": "m", "base_url": "https://models.example.com/v1"}
    changed = await client.patch(f"/api/connections/{connection_id}", json=no_price)
    name = changed.json()["name"]
    url = f"/api/batches/{batch_id}"
    await client.post(f"{url}/action", json={"action": "reset"})
    for action, status in (("stage", BatchStatus.STAGED), ("run", BatchStatus.COMPLETED), ("rerun", None)):
        assert (await client.post(f"{url}/action", json={"action": action})).status_code == 202
        if action == "stage":
            assert (await client.patch(url, json={"budget": 1.0})).is_success
        else:
            before = bench.state(batch_id)
            refused = await client.patch(url, json={"budget": 1.0, "description": "Cheap"})
            assert refused.status_code == 409, action
            assert refused.json()["unpriced_connections"] == [name]
            assert bench.state(batch_id) == before
        assert (await client.patch(url, json={"budget": None, "description": action})).is_success
        if status:
            bench.move(batch_id, status)


async def test_a_rerun_looks_at_prices_as_they_are_now(bench: Bench, client: httpx.AsyncClient) -> None:
    """The last run had a model with a price; the connection's model of today has none."""
    batch_id = bench.batch_in(BatchStatus.COMPLETED)
    url = f"/api/batches/{batch_id}"
    assert (await client.patch(url, json={"budget": 1.0})).is_success
    no_price = {"provider": "openai-compatible", "model": "m", "base_url": "https://models.example.com/v1"}
    await client.patch(f"/api/connections/{bench.members['connection_ids'][0]}", json=no_price)
    before = bench.state(batch_id)
    assert (await client.post(f"{url}/rerun")).status_code == 409
    assert bench.state(batch_id) == before
