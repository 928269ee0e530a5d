"""Makes benches: over a SQLite file, or over the test process's PostgreSQL server."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import delete
from tests.support.apps import Bench

from docstage.store.database import Database
from docstage.store.tables import metadata


@contextmanager
def sqlite_bench(folder: Path, template: Path, **settings: Any) -> Iterator[Bench]:
    """A bench over a copy of a migrated SQLite database."""
    shutil.copytree(template, folder, dirs_exist_ok=True)
    database = Database(str(folder / "docstage.db"))
    try:
        yield Bench.set_up(database, folder / "home", **settings)
    finally:
        database.close()


@contextmanager
def postgres_bench(folder: Path, database: Database, **settings: Any) -> Iterator[Bench]:
    """A bench over a migrated PostgreSQL database, which is emptied first."""
    with database.write() as c:
        for table in reversed(metadata.sorted_tables):
            c.execute(delete(table))
    yield Bench.set_up(database, folder / "home", **settings)
