"""Benches as fixtures: over SQLite, and over PostgreSQL as well. `tests/conftest.py` has pytest load them.

What they need is imported where they are made: what hands the tests out to others needs none of it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

if TYPE_CHECKING:
    from tests.support.apps import Bench

    from docstage.store.database import Database


@pytest.fixture(scope="session")
def migrated(postgres_url: str) -> "Iterator[Database]":
    """A migrated PostgreSQL database."""
    from tests.support.postgres import fresh_database

    from docstage.store.database import Database
    from docstage.store.migrate import upgrade

    with fresh_database(postgres_url) as url:
        database = Database(url, pool_size=20)
        upgrade(database)
        yield database
        database.close()


@pytest.fixture
def bench(tmp_path: Path, template: Path) -> "Iterator[Bench]":
    """A bench over SQLite."""
    from tests.support.benches import sqlite_bench

    with sqlite_bench(tmp_path, template) as one:
        yield one


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> "Iterator[Bench]":
    """A bench over SQLite, and then over PostgreSQL."""
    from tests.support.benches import postgres_bench, sqlite_bench

    if request.param == "sqlite":
        with sqlite_bench(tmp_path, cast(Path, request.getfixturevalue("template"))) as one:
            yield one
    else:
        with postgres_bench(tmp_path, cast("Database", request.getfixturevalue("migrated"))) as one:
            yield one
