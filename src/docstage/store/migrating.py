"""Migrating a database: after a copy of it, with nobody else at work on it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from docstage.clock import Clock, SystemClock
from docstage.domain.errors import ConfigurationError, DocstageError, WrongSchema
from docstage.settings import Settings
from docstage.store.alone import alone, turn
from docstage.store.backups.before import back_up_before, remove_old
from docstage.store.backups.draft import Tell, silent
from docstage.store.database import Database
from docstage.store.migrate import HEAD, Seal, current, has_data, is_newer, newer_schema, upgrade

AUTO, ALWAYS, EXPLICIT = "auto", "always", "explicit"


class MigrationFailed(ConfigurationError):
    """A migration came to an error; the database is as it was."""

    kind = "migration-failed"
    title = "The database could not be migrated"


@dataclass(frozen=True, slots=True)
class Migration:
    """How this process migrates a database.

    Attributes:
        seal: seals headers of connections, which older schemas kept as they were entered.
        backups: the folder for a copy of the database as it was; None for none.
        keep: such copies that are kept; 0 keeps all.
        without_copy: databases of which docstage can make no copy, those on PostgreSQL, are migrated too.
        say: told what is done, in sentences.
        tell: told how far the copy is.
    """

    seal: Seal
    backups: Path | None
    keep: int
    without_copy: bool = False
    say: Callable[[str], None] = lambda _: None
    tell: Tell = silent
    clock: Clock = SystemClock()  # noqa: RUF009  (it has no state)


@dataclass(frozen=True, slots=True)
class Migrated:
    """What a migration did.

    Attributes:
        before: the schema there was; None in an empty database.
        schema: the schema there is.
        backup: where the copy of the database as it was is; None for none.
    """

    before: str | None
    schema: str
    backup: Path | None = None


def migration_of(settings: Settings, seal: Seal, say: Callable[[str], None]) -> Migration | None:
    """How a process that stays migrates at its start, as the setting `migrate` says; None for not at all.

    Raises:
        ConfigurationError: the setting has another value.
    """
    if settings.migrate not in {AUTO, ALWAYS, EXPLICIT}:
        raise ConfigurationError(f"migrate must be auto, always or explicit, not {settings.migrate!r}.")
    if settings.migrate == EXPLICIT:
        return None
    always = settings.migrate == ALWAYS
    return Migration(seal, settings.backups_folder, settings.keep_backups, without_copy=always, say=say)


def migrate(database: Database, migration: Migration) -> Migrated:
    """Bring a database to the newest schema, after a copy of it, with nobody else at work on it.

    Raises:
        WrongSchema: it is of a newer docstage; or no copy can be made of it, and it was not said that it may
            be migrated without.
        AtWork: somebody is at work on it.
        CopyFailed: there is no room for the copy, or it cannot be written. Nothing was changed.
        MigrationFailed: the migration came to an error. Nothing was changed.
        Unavailable: the database cannot be reached or written.
    """
    with turn(database, lambda: migration.say("Another docstage migrates the database; waiting for it.")):
        revision = current(database)
        if revision == HEAD:
            return Migrated(revision, HEAD)
        if is_newer(revision):
            raise WrongSchema(newer_schema(revision))
        if revision is None:
            upgrade(database, migration.seal)
            return Migrated(None, HEAD)
        with alone(database, "migration"):
            return _migrate(database, revision, migration)


def older_schema(revision: str) -> str:
    """That the database is of an earlier docstage, and what to do."""
    return (
        f"The database is of an earlier docstage: its schema is {revision}, this version needs {HEAD}. "
        "Nothing was changed. Stop every docstage that uses it, then run docstage migrate, which makes a "
        "backup first; or go on with the earlier version."
    )


def _migrate(database: Database, revision: str, migration: Migration) -> Migrated:
    backup = None
    if has_data(database):
        if not database.is_sqlite:
            _check_without_copy(revision, migration)
        elif migration.backups is not None:
            migration.say(f"Copying the database before it is migrated from {revision} to {HEAD}.")
            now = migration.clock.now()
            backup = back_up_before(database, migration.backups, revision, HEAD, now, migration.tell)
            migration.say(f"The database as it was is in {backup}.")
    migration.say(f"Migrating the database from {revision} to {HEAD}.")
    kept = f" The copy made before it is {backup}." if backup else ""
    try:
        upgrade(database, migration.seal)
    except Exception as error:
        raise MigrationFailed(
            f"The migration from {revision} to {HEAD} failed: {_first_line(error)}. Nothing was changed: the "
            f"database still has the schema {revision}, with which the earlier version goes on.{kept}"
        ) from error
    if backup and migration.backups:
        remove_old(migration.backups, migration.keep)
    return Migrated(revision, HEAD, backup)


def _check_without_copy(revision: str, migration: Migration) -> None:
    if migration.without_copy:
        return
    raise WrongSchema(
        f"The PostgreSQL database is of an earlier docstage (schema {revision}, this version needs {HEAD}), "
        "and docstage cannot make a copy of it. Make one with pg_dump --format=custom --file docstage.dump, "
        "then run docstage migrate --no-backup. To let `serve` and `engine` migrate such a database by "
        'themselves, set migrate = "always".'
    )


def _first_line(error: Exception) -> str:
    said = (error.detail if isinstance(error, DocstageError) else str(error)).strip()
    return (said.splitlines() or [type(error).__name__])[0].rstrip(".")
