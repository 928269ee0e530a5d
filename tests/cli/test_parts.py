"""Folders, connections, prompts and batches on the command line, and what errors end with."""

import json
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Shell
from tests.support.templates import place_database

from docstage.domain.usage import NANO, Spending, Usage
from docstage.results.formats import FORMATS
from docstage.settings import Settings
from docstage.store.database import Database
from docstage.store.spending import spend


@pytest.fixture(autouse=True)
def _at_home(shell: Shell) -> None:
    """The home has a database; what a first command finds and makes is held by the tests of `run`."""
    place_database(shell.home)


def _json(shell: Shell, *words: object) -> Any:
    done = shell.do(*words, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def _make_parts(shell: Shell) -> None:
    _json(shell, "folder", "add", shell.documents, "--name", "Letters")
    _json(shell, "connection", "add", "--provider", "simulated", "--model", "simulated-small", "--name", "S")
    _json(shell, "prompt", "add", "Writer", "--text", "Who wrote it?")


def test_a_folder_is_added_shown_changed_and_forgotten(shell: Shell) -> None:
    """The commands of folders do what they say, by id and by name."""
    added = _json(shell, "folder", "add", shell.documents, "--include", "*.txt", "--no-recursive")
    assert (added["path"], added["include"], added["recursive"]) == (str(shell.documents), ["*.txt"], False)
    assert _json(shell, "folder", "edit", "LETTERS", "--name", "Post")["name"] == "Post"
    assert str(shell.documents) in shell.do("folder", "show", "Post").out.replace("\n", "")
    assert [one["name"] for one in _json(shell, "folder", "list")] == ["Post"]
    assert shell.do("folder", "delete", added["id"]).code == 0
    assert _json(shell, "folder", "list") == []


def test_a_connection_is_added_tested_and_changed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The options of a connection reach it, and its key is only a reference."""
    monkeypatch.setenv("MY_KEY", "sk-secret")
    options = ["--api-key", "env:MY_KEY", "--concurrency", 3, "--input-price", 1, "--output-price", 2]
    words = ["connection", "add", "--provider", "simulated", "--model", "simulated-small", *options]
    added = _json(shell, *words, "--header", "X-Team=a", "--extra", '{"top_k": 1}')
    assert (added["limits"]["concurrency"], added["api_key"]) == (3, "env:MY_KEY")
    assert (added["header_names"], added["extra"]) == (["X-Team"], {"top_k": 1})
    assert added["price"]["output"] == 2
    assert _json(shell, "connection", "test", "simulated-small")["ok"]
    assert [one["name"] for one in _json(shell, "connection", "models", 1)]
    changed = _json(shell, "connection", "edit", 1, "--timeout", 5)
    assert (changed["timeout"], changed["limits"]["concurrency"]) == (5, 3)
    shown = shell.do("connection", "show", 1).out + shell.do("connection", "list").out
    assert "simulated-small" in shown
    assert "sk-secret" not in shown


def test_a_prompt_has_versions(shell: Shell, tmp_path: Path) -> None:
    """Editing a prompt makes a version, and every version can be seen."""
    (tmp_path / "schema.json").write_text('{"type": "object"}')
    added = _json(shell, "prompt", "add", "Who", "--text", "Who?", "--schema", tmp_path / "schema.json")
    assert added["schema"] == {"type": "object"}
    assert _json(shell, "prompt", "edit", "Who", "--text", "Who wrote it?")["version"] == 2
    assert [one["text"] for one in _json(shell, "prompt", "versions", "Who")] == ["Who wrote it?", "Who?"]
    assert "Who?" in shell.do("prompt", "show", "Who", "--version", 1).out


def test_a_prompt_says_what_becomes_of_long_documents(shell: Shell) -> None:
    """Refused at first; the other way is chosen, shown and kept when something else is edited."""
    assert _json(shell, "prompt", "add", "Short", "--text", "Who?")["too_long"] == "refuse"
    edited = _json(shell, "prompt", "edit", "Short", "--too-long", "first_parts")
    assert (edited["too_long"], edited["version"]) == ("first_parts", 2)
    assert _json(shell, "prompt", "edit", "Short", "--text", "Who is it?")["too_long"] == "first_parts"
    assert "first parts" in shell.do("prompt", "show", "Short").out


def test_a_batch_goes_through_its_life(shell: Shell) -> None:
    """Save, stage, look, run, export, rerun, reset and delete, each by its command."""
    _make_parts(shell)
    words = ["--folder", "Letters", "--connection", "S", "--prompt", "Writer"]
    assert _json(shell, "batch", "save", "May", *words, "--budget", 5)["status"] == "SAVED"
    staged = shell.do("batch", "stage", "May", "--wait")
    assert (staged.code, "Estimate: 3 documents" in staged.out) == (0, True)
    assert _json(shell, "batch", "estimate", "May")["tasks"] == 3
    assert _json(shell, "batch", "run", "May", "--wait", "--reason", "why not")["status"] == "COMPLETED"
    lines = shell.do("batch", "export", "May", "--format", "jsonl").out.splitlines()
    assert [json.loads(line)["status"] for line in lines] == ["COMPLETED"] * 3
    _check_chosen_exports(shell)
    assert shell.do("batch", "watch", "May").code == 0
    assert "COMPLETED" in shell.do("batch", "list").out
    assert "restage" in shell.do("batch", "show", 1).out
    assert _json(shell, "batch", "rerun", "May", "--wait")["run"] == 2
    assert _json(shell, "batch", "reset", 1)["status"] == "SAVED"
    assert shell.do("batch", "delete", 1).code == 2  # nobody can be asked here
    assert shell.do("batch", "delete", 1, "--yes").code == 0
    assert _json(shell, "batch", "list") == []


def _check_chosen_exports(shell: Shell) -> None:
    """Filters and order are those of the results table; it is said how many of how many were written."""
    rows = _json(shell, "batch", "show", "May")["counts"]["completed"]
    assert rows == 3
    out = shell.home / "some.jsonl"
    words = ["--status", "COMPLETED", "--connection", "S", "--prompt", "Writer", "--sort", "-document"]
    written = shell.do("batch", "export", "May", "--out", out, *words)
    assert f"Wrote 3 tasks to {out}." in written.err
    paths = [json.loads(line)["document"] for line in out.read_text().splitlines()]
    assert paths == sorted(paths, reverse=True)
    one = shell.do("batch", "export", "May", "--out", out, "--search", paths[0])
    assert f"Wrote 1 of 3 tasks to {out}." in one.err
    _check_formats(shell)
    assert shell.do("batch", "export", "May", "--sort", "weight").code == 1
    assert shell.do("batch", "export", "May", "--connection", "nobody").code == 3


def _check_formats(shell: Shell) -> None:
    """Each is chosen by its name, or by the end of a file's; without a task only a header is written."""
    for form in FORMATS.values():
        out = shell.home / f"all{form.suffix}"
        written = shell.do("batch", "export", "May", "--format", form.name).out
        assert written.count("letter-") == 3
        assert shell.do("batch", "export", "May", "--out", out).code == 0
        assert out.read_bytes() == written.encode()
        none = shell.do("batch", "export", "May", "--format", form.name, "--status", "FAILED")
        assert (none.code, none.out.count("\n")) == (0, form.has_header)
        words = "nothing but the header" if form.has_header else "nothing"
        assert f"No task is like that: {words} was written." in none.err
    usage = shell.do("batch", "export", "--help").out
    assert f"[{'|'.join(FORMATS)}]" in usage
    assert shell.do("batch", "export", "May", "--format", "doc").code == 2


def test_who_begins_work_without_an_engine_is_told(shell: Shell) -> None:
    """Without --wait and without an engine, the command says how to start one; cancel ends the wait."""
    _make_parts(shell)
    words = ["--folder", "Letters", "--connection", "S", "--prompt", "Writer", "--stage"]
    begun = shell.do("batch", "save", "May", *words, "--json")
    assert json.loads(begun.out)["status"] == "STAGING"
    assert "docstage engine" in begun.err
    assert _json(shell, "batch", "cancel", "May")["status"] == "FAILED_STAGING"
    assert shell.do("batch", "watch", "May").code == 6


def test_errors_have_codes_and_no_traceback(shell: Shell) -> None:
    """Each kind of error ends with its documented code and says what to do."""
    _make_parts(shell)
    members = ["--folder", 1, "--connection", 1, "--prompt", 1]
    _json(shell, "batch", "save", "Leases", *members)
    cases: list[tuple[list[Any], int, str]] = [
        (["folder", "add", shell.documents / "lost"], 1, "lost"),
        (["folder", "add", shell.documents, "--name", "Letters"], 4, "Letters"),
        (["folder", "delete", "Letters"], 4, "Leases"),
        (["batch", "show", "Leaces"], 3, "Did you mean 'Leases'?"),
        (["batch", "show", 99], 3, "no batch 99"),
        (["batch", "run", "Leases"], 4, "Allowed now: stage"),
        (["batch", "list", "--limit", "many"], 2, "--limit"),
        (["prompt", "add", "Who"], 2, "--text"),
        (["batch", "edit", 1, "--metadata", "{"], 1, "no JSON"),
        (["connection", "add", "--provider", "x", "--model", "y", "--header", "z"], 2, "NAME=VALUE"),
        (["--server", "http://127.0.0.1:9", "batch", "list"], 5, "docstage serve"),
        (["--database", "/dev/null/docstage.db", "batch", "list"], 1, "/dev/null"),
        (["--database", "oracle://x", "batch", "list"], 1, ""),
    ]
    for words, code, told in cases:
        done = shell.do(*words)
        assert (done.code, "Traceback" in done.err) == (code, False), (words, done.err)
        assert told in done.err, (words, done.err)


def test_several_batches_of_one_name_need_an_id(shell: Shell) -> None:
    """Where a name says too little, the ids to choose from are listed."""
    _make_parts(shell)
    for _ in range(2):
        _json(shell, "batch", "save", "Twin", "--folder", 1, "--connection", 1, "--prompt", 1)
    done = shell.do("batch", "show", "Twin")
    assert done.code == 4
    assert "2, 1" in done.err


def test_doctor_tells_what_is_wrong(shell: Shell) -> None:
    """`doctor` is well on an empty home, and fails with advice once a folder is gone."""
    assert shell.do("doctor", "--connections").code == 0
    _make_parts(shell)
    for path in shell.documents.iterdir():
        path.unlink()
    shell.documents.rmdir()
    done = shell.do("doctor", "--json")
    assert done.code == 1
    assert [one["name"] for one in json.loads(done.out) if not one["ok"]] == ["folder Letters"]


def test_the_deep_check_tells_what_cannot_be_true(shell: Shell) -> None:
    """`doctor --deep` tells each check as it is made, and ends with code 1 when a counter is off."""
    _make_parts(shell)
    _json(shell, "batch", "save", "Mine", "--folder", 1, "--connection", 1, "--prompt", 1)
    well = shell.do("doctor", "--deep")
    assert well.code == 0
    assert "Looked at task counters" in well.err
    with sqlite3.connect(shell.home / "docstage.db") as database:
        database.execute("UPDATE batch SET version = 7")
    database.close()
    done = shell.do("doctor", "--deep", "--json")
    assert done.code == 1
    (broken,) = (one for one in json.loads(done.out) if not one["ok"])
    assert (broken["name"], broken["broken"]) == ("last events", 1)
    assert broken["where"][0]["batch"] == 1
    assert "batch 1" in shell.do("doctor", "--deep").out


def test_names_cannot_steer_the_terminal(shell: Shell) -> None:
    """Control characters in names are shown as replacements."""
    _json(shell, "prompt", "add", "\x1b[31mred", "--text", "Who?")
    assert "\x1b" not in shell.do("prompt", "list").out


def test_spending_is_shown_by_day_and_connection(shell: Shell) -> None:
    """A table for people and the API's answer for programs; what has no price is said."""
    _make_parts(shell)
    assert shell.do("spending").out.rstrip().endswith(": none")
    at = datetime(2026, 5, 30, 23, 30, tzinfo=UTC).timestamp()
    sums = Spending(3, Usage(1200, 0, 30), 2 * NANO, unpriced_calls=1, possible_cost=5)
    database = Database(Settings.load({}).database_url)
    with database.write() as c:
        spend(c, [(1, at, sums)])
    database.close()
    period = ["--from", "2026-05-30", "--to", "2026-05-31", "--time-zone", "Europe/Berlin"]
    shown = shell.do("spending", *period)
    assert re.search(r"2026-05-31 +S +3 +1,200 +30 +at least \$2\.00", shown.out)
    assert re.search(r"In all +3 +1,200 +30 +at least \$2\.00", shown.out)
    assert "1 call is unknown" in shown.err
    found = _json(shell, "spending", *period)
    assert [day["cost"] for day in found["days"]] == [0.0, 2.0]
    assert shell.do("spending", "--from", "May").code == 2
    assert shell.do("spending", "--time-zone", "Nowhere").code == 1


def test_a_prompt_is_tried_on_one_document(shell: Shell) -> None:
    """The answer and its cost are shown; a document that cannot be used is told with its reason."""
    _make_parts(shell)
    (shell.documents / "empty.txt").write_text("")
    words = ["--folder", "Letters", "--connection", "S"]
    name = next(one.name for one in shell.documents.iterdir() if one.stat().st_size)
    tried = _json(shell, "prompt", "try", "Writer", name, *words)
    assert tried["ok"]
    shown = shell.do("prompt", "try", "Writer", name, *words)
    assert shown.code == 0
    assert tried["text"].split()[0] in shown.out
    assert "$0.00" in shown.out
    useless = shell.do("prompt", "try", "Writer", "empty.txt", *words)
    assert useless.code == 1
    assert "empty" in useless.out
