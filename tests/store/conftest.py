"""Every test of the store runs over SQLite and over PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import delete
from tests.support.postgres import fresh_database

from docstage.store.content_tables import content
from docstage.store.database import Database
from docstage.store.migrate import upgrade

BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres_migrated(postgres_url: str) -> Iterator[Database]:
    """A migrated PostgreSQL database. Emptying it takes milliseconds, making one half a second."""
    with fresh_database(postgres_url) as url:
        database = Database(url)
        upgrade(database)
        yield database
        database.close()


@pytest.fixture(params=BACKENDS)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a database may be made: nothing is there yet."""
    if request.param == "sqlite":
        return str(tmp_path / "docstage.db")
    return cast(str, request.getfixturevalue("postgres_database"))


@pytest.fixture(params=BACKENDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database without rows."""
    if request.param == "sqlite":
        template = cast(Path, request.getfixturevalue("template"))
        shutil.copytree(template, tmp_path, dirs_exist_ok=True)
        database = Database(str(tmp_path / "docstage.db"))
        yield database
        database.close()
        return
    database = cast(Database, request.getfixturevalue("postgres_migrated"))
    with database.write() as c:
        for table in reversed(content.metadata.sorted_tables):
            c.execute(delete(table))
    yield database
