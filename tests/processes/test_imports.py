"""What processes import: commands that only read must not wait for what servers, calls and pictures need."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

# Each takes as long to import as everything that such a command does.
HEAVY = (
    "PIL",
    "aiohttp",
    "alembic",
    "anthropic",
    "cryptography",
    "docstage.analysis",
    "docstage.api.app",
    "docstage.asking.ask",
    "docstage.engine",
    "fastapi",
    "genai_prices",
    "httpx",
    "jsonschema",
    "pydantic_ai",
    "pypdfium2",
    "sqlalchemy.dialects.postgresql",
    "starlette",
    "uvicorn",
)
_SCRIPT = """
import sys
from docstage.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as end:
    assert not end.code, end.code
print("imported:", *sorted(sys.modules))
"""
_SET_UP = (
    ["folder", "add", "DOCUMENTS", "--name", "Letters"],
    ["connection", "add", "--provider", "simulated", "--model", "simulated-small", "--name", "Small"],
    ["prompt", "add", "Kind", "--text", "Which kind?"],
    ["batch", "save", "May", "--folder", "Letters", "--connection", "Small", "--prompt", "Kind"],
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one of each thing."""
    place, documents = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("documents")
    (documents / "letter.txt").write_text("Dear Sir or Madam")
    for words in _SET_UP:
        _imported([str(documents) if word == "DOCUMENTS" else word for word in words], place)
    return place  # with a database: the first command makes it, by what is heavy


@pytest.mark.parametrize(
    "words",
    [
        "--version",
        "--help",
        "batch --help",
        "batch list",
        "batch list --json --status SAVED",
        "batch show 1",
        "batch show May",
        "folder list",
        "folder show Letters",
        "connection list",
        "connection show Small",
        "connection providers",
        "prompt list",
        "prompt show Kind",
        "prompt versions Kind",
        "spending",
        "doctor",
    ],
)
def test_commands_that_read_import_nothing_heavy(words: str, home: Path) -> None:
    """Neither the web framework with its models of OpenAPI, nor what calls models or reads documents."""
    assert not _imported(words.split(), home).intersection(HEAVY)


@pytest.mark.parametrize("words", ["--version", "--help", "batch --help", "run --help"])
def test_help_needs_no_database(words: str, home: Path) -> None:
    """What is told without looking at anything does not wait for the means to look."""
    assert not _imported(words.split(), home).intersection({*HEAVY, "sqlalchemy"})


def test_workers_load_no_database() -> None:
    """A worker is started anew after every document that ends it, and reads what nobody trusts."""
    script = "import sys, docstage.extraction.worker; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"sqlalchemy", "sqlite3", "aiohttp", "pydantic"}.intersection(done.stdout.split())


def test_what_is_not_read_this_way_is_asked_of_the_application(home: Path) -> None:
    """So the names above are those of modules, and would be seen."""
    assert {"docstage.api.app", "fastapi", "httpx"} <= _imported(
        ["folder", "edit", "Letters", "--name", "Letters"], home
    )


def _imported(words: Sequence[str], home: Path) -> set[str]:
    environment = {**os.environ, "DOCSTAGE_HOME": str(home)}
    command = [sys.executable, "-c", _SCRIPT, *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("imported: ")[2].split())
