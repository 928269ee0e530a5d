"""Copies of a SQLite database's two files as they are at one moment, while others read and write them.

Documents in the one refer to contents in the other, and a purge deletes contents that nothing refers to. So
both are looked at from the same moment: nobody may write for the instant in which a reader of both begins.
What the reader sees stays as it was then, however long copying takes and whatever is written meanwhile.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from docstage.store.backups.draft import CopyFailed, Tell, silent
from docstage.store.backups.manifest import CONTENTS, DATABASE
from docstage.store.database import BUSY_SECONDS, Database
from docstage.store.tables import CONTENT_SCHEMA

_BYTES_AT_ONCE = 16 * 1024 * 1024
_FILES = {"main": DATABASE, CONTENT_SCHEMA: CONTENTS}


def needed_bytes(database: Database) -> int:
    """About how large a copy will be: the files with their logs."""
    paths = [path for path in (database.path, database.contents_path) if path]
    files = [path.with_name(path.name + ending) for path in paths for ending in ("", "-wal")]
    return sum(file.stat().st_size for file in files if file.is_file())


def copy_sqlite(database: Database, folder: Path, tell: Tell = silent) -> None:
    """Copy both files into the folder, as they are at the beginning of the call.

    Args:
        tell: is told what is copied, how many bytes are, and of how many.

    Raises:
        CopyFailed: a copy is damaged: the disk, or what was copied.
        Unavailable: the database cannot be read.
        OSError: the copy cannot be written.
    """
    with database.translated(), _reader(database) as reader:
        for schema, name in _FILES.items():
            _copy(reader, schema, folder / name, tell)


def settle(path: Path) -> None:
    """Let a copy be one file that needs no log."""
    with closing(sqlite3.connect(path, isolation_level=None)) as c:
        c.execute("PRAGMA journal_mode = DELETE")
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _reader(database: Database) -> Iterator[sqlite3.Connection]:
    """A connection that sees one moment of both files throughout."""
    with closing(sqlite3.connect(str(database.path), timeout=BUSY_SECONDS, isolation_level=None)) as c:
        c.execute(f"ATTACH DATABASE ? AS {CONTENT_SCHEMA}", (str(database.contents_path),))
        with database.write():  # begins by locking both files against writing
            c.execute("BEGIN")
            for schema in _FILES:
                c.execute(f"SELECT count(*) FROM {schema}.sqlite_master").fetchone()  # noqa: S608  (constants)
        yield c


def _copy(reader: sqlite3.Connection, schema: str, target: Path, tell: Tell) -> None:
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    page = int(reader.execute(f"PRAGMA {schema}.page_size").fetchone()[0])

    def progress(_status: int, remaining: int, total: int) -> None:
        tell(target.name, (total - remaining) * page, total * page)

    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as copy:
            copy.execute("PRAGMA synchronous = OFF")  # `settle` waits for the disk once
            reader.backup(copy, pages=max(1, _BYTES_AT_ONCE // page), progress=progress, name=schema)
            found = copy.execute("PRAGMA quick_check(3)").fetchall()
    except sqlite3.Error as error:
        raise CopyFailed(f"{target.name} cannot be copied: {error}.") from error
    if found != [("ok",)]:
        words = "; ".join(str(row[0]) for row in found)
        raise CopyFailed(
            f"The copy of {target.name} is damaged ({words}). The disk or the database itself is: look with "
            "docstage doctor --deep"
        )
    settle(target)
