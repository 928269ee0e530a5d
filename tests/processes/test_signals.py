"""What signals make of `docstage run`: it pauses the batch, says how to go on, and ends with their code."""

import json
import re
import signal
from typing import Any

import pytest
from tests.cli.conftest import Shell, read_until
from tests.faults.chat import running_chat
from tests.support.waiting import PATIENCE, until


def test_ctrl_c_pauses_and_resume_goes_on(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C lets calls in flight finish, says how to resume, and nothing is done twice after that."""
    monkeypatch.setenv("DOCSTAGE_STOP_GRACE", str(PATIENCE))  # for calls; none needs as long
    for number in range(60):
        (shell.documents / f"{number}.txt").write_text(f"Letter DOC-{number}.")
    with running_chat() as chat:
        chat.let_through(5)
        options = ["--base-url", f"openai-compatible={chat.base_url}", "--yes", "--name", "Long"]
        words = ["run", shell.documents, "--include", "[0-9]*", "--prompt", "ASK-0: who?"]
        process = shell.start(*words, "--model", "openai-compatible:m", *options)
        read_until(process.stderr, re.compile(r"ANALYZING: 5").match)
        process.send_signal(signal.SIGINT)
        until(lambda: _shown(shell, "Long")["status"] == "PAUSED", "it is paused")
        assert _shown(shell, "Long")["counts"]["running"] > 0
        chat.let_through(60)
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
        assert "Paused. Resume with: docstage batch resume 1 --wait" in errors
        paused = _shown(shell, "Long")
        assert paused["status"] == "PAUSED"
        assert paused["counts"]["running"] == 0
        assert 5 < paused["counts"]["completed"] < 60
        resumed = shell.do("batch", "resume", "Long", "--wait", "--json")
    assert resumed.code == 0
    ended = json.loads(resumed.out)
    assert (ended["status"], ended["counts"]["completed"]) == ("COMPLETED", 60)
    assert ended["progress"]["calls"] == 60


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        (signal.SIGINT, 130, "Ctrl-C"),
        (signal.SIGTERM, 143, "SIGTERM"),
        (signal.SIGHUP, 129, "SIGHUP"),
    ],
)
def test_a_command_that_a_signal_ends_has_its_exit_code(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int, words: str
) -> None:
    """128 and its number, as shells have it, and the batch is paused with its name as the reason."""
    monkeypatch.setenv("DOCSTAGE_STOP_GRACE", "0.1")
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # what the process inherits
    try:
        with running_chat() as chat:
            chat.let_through(1)
            options = ["--base-url", f"openai-compatible={chat.base_url}", "--yes", "--name", "Long"]
            prompt = ["--prompt", "ASK-0: who?", "--model", "openai-compatible:m"]
            process = shell.start("run", shell.documents, *prompt, *options)
            read_until(process.stderr, re.compile(r"ANALYZING: ").match)
            process.send_signal(number)
            _, errors = process.communicate(timeout=PATIENCE)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert process.returncode == code, errors
    assert "Paused. Resume with" in errors
    batch = _shown(shell, "Long")
    assert (batch["status"], words in batch["status_reason"]) == ("PAUSED", True)


def _shown(shell: Shell, name: str) -> Any:
    return json.loads(shell.do("batch", "show", name, "--json").out)
