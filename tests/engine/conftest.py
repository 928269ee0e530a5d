"""Engines over SQLite and PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import cast

import pytest
from tests.support.engines import Laboratory, open_services, running_engine


@pytest.fixture(params=["sqlite", "postgresql"])
def laboratory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Laboratory]:
    """A laboratory without an engine, on each database."""
    url = "" if request.param == "sqlite" else cast(str, request.getfixturevalue("postgres_copy"))
    services = open_services(tmp_path / "home", url, hold_after=2.0, stop_grace=2.0)
    made = Laboratory(services, tmp_path / "documents")
    made.write(
        {f"letter {n}.txt": f"Letter {n} of 3 May 2026. Please pay EUR {n}00.00 soon." for n in range(4)}
    )
    yield made
    services.database.close()


@pytest.fixture
async def lab(laboratory: Laboratory) -> AsyncIterator[Laboratory]:
    """A laboratory with a running engine."""
    async with running_engine(laboratory.services):
        yield laboratory
