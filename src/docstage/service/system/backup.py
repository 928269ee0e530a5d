"""`docstage backup`: a copy of what docstage keeps, as it is at one moment, while work goes on."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docstage import __version__
from docstage.clock import Clock
from docstage.domain.errors import Conflict
from docstage.service.system.deep_checks import look_at
from docstage.settings import Settings
from docstage.store.backups.draft import Tell, check_space, copy_file, draft, hashed, silent
from docstage.store.backups.manifest import (
    CONTENTS,
    DATABASE,
    KEY,
    UPLOADS,
    BackupFile,
    Manifest,
    write_manifest,
)
from docstage.store.backups.snapshot import copy_sqlite, needed_bytes, settle
from docstage.store.database import Database, path_of
from docstage.store.invariants import INVARIANTS
from docstage.store.migrate import HEAD, current
from docstage.store.presence import presence

_DRAFT = ".upload-"  # what an upload is called before it is complete


@dataclass(frozen=True, slots=True)
class BackupOrder:
    """What shall be copied, and how.

    Attributes:
        target: the folder to make.
        with_key: copy the key of stored secrets too.
        check: look at every invariant of the copy.
        tell: told how far the copy is.
    """

    target: Path
    with_key: bool = False
    check: bool = True
    tell: Tell = silent


def back_up(settings: Settings, clock: Clock, order: BackupOrder) -> Manifest:
    """Make a backup; it appears only when it is whole.

    The database is copied first: what its documents refer to is in the copy of the same moment, and uploads
    are added to but not changed. On PostgreSQL the copy of the database is for pg_dump to make.

    Raises:
        Conflict: there is no database, or something is at the target.
        CopyFailed: there is no room, something cannot be written, or a copy is damaged.
        Unavailable: the database cannot be reached.
    """
    database = open_existing(settings)
    word = presence(database, "backup")
    try:
        while not word.acquire():
            raise Conflict("The database is being migrated. Make the backup when that has ended.")
        schema = current(database)
        if schema is None:
            raise Conflict("The database is empty: there is nothing to back up.")
        check_space(order.target, needed_bytes(database) + _bytes_of(settings.uploads_folder))
        own = order.target.parent == settings.backups_folder  # whose names are times
        with draft(order.target, "*" if own else "") as part:
            manifest = _fill(settings, clock, order, database, schema, part)
            write_manifest(part, manifest)
        return manifest
    finally:
        word.release()
        database.close()


def open_existing(settings: Settings) -> Database:
    """The database of the settings, without making one. Raises Conflict where there is none."""
    path = path_of(settings.database_url)
    if path and not path.is_file():
        raise Conflict(f"There is no database at {path}.")
    return Database(settings.database_url, synchronous=settings.synchronous)


def _fill(
    settings: Settings, clock: Clock, order: BackupOrder, database: Database, schema: str, part: Path
) -> Manifest:
    made_at, files, findings = clock.now(), [], list[str]()
    checks = database.is_sqlite and order.check and schema == HEAD
    if database.is_sqlite:
        copy_sqlite(database, part, order.tell)
        findings = list(_findings(part)) if checks else []
        files += [BackupFile(name, *hashed(part / name)) for name in (DATABASE, CONTENTS)]
    files += _copied_uploads(settings.uploads_folder, part, order.tell)
    if order.with_key and settings.key_file.is_file():
        files.append(BackupFile(KEY, *copy_file(settings.key_file, part / KEY)))
    return Manifest(
        docstage=__version__,
        schema=schema,
        made_at=made_at,
        database="sqlite" if database.is_sqlite else "postgresql",
        reason="backup",
        uploads=str(settings.uploads_folder),
        files=tuple(files),
        checked=checks,
        findings=tuple(findings),
    )


def _findings(part: Path) -> Iterator[str]:
    """What is broken in the copy of the database, in words."""
    copy = Database(str(part / DATABASE))
    try:
        with copy.read() as c:
            checks = [look_at(c, invariant) for invariant in INVARIANTS]
    finally:
        copy.close()
    for name in (DATABASE, CONTENTS):
        settle(part / name)
    yield from (f"{check.name}: {check.message}" for check in checks if not check.ok)


def _copied_uploads(folder: Path, part: Path, tell: Tell) -> list[BackupFile]:
    """Copy every upload that is complete; one that is deleted meanwhile is left out."""
    whole = _bytes_of(folder)
    copied: list[BackupFile] = []
    done = 0
    for source in _uploads(folder):
        path = f"{UPLOADS}/{source.relative_to(folder).as_posix()}"
        try:
            file = BackupFile(path, *copy_file(source, part / path))
        except FileNotFoundError:
            continue
        copied.append(file)
        done += file.size
        tell(UPLOADS, done, max(whole, done))
    return copied


def _uploads(folder: Path) -> Iterator[Path]:
    """The files below a folder; no links are followed."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            if not name.startswith(_DRAFT) and path.is_file() and not path.is_symlink():
                yield path


def _bytes_of(folder: Path) -> int:
    total = 0
    for path in _uploads(folder):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total
