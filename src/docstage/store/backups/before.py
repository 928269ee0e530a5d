"""The backups that are made before a database is migrated."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from docstage import __version__
from docstage.store.backups.draft import Tell, check_space, draft, hashed, silent
from docstage.store.backups.manifest import CONTENTS, DATABASE, NAME, BackupFile, Manifest, write_manifest
from docstage.store.backups.snapshot import copy_sqlite, needed_bytes
from docstage.store.database import Database

_PREFIX = "before-"


def back_up_before(
    database: Database, backups: Path, revision: str, to: str, at: float, tell: Tell = silent
) -> Path:
    """Copy a SQLite database that is about to be migrated; returns where to.

    Args:
        backups: the folder of such backups.
        revision: the schema it has.
        to: the schema it will have.
        at: now, seconds since the epoch.

    Raises:
        CopyFailed: there is no room, or the copy cannot be written.
        Unavailable: the database cannot be read.
    """
    check_space(backups, needed_bytes(database))
    moment = datetime.fromtimestamp(at, UTC)
    target = backups / f"{_PREFIX}{to}-{moment:%Y%m%dT%H%M%SZ}"
    if target.exists():  # two attempts in one second
        target = target.with_name(f"{target.name}-{moment:%f}")
    with draft(target, f"{_PREFIX}*") as part:
        copy_sqlite(database, part, tell)
        files = tuple(BackupFile(name, *hashed(part / name)) for name in (DATABASE, CONTENTS))
        manifest = Manifest(
            docstage=__version__,
            schema=revision,
            made_at=at,
            database="sqlite",
            reason=f"before the migration from {revision} to {to}",
            uploads="",
            files=files,
        )
        write_manifest(part, manifest)
    return target


def remove_old(backups: Path, keep: int) -> None:
    """Remove the oldest of such backups, so that as many are left.

    Args:
        keep: how many; 0 keeps all.
    """
    found = [place for place in backups.glob(f"{_PREFIX}*") if (place / NAME).is_file()]
    found.sort(key=lambda place: (place / NAME).stat().st_mtime, reverse=True)
    for place in found[keep:] if keep else ():
        shutil.rmtree(place, ignore_errors=True)
