"""What a backup says of itself: which docstage made it, of what, and what every file must be."""

import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TypedDict

from docstage.domain.errors import InvalidInput

NAME = "manifest.json"
FORMAT = 1
DATABASE, CONTENTS, UPLOADS, KEY = "docstage.db", "docstage.contents.db", "uploads", "secret.key"


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A file of a backup.

    Attributes:
        path: below the backup, with forward slashes.
        size: in bytes.
        sha256: of its bytes, in hexadecimal.
    """

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes:
        docstage: the version that made it.
        schema: the database's revision.
        made_at: the moment of which the database is, seconds since the epoch.
        database: `sqlite`, whose files are there, or `postgresql`, of which pg_dump makes the copy.
        reason: why it was made, in a few words.
        uploads: the folder in which uploaded documents lay.
        checked: every invariant of the database was looked at.
        findings: what did not hold.
    """

    docstage: str
    schema: str
    made_at: float
    database: str
    reason: str
    uploads: str
    files: tuple[BackupFile, ...]
    checked: bool = False
    findings: tuple[str, ...] = ()
    format: int = field(default=FORMAT)

    @property
    def size(self) -> int:
        """The bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def moment(self) -> str:
        """When it was made, for people."""
        return f"{datetime.fromtimestamp(self.made_at, UTC):%Y-%m-%d %H:%M:%S} UTC"

    def below(self, folder: str) -> list[BackupFile]:
        """The files in a folder of the backup."""
        return [file for file in self.files if file.path.startswith(f"{folder}/")]

    def named(self, path: str) -> BackupFile | None:
        """The file with this path."""
        return next((file for file in self.files if file.path == path), None)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it into the backup's folder."""
    descriptor = os.open(folder / NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(manifest), file, indent=1)
        file.flush()
        os.fsync(file.fileno())


def read_manifest(folder: Path) -> Manifest:
    """What a backup says of itself.

    Raises:
        InvalidInput: the folder is no backup, or one that this version cannot read.
    """
    try:
        values = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InvalidInput(f"{folder} is no backup: it has no {NAME}.") from error
    except (OSError, ValueError) as error:
        raise InvalidInput(f"Cannot read {folder / NAME}: {error}") from error
    if isinstance(values, dict) and isinstance(values.get("format"), int) and values["format"] > FORMAT:
        raise InvalidInput(
            f"{folder} was made by a newer docstage ({values.get('docstage')}). Install that one."
        )
    try:
        return _manifest(values)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"{folder / NAME} is damaged: {error}") from error


class _ToldFile(TypedDict):
    path: object
    size: str
    sha256: str


class _Told(TypedDict):
    """What a manifest says, as far as it says what it should."""

    files: list[_ToldFile]
    docstage: str
    schema: str
    database: str
    reason: str
    uploads: str
    made_at: float
    checked: bool
    findings: list[str]


def _manifest(values: _Told) -> Manifest:
    files = tuple(
        BackupFile(_safe(one["path"]), int(one["size"]), str(one["sha256"])) for one in values["files"]
    )
    return Manifest(
        docstage=str(values["docstage"]),
        schema=str(values["schema"]),
        database=str(values["database"]),
        reason=str(values["reason"]),
        uploads=str(values["uploads"]),
        made_at=float(values["made_at"]),
        files=files,
        checked=bool(values["checked"]),
        findings=tuple(map(str, values["findings"])),
    )


def _safe(path: object) -> str:
    """A path that leads to what a backup may hold, and nowhere else."""
    if not isinstance(path, str) or "\x00" in path or "\\" in path:
        raise ValueError(f"{path!r} is no path of a backup")
    parts = PurePosixPath(path).parts
    known = path in {DATABASE, CONTENTS, KEY} or (len(parts) > 1 and parts[0] == UPLOADS)
    if not known or ".." in parts or path != "/".join(parts):
        raise ValueError(f"{path!r} is no path of a backup")
    return path
