"""What docstage keeps for itself: no document, no key of a connection, and nobody else's to read."""

import os
import tomllib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

from docstage import private
from docstage.settings import FILE_NAME, Settings
from docstage.store.database_files import files_of

Identity = tuple[int, int]


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """Where docstage's own files lie. Its uploads are documents, although they lie in its home.

    Attributes:
        home: the home folder, with links resolved, as are all of these.
        uploads: the folder in it where files lie that were sent to the server.
        database: the SQLite file; empty on PostgreSQL.
        key_file: the key under which stored secrets are sealed.
    """

    home: str
    uploads: str
    database: str
    key_file: str

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those of the settings. Raises ConfigurationError when they name no database."""
        # Not for workers, which are told where these files lie: it loads SQLAlchemy.
        from docstage.store.database import path_of

        database = path_of(settings.database_url)
        return cls(
            home=os.path.realpath(settings.home),
            uploads=os.path.realpath(settings.uploads_folder),
            database=os.path.realpath(database) if database else "",
            key_file=os.path.realpath(settings.key_file),
        )

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that may be there: key, settings and, on SQLite, the database's."""
        return _files(self)

    def keeps(self, place: str) -> bool:
        """Whether a path, with links resolved, is one of docstage's own, be there something or not."""
        if _is_within(place, self.uploads):
            return False
        return _is_within(place, self.home) or self.is_of_database(place)

    def keeps_folder(self, place: Path) -> bool:
        """Whether a folder, with links resolved, is the home or lies in it, by whatever name."""
        uploads, home = identities([self.uploads]), identities([self.home])
        for folder in (place, *place.parents):
            found = identities([folder])
            if found & uploads or str(folder) == self.uploads:
                return False
            if found & home or str(folder) == self.home:
                return True
        return False

    def keeps_file(self, place: str, status: os.stat_result) -> bool:
        """Whether a file is docstage's own: by its path with links resolved, or as a hard link to one."""
        return self.keeps(place) or self.is_one(status)

    def is_one(self, status: os.stat_result) -> bool:
        """Whether a file is one of `files`, under whatever name."""
        return (status.st_dev, status.st_ino) in identities(self.files)

    def is_of_database(self, place: str) -> bool:
        """Whether it is a file of the database, or a copy that was made beside it: `docstage.db.old`."""
        if not self.database or os.path.dirname(place) != os.path.dirname(self.database):  # noqa: PTH120
            return False
        name, path = place.rpartition("/")[2], Path(self.database)
        if not path.suffix:  # then documents of the same name may lie beside it
            return name in {file.name for file in files_of(path)}
        if name.startswith((path.name, f"{path.stem}.contents.db")):
            return True
        return name.startswith(f"{path.stem}.") and name.endswith((".lock", ".queue"))


@lru_cache
def _files(own: OwnFiles) -> tuple[str, ...]:
    of_database = files_of(Path(own.database)) if own.database else []
    return (own.key_file, f"{own.home}/{FILE_NAME}", *map(str, of_database))


def identities(paths: Iterable[str | Path]) -> frozenset[Identity]:
    """Device and number of each that exists."""
    found = set()
    for path in paths:
        with suppress(OSError):
            status = os.stat(path)  # noqa: PTH116  (also of plain strings)
            found.add((status.st_dev, status.st_ino))
    return frozenset(found)


def tighten(settings: Settings) -> None:
    """Take from others what an older version, or an editor, let them read.

    A settings file is tightened where it has a token or a password in it; the files of a database when it is
    opened.
    """
    private.tighten(settings.uploads_folder)
    if _has_secrets(settings.home / FILE_NAME):
        private.tighten(settings.home / FILE_NAME)


def open_to_others(settings: Settings) -> list[Path]:
    """What others can read although it is docstage's own; and the home, if they can change it."""
    own = OwnFiles.of(settings)
    suspects = [path for path in map(Path, own.files) if path.name != FILE_NAME or _has_secrets(path)]
    found = [path for path in (*suspects, settings.uploads_folder) if private.is_open_to_others(path)]
    with suppress(OSError):
        if settings.home.stat().st_mode & 0o002:
            found.append(settings.home)
    return found


def _has_secrets(path: Path) -> bool:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(values.get("token")) or "://" in str(values.get("database", ""))


def _is_within(place: str, folder: str) -> bool:
    return place == folder or place.startswith(folder.rstrip("/") + "/")
