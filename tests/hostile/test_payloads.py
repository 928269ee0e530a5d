"""Names, documents and answers full of attacks come out of exports and commands as what they are: text."""

import asyncio
import csv
import io
import json
import os
import re
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import Table, update
from tests.hostile.parrot import Parrot, asked, running_parrot
from tests.hostile.payloads import FORMULAS, MARKUP, NUMBERS, PAYLOADS, TERMINAL
from tests.support.apps import ADDRESS
from tests.support.engines import Laboratory, running_engine

from docstage.api.app import create_app
from docstage.cli.main import main
from docstage.domain.lifecycle import BatchStatus
from docstage.store.tables import batch, connection, folder, prompt
from docstage.stored_path import to_os_path, to_stored_path

# What no name on a disk has, and what `re` and shells never see in one.
_NOT_IN_NAMES = re.compile(r"[/\0]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
# As docs/api.md tells how a formula is told, and how its apostrophe is taken away again.
_FORMULA = re.compile("[\\s'\ufeff\u200b]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n]")
_NAMES = {
    "folder": "=1+1 [red]x[/red] <img src=x onerror=window.attacked=1>",
    "connection": "@SUM(1) \x1b[31mred\u202e\x9b2J [link=http://127.0.0.1:9/]go[/link]",
    "prompt": "+cmd|'/C calc'!A0 \x1b]0;title\x07",
    "batch": "-1+1 [/] <script>window.attacked=1</script>\x1b[2J",
}
_SHOWING = [
    ["batch", "list"],
    ["batch", "show", "1"],
    ["folder", "list"],
    ["folder", "show", "1"],
    ["connection", "list"],
    ["connection", "show", "1"],
    ["prompt", "list"],
    ["prompt", "show", "1"],
    ["prompt", "versions", "1"],
    ["spending"],
]
# What they say of things that do not exist, are in use, go away, or have answers.
_CHANGING = [
    ["batch", "show", _NAMES["batch"] + "x"],
    ["folder", "add", f"/none/{TERMINAL[0]}"],
    ["folder", "delete", "1"],
    ["connection", "test", "1"],
    ["batch", "export", "1", "--out", f"/none/{TERMINAL[1]}.csv"],
    ["batch", "reset", "1"],
    ["batch", "delete", "1", "--yes"],
    ["folder", "delete", "1"],
    ["connection", "delete", "1"],
    ["prompt", "delete", "1"],
]
# One of each kind: details, a listing as JSON, and errors with a name and with a path.
_COMMANDS = [["batch", "show", "1"], ["connection", "list", "--json"], _CHANGING[0], _CHANGING[4]]
_BYTES = b"not utf-8 \xff\xfe.txt"


@dataclass(frozen=True, slots=True)
class Scene:
    """A batch that was run over a document for each payload."""

    lab: Laboratory
    parrot: Parrot
    batch_id: int
    names: dict[str, int]  # the number of the payload, by the name of its document


def document(number: int) -> str:
    """The text with the payload of that number, and words enough to be no garbage."""
    return f"Payload no. {number} of those that are tried here, among words of no harm.\n{PAYLOADS[number]}"


def _name(number: int, payload: str) -> str:
    """A name for the payload's document, with the payload as far as a disk takes it."""
    wanted = _NOT_IN_NAMES.sub("_", payload)
    return f"{wanted.encode()[:120].decode(errors='ignore')}{number}.txt"


def _fill(lab: Laboratory) -> dict[str, int]:
    names = {}
    for number, payload in enumerate(PAYLOADS):
        name = _name(number, payload)
        (lab.folder / name).write_bytes(document(number).encode())
        names[to_stored_path(name)] = number
    (lab.folder / "good.txt").unlink()
    (lab.folder / os.fsdecode(_BYTES)).write_text(document(0))
    names[to_stored_path(os.fsdecode(_BYTES))] = 0
    return names


def _answer(body: dict[str, Any]) -> str:
    found = re.search(r"Payload no\. (\d+)\b", asked(body))
    assert found is not None
    return PAYLOADS[int(found[1])]


async def _run(lab: Laboratory, base_url: str) -> int:
    members = [lab.connection(base_url)], [lab.prompt(f"Repeat it. {MARKUP[0]}")]
    _rename(lab, {"connection": connection, "prompt": prompt})  # a run keeps the names that it began with
    async with running_engine(lab.services):
        batch_id = await lab.staged(*members)
        done = await lab.run(batch_id)
    assert done.status is BatchStatus.COMPLETED, done.status_reason
    return batch_id


def _rename(lab: Laboratory, tables: dict[str, Table]) -> None:
    with lab.services.database.write() as c:
        for kind, table in tables.items():
            c.execute(update(table).values(name=_NAMES[kind]))


@pytest.fixture
def scene(lab: Laboratory) -> Scene:
    """The batch, after it was run."""
    names = _fill(lab)
    with running_parrot(_answer, model="\x1b[31m<b>model</b>") as parrot:
        batch_id = asyncio.run(_run(lab, parrot.base_url))
    _rename(lab, {"folder": folder, "batch": batch})
    return Scene(lab, parrot, batch_id, names)


async def _get(scene: Scene, address: str, **query: Any) -> httpx.Response:
    transport = httpx.ASGITransport(create_app(scene.lab.services, token=""))
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
        return await client.get(address, params=query)


def _as_it_was(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def test_exports_and_commands_show_attacks_as_text(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """JSON lines are exact; CSV has no formula and gives every text back; commands never steer a terminal."""
    assert len(PAYLOADS) >= 100
    _check_json_lines(scene)
    _check_csv(scene)
    _check_documents(scene)
    _check_requests(scene)
    monkeypatch.setenv("DOCSTAGE_HOME", str(scene.lab.services.settings.home))
    for command in _COMMANDS:
        _check_printed(capsys, command)
    shown = re.sub(r"\s", "", _check_printed(capsys, ["folder", "list"]))
    assert "[red]x[/red]" in shown, shown  # no markup of Rich


@pytest.mark.torture
def test_all_commands_show_attacks_as_text(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lists and details of everything, as text and JSON, and what is said of what fails."""
    monkeypatch.setenv("DOCSTAGE_HOME", str(scene.lab.services.settings.home))
    for command in [*_SHOWING, *([*command, "--json"] for command in _SHOWING), *_CHANGING]:
        _check_printed(capsys, command)


def _check_json_lines(scene: Scene) -> None:
    answer = asyncio.run(_get(scene, f"/api/batches/{scene.batch_id}/export", format="jsonl"))
    rows = [json.loads(line) for line in answer.content.decode().split("\n") if line]
    assert {row["document"] for row in rows} == set(scene.names)
    for row in rows:
        assert row["text"] == PAYLOADS[scene.names[row["document"]]]
        assert (row["connection"], row["prompt"]) == (_NAMES["connection"], _NAMES["prompt"])


def _check_csv(scene: Scene) -> None:
    answer = asyncio.run(_get(scene, f"/api/batches/{scene.batch_id}/export", format="csv"))
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode().removeprefix("\ufeff"), newline="")))
    assert len(rows) == len(scene.names)
    for row in rows:
        assert None not in row
        for cell in row.values():
            assert not _FORMULA.match(cell) or cell.startswith("'") or _NUMBER.fullmatch(cell), cell
        name = _as_it_was(row["document"])
        assert _as_it_was(row["text"]) == PAYLOADS[scene.names[name]]
        assert _as_it_was(row["prompt"]) == _NAMES["prompt"]
    shown = {row["text"] for row in rows}
    assert shown >= set(NUMBERS)
    assert shown.isdisjoint(one for one in FORMULAS if _FORMULA.match(one) and not one.startswith("'"))


def _check_documents(scene: Scene) -> None:
    """Every name leads back to its file, and the API tells it in JSON only."""
    answer = asyncio.run(_get(scene, f"/api/batches/{scene.batch_id}/documents", limit=500))
    assert answer.headers["content-type"] == "application/json"
    for one in answer.json()["items"]:
        assert one["status"] == "ENCODED", one
        assert to_os_path(scene.lab.folder, one["path"]).is_file()
        assert one["path"] in scene.names
    problem = asyncio.run(_get(scene, "/api/folders/browse", path="/<script>\x1b[31m"))
    assert problem.status_code == 422
    assert problem.headers["content-type"] == "application/problem+json"
    assert problem.headers["x-content-type-options"] == "nosniff"


def _check_printed(capsys: pytest.CaptureFixture[str], command: list[str]) -> str:
    capsys.readouterr()
    with pytest.raises(SystemExit):
        main(command)
    printed = "".join(capsys.readouterr())
    assert printed, command
    odd = {one for one in printed if not one.isprintable() and one != "\n"}
    assert odd == set(), (command, printed)
    assert "Traceback" not in printed, (command, printed)
    return printed


def _check_requests(scene: Scene) -> None:
    """Documents reach the model as they stand."""
    sent = [asked(body) for body in scene.parrot.requests]
    for number in range(len(PAYLOADS)):
        assert any(document(number) in one for one in sent), number
