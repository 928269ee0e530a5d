"""Where the files of a SQLite database lie. Workers ask for them, which shall not load a database library."""

from pathlib import Path


def files_of(path: Path) -> list[Path]:
    """Every file that SQLite may make for a database at a path, whether or not it is there."""
    logs = ("", "-wal", "-shm", "-journal")
    return [file.with_name(file.name + log) for file in (path, contents_beside(path)) for log in logs]


def contents_beside(path: Path) -> Path:
    """The file with the contents of documents beside a database."""
    return path.with_suffix(".contents.db")
