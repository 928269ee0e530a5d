"""Giving back what deleted rows leave in the files of a database.

SQLite overwrites deleted rows with zeros (`secure_delete`). Three things are left: free pages, which are
given back in steps; the log, which has pages as they were and is emptied; and pages from which a row was
moved to another and which may keep its bytes: only writing the file anew takes those away. PostgreSQL marks
rows as dead and leaves their bytes until VACUUM, and then until the place is used again; VACUUM FULL writes
the tables anew.
"""

import sqlite3

from sqlalchemy import Connection

from docstage.domain.errors import Unavailable
from docstage.store.database import Database
from docstage.store.tables import CONTENT_SCHEMA

SCHEMAS = ("main", CONTENT_SCHEMA)
_INCREMENTAL = 2  # what `PRAGMA auto_vacuum` answers of a file that can be shortened in steps
_STEP_BYTES = 4 * 1024 * 1024
_PATIENCE_MS = 250  # for readers that still see the log; others may write meanwhile no longer than that
# Where deleted documents, answers, paths and secrets were.
_EMPTIED = (
    "document",
    "task",
    "result",
    "attempt",
    "seen_file",
    "erasure",
    "secret",
    "connection",
    "prompt_version",
    f"{CONTENT_SCHEMA}.content",
    f"{CONTENT_SCHEMA}.content_image",
    f"{CONTENT_SCHEMA}.picture_text",
)


def shorten(database: Database) -> bool:
    """Give free pages of the SQLite files back, a few megabytes; returns whether there are more."""
    with database.outside() as c:
        more = [_shorten(c, schema) for schema in SCHEMAS]
    return any(more)


def _shorten(c: Connection, schema: str) -> bool:
    if _pragma(c, schema, "auto_vacuum") != _INCREMENTAL or not _pragma(c, schema, "freelist_count"):
        return False
    pages = _STEP_BYTES // _pragma(c, schema, "page_size")
    # It has a row without columns for each page. Only a script is carried out to its end by the driver.
    driver = c.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    try:
        driver.executescript(f"PRAGMA {schema}.incremental_vacuum({pages})")
    except sqlite3.OperationalError as error:
        raise Unavailable(f"The database cannot be made smaller: {error}.") from error
    return _pragma(c, schema, "freelist_count") > 0


def empty_log(database: Database) -> bool:
    """Bring SQLite's logs into the files and empty them; returns whether nobody was in the way."""
    with database.outside() as c:
        before = c.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
        c.exec_driver_sql(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        try:
            emptied = [_empty_log(c, schema) for schema in SCHEMAS]
        finally:
            c.exec_driver_sql(f"PRAGMA busy_timeout = {before}")
    return all(emptied)


def _empty_log(c: Connection, schema: str) -> bool:
    busy, _pages, _moved = c.exec_driver_sql(f"PRAGMA {schema}.wal_checkpoint(TRUNCATE)").one()
    return not busy


def make_durable(database: Database) -> None:
    """See that what was committed to SQLite's main file survives a loss of power, whatever the setting."""
    with database.outside() as c:
        c.exec_driver_sql("PRAGMA main.wal_checkpoint(PASSIVE)").fetchall()


def size_of(database: Database, schema: str) -> int:
    """Bytes of a SQLite file."""
    with database.outside() as c:
        return _pragma(c, schema, "page_count") * _pragma(c, schema, "page_size")


def rewrite(database: Database, schema: str) -> None:
    """Write a SQLite file anew, without anything that was deleted; others can read, but not write meanwhile.

    A file of an older docstage can be shortened in steps from then on.

    Raises:
        Unavailable: another process writes, or the disk has no room for a copy.
    """
    with database.outside() as c:
        c.exec_driver_sql(f"PRAGMA {schema}.auto_vacuum = INCREMENTAL")
        c.exec_driver_sql(f"VACUUM {schema}")


def vacuum(database: Database, *, whole: bool = False) -> None:
    """Make the places of PostgreSQL's dead rows free.

    Args:
        whole: write the tables anew; each is locked while that takes.
    """
    with database.outside() as c:
        for table in _EMPTIED:
            c.exec_driver_sql(f"VACUUM {'(FULL)' if whole else ''} {table}")


def _pragma(c: Connection, schema: str, name: str) -> int:
    return int(c.exec_driver_sql(f"PRAGMA {schema}.{name}").scalar_one())
