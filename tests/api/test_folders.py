"""Folders over HTTP."""

from pathlib import Path

import httpx
from tests.api.problems import fields
from tests.support.apps import Bench, client_of
from tests.support.benches import sqlite_bench

from docstage.domain.lifecycle import BatchStatus


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


async def test_what_becomes_of_files_in_files(bench: Bench, client: httpx.AsyncClient) -> None:
    """A folder says by name what becomes of archives and attachments; other names are refused by field."""
    asked = {"path": str(bench.documents), "archives": "skip", "attachments": "apart", "ocr": "always"}
    assert (await client.post("/api/folders/check", json=asked)).status_code == 200
    made = (await client.post("/api/folders", json=asked)).json()
    assert (made["archives"], made["attachments"], made["ocr"]) == ("skip", "apart", "always")
    url = f"/api/folders/{made['id']}"
    changed = (await client.patch(url, json={"attachments": "leave_out"})).json()
    assert (changed["archives"], changed["attachments"]) == ("skip", "leave_out")
    assert fields(await client.patch(url, json={"archives": "ajar"})) == ["archives"]


async def test_folders_that_cannot_be_used(bench: Bench, client: httpx.AsyncClient) -> None:
    """Missing folders, files, and globs that are none are told by field, with what may have been meant."""
    near = await client.post("/api/folders", json={"path": str(bench.documents) + "s"})
    assert fields(near) == ["path"]
    assert f"Did you mean {bench.documents}?" in near.json()["detail"]
    assert fields(await client.post("/api/folders", json={"path": str(bench.documents / "letter.txt")})) == [
        "path"
    ]
    assert fields(await client.post("/api/folders/check", json={"path": str(bench.documents) + "s"})) == [
        "path"
    ]
    glob = await client.post("/api/folders", json={"path": str(bench.documents), "include": [" / "]})
    assert fields(glob) == ["include"]
    assert fields(await client.post("/api/folders", json={"path": "x", "recursiv": True})) == ["recursiv"]


async def test_a_folder_is_looked_into_before_it_is_added(bench: Bench, client: httpx.AsyncClient) -> None:
    """The documents it would have are counted as staging takes them, and nothing is stored."""
    (bench.documents / "b.pdf").write_bytes(b"%PDF-")
    body = {"path": str(bench.documents), "include": ["*.pdf"]}
    found = (await client.post("/api/folders/check", json=body)).json()
    assert found == {"count": 1, "complete": True, "documents": [{"path": "b.pdf", "size": 5}]}
    searched = await client.post("/api/folders/check?search=lett", json={"path": str(bench.documents)})
    assert [one["path"] for one in searched.json()["documents"]] == ["letter.txt"]
    bad = await client.post("/api/folders/check", json=body | {"exclude": ["/"]})
    assert fields(bad) == ["exclude"]
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
