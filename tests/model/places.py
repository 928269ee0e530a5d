"""Empty databases in milliseconds: copies of a SQLite file, or a PostgreSQL database that is emptied."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from tests.support.templates import place_database

from docstage.store.database import Database
from docstage.store.migrate import upgrade
from docstage.store.tables import metadata

Place = Callable[[Path], str]


def sqlite_places() -> Place:
    """Databases in the folders that they are asked for."""

    def make(folder: Path) -> str:
        place_database(folder)
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
