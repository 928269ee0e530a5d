"""Engines over SQLite, and over PostgreSQL as well where that can make a difference.

What engines wait for is handed in: they look at the database often, extract in threads, and try again soon.
Nothing is held, and no call given up, because a machine is slow.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from tests.faults.chat import ChatServer, running_chat
from tests.support.engines import Laboratory, open_services, running_engine
from tests.support.extraction import Extractors
from tests.support.waiting import PATIENCE

from docstage.engine import engine as engine_module
from docstage.engine import glances

_SOONER = 20.0


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOCK_SECONDS", "TELL_SECONDS", "TROUBLE_SECONDS"):
        monkeypatch.setattr(engine_module, name, min(0.1, getattr(engine_module, name) / 5))
    for name in ("LOOK_SECONDS", "QUIET_SECONDS"):
        monkeypatch.setattr(glances, name, getattr(glances, name) / 5)
    monkeypatch.setattr("docstage.engine.stagings.ExtractionPool", Extractors)
    for place in ("call_runner", "connection_health", "gaps"):
        where = f"docstage.analysis.{place}.backoff"
        monkeypatch.setattr(where, _sooner(where))


def _sooner(where: str) -> Callable[..., float]:
    module, _, name = where.rpartition(".")
    backoff = getattr(__import__(module, fromlist=[name]), name)

    def short(*given: Any, **options: Any) -> float:
        return float(backoff(*given, **options)) / _SOONER

    return short


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Nothing for SQLite, or a PostgreSQL database, where a test is marked `on_both`."""
    kind = getattr(request, "param", "sqlite")
    return "" if kind == "sqlite" else cast(str, request.getfixturevalue("postgres_copy"))


@pytest.fixture
def laboratory(database_url: str, tmp_path: Path) -> Iterator[Laboratory]:
    """A laboratory without an engine."""
    services = open_services(tmp_path / "home", database_url, give_up_after=PATIENCE, stop_grace=0.0)
    made = Laboratory(services, tmp_path / "documents")
    texts = {
        f"letter {n}.txt": f"Letter DOC-{n} of 3 May 2026. Please pay EUR {n}00.00 soon." for n in range(4)
    }
    made.write(texts)
    yield made
    services.database.close()


@pytest.fixture
async def lab(laboratory: Laboratory) -> AsyncIterator[Laboratory]:
    """A laboratory with a running engine."""
    async with running_engine(laboratory.services):
        yield laboratory


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    """A model server that answers as many calls as a test lets through."""
    with running_chat(0.0) as server:
        server.let_through(0)
        yield server
