"""Makes a database fail: at the nth write, at the nth commit, or at every write while the disk is full."""

import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from docstage.store.database import Database

_WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)


class When(StrEnum):
    """Where the error comes."""

    WRITE = "a write fails"
    COMMIT = "a commit fails"
    DOUBT = "a commit comes through, but seems to fail"


class FailingDisk:
    """Counts writes and commits of a database, and fails at one of them.

    On PostgreSQL the connection is closed where the outcome of a commit is in doubt: that is how it looks.
    """

    def __init__(self, database: Database, when: When, nth: int) -> None:
        self._is_sqlite = database.is_sqlite
        self.seen = 0
        self.struck = False
        self._when = when
        self._nth = nth
        self._lock = Lock()
        dialect: Any = database.engine.dialect
        self._execute, self._commit = dialect.do_execute, dialect.do_commit
        self._executemany = dialect.do_executemany
        dialect.do_execute, dialect.do_commit = self._on_execute, self._on_commit
        dialect.do_executemany = self._on_executemany

    def _strikes(self, when: When) -> bool:
        if when is not self._when:
            return False
        with self._lock:
            self.seen += 1
            self.struck |= self.seen == self._nth
            return self.seen == self._nth

    def _on_execute(self, cursor: Any, statement: str, *rest: Any, **options: Any) -> Any:
        if _WRITES.match(statement) and self._strikes(When.WRITE):
            raise self._error()
        return self._execute(cursor, statement, *rest, **options)

    def _on_executemany(self, cursor: Any, statement: str, *rest: Any, **options: Any) -> Any:
        if _WRITES.match(statement) and self._strikes(When.WRITE):
            raise self._error()
        return self._executemany(cursor, statement, *rest, **options)

    def _on_commit(self, connection: Any) -> None:
        # On SQLite reading ones are committed too.
        writes = not self._is_sqlite or (connection.in_transaction and connection.total_changes)
        if writes and self._strikes(When.COMMIT):
            raise self._error()
        self._commit(connection)
        if writes and self._strikes(When.DOUBT):
            if self._is_sqlite:
                raise self._error()
            connection.dbapi_connection.close()  # not the one of the pool, which would take it back
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    def _error(self) -> Exception:
        if self._is_sqlite:
            return sqlite3.OperationalError("disk I/O error")
        return psycopg.errors.DiskFull('could not extend file "base/1": No space left on device')


@contextmanager
def limited(database: Database, *pragmas: str) -> Iterator[None]:
    """All connections of a SQLite database with these limits, which real ones of the disk stand behind."""

    def limit(connection: Any, _record: Any) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    event.listen(database.engine, "connect", limit)
    database.engine.dispose()
    try:
        yield
    finally:
        event.remove(database.engine, "connect", limit)
        database.engine.dispose()


@contextmanager
def small_disk(place: Path, megabytes: int) -> Iterator[Path]:
    """A file system of its own, which only root can make."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """The file system, mounted so that it can only be read; nobody may have its files open for writing."""
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    try:
        yield
    finally:
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """The disk, with hardly a block left."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4_096))
    try:
        yield
    finally:
        ballast.unlink()
