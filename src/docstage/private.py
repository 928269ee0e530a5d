"""Files and folders that only their owner can read, from the moment they exist, whatever the umask says."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

FOLDER_MODE, FILE_MODE = 0o700, 0o600
_OTHERS = 0o077


def make_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing. One that is there stays as it is.

    Raises:
        OSError: it cannot be made, or is something else.
    """
    for folder in (*reversed(path.parents), path):
        if not folder.exists():
            folder.mkdir(FOLDER_MODE, exist_ok=True)
    path.mkdir(exist_ok=True)  # complains where it is a file


def make_file(path: Path) -> None:
    """Make an empty file, or tighten the one that is there.

    It is never opened when it exists: closing a database's file takes away SQLite's locks on it.

    Raises:
        OSError: it cannot be made.
    """
    place = os.path.realpath(path)  # else a link to nothing would count as a file that exists
    try:
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE))
    except FileExistsError:
        tighten(path)


def write_file(path: Path, data: bytes) -> None:
    """Write a file; one that is there is replaced, and readers see all of it or none.

    Raises:
        OSError: it cannot be written.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def tighten(path: Path) -> None:
    """Take away what others may do with a file or folder, as far as it exists and is this user's own."""
    with suppress(OSError):
        status = path.stat()
        if status.st_uid == os.geteuid() and stat.S_IMODE(status.st_mode) & _OTHERS:
            path.chmod(stat.S_IMODE(status.st_mode) & ~_OTHERS)


def is_open_to_others(path: Path) -> bool:
    """Whether others than the owner may do anything with a file or folder.

    Of one that belongs to another user, such as root, this user's group is no other.
    """
    try:
        status = path.stat()
    except OSError:
        return False
    others = _OTHERS if status.st_uid == os.geteuid() else 0o007
    return bool(status.st_mode & others)
