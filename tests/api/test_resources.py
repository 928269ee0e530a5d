"""Folders, connections, prompts and batches over HTTP."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.apps import Bench, client_of
from tests.support.benches import sqlite_bench
from tests.support.populated import populate
from tests.support.simulators import INSTANT

from docstage.domain.lifecycle import BatchStatus
from docstage.domain.rehearsals import SIMULATOR_OFFERS
from docstage.simulator.profile import Profile
from docstage.store.invariants import INVARIANTS

KEY = "sk-very-secret-1234"


def _fields(response: httpx.Response) -> list[str]:
    assert response.status_code == 422, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert body.keys() >= {"type", "title", "status", "detail", "instance"}
    return [error["field"] for error in body["errors"]]


async def test_a_folder_from_beginning_to_end(bench: Bench, client: httpx.AsyncClient) -> None:
    """It is made, listed, changed and deleted; its name is that of the folder unless another is given."""
    made = await client.post("/api/folders", json={"path": str(bench.documents)})
    assert made.status_code == 201
    assert made.json()["name"] == "documents"
    url = f"/api/folders/{made.json()['id']}"
    assert (await client.get(url)).json() == made.json()
    changed = (await client.patch(url, json={"recursive": False, "include": ["*.pdf"]})).json()
    assert (changed["recursive"], changed["include"], changed["name"]) == (False, ["*.pdf"], "documents")
    assert [one["id"] for one in (await client.get("/api/folders?search=docu")).json()["items"]] == [
        changed["id"]
    ]
    taken = await client.post("/api/folders", json={"path": str(bench.documents)})
    assert taken.status_code == 409
    assert (await client.delete(url)).status_code == 204
    assert (await client.get(url)).status_code == 404


async def test_folders_that_cannot_be_used(bench: Bench, client: httpx.AsyncClient) -> None:
    """Missing folders, files, and globs that are none are told by field, with what may have been meant."""
    near = await client.post("/api/folders", json={"path": str(bench.documents) + "s"})
    assert _fields(near) == ["path"]
    assert f"Did you mean {bench.documents}?" in near.json()["detail"]
    assert _fields(await client.post("/api/folders", json={"path": str(bench.documents / "letter.txt")})) == [
        "path"
    ]
    assert _fields(await client.post("/api/folders/check", json={"path": str(bench.documents) + "s"})) == [
        "path"
    ]
    glob = await client.post("/api/folders", json={"path": str(bench.documents), "include": [" / "]})
    assert _fields(glob) == ["include"]
    assert _fields(await client.post("/api/folders", json={"path": "x", "recursiv": True})) == ["recursiv"]


async def test_a_folder_is_looked_into_before_it_is_added(bench: Bench, client: httpx.AsyncClient) -> None:
    """The documents it would have are counted as staging takes them, and nothing is stored."""
    (bench.documents / "b.pdf").write_bytes(b"%PDF-")
    body = {"path": str(bench.documents), "include": ["*.pdf"]}
    found = (await client.post("/api/folders/check", json=body)).json()
    assert found == {"count": 1, "complete": True, "documents": [{"path": "b.pdf", "size": 5}]}
    searched = await client.post("/api/folders/check?search=lett", json={"path": str(bench.documents)})
    assert [one["path"] for one in searched.json()["documents"]] == ["letter.txt"]
    bad = await client.post("/api/folders/check", json=body | {"exclude": ["/"]})
    assert _fields(bad) == ["exclude"]
    assert (await client.get("/api/folders")).json()["items"] == []


async def test_folders_connections_and_prompts_tell_how_many_batches_use_them(either: Bench) -> None:
    """The number is that of the batches, not of their runs."""
    async with client_of(either) as client:
        either.batch_in(BatchStatus.STAGED)
        either.batch_in(BatchStatus.SAVED)
        unused = {"name": "Spare", "provider": "simulated", "model": "simulated-large"}
        assert (await client.post("/api/connections", json=unused)).json()["batches"] == 0
        folders = (await client.get("/api/folders")).json()["items"]
        connections = (await client.get("/api/connections")).json()["items"]
        prompts = (await client.get("/api/prompts")).json()["items"]
    assert [one["batches"] for one in folders + prompts] == [2, 2]
    assert {one["name"]: one["batches"] for one in connections} == {"Small": 2, "Spare": 0}


async def test_folders_stay_below_the_roots(tmp_path: Path, template: Path) -> None:
    """With allowed roots nothing else can be added or looked at, also not by a link or dots."""
    root = tmp_path / "documents"
    with sqlite_bench(tmp_path, template, allowed_roots=(str(root),)) as bench:
        (bench.documents / "inner").mkdir()
        (bench.documents / "out").symlink_to(tmp_path)
        async with client_of(bench) as client:
            for path in (tmp_path, root / ".." / "..", root / "out"):
                assert (await client.post("/api/folders", json={"path": str(path)})).status_code == 403
                assert (
                    await client.get("/api/folders/browse", params={"path": str(path)})
                ).status_code == 403
            top = (await client.get("/api/folders/browse")).json()
            assert [entry["path"] for entry in top["folders"]] == [str(root)]
            inside = (await client.get("/api/folders/browse", params={"path": str(root)})).json()
    assert inside["parent"] is None
    assert inside["files"] == 1
    assert [entry["name"] for entry in inside["folders"]] == ["inner", "out"]


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
    assert _fields(refused) == ["api_key"]
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
    assert _fields(await client.patch(url, json=elsewhere)) == ["api_key"]
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
    assert _fields(await client.patch(url, json={"name": None})) == ["name"]
    assert _fields(await client.patch(url, json={"base_url": None})) == ["base_url"]
    assert _fields(await client.patch(url, json={"provider": "nobody"})) == ["provider"]
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
        assert _fields(await client.patch(url, json={"reasoning": wrong})) == ["reasoning"]


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
    assert _fields(await client.post("/api/connections/check", json=referred)) == ["model"]
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
    assert _fields(await client.post("/api/connections/check", json=elsewhere)) == ["api_key"]
    keyed = elsewhere | {"api_key": "another"}
    assert _fields(await client.post("/api/connections/check", json=keyed)) == ["headers"]
    moved = {"base_url": "http://127.0.0.1:9/v1", "api_key": "another"}
    assert _fields(await client.patch(f"/api/connections/{made['id']}", json=moved)) == ["headers"]
    gone = await client.post("/api/connections/check", json=change | {"connection_id": 99})
    assert _fields(gone) == ["connection_id"]


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
    assert _fields(await client.patch(url, json={"schema": {"type": "nothing"}})) == ["schema"]
    assert _fields(await client.patch(url, json={"answer_schema": schema})) == [
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
    assert _fields(await client.post("/api/prompts/try", json=body | {"path": ".hidden"})) == ["path"]
    assert _fields(await client.post("/api/prompts/try", json=body | {"folder_id": 99})) == ["folder_id"]
    assert _fields(await client.post("/api/prompts/try", json=body | {"text": ""})) == ["text"]


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
        assert {name.split(".")[0] for name in _fields(response)} == {field}
    assert (await client.get("/api/batches")).json()["items"] == []
    assert (await client.get("/api/events")).json()["items"] == []


async def test_numbers_that_are_none_are_refused(bench: Bench, client: httpx.AsyncClient) -> None:
    """NaN is no JSON, and databases differ about it."""
    body = json.dumps(bench.batch_input(metadata={"a": float("nan")}))
    response = await client.post(
        "/api/batches/save", content=body, headers={"content-type": "application/json"}
    )
    assert _fields(response) == ["metadata"]


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
