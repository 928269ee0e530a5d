"""The documentation of commands and settings says what there is."""

import dataclasses
import re
import shlex
from pathlib import Path

import pytest
from tests.cli.conftest import Shell

from docstage.cli.failures import ExitCode
from docstage.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
_GROUPS = {"batch", "folder", "connection", "prompt", "purge"}
_PAGES = ("quickstart", "cli", "upgrade", "backup", "retention", "rehearsing")
_LINE = re.compile(r"(?:^    |`)(docstage [^`\n]+)", re.MULTILINE)


def _documented() -> list[str]:
    """The words of every command in the documentation, up to its first argument."""
    pages = ("README.md", *(f"docs/{name}.md" for name in _PAGES))
    texts = [(ROOT / name).read_text() for name in pages]
    found = set()
    for line in (line for text in texts for line in _LINE.findall(text)):
        words = shlex.split(line.rstrip("\\"))[1:]
        named = words[:2] if words[0] in _GROUPS else words[:1]
        options = [word for word in words if re.match(r"--[a-z]", word)]
        found.add(" ".join([*named, *sorted(set(options))]))
    return sorted(found)


@pytest.mark.parametrize("words", _documented())
def test_documented_commands_exist_with_their_options(shell: Shell, words: str) -> None:
    """What the documentation tells people to type is there, and its help has an example."""
    named = [word for word in words.split() if not word.startswith("--")]
    before = [] if words.startswith("--") else named
    done = shell.do(*before, "--help")
    assert done.code == 0
    for option in (word for word in words.split() if word.startswith("--")):
        assert option in done.out


def test_every_setting_is_documented() -> None:
    """The table of settings has exactly the settings that exist."""
    table = (ROOT / "docs" / "configuration.md").read_text()
    named = set(re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE))
    assert named == {entry.name for entry in dataclasses.fields(Settings)}


def test_every_exit_code_is_documented() -> None:
    """The table of exit codes has exactly those that commands end with."""
    table = (ROOT / "docs" / "cli.md").read_text().partition("## Exit codes")[2]
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == set(ExitCode)
