"""Having a database to oneself, which changing its schema or putting another in its place needs."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from docstage.domain.errors import AtWork, ConfigurationError, Unavailable
from docstage.store.database import Database
from docstage.store.engines import EngineRecord, read_engine
from docstage.store.locks import AdvisoryLock, EngineLock, FileLock, engine_locks
from docstage.store.presence import presence, users

PATIENCE_SECONDS = 3.0  # for commands, which end by themselves
LOOK_SECONDS = 0.1
_SEEN_SECONDS = 5.0  # an engine that works writes every second
_TURN_KEY = int.from_bytes(b"ds_turns")  # any number that nothing else in the database locks


@contextmanager
def turn(database: Database, wait: Callable[[], None]) -> Iterator[None]:
    """Migrate one after another, whoever else does: waits until all others have ended.

    Args:
        wait: called once before waiting.
    """
    lock: EngineLock = (
        FileLock(database.path.with_suffix(".migrate.lock"))
        if database.path
        else AdvisoryLock(database, _TURN_KEY)
    )
    with _file_troubles(database.path):
        taken = lock.acquire()
    if not taken:
        wait()
    while not taken:
        time.sleep(LOOK_SECONDS)
        taken = lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def alone(
    database: Database, role: str, *, patience: float = PATIENCE_SECONDS, rows: bool = True
) -> Iterator[None]:
    """Nobody else uses the database while the context lasts, and no engine can begin.

    Versions of docstage that do not tell that they use a database are known by their engine: it holds the
    engine's lock, or has written a moment ago.

    Args:
        patience: seconds in which others may end by themselves.
        rows: believe what an engine has written of itself a moment ago; not in a copy of another database.

    Raises:
        AtWork: somebody uses it; the message names who.
        Unavailable: the database cannot be reached.
    """
    with ExitStack() as stack:
        mine, locks = presence(database, role, alone=True), engine_locks(database)
        stack.callback(locks.release)
        stack.callback(mine.release)
        end = time.monotonic() + patience
        with _file_troubles(database.path):
            while not ((is_mine := mine.acquire()) and locks.work.acquire() and locks.queue.acquire()):
                if time.monotonic() >= end:
                    raise _at_work(_engines(database) if is_mine else users(database))
                time.sleep(LOOK_SECONDS)
        seen = _last_engine(database) if rows else None
        if seen is not None and _is_at_work(seen):
            raise _at_work([_named(seen)])
        yield


def _at_work(who: list[str]) -> AtWork:
    named = "; ".join(who) or "another docstage"
    return AtWork(
        f"Somebody is at work on the database: {named}. Nothing was changed. Stop it, then try again.",
        users=who,
    )


def _engines(database: Database) -> list[str]:
    seen = _last_engine(database)
    return [_named(seen)] if seen else ["an engine"]


def _named(engine: EngineRecord) -> str:
    return f"engine {engine.pid} of docstage {engine.version} on {engine.host}"


def _last_engine(database: Database) -> EngineRecord | None:
    """The engine that wrote last, where the database has a row for it."""
    if database.path and not (database.path.exists() and database.path.stat().st_size):
        return None  # and to look would make one
    try:
        with database.read() as c:
            return read_engine(c)
    except (DBAPIError, Unavailable):
        return None


def _is_at_work(engine: EngineRecord) -> bool:
    """Whether it seems to be, though it holds no lock that can be seen here."""
    if engine.state.get("ended") or not 0 <= time.time() - engine.seen_at <= _SEEN_SECONDS:
        return False
    return engine.host != socket.gethostname() or _exists(engine.pid)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def _file_troubles(path: Path | None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        folder = path.parent if path else "the database"
        raise ConfigurationError(f"Cannot lock the database in {folder}: {error.strerror}.") from error
