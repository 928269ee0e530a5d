"""What a command is given is never taken for something else in silence, and names reach what they name."""

import io
import json
import re
import signal
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Shell
from tests.support.templates import place_database

from docstage.cli import signals
from docstage.store.batches import insert_batch
from docstage.store.database import Database


def _json(shell: Shell, *words: object) -> Any:
    done = shell.do(*words, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def _parts(shell: Shell) -> list[object]:
    if not (shell.home / "docstage.db").exists():  # what a first command makes is held by the tests of `run`
        place_database(shell.home)
    _json(shell, "folder", "add", shell.documents, "--name", "Letters")
    _json(shell, "connection", "add", "--provider", "simulated", "--model", "simulated-small", "--name", "S")
    _json(shell, "prompt", "add", "Writer", "--text", "Who wrote it?")
    return ["--folder", "Letters", "--connection", "S", "--prompt", "Writer"]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts something on standard input."""

    def put(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8"))

    return put


def test_a_dash_is_standard_input(shell: Shell, typed: Any, tmp_path: Path) -> None:
    """Wherever a text or a file of text is taken."""
    typed("Wer schrieb es?\n")
    assert _json(shell, "prompt", "add", "One", "--text", "-")["text"] == "Wer schrieb es?\n"
    typed("Who?")
    assert _json(shell, "prompt", "add", "Two", "--file", "-")["text"] == "Who?"
    typed("Be brief.")
    assert _json(shell, "prompt", "edit", "Two", "--system", "-")["system"] == "Be brief."
    typed('{"type": "object"}')
    assert _json(shell, "prompt", "edit", "Two", "--schema", "-")["schema"] == {"type": "object"}
    typed("env:MY_KEY\n")
    words = ["--provider", "simulated", "--model", "m", "--api-key", "-"]
    assert _json(shell, "connection", "add", *words)["api_key"] == "env:MY_KEY"
    typed('{"top_k": 1}')
    assert _json(shell, "connection", "edit", "m", "--extra", "-")["extra"] == {"top_k": 1}
    parts = _parts(shell)
    typed('{"case": 7}')
    assert _json(shell, "batch", "save", "May", *parts, "--metadata", "-")["metadata"] == {"case": 7}


def test_standard_input_is_read_once(shell: Shell, typed: Any) -> None:
    """A second dash is wrong usage, and nothing is stored."""
    typed("Who?")
    twice = shell.do("prompt", "add", "One", "--text", "-", "--system", "-")
    assert (twice.code, "can be read once" in twice.err) == (2, True)
    assert _json(shell, "prompt", "list") == []


def test_lists_are_whole(shell: Shell) -> None:
    """All rows, or the number that was asked for and that there are more."""
    parts = _parts(shell)
    assert shell.do("batch", "save", "Batch 0", *parts).code == 0
    database = Database(str(shell.home / "docstage.db"))
    with database.write() as c:
        for number in range(1, 60):
            insert_batch(c, {"name": f"Batch {number}", "metadata": {}}, "user", 0.0)
    database.close()
    assert len(_json(shell, "batch", "list")) == 60
    some = shell.do("batch", "list", "--limit", 7, "--json")
    assert (len(json.loads(some.out)), "There are more" in some.err) == (7, True)
    assert "There are more" not in shell.do("batch", "list", "--limit", 60).err


def test_a_name_that_is_a_number_is_reached(shell: Shell) -> None:
    """By itself where no id is equal to it; else both ways are told, and each works."""
    parts = _parts(shell)
    first = _json(shell, "batch", "save", "2026", *parts)
    second = _json(shell, "batch", "save", "1", *parts)
    assert _json(shell, "batch", "show", "2026")["id"] == first["id"]
    both = shell.do("batch", "show", "1")
    assert (both.code, "id:1 or name:1" in both.err.replace("\n", " ")) == (4, True)
    assert _json(shell, "batch", "show", "id:1")["id"] == first["id"]
    assert _json(shell, "batch", "show", "name:1")["id"] == second["id"]
    assert _json(shell, "batch", "show", "2")["id"] == second["id"]
    assert shell.do("batch", "show", "77").code == 3
    assert shell.do("batch", "show", "9" * 40).code == 3


def test_names_are_reached_in_any_form(shell: Shell) -> None:
    """Letter case, blanks at the ends and the form of accents count only where they must."""
    parts = _parts(shell)
    made = _json(shell, "batch", "save", unicodedata.normalize("NFD", "Verträge Süd"), *parts)
    for name in (
        "Verträge Süd",
        "verträge süd",
        " Verträge Süd ",
        unicodedata.normalize("NFD", "Verträge Süd"),
    ):
        assert _json(shell, "batch", "show", name)["id"] == made["id"], name


@pytest.mark.parametrize(
    ("number", "words"), [(signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM"), (signal.SIGHUP, "SIGHUP")]
)
def test_a_signal_is_told_by_its_name(number: signal.Signals, words: str) -> None:
    """Each interrupts a command, and the audit log can say which it was."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # ignored where `nohup` runs the tests
    try:
        with signals.interruptible():
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(number)
            assert signals.what_interrupted() == words
    finally:
        signal.signal(signal.SIGHUP, before)


def test_free_models_are_said_to_be(shell: Shell) -> None:
    """With a word, and back; with another price it is wrong usage."""
    words = ["--provider", "openai-compatible", "--model", "m", "--base-url", "http://127.0.0.1:9/v1"]
    added = _json(shell, "connection", "add", *words, "--free")
    assert added["price"]["source"] == "free"
    assert "free" in shell.do("connection", "show", "m").out
    assert _json(shell, "connection", "edit", "m", "--not-free")["price"] is None
    assert shell.do("connection", "edit", "m", "--free", "--input-price", 1).code == 2


def test_every_command_tells_variables_that_are_no_settings(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On stderr, so that what is printed stays what it is; `doctor` says it, and is not well."""
    monkeypatch.setenv("DOCSTAGE_TOKN", "hunter2")
    warning = (
        "Warning: The variable DOCSTAGE_TOKN is no setting and is ignored. Did you mean DOCSTAGE_TOKEN?\n"
    )
    for words in (
        ["batch", "list", "--json"],
        ["engine", "--until-idle"],
        ["serve", "--host", "0.0.0.0"],
        ["--server", "http://127.0.0.1:9", "prompt", "list"],
        ["folder", "list", "--help"],
    ):
        done = shell.do(*words)
        assert done.err.count(warning) == 1, words
        assert "TOKN" not in done.out
    done = shell.do("doctor", "--json")
    assert (done.code, warning in done.err) == (1, True)
    (check,) = [one for one in json.loads(done.out) if not one["ok"]]
    assert (check["name"], check["message"]) == ("settings", warning.removeprefix("Warning: ").rstrip())
    assert "hunter2" not in done.out + done.err
    monkeypatch.delenv("DOCSTAGE_TOKN")
    assert "Warning" not in shell.do("batch", "list").err
    assert shell.do("doctor").code == 0


def test_run_writes_answers_to_standard_output(shell: Shell) -> None:
    """Nothing else goes there: tables, progress and words are told beside it.

    Every format is written to standard output by `batch export`, in `test_parts.py`; another than CSV by
    `run` in `test_run.py`.
    """
    (shell.documents / "empty.txt").touch()
    words = ["run", shell.documents, "--prompt", "Who?", "--model", "simulated:simulated-small", "--yes"]
    done = shell.do(*words, "--out", "-")
    assert done.code == 0, done.err
    rows = sorted(done.out.splitlines()[1:])
    assert re.findall(r"letter-\d\.txt", "".join(rows)) == [f"letter-{index}.txt" for index in range(3)]
    for told in ("empty.txt", "Estimate: 3 documents", "COMPLETED: 3 tasks"):
        assert told in done.err
    assert "Wrote" not in done.err
    assert not Path("-").exists()


def test_run_refuses_an_output_that_cannot_be_meant(shell: Shell, tmp_path: Path) -> None:
    """Before anything is made: two things on stdout, a form of nothing, a file of unknown form."""
    words = ["run", shell.documents, "--prompt", "Who?", "--model", "simulated:simulated-small", "--yes"]
    for options in (
        ["--out", "-", "--json"],
        ["--format", "jsonl"],
        ["--out", tmp_path / "answers.txt"],
    ):
        assert shell.do(*words, *options).code == 2, options
    assert _json(shell, "batch", "list") == []


@pytest.mark.usefixtures("analysed")
def test_a_file_of_any_name_takes_the_form_that_was_chosen(kept: Path) -> None:
    """What a file is called decides only where nothing was said."""
    assert len([json.loads(line) for line in (kept / "answers.txt").read_text().splitlines()]) == 3


def test_an_interrupted_question_has_the_code_of_its_signal(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library that asks would call it an error; nothing is deleted."""
    parts = _parts(shell)
    made = _json(shell, "batch", "save", "May", *parts)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        monkeypatch.setattr("typer.confirm", lambda *_a, number=number, **_k: signal.raise_signal(number))
        assert shell.do("batch", "delete", "May").code == code
    assert _json(shell, "batch", "show", "May")["id"] == made["id"]
    assert shell.do("batch", "show", "June").code == 3


def test_system_folders_are_never_suggested(shell: Shell) -> None:
    """`/prc` is not told to be /proc, and other folders of the same place are still told."""
    for path in ("/prc", "/syss", "/devv", "/boott", "/sbinn"):
        done = shell.do("folder", "add", path)
        assert done.code == 1, done.err
        assert not re.search(r"/(proc|sys|dev|run|boot|s?bin|lib\d*)\b", done.err.replace(path, "")), done.err
    nearly = f"{shell.documents}s"
    assert f"Did you mean {shell.documents}?" in shell.do("folder", "add", nearly).err.replace("\n", "")


def test_the_doctor_works_on_postgresql_before_there_is_a_home(
    shell: Shell, postgres_copy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is made only when something is put into it; until then the disk that it will be on is looked at."""
    monkeypatch.setenv("DOCSTAGE_DATABASE", postgres_copy)
    assert not shell.home.exists()
    done = shell.do("doctor", "--json")
    assert done.code == 0, done.out + done.err
    told = {one["name"]: one["message"] for one in json.loads(done.out)}
    assert told["database"] == "PostgreSQL answers."
    assert "GB free in" in told["disk"]
