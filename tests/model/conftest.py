"""Databases for the tests against the model."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from tests.model.places import Place, postgres_places, sqlite_places


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """What makes empty databases, of each kind."""
    if request.param == "sqlite":
        yield sqlite_places()
        return
    with postgres_places(cast(str, request.getfixturevalue("postgres_copy"))) as one:
        yield one
