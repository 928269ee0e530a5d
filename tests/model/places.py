"""Empty databases in milliseconds: copies of a SQLite file, or a PostgreSQL database that is emptied."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from tests.support.benches import make_template

from docstage.store.database import Database
from docstage.store.migrate import upgrade
from docstage.store.tables import metadata

Place = Callable[[Path], str]


def sqlite_places(template: Path) -> Place:
    """Databases in the folders that they are asked for."""
    make_template(template)

    def make(folder: Path) -> str:
        shutil.copytree(template, folder, dirs_exist_ok=True)
        return str(folder / "docstage.db")

    return make


@contextmanager
def postgres_places(url: str) -> Iterator[Place]:
    """Always the same database, emptied."""
    database = Database(url)
    upgrade(database)
    names = ", ".join(str(table) for table in metadata.sorted_tables)

    def make(_: Path) -> str:
        with database.write() as c:
            c.execute(text(f"TRUNCATE {names}"))
        return url

    try:
        yield make
    finally:
        database.close()
