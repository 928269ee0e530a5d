"""Migrated SQLite databases in a millisecond: the files of one that was migrated once in this process."""

import tempfile
from functools import cache
from pathlib import Path

from docstage.store.database import Database
from docstage.store.migrate import upgrade


def place_database(folder: Path) -> None:
    """Put a migrated database without rows into the folder, as `docstage.db`."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, data in _files().items():
        (folder / name).write_bytes(data)


@cache
def _files() -> dict[str, bytes]:
    """What migrating leaves behind, by the names of the files; the mode is what the umask makes of them."""
    with tempfile.TemporaryDirectory(prefix="docstage-template-") as folder:
        database = Database(f"{folder}/docstage.db")
        upgrade(database)
        database.close()
        return {path.name: path.read_bytes() for path in Path(folder).iterdir()}
