"""Whether anything happened in the database: a question that costs some microseconds and never waits.

SQLite counts the commits of others in its `data_version`; after one, the last event is looked up. On
PostgreSQL whoever logs an event says so with NOTIFY. A watch that is broken says that something happened:
whoever looks then finds out what is wrong.
"""

import sqlite3
from typing import Protocol

from sqlalchemy import Connection, func, text
from sqlalchemy.sql.elements import ColumnElement

from docstage.store.database import Database

_CHANNEL = "docstage_events"
_LAST_EVENT = "SELECT max(id) FROM event"


class Watch(Protocol):
    """A watch on a database, which misses nothing that is committed after it was opened."""

    def has_changed(self) -> bool:
        """Whether an event may have been logged since this was asked last, or first."""
        ...

    def mend(self) -> None:
        """Watch again, if the connection was cut; it takes time, so not for an event loop.

        Raises:
            Unavailable: the database cannot be reached.
        """
        ...

    def close(self) -> None:
        """Release what watching needs."""
        ...


def open_watch(database: Database) -> Watch:
    """A watch on this database; it connects when it is mended first."""
    return _SqliteWatch(database) if database.is_sqlite else _PostgresWatch(database)


def told() -> ColumnElement[object]:
    """What makes PostgreSQL tell every watch at the end of the transaction that selects it."""
    return func.pg_notify(_CHANNEL, "")


class _SqliteWatch:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None
        self._event: int | None = None

    def has_changed(self) -> bool:
        """Whether an event was logged; also when the database cannot tell, as it is locked or broken."""
        if self._connection is None:
            return True
        try:
            return self._has_new_version(self._connection) and self._has_new_event(self._connection)
        except sqlite3.Error:
            self._version = None  # it is asked again
            return True

    def _has_new_version(self, connection: sqlite3.Connection) -> bool:
        # Read to its end, or it would keep a state of the database from being checkpointed.
        ((version,),) = connection.execute("PRAGMA data_version").fetchall()
        before, self._version = self._version, int(version)
        return before != self._version

    def _has_new_event(self, connection: sqlite3.Connection) -> bool:
        """Most commits log none, such as the one by which an engine tells that it lives."""
        ((event,),) = connection.execute(_LAST_EVENT).fetchall()
        before, self._event = self._event, int(event or 0)
        return before != self._event

    def mend(self) -> None:
        """Connect, if that was not done yet."""
        path = self._database.path
        assert path is not None
        if self._connection is None:
            address = f"{path.absolute().as_uri()}?mode=ro"
            with self._database.translated(reading=True):
                self._connection = sqlite3.connect(address, uri=True, timeout=0.0, check_same_thread=False)

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _PostgresWatch:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._session: Connection | None = None
        self._is_new = True  # what happened before it listened, nobody tells it

    def has_changed(self) -> bool:
        """Whether the server has told of an event; also while the connection to it is cut."""
        from psycopg import Error

        if self._session is None:
            return True
        changed, self._is_new = self._is_new, False
        server = self._session.connection.driver_connection.pgconn  # type: ignore[union-attr]
        try:
            server.consume_input()
            while server.notifies():
                changed = True
        except Error:
            self.close()
            return True
        return changed

    def mend(self) -> None:
        """Connect and listen, if that was not done yet or the connection was cut."""
        if self._session is not None:
            return
        with self._database.translated(reading=True):
            session = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            try:
                session.execute(text(f"LISTEN {_CHANNEL}"))
            except BaseException:
                session.close()
                raise
        self._session, self._is_new = session, True

    def close(self) -> None:
        """End the session: in the pool it would go on listening."""
        if self._session is not None:
            self._session.invalidate()
            self._session.close()
            self._session = None
