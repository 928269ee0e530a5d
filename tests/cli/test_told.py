"""What a command is given is never taken for something else in silence, and names reach what they name."""

import io
import json
import signal
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Shell

from docstage.cli import signals


def _json(shell: Shell, *words: object) -> Any:
    done = shell.do(*words, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


def _parts(shell: Shell) -> list[object]:
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
    for number in range(60):
        assert shell.do("batch", "save", f"Batch {number}", *parts).code == 0
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
    with signals.interruptible():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert signals.what_interrupted() == words


def test_free_models_are_said_to_be(shell: Shell) -> None:
    """With a word, and back; with another price it is wrong usage."""
    words = ["--provider", "openai-compatible", "--model", "m", "--base-url", "http://127.0.0.1:9/v1"]
    added = _json(shell, "connection", "add", *words, "--free")
    assert added["price"]["source"] == "free"
    assert "free" in shell.do("connection", "show", "m").out
    assert _json(shell, "connection", "edit", "m", "--not-free")["price"] is None
    assert shell.do("connection", "edit", "m", "--free", "--input-price", 1).code == 2
