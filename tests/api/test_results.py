"""What runs brought, over HTTP."""

from datetime import datetime
from typing import Any, cast

import httpx
import pytest
from tests.api.analysed import OUTCOMES, PATHS, analysed, answered
from tests.support.apps import Bench, Outcome, client_of

from docstage.domain.lifecycle import BatchStatus
from docstage.domain.tasks import FailureKind
from docstage.store.engines import EngineRecord, ToldLane, ToldRun, ToldState, write_engine

LISTINGS = ["documents", "tasks"]
LISTS = ["failures", "runs"]


async def test_before_there_is_a_run_everything_is_empty(bench: Bench, client: httpx.AsyncClient) -> None:
    """Nothing fails; what cannot be told without a run says why."""
    url = f"/api/batches/{bench.batch_in(BatchStatus.SAVED)}"
    for name in LISTINGS:
        assert await answered(client, f"{url}/{name}") == {"items": [], "next": None}
    for name in LISTS:
        assert await answered(client, f"{url}/{name}") == []
    assert (await answered(client, f"{url}/progress"))["share"] == 0
    assert (await answered(client, f"{url}/pace"))["points"] == []
    assert len((await client.get(f"{url}/export")).text.splitlines()) == 1
    assert (await client.get(f"{url}/export?format=jsonl")).text == ""
    assert (await client.get(f"{url}/snapshot")).status_code == 404
    assert (await client.get(f"{url}/estimate")).status_code == 409
    assert (await client.get(f"{url}/documents/1")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "documents",
        "tasks",
        "progress",
        "pace",
        "failures",
        "events",
        "snapshot",
        "runs",
        "export",
        "estimate",
        "tasks/1",
    ],
)
async def test_a_batch_that_does_not_exist_has_nothing(client: httpx.AsyncClient, path: str) -> None:
    """Every address below it answers 404."""
    assert (await client.get(f"/api/batches/77/{path}")).status_code == 404


async def test_the_results_table(either: Bench) -> None:
    """Rows carry names, answers and costs; they can be filtered, searched, sorted and paged."""
    url = analysed(either)
    async with client_of(either) as client:
        rows = (await answered(client, f"{url}/tasks"))["items"]
        assert [row["document"] for row in rows] == PATHS
        assert [row["status"] for row in rows] == ["COMPLETED", "COMPLETED", "FAILED", "QUEUED"]
        assert (rows[0]["connection"], rows[0]["prompt"], rows[0]["run"]) == ("Small", "Kind", 1)
        assert rows[0]["value"] == {"kind": "=cmd()", "due": -5, "more": [1]}
        assert (rows[0]["cost"], rows[1]["cost"]) == (7e-9, None)
        for query, expected in {
            "status=COMPLETED&status=QUEUED": [0, 1, 3],
            "failure_kind=timeout": [2],
            "search=LATE": [2],
            "search=cmd": [0],
            f"document_id={rows[1]['document_id']}": [1],
            f"connection_id={rows[0]['connection_id'] + 1}": [],
            "sort=-document": [3, 2, 1, 0],
            "sort=-cost&limit=1": [0],
        }.items():
            found = (await answered(client, f"{url}/tasks?{query}"))["items"]
            assert [row["id"] for row in found] == [rows[n]["id"] for n in expected], query
        first = await answered(client, f"{url}/tasks?limit=3")
        rest = await answered(client, f"{url}/tasks?limit=3&cursor={first['next']}")
        assert [row["id"] for row in first["items"] + rest["items"]] == [row["id"] for row in rows]
        assert (await client.get(f"{url}/tasks?connection_id=0")).status_code == 422


async def test_a_task_with_its_calls(bench: Bench, client: httpx.AsyncClient) -> None:
    """The detail has every call; a task of another batch is not found."""
    url = analysed(bench)
    failed = (await answered(client, f"{url}/tasks?status=FAILED"))["items"][0]
    detail = await answered(client, f"{url}/tasks/{failed['id']}")
    assert detail.items() >= failed.items()
    assert [(call["number"], call["outcome"]) for call in detail["calls"]] == [(1, "failed")]
    other = bench.batch_in(BatchStatus.STAGED)
    assert (await client.get(f"/api/batches/{other}/tasks/{failed['id']}")).status_code == 404


async def test_the_pace_of_a_run(either: Bench) -> None:
    """Steps follow each other without a gap; the one that has not passed yet is left out."""
    url = analysed(either)
    begun = int(either.clock.now()) + 1
    async with client_of(either) as client:
        either.clock.at = begun + 0.5
        assert await answered(client, f"{url}/pace") == {"seconds": 1, "points": []}
        either.clock.at = begun + 2.5
        pace = await answered(client, f"{url}/pace")
        assert [point["calls"] for point in pace["points"]] == [3, 0]
        first, second = pace["points"]
        assert (first["failed"], first["mean_latency_ms"], first["cost"]) == (1, 250.0, 7e-9)
        assert (second["failed"], second["mean_latency_ms"], second["cost"]) == (0, None, 0)
        assert datetime.fromisoformat(first["at"]).timestamp() == begun
        either.clock.at = begun + 1_000
        pace = await answered(client, f"{url}/pace")
        assert (pace["seconds"], len(pace["points"]), pace["points"][0]["calls"]) == (9, 111, 3)
        await client.post(f"{url}/action", json={"action": "cancel"})
        assert [point["calls"] for point in (await answered(client, f"{url}/pace"))["points"]] == [3]


async def test_progress_and_failures(either: Bench) -> None:
    """Counts, tokens and costs add up; the speed is the engine's as long as it lives."""
    url = analysed(either)
    number = int(url.rsplit("/", 1)[1])
    run: ToldRun = {"rate": 0.5, "retries": 2, "retry_until": either.clock.now() + 9}
    state: ToldState = {"lanes": {"1": {"in_flight": 2}}, "runs": {str(either.run_id(number)): run}}
    with either.database.write() as c:
        write_engine(c, EngineRecord(7, "h", "1", 1.0, either.clock.now(), state))
    async with client_of(either) as client:
        progress = await answered(client, f"{url}/progress")
        batch = await answered(client, url)
        assert (progress["share"], progress["rate"], progress["eta_seconds"]) == (0.75, 0.5, 2.0)
        assert (progress["calls"], progress["unpriced_calls"], progress["cost"]) == (3, 1, 7e-9)
        assert (progress["input_tokens"], progress["cached_tokens"], progress["output_tokens"]) == (
            200,
            120,
            10,
        )
        assert progress["counts"]["queued"] == 1
        assert (progress["retries"], progress["retry_seconds"]) == (2, 9.0)
        assert progress["cells"][0]["mean_latency_ms"] == 250.0
        assert {name: progress[name] for name in batch["progress"]} == batch["progress"]
        assert batch["failed_tasks"] == 1
        failure = (await answered(client, f"{url}/failures"))[0]
        assert (failure["kind"], failure["tasks"], failure["example"]) == ("timeout", 1, "@late")
        assert "timeout" in failure["way_forward"]
        assert progress["failures"] == [failure]
        metrics = (await client.get("/metrics")).text
        assert 'docstage_batches{status="ANALYZING"} 1.0' in metrics
        assert 'docstage_tasks{status="COMPLETED"} 2.0' in metrics
        assert 'docstage_lane_in_flight{connection="1"} 2.0' in metrics
        assert "docstage_engine_up 1.0" in metrics
        either.clock.at += 6
        late = await answered(client, url)
        assert (late["progress"]["rate"], late["progress"]["eta_seconds"]) == (0.0, None)
        assert (await answered(client, "/readyz"))["engine"]["running"] is False


async def test_lanes_are_shown_with_their_connection(bench: Bench, client: httpx.AsyncClient) -> None:
    """What the engine does with a connection is there while the engine lives."""
    number = bench.make_members()["connection_ids"][0]
    lane: dict[str, Any] = {"in_flight": 1, "concurrency": 4, "held_kind": "auth", "held_reason": "No."}
    lane |= {"throttled_kind": None, "throttled_reason": None}
    now = bench.clock.now()
    lane |= {"quota": "requests", "trouble_kind": "connection", "retries": 3}
    moments = {"throttled_until": now + 3, "quota_until": now + 5, "stalled_since": now - 60}
    moments["retry_until"] = now + 7
    state: ToldState = {"lanes": {str(number): cast("ToldLane", lane | moments)}}
    with bench.database.write() as c:
        write_engine(c, EngineRecord(7, "h", "1", 1.0, bench.clock.now(), state))
    shown = await answered(client, f"/api/connections/{number}")
    since = datetime.fromisoformat(shown["lane"].pop("stalled_since"))
    assert since.timestamp() == pytest.approx(now - 60)
    assert shown["lane"] == lane | {"throttled_seconds": 3.0, "quota_seconds": 5.0, "retry_seconds": 7.0}
    bench.clock.at += 6
    assert (await answered(client, f"/api/connections/{number}"))["lane"] is None


async def test_documents_and_what_models_see(bench: Bench, client: httpx.AsyncClient) -> None:
    """Documents are listed with their reasons; their text and pictures can be looked at."""
    url = analysed(bench)
    picture = b"\x89PNG not really"
    bench.store_content("a.txt", "Hello\nthere", [picture])
    listed = (await answered(client, f"{url}/documents?search=A.T"))["items"]
    assert [one["path"] for one in listed] == ["a.txt"]
    one = f"{url}/documents/{listed[0]['id']}"
    assert await answered(client, one) == listed[0]
    shown = await answered(client, f"{one}/text")
    assert shown["text"] == "Hello\nthere"
    assert shown["images"] == [{"number": 1, "media_type": "image/png", "size": len(picture)}]
    image = await client.get(f"{one}/images/1")
    assert (image.content, image.headers["content-type"]) == (picture, "image/png")
    assert (await client.get(f"{one}/images/2")).status_code == 404
    assert (await answered(client, f"{url}/documents?status=SKIPPED&reason=empty"))["items"] == []
    without = (await answered(client, f"{url}/documents?search=b.txt"))["items"][0]
    assert (await client.get(f"{url}/documents/{without['id']}/text")).status_code == 404


async def test_earlier_runs_stay(bench: Bench, client: httpx.AsyncClient) -> None:
    """After a restage the current results are empty, and the first run is still there by its number."""
    url = analysed(bench)
    bench.move(int(url.rsplit("/", 1)[1]), BatchStatus.COMPLETED)
    task_id = (await answered(client, f"{url}/tasks"))["items"][0]["id"]
    assert (await client.post(f"{url}/reprocess-staging")).status_code == 202
    for name in LISTINGS:
        assert (await answered(client, f"{url}/{name}"))["items"] == []
        assert len((await answered(client, f"{url}/{name}?run=1"))["items"]) == 4
    assert (await answered(client, f"{url}/tasks/{task_id}"))["run"] == 1
    found = await answered(client, f"{url}/runs")
    assert [(run["number"], run["current"]) for run in found] == [(2, True), (1, False)]
    assert found[1]["counts"]["cancelled"] == 1
    assert found[1]["cost"] == 7e-9
    earlier = await answered(client, f"{url}/progress?run=1")
    assert (earlier["share"], earlier["rate"]) == (1.0, 0.0)
    assert len((await client.get(f"{url}/export?run=1&format=jsonl")).text.splitlines()) == 4
    snapshot = await answered(client, f"{url}/snapshot?run=1")
    assert (snapshot["run"], snapshot["connections"][0]["name"]) == (1, "Small")
    assert (await client.get(f"{url}/tasks?run=3")).status_code == 404
    assert len(await answered(client, f"{url}/failures?run=1")) == 1


async def test_names_are_those_of_the_run(bench: Bench, client: httpx.AsyncClient) -> None:
    """Renaming a connection does not rewrite what a run says of itself."""
    url = analysed(bench)
    connection = f"/api/connections/{bench.members['connection_ids'][0]}"
    assert (await client.patch(connection, json={"name": "Renamed"})).status_code == 200
    assert (await answered(client, f"{url}/tasks"))["items"][0]["connection"] == "Small"


async def test_the_audit_log_of_all(bench: Bench, client: httpx.AsyncClient) -> None:
    """The latest entry comes first, whosever it is."""
    first, second = bench.batch_in(BatchStatus.SAVED), bench.batch_in(BatchStatus.STAGING)
    events = (await answered(client, "/api/events"))["items"]
    assert [(one["batch_id"], one["action"]) for one in events] == [
        (second, "stage"),
        (second, "save"),
        (first, "save"),
    ]


async def test_facets_count_under_the_other_choices(either: Bench) -> None:
    """Each choice tells how many rows it would show, the same number that the table then has."""
    url = analysed(either)
    async with client_of(either) as client:
        rows = (await answered(client, f"{url}/tasks"))["items"]
        plain = await answered(client, f"{url}/tasks/facets")
        assert (plain["total"], plain["shown"]) == (4, 4)
        assert plain["status"] == {"QUEUED": 1, "RUNNING": 0, "COMPLETED": 2, "FAILED": 1, "CANCELLED": 0}
        assert plain["failure_kind"] == {"timeout": 1}
        assert [(one["name"], one["tasks"]) for one in plain["connection"]] == [("Small", 4)]
        assert [(one["name"], one["tasks"]) for one in plain["prompt"]] == [("Kind", 4)]
        for query in (
            "status=COMPLETED",
            "status=COMPLETED&status=FAILED&failure_kind=timeout",
            "search=txt&status=FAILED",
            "search=cmd",
            "search=nowhere",
            f"document_id={rows[2]['document_id']}",
            f"connection_id={rows[0]['connection_id'] + 1}",
            f"prompt_id={rows[0]['prompt_id']}&search=late",
        ):
            found = await answered(client, f"{url}/tasks/facets?{query}")
            listed = (await answered(client, f"{url}/tasks?{query}"))["items"]
            assert (found["total"], found["shown"]) == (4, len(listed)), query
            rest = "&".join(part for part in query.split("&") if not part.startswith("status="))
            for status, number in found["status"].items():
                there = (await answered(client, f"{url}/tasks?{rest}&status={status}"))["items"]
                assert number == len(there), (query, status)


async def test_what_cannot_be_sent_is_told_apart_from_failed_calls(either: Bench) -> None:
    """Of six failed tasks two were never sent; counters, facets, cells, table and export say the same."""
    batch_id = either.batch_in(BatchStatus.ANALYZING, [f"{name}.txt" for name in "abcdefg"])
    unsent, rejected = FailureKind.UNSUPPORTED_INPUT, FailureKind.REJECTED_INPUT
    kinds = (unsent, unsent, FailureKind.TIMEOUT, FailureKind.TIMEOUT, FailureKind.REFUSAL, rejected)
    either.finish(batch_id, [Outcome(text="yes"), *(Outcome(failure=kind) for kind in kinds)])
    either.move(batch_id, BatchStatus.COMPLETED)
    url = f"/api/batches/{batch_id}"
    async with client_of(either) as client:
        counts = (await answered(client, url))["counts"]
        assert (counts["failed"], counts["unsendable"]) == (6, 2)
        (cell,) = (await answered(client, f"{url}/progress"))["cells"]
        assert (cell["failed"], cell["unsendable"]) == (6, 2)
        for query, shown, failed, unsendable in (
            ("", 7, 6, 2),
            ("status=FAILED", 6, 6, 2),
            ("status=FAILED&unsendable=false", 4, 6, 2),
            ("status=FAILED&unsendable=true", 2, 6, 2),
            ("status=COMPLETED&status=FAILED&unsendable=true", 3, 6, 2),
            ("unsendable=true", 3, 6, 2),
            ("unsendable=false&failure_kind=timeout", 2, 2, 0),
            ("unsendable=false&search=txt", 5, 6, 2),
        ):
            facets = await answered(client, f"{url}/tasks/facets?{query}")
            assert facets["shown"] == shown, query
            assert (facets["status"]["FAILED"], facets["unsendable"]) == (failed, unsendable), query
            listed = (await answered(client, f"{url}/tasks?{query}"))["items"]
            pages = await answered(client, f"{url}/tasks/pages?{query}")
            exported = (await client.get(f"{url}/export?format=jsonl&{query}")).text.splitlines()
            assert (len(listed), pages["total"], len(exported)) == (shown, shown, shown), query


async def test_failures_tell_where_they_are_and_whether_a_retry_can_help(
    bench: Bench, client: httpx.AsyncClient
) -> None:
    """Connection, prompt and documents are named; no retry is advised while its cause is the same."""
    batch_id = bench.batch_in(BatchStatus.ANALYZING, PATHS)
    kinds = (FailureKind.CONTEXT_OVERFLOW, FailureKind.REFUSAL, FailureKind.TIMEOUT)
    bench.finish(batch_id, [OUTCOMES[0], *(Outcome(failure=kind, message=f"No: {kind}.") for kind in kinds)])
    bench.clock.at += 10
    bench.move(batch_id, BatchStatus.COMPLETED)
    url = f"/api/batches/{batch_id}"
    groups = {one["kind"]: one for one in await answered(client, f"{url}/failures")}
    for place, kind in enumerate(kinds, start=1):
        (where,) = groups[kind]["places"]
        assert (where["connection"], where["prompt"], where["tasks"]) == ("Small", "Kind", 1)
        (example,) = groups[kind]["documents"]
        assert (example["document"], example["message"]) == (PATHS[place], f"No: {kind}.")
        task = await answered(client, f"{url}/tasks/{example['task_id']}")
        assert task["document_id"] == example["document_id"]
    assert groups["timeout"]["retry_helps"]
    assert groups["timeout"]["retry_hint"] is None
    assert "restage" in groups["refusal"]["retry_hint"]
    assert "Edit the connection Small first" in groups["context_overflow"]["retry_hint"]
    bench.clock.at += 10
    connection = (await answered(client, url))["connection_ids"][0]
    edited = await client.patch(f"/api/connections/{connection}", json={"max_output_tokens": 99})
    assert edited.status_code == 200
    groups = {one["kind"]: one for one in await answered(client, f"{url}/failures")}
    assert {kind: group["retry_helps"] for kind, group in groups.items()} == {
        "context_overflow": True,
        "refusal": False,
        "timeout": True,
    }
