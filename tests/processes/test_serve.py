"""`docstage serve`: the web server, the engine beside it, and commands that work on both."""

import json
import os
import signal
import subprocess

import httpx
import pytest
from tests.cli.conftest import Shell, read_until
from tests.support.waiting import PATIENCE, until


def _serve(shell: Shell, *options: str) -> tuple[subprocess.Popen[str], str]:
    process = shell.start("serve", "--port", "0", *options)
    line = read_until(process.stdout, lambda text: " is at " in text)
    return process, line.split(" is at ")[1].split(" ")[0]


def _engine(address: str) -> int | None:
    """The process id of the engine, if it runs."""
    engine = httpx.get(f"{address}/readyz").json()["engine"]
    return engine["pid"] if engine["running"] else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_answers_and_stops_with_its_engine(shell: Shell, number: signal.Signals) -> None:
    """`serve` says where it is, answers there with the engine up, and ends both on a signal."""
    process, address = _serve(shell)
    assert httpx.get(f"{address}/api").json()["name"] == "docstage"
    pid = until(lambda: _engine(address))
    process.send_signal(number)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert "Stopped." in errors
    assert "Traceback" not in errors
    assert not _is_alive(pid)


def test_a_killed_engine_is_started_again(shell: Shell) -> None:
    """After kill -9 of the engine, another one is up, and the web server has never been away."""
    process, address = _serve(shell)
    first = until(lambda: _engine(address))
    os.kill(first, signal.SIGKILL)
    second = until(lambda: (_engine(address) or first) != first and _engine(address))
    assert second != first
    assert _is_alive(second)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 0


def test_commands_work_on_a_server(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --server and its token, the whole job runs over HTTP by the server's engine."""
    monkeypatch.setenv("DOCSTAGE_TOKEN", "let-me-in")
    _, address = _serve(shell)
    monkeypatch.setenv("DOCSTAGE_HOME", str(shell.home.parent / "elsewhere"))
    monkeypatch.delenv("DOCSTAGE_TOKEN")
    refused = shell.do("--server", address, "batch", "list")
    assert (refused.code, "token" in refused.err) == (1, True)
    words = ("--server", address, "--token", "let-me-in")
    out = shell.home.parent / "answers.jsonl"
    options = ("--prompt", "Who?", "--model", "simulated:simulated-small", "--out", out, "--yes")
    done = shell.do(*words, "run", shell.documents, *options)
    assert done.code == 0, done.err
    assert len([json.loads(line) for line in out.read_text().splitlines()]) == 3
    assert [one["status"] for one in json.loads(shell.do(*words, "batch", "list", "--json").out)] == [
        "COMPLETED"
    ]
    until(lambda: shell.do(*words, "doctor").code == 0, "the engine says that it runs")
    assert not (shell.home.parent / "elsewhere").exists()


def test_an_open_address_needs_a_token(shell: Shell) -> None:
    """`serve` refuses to listen for everybody without a token."""
    done = shell.do("serve", "--host", "0.0.0.0", "--port", 0)
    assert done.code == 1
    assert "set a token" in done.err


def test_a_taken_port_is_told(shell: Shell) -> None:
    """A port that another program has ends with one line."""
    _, address = _serve(shell)
    done = shell.do("serve", "--port", address.rsplit(":", 1)[1])
    assert done.code == 1
    assert "Choose another --port" in done.err
