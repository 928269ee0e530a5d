"""Who uses a database: every process that does holds a shared lock, whoever changes its schema all of it.

On SQLite that is an advisory lock on a file beside the database, on PostgreSQL an advisory lock of a session:
the operating system or the server gives it back when its holder ends, however it ends, and on PostgreSQL it
holds for other machines too.
"""

import asyncio
import fcntl
import logging
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from docstage import __version__
from docstage.domain.errors import Unavailable
from docstage.store.database import Database

log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0  # between looks whether the lock of a process that stays is still there
_USERS_KEY = int.from_bytes(b"ds_users")  # any number that nothing else in the database locks
_NAME_BYTES = 63  # that PostgreSQL keeps of the name of a session
_MOST_BYTES = 4_096  # of lines that people may read; most are of commands that have ended
_TRY_SHARED = text("SELECT pg_try_advisory_lock_shared(:key)")
_TRY_ALL = text("SELECT pg_try_advisory_lock(:key)")
_NAME = text("SELECT set_config('application_name', :name, false)")
_HOLDERS = text(
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid "
    "WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND a.datname = current_database() "
    "AND l.mode = 'ShareLock' AND (l.classid::bigint << 32 | l.objid::bigint) = :key ORDER BY a.pid"
)


class Presence(Protocol):
    """A process's word that it uses the database, or that nobody else may."""

    def acquire(self) -> bool:
        """Give it; returns False where somebody's stands against it."""
        ...

    def keep(self) -> bool:
        """See that it still holds, and give it once more where it was lost; returns whether it holds."""
        ...

    def release(self) -> None:
        """Take it back."""
        ...


def presence(database: Database, role: str, *, alone: bool = False) -> Presence:
    """The word of this process, not given yet.

    Args:
        role: what the process is, in words for people.
        alone: nobody else may use the database meanwhile.
    """
    who = f"{role} {os.getpid()} of docstage {__version__} on {socket.gethostname()}"
    if database.path:
        return _FilePresence(_file(database.path), who, alone=alone)
    return _SessionPresence(database, who, alone=alone)


def users(database: Database) -> list[str]:
    """Who uses the database now, in words; some may be missing, such as those of other hosts on SQLite.

    Raises:
        Unavailable: the database cannot be reached.
    """
    if database.path:
        return _alive(_file(database.path))
    with database.read() as c:
        return list(c.execute(_HOLDERS, {"key": _USERS_KEY}).scalars())


async def keep_presence(word: Presence) -> None:
    """Look now and then whether the word still holds, until cancelled: a server may cut a session."""
    held = True
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            holds = await asyncio.to_thread(word.keep)
        except (Unavailable, OSError):
            continue  # whoever needs the database says so
        if held and not holds:
            log.error("The database is being migrated by another docstage while this one is at work on it")
        held = holds


class _FilePresence:
    """A lock on a file, in which each user has a line for people to read."""

    def __init__(self, path: Path, who: str, *, alone: bool) -> None:
        self._path = path
        self._who = who
        self._alone = alone
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        if self._descriptor is not None:
            return True
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        except OSError:
            # Where nothing may be written nobody can migrate; and users are told of it by what they do.
            if self._alone:
                raise
            return True
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if self._alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        except OSError:  # a file system without locks
            os.close(descriptor)
            if self._alone:
                raise
            return True
        self._descriptor = descriptor
        self._write_line(descriptor)
        return True

    def keep(self) -> bool:
        if self._descriptor is not None:
            with suppress(FileNotFoundError):
                if os.path.samestat(self._path.stat(), os.fstat(self._descriptor)):
                    return True
            self.release()
        return not self._path.parent.is_dir() or self.acquire()

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _write_line(self, descriptor: int) -> None:
        with suppress(OSError):  # a full disk: the lock holds without it
            if self._alone:
                os.ftruncate(descriptor, 0)
            elif os.fstat(descriptor).st_size > _MOST_BYTES:
                alive = "".join(f"{line}\n" for line in _alive(self._path))
                os.ftruncate(descriptor, 0)
                os.write(descriptor, alive.encode())
            os.write(descriptor, f"{self._who}\n".encode())


class _SessionPresence:
    """A lock of a PostgreSQL session, whose name says whose it is."""

    def __init__(self, database: Database, who: str, *, alone: bool) -> None:
        self._database = database
        self._who = who
        self._try = _TRY_ALL if alone else _TRY_SHARED
        self._session: Connection | None = None

    def acquire(self) -> bool:
        if self._session is not None:
            return True
        with self._database.translated():
            session = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            try:
                session.execute(_NAME, {"name": self._who[:_NAME_BYTES]})
                taken = session.execute(self._try, {"key": _USERS_KEY}).scalar()
            except BaseException:
                _end(session)
                raise
        if not taken:
            _end(session)
            return False
        self._session = session
        return True

    def keep(self) -> bool:
        if self._session is not None:
            try:
                self._session.execute(text("SELECT 1"))
            except DBAPIError:
                self.release()
            else:
                return True
        return self.acquire()

    def release(self) -> None:
        if self._session is not None:
            _end(self._session)
            self._session = None


def _end(session: Connection) -> None:
    """End a session, so that neither its lock nor its name stays in the pool."""
    with suppress(DBAPIError):
        session.invalidate()
    session.close()


def _file(database: Path) -> Path:
    return database.with_suffix(".users.lock")


def _alive(path: Path) -> list[str]:
    """The lines of processes that still exist, as far as this machine knows."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return []
    return [line for line in dict.fromkeys(lines) if _may_exist(line.split())]


def _may_exist(words: Sequence[str]) -> bool:
    number = next((word for word in words if word.isdecimal()), None)
    if number is None or words[-1] != socket.gethostname():
        return number is not None
    try:
        os.kill(int(number), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
