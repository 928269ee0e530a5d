"""What errors of the database mean: something that passes or that a user can mend, or else a bug.

Drivers put both into the same classes: sqlite3 calls a full disk and a misspelt column an OperationalError,
psycopg calls a read-only server an InternalError. SQLite's result codes and PostgreSQL's SQLSTATE tell more.
"""

import os
import shutil
import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from docstage.domain.errors import ConfigurationError, DocstageError, Unavailable

_GOES_ON = "docstage goes on by itself then."
# A file system that is full often has a few blocks left, too few for what shall be written.
_FULL_BYTES = 256 * 1024

# Classes of SQLSTATE, or whole ones, that say nothing about the statement.
_READ_ONLY = "25006"
_PASSING = (
    "08",  # the connection
    _READ_ONLY,  # it may only be read
    "25P03",  # a session was ended because it waited too long
    "28",  # the user or password
    "3D",  # there is no such database
    "40",  # a deadlock or a serialization failure: rolled back, and can be done again
    "42501",  # the user has no right
    "53",  # disk full, out of memory, too many connections
    "55",  # a lock was not to be had
    "57",  # shutting down, starting up, cancelled by the administrator
    "58",  # the server's system
    "XX001",  # damaged data
    "XX002",  # a damaged index
)
_POSTGRES = {
    _READ_ONLY: "The PostgreSQL database may only be read: {said}. Let it be written to; " + _GOES_ON,
    "40001": "Other changes were in the way, and nothing was changed. Try again.",
    "40P01": "Other changes were in the way, and nothing was changed. Try again.",
    "53100": "The disk of the PostgreSQL server is full: {said}. Make room there; " + _GOES_ON,
    "53200": "The PostgreSQL server has no memory left: {said}. Give it more; " + _GOES_ON,
    "53300": "PostgreSQL takes no more connections: {said}. Raise its limit or end other clients; "
    + _GOES_ON,
}
_SQLITE = {
    sqlite3.SQLITE_FULL: "The disk with {folder} is full, so nothing can be written. Make room there; "
    + _GOES_ON,
    sqlite3.SQLITE_READONLY: "The database in {folder} may only be read. Make the folder and its files "
    "writable for the user that docstage runs as; " + _GOES_ON,
    sqlite3.SQLITE_IOERR: "The disk with {folder} fails ({said}). Look at the disk; " + _GOES_ON,
    sqlite3.SQLITE_CANTOPEN: "The database in {folder} cannot be opened ({said}). Do the folder and its "
    "files exist, and do they belong to the user that docstage runs as?",
    sqlite3.SQLITE_CORRUPT: "The database in {folder} is damaged ({said}). Stop docstage and restore a copy.",
}


def trouble_of(error: SQLAlchemyError, path: Path | None, *, reading: bool) -> DocstageError | None:
    """What a user is told about an error of the database; None when it is a bug.

    Args:
        path: the SQLite file, None on PostgreSQL.
        reading: nothing was to be written.
    """
    if isinstance(error, PoolTimeout):
        return Unavailable("The database does not answer: all connections to it are in use.")
    if not isinstance(error, DBAPIError):
        return None
    if path:
        return _of_sqlite(error, path.parent)
    return _of_postgres(error, reading=reading)


def _of_postgres(error: DBAPIError, *, reading: bool) -> DocstageError | None:
    state = getattr(error.orig, "sqlstate", None)
    if state == _READ_ONLY and reading:
        return None
    if state is None:
        passes = error.connection_invalidated or isinstance(error, OperationalError)
    else:
        passes = error.connection_invalidated or state.startswith(_PASSING)
    if not passes:
        return None
    said = _first_line(error)
    if state is None and "too many c" in said:  # what is said at the door has no SQLSTATE
        state = "53300"
    words = _POSTGRES.get(state or "", "The database does not answer: {said}")
    return Unavailable(words.format(said=said))


def _of_sqlite(error: DBAPIError, folder: Path) -> DocstageError | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    said = _first_line(error)
    if primary == sqlite3.SQLITE_NOTADB:
        return ConfigurationError("The database's file is not a SQLite database.")
    if primary in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}:
        primary = _cause_beyond(primary, folder)
    if primary in _SQLITE:
        return Unavailable(_SQLITE[primary].format(folder=folder, said=said))
    if isinstance(error, OperationalError) and (
        primary != sqlite3.SQLITE_ERROR or said.startswith("no such table")  # the file was replaced
    ):
        return Unavailable(f"The database does not answer: {said}")
    return None


def _cause_beyond(code: int, folder: Path) -> int:
    """The code of a full or read-only disk, where that is why a call of SQLite's failed."""
    if _is_full(folder):
        return sqlite3.SQLITE_FULL
    # A log to write ahead is made even for reading.
    if code == sqlite3.SQLITE_CANTOPEN and folder.is_dir() and not os.access(folder, os.W_OK):
        return sqlite3.SQLITE_READONLY
    return code


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < _FULL_BYTES
    except OSError:
        return False


def _first_line(error: DBAPIError) -> str:
    return (str(error.orig).strip().splitlines() or ["no reason given"])[0].rstrip(".")
