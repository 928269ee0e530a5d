"""Options before the command: each command obeys them or refuses them, none ignores one in silence."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.cli.conftest import Shell, read_until
from tests.support.waiting import until

from docstage.cli.main import application

# Nothing can be there, so that who obeys fails and says so.
PLACES = {
    "--home": "/dev/null/no-home",
    "--database": "/dev/null/no-database.db",
    "--server": "http://127.0.0.1:9",
}


def _commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Every command with the arguments and options that it cannot do without."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, (*path, name))
        else:
            yield (*path, name), [word for one in command.params if one.required for word in _filled(one)]


def _filled(parameter: Any) -> list[str]:
    value = {"--older-than": "30", "source": "/dev/null/no-backup", "document": "/dev/zero"}
    given = value.get(parameter.opts[0], "1")
    return [given] if parameter.param_type_name == "argument" else [parameter.opts[0], given]


COMMANDS = dict(_commands(typer.main.get_command(application())))
# What these must be told beyond that, so that they come as far as the place.
MORE: dict[tuple[str, ...], list[str]] = {
    ("run",): ["--prompt", "Who?", "--yes"],
    ("batch", "delete"): ["--yes"],
    ("batch", "edit"): ["--name", "New"],
    ("folder", "edit"): ["--name", "New"],
    ("connection", "edit"): ["--name", "New"],
    ("prompt", "add"): ["--text", "Who?"],
    ("purge", "document"): ["letter.txt"],
    ("prompt", "edit"): ["--name", "New"],
}


def test_there_are_commands_in_groups_and_without() -> None:
    """What the next test goes through is all there is."""
    assert {("demo",), ("serve",), ("batch", "retry"), ("purge", "document")} <= COMMANDS.keys()


@pytest.mark.parametrize("option", PLACES)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_obeys_or_refuses_every_place(
    shell: Shell, option: str, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Given a place where nothing can be, it fails because of that, and leaves its other home alone."""
    monkeypatch.chdir(tmp_path)
    place = PLACES[option]
    words = [*command, *COMMANDS[command], *MORE.get(command, [])]
    done = shell.do(option, place, *words)
    assert done.code not in {0, 3}, done.err
    said = f"{done.err} {done.out}".replace("\n", " ")
    assert place.removesuffix("/no-database.db") in said or option in said, said
    assert option == "--database" or not shell.home.exists()
    assert not (tmp_path / ".docstage").exists()


def test_two_places_at_once_are_refused(shell: Shell, tmp_path: Path) -> None:
    """A server has a home and a database of its own."""
    done = shell.do("--home", tmp_path, "--server", PLACES["--server"], "batch", "list")
    assert (done.code, "Invalid value: --server names a server" in done.err) == (2, True), done.err


def test_the_demo_obeys_the_home_before_it(shell: Shell, tmp_path: Path) -> None:
    """As it obeys its own option."""
    home = tmp_path / "elsewhere"
    done = shell.do("--home", home, "demo", "--no-real", "--folder", shell.documents)
    assert done.code == 0, done.err
    assert (home / "answers.csv").exists()
    assert not (tmp_path / ".docstage").exists()


def test_a_second_demo_in_a_folder_is_told_at_once(shell: Shell, tmp_path: Path) -> None:
    """It names the first, whose home it leaves as it is."""
    home = tmp_path / "demo"
    first = shell.start("demo", "--no-real", "--home", home, "--folder", shell.documents)
    read_until(first.stderr, lambda line: "simulated" in line)
    second = shell.do("demo", "--no-real", "--home", home, "--folder", shell.documents)
    assert second.code == 4
    assert f"process {first.pid}, is at work" in second.err.replace("\n", " ")
    assert first.wait() == 0
    assert (home / "answers.csv").exists()


def _engine(shell: Shell) -> dict[str, object]:
    checks: list[dict[str, object]] = json.loads(shell.do("doctor", "--json").out)
    found = next(one for one in checks if one["name"] == "engine")
    return found | {"ok": "pid" in str(found["message"]) or "process" in str(found["message"])}


def test_an_engine_that_stands_by_says_for_what(shell: Shell) -> None:
    """Whoever waits beside an engine that is at work is told so at once."""
    engine = shell.start("engine")
    read_until(engine.stderr, lambda line: "begins" in line)
    until(lambda: _engine(shell)["ok"], "an engine at work")
    second = shell.start("engine")
    read_until(second.stderr, lambda line: "Another engine is at work on this database" in line)
    words = ["--prompt", "Who?", "--model", "simulated:simulated-small", "--yes"]
    done = shell.do("run", shell.documents, *words)
    assert done.code == 0, done.err
    assert f"An engine is at work on this database already, process {engine.pid}" in done.err
