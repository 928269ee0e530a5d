"""One engine a database: locks that a dead engine cannot keep.

On SQLite such a lock is an advisory lock on a file beside the database, on PostgreSQL an advisory lock of a
session; both are released by the operating system or the server when their holder ends, however it ends.
"""

import fcntl
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from docstage.store.database import Database

# Any numbers will do, as long as nothing else in the database locks them.
_WORK_KEY = int.from_bytes(b"docstage")
_QUEUE_KEY = int.from_bytes(b"ds_queue")
_TRY = text("SELECT pg_try_advisory_lock(:key)")


class EngineLock(Protocol):
    """The right to be a database's engine."""

    def acquire(self) -> bool:
        """Take the lock if it is free; returns whether it is held now."""
        ...

    def is_held(self) -> bool:
        """Whether it is still held; a PostgreSQL session can be cut, a file removed."""
        ...

    def renew(self) -> bool:
        """Take a lock that was lost once more; returns whether that can be done and was.

        Raises:
            Unavailable: the database does not answer.
        """
        ...

    def release(self) -> None:
        """Give it back."""
        ...


@dataclass(frozen=True, slots=True)
class EngineLocks:
    """The locks of a database's engines.

    Attributes:
        work: held by the engine that works.
        queue: held by one that waits to be next, so that the working one can know.
    """

    work: EngineLock
    queue: EngineLock

    @property
    def is_awaited(self) -> bool:
        """Whether another engine waits to be next."""
        if not self.queue.acquire():
            return True
        self.queue.release()
        return False

    def release(self) -> None:
        """Give both back."""
        self.work.release()
        self.queue.release()


def engine_locks(database: Database) -> EngineLocks:
    """The locks of this database."""
    path = database.path
    if path:
        return EngineLocks(
            FileLock(path.with_suffix(".engine.lock")), FileLock(path.with_suffix(".engine.queue"))
        )
    return EngineLocks(AdvisoryLock(database, _WORK_KEY), AdvisoryLock(database, _QUEUE_KEY))


class FileLock:
    """A lock on a file, which holds the process id of its holder for people to read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock if it is free; returns whether it is held now."""
        if self._descriptor is not None:
            return True
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        with suppress(OSError):  # a full disk: what is written there is for people only
            os.ftruncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
        return True

    def is_held(self) -> bool:
        """Whether it is held, and its file is still the one at its path: folders can be removed."""
        if self._descriptor is None:
            return False
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._descriptor))
        except FileNotFoundError:
            return False

    def renew(self) -> bool:
        """Never: where its file was removed, the database was too."""
        return False

    def release(self) -> None:
        """Give it back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class AdvisoryLock:
    """A lock of a PostgreSQL session, which is kept open for it."""

    def __init__(self, database: Database, key: int) -> None:
        self._database = database
        self._key = key
        self._session: Connection | None = None

    def acquire(self) -> bool:
        """Take the lock if it is free; returns whether it is held now."""
        if self.is_held():
            return True
        with self._database.translated():
            session = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            try:
                taken = session.execute(_TRY, {"key": self._key}).scalar()
            except BaseException:
                session.close()
                raise
        if not taken:
            session.close()
            return False
        self._session = session
        return True

    def is_held(self) -> bool:
        """Whether the session that holds it still exists."""
        if self._session is None:
            return False
        try:
            self._session.execute(text("SELECT 1"))
        except DBAPIError:
            self.release()
            return False
        return True

    def renew(self) -> bool:
        """Take it in another session; the server lets go of the lock when a session is cut."""
        self.release()
        return self.acquire()

    def release(self) -> None:
        """Give it back, by ending the session."""
        if self._session is not None:
            self._session.invalidate()
            self._session.close()
            self._session = None
