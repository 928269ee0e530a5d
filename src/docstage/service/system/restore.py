"""`docstage restore`: a backup becomes a home again, and waits for people.

A second copy of a database does not know which calls the first one has made since. So nothing in it calls a
model by itself: what was at work is paused, until a person says for each batch that it shall go on here.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select

from docstage.clock import Clock
from docstage.domain.errors import Conflict, InvalidInput
from docstage.private import make_folder
from docstage.settings import Settings
from docstage.store.alone import alone
from docstage.store.backups.draft import (
    CopyFailed,
    Tell,
    check_space,
    copy_file,
    hashed,
    silent,
    sync_folder,
)
from docstage.store.backups.manifest import (
    CONTENTS,
    DATABASE,
    KEY,
    UPLOADS,
    Manifest,
    read_manifest,
)
from docstage.store.backups.snapshot import settle
from docstage.store.database import Database, path_of
from docstage.store.database_files import files_of
from docstage.store.held import Held, hold_active, move_uploads
from docstage.store.migrate import HEAD, current, is_newer, newer_schema
from docstage.store.recording import recover
from docstage.store.tables import connection, folder, secret

_PART = ".restoring-"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored.

    Attributes:
        manifest: what the backup says of itself.
        held: batches that were at work when it was made.
        missing_folders: folders of documents that are not there on this machine, with their names.
        needs_key: keys of connections are stored, and the key that opens them is not there.
        needs_migration: the database is of an earlier docstage.
    """

    manifest: Manifest
    held: list[Held]
    missing_folders: list[tuple[str, str]]
    needs_key: bool
    needs_migration: bool


def restore(settings: Settings, clock: Clock, backup: Path, tell: Tell = silent) -> Restored:
    """Put what a backup holds into an empty home, with everything that was at work held.

    On PostgreSQL the database must have been restored with pg_restore before.

    Raises:
        InvalidInput: it is no backup, or files of it are missing or damaged.
        Conflict: there is a database, or there are uploads or another key; or the database is in use.
        CopyFailed: there is no room, or something cannot be written. Nothing was changed.
        Unavailable: the database cannot be reached.
    """
    manifest = read_manifest(backup)
    if is_newer(manifest.schema):
        raise Conflict(newer_schema(manifest.schema))
    _verify(backup, manifest, tell)
    _check_place(settings, manifest, backup)  # before anything is made there
    with _told(settings.home):
        check_space(settings.home, manifest.size)
    database = Database(settings.database_url, synchronous=settings.synchronous)
    try:
        with alone(database, "restore", rows=False), _told(settings.home):
            _check_place(settings, manifest, backup)  # another may have been first
            _check_dump(database, manifest)
            return _restore(settings, clock, backup, manifest, database)
    finally:
        database.close()


def _verify(backup: Path, manifest: Manifest, tell: Tell) -> None:
    done = 0
    for file in manifest.files:
        path = backup / file.path
        if path.is_symlink() or not path.is_file():
            raise InvalidInput(f"The backup lacks {file.path}. Nothing was restored; take another backup.")
        if hashed(path) != (file.size, file.sha256):
            raise InvalidInput(f"{path} is damaged. Nothing was restored; take another backup.")
        done += file.size
        tell("checked", done, manifest.size)


def _check_place(settings: Settings, manifest: Manifest, backup: Path) -> None:
    path = path_of(settings.database_url)
    if (manifest.database == "sqlite") is not bool(path):
        raise Conflict(
            f"The backup is of a {manifest.database} database, and the setting `database` names another kind."
        )
    for file in files_of(path) if path else ():
        if file.exists() and file.stat().st_size:
            raise Conflict(
                f"{file} is there already. Restore into an empty home with --home, or move the files of the "
                "database away first."
            )
    uploads = settings.uploads_folder
    if manifest.below(UPLOADS) and uploads.is_dir() and any(uploads.iterdir()):
        raise Conflict(
            f"There are documents in {uploads} already. Move them away first, or name another --home."
        )
    key = settings.key_file
    if manifest.named(KEY) and key.exists() and key.read_bytes() != (backup / KEY).read_bytes():
        raise Conflict(f"{key} is another key than the backup's. Move it away first.")


def _check_dump(database: Database, manifest: Manifest) -> None:
    if not database.is_sqlite and current(database) != manifest.schema:
        raise Conflict(
            f"The PostgreSQL database has not the schema {manifest.schema} of the backup. Restore it first: "
            "pg_restore --no-owner --dbname=URL docstage.dump"
        )


def _restore(
    settings: Settings, clock: Clock, backup: Path, manifest: Manifest, database: Database
) -> Restored:
    make_folder(settings.home)
    _remove_left_overs(settings.home, database)
    with _place(settings.home) as part:
        for file in manifest.below(UPLOADS):
            copy_file(backup / file.path, part / file.path)
        if database.path is None:
            restored = _hold(database, settings, clock, manifest)
            _put_others(settings, backup, manifest, part)
            return restored
        with _place(database.path.parent) as files:
            for name in (DATABASE, CONTENTS):
                copy_file(backup / name, files / name)
            copy = Database(str(files / DATABASE), synchronous=settings.synchronous)
            try:
                restored = _hold(copy, settings, clock, manifest)
            finally:
                copy.close()
            for name in (DATABASE, CONTENTS):
                settle(files / name)
            _put_others(settings, backup, manifest, part)
            assert database.contents_path is not None
            for log in (file for file in files_of(database.path) if file.exists()):
                log.unlink()  # they are empty
            (files / CONTENTS).rename(database.contents_path)
            (files / DATABASE).rename(database.path)  # the last: without it nothing begins
            sync_folder(database.path.parent)
    return restored


def _put_others(settings: Settings, backup: Path, manifest: Manifest, part: Path) -> None:
    if (part / UPLOADS).is_dir():
        if settings.uploads_folder.is_dir():
            settings.uploads_folder.rmdir()
        (part / UPLOADS).rename(settings.uploads_folder)
    if manifest.named(KEY) and not settings.key_file.exists():
        copy_file(backup / KEY, settings.key_file)
    sync_folder(settings.home)


def _hold(database: Database, settings: Settings, clock: Clock, manifest: Manifest) -> Restored:
    schema = current(database)
    if schema != manifest.schema:
        raise InvalidInput(f"The backup says it has the schema {manifest.schema}, and has {schema}.")
    reason = (
        f"Restored from a backup of {manifest.moment}. Calls that were made after it are not known here and "
        "would be paid for again: go on only if no other docstage goes on with this batch."
    )
    with database.write() as c:
        now = clock.now()
        if schema == HEAD:  # else the next engine does it
            recover(c, now)
        held = hold_active(c, reason, now)
        move_uploads(c, manifest.uploads, str(settings.uploads_folder))
        return Restored(
            manifest=manifest,
            held=held,
            missing_folders=_missing(c, settings, manifest),
            needs_key=_has_sealed(c) and not settings.key_file.exists() and manifest.named(KEY) is None,
            needs_migration=schema != HEAD,
        )


def _missing(c: Connection, settings: Settings, manifest: Manifest) -> list[tuple[str, str]]:
    """Folders that are not there; those of uploads come with the backup."""
    own = f"{settings.uploads_folder}/"
    come = {f"{own}{file.path.split('/')[1]}" for file in manifest.below(UPLOADS)}
    rows = c.execute(select(folder.c.name, folder.c.path).order_by(folder.c.id)).all()
    return [(name, path) for name, path in rows if not Path(path).is_dir() and not _comes(path, come)]


def _comes(path: str, come: set[str]) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in come)


def _has_sealed(c: Connection) -> bool:
    kept = c.execute(select(func.count()).select_from(secret)).scalar_one()
    return bool(kept) or any(headers for headers in c.execute(select(connection.c.headers)).scalars())


def _remove_left_overs(home: Path, database: Database) -> None:
    """Remove what a process that was killed while it restored has left; nobody else is at work."""
    for place in {home, database.path.parent if database.path else home}:
        for part in place.glob(f"{_PART}*"):
            shutil.rmtree(part, ignore_errors=True)


@contextmanager
def _place(folder: Path) -> Iterator[Path]:
    """A folder for what is not in its place yet, beside it; it is gone afterwards."""
    part = Path(tempfile.mkdtemp(prefix=_PART, dir=folder))
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def _told(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CopyFailed(f"Cannot restore into {home}: {error.strerror or error}.") from error
