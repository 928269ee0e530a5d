"""A model and a database at work."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.faults.chat import ChatServer, running_chat
from tests.support.engines import Laboratory, open_services


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    """A model that answers when the test says so."""
    with running_chat() as server:
        yield server


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Laboratory]:
    """A database of its own, with eight documents."""
    services = open_services(tmp_path / "home")
    one = Laboratory(services, tmp_path / "letters")
    one.write({f"{number}.txt": f"DOC-{number} a letter" for number in range(8)})
    yield one
    services.database.close()
