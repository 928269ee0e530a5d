"""Bringing a database to the newest schema.

Alembic is imported only when there is something to do, so that a start with an up-to-date database is quick.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from docstage import __version__
from docstage.domain.errors import ConfigurationError
from docstage.store.database import Database

HEAD = "0017"  # the newest revision below `migrations/versions`
FOLDER = Path(__file__).with_name("migrations")
_VERSION_TABLE = "alembic_version"
_OF_USERS = ("batch", "folder", "connection", "prompt", "event")  # what people made, in any schema
# Any number will do, if every docstage uses the same: it is the name of the lock.
_LOCK = 7_236_839_810_651

Seal = Callable[[Mapping[str, str]], dict[str, str]]


def _no_key(_: Mapping[str, str]) -> dict[str, str]:
    raise ConfigurationError(
        "The database has headers of connections that are not sealed, and no key is known."
    )


def current(database: Database) -> str | None:
    """The revision of the database's schema, or None when it is empty.

    Raises:
        Unavailable: the database cannot be reached.
    """
    with database.read() as c:
        return _revision(c)


def is_current(database: Database) -> bool:
    """Whether the database has the newest schema that this docstage knows."""
    return current(database) == HEAD


def is_newer(revision: str | None) -> bool:
    """Whether a revision is of a newer docstage than this one."""
    return revision is not None and revision > HEAD


def newer_schema(revision: str | None) -> str:
    """That the database was made by a newer docstage, and what to do."""
    return (
        f"The database was made by a newer docstage (its schema is {revision}, this version, {__version__}, "
        f"knows up to {HEAD}). Install that version, or use another database."
    )


def has_data(database: Database) -> bool:
    """Whether a migrated database, of whatever schema, holds anything that somebody could miss."""
    with database.read() as c:
        return any(c.execute(text(f"SELECT 1 FROM {table} LIMIT 1")).first() for table in _OF_USERS)  # noqa: S608


def upgrade(database: Database, seal: Seal = _no_key) -> None:
    """Bring an empty or older database to the newest schema; several processes may do so at once.

    Args:
        seal: seals headers of connections, which older schemas kept as they are.

    Raises:
        ConfigurationError: the schema is of a newer docstage; or there are headers and they cannot be sealed.
        Unavailable: the database cannot be reached or written.
    """
    if is_current(database):
        return
    # On SQLite a writing transaction waits until it is the only one.
    with database.write() as c:
        if database.is_sqlite:
            c.execute(text("PRAGMA secure_delete = ON"))  # else headers could be read where they were
        else:
            c.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if _revision(c) != HEAD:  # another process may have been first
            _migrate(c, seal)
    database.close()  # SQLite's log goes with the last connection: it has pages as they were before


def _revision(c: Connection) -> str | None:
    if not inspect(c).has_table(_VERSION_TABLE):
        return None
    revision = c.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()  # noqa: S608  (a constant)
    return None if revision is None else str(revision)


def _migrate(c: Connection, seal: Seal) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    revision = _revision(c)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise ConfigurationError(newer_schema(revision))
    config.attributes |= {"connection": c, "seal": seal}
    command.upgrade(config, "head")
