"""Laboratories for the tests of faults: services in this process, engines as processes of their own."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from tests.faults.chat import ChatServer, running_chat
from tests.faults.engines import Bed, bed
from tests.faults.life import Ending
from tests.faults.torture import live


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    """A chat server that logs its calls."""
    with running_chat() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Each database: nothing for SQLite, a migrated PostgreSQL database without rows."""
    return "" if request.param == "sqlite" else cast(str, request.getfixturevalue("postgres_copy"))


@pytest.fixture
def test_bed(tmp_path: Path, url: str, chat: ChatServer) -> Iterator[Bed]:
    """A batch that waits to be staged, on each database."""
    with bed(tmp_path, url, chat) as one:
        yield one


@pytest.fixture(scope="session")
def peaceful(tmp_path_factory: pytest.TempPathFactory) -> Ending:
    """How the batch's life ends when nobody interrupts it."""
    outcome, ended = live(tmp_path_factory.mktemp("peaceful"), "", 0, 0)
    assert outcome.wrong == []
    return ended
