"""Beginning to use a database: only with the schema of this docstage, and seen by who would change that.

A database that holds nothing yet is made by whoever comes first. One of an earlier docstage is migrated by
`docstage migrate`, and by the processes that stay, `serve` and `engine`; every other command leaves it as it
is and says what to do: else a look with a newer version would take the database from a server at work.
"""

import time
from typing import TYPE_CHECKING

from docstage.domain.errors import Unavailable, WrongSchema
from docstage.store.database import Database
from docstage.store.migrate import HEAD, current, is_newer, newer_schema, upgrade
from docstage.store.presence import Presence, presence

if TYPE_CHECKING:  # most commands find the schema that they need
    from docstage.store.migrating import Migration

_PATIENCE_SECONDS = 10.0
_LOOK_SECONDS = 0.05


def begin_use(database: Database, role: str, migration: "Migration | None" = None) -> Presence:
    """Begin to use a database: make it where it is empty, migrate it where this process may.

    Args:
        role: what this process is, in words for others.
        migration: how it migrates; None for not at all.

    Returns:
        What keeps others from migrating the database; release it at the end.

    Raises:
        WrongSchema: it is of another version of docstage, and this process does not migrate it.
        AtWork: it needs to be migrated, and somebody is at work on it.
        MigrationFailed, CopyFailed: as `migrate`.
        Unavailable: the database cannot be reached; or it is being migrated, and that takes long.
    """
    word = presence(database, role)
    while True:
        revision = current(database)
        if revision != HEAD:
            _make_current(database, revision, migration)
        _wait_for(word)
        try:
            if current(database) == HEAD:  # else somebody migrated it in between
                return word
        except BaseException:
            word.release()
            raise
        word.release()


def _make_current(database: Database, revision: str | None, migration: "Migration | None") -> None:
    if is_newer(revision):
        raise WrongSchema(newer_schema(revision))
    from docstage.store.alone import turn
    from docstage.store.migrating import migrate, older_schema

    if revision is None:
        with turn(database, lambda: None):
            upgrade(database)
    elif migration is None:
        raise WrongSchema(older_schema(revision))
    else:
        migrate(database, migration)


def _wait_for(word: Presence) -> None:
    """Wait while another process migrates the database."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not word.acquire():
        if time.monotonic() >= end:
            raise Unavailable("Another docstage is migrating the database. Try again when it has ended.")
        time.sleep(_LOOK_SECONDS)
