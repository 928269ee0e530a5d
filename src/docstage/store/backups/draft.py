"""Folders that appear only when they are complete, and what may be copied into them."""

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path

from docstage.domain.errors import Conflict, DocstageError
from docstage.private import make_folder

Tell = Callable[[str, int, int], None]
_PIECE = 1024 * 1024
_SPARE_BYTES = 16 * _PIECE


class CopyFailed(DocstageError):
    """A backup could not be made or restored; nothing is left of the attempt."""

    kind = "copy-failed"
    status = 507
    title = "The copy could not be made"


def silent(_what: str, _done: int, _whole: int) -> None:
    """Tell nobody how far a copy is."""


@contextmanager
def draft(target: Path, others: str = "") -> Iterator[Path]:
    """A hidden folder beside the target, which becomes the target once all went well, and goes otherwise.

    Args:
        others: a glob of names of which what killed processes left is removed too.

    Raises:
        Conflict: there is something at the target.
        CopyFailed: the disk is full, or nothing may be written there.
    """
    with _told(target):
        if os.path.lexists(target):
            raise Conflict(f"{target} is there already. Name a folder that does not exist yet.")
        _remove_left_overs(target.parent, others or escape(target.name))
        make_folder(target.parent)
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        part.mkdir(mode=0o700)
        try:
            yield part
            sync_folder(part)
            part.rename(target)
            sync_folder(target.parent)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def check_space(folder: Path, needed: int) -> None:
    """See that a folder's disk has room for so many bytes.

    Args:
        folder: it need not exist yet.

    Raises:
        CopyFailed: it has not.
    """
    place = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    free = shutil.disk_usage(place).free
    if free < needed + _SPARE_BYTES:
        raise CopyFailed(
            f"The copy needs {(needed + _SPARE_BYTES) / 1e6:,.0f} MB, and {place} has {free / 1e6:,.0f} MB "
            "free. Make room there, or choose another place."
        )


def copy_file(source: Path, target: Path) -> tuple[int, str]:
    """Copy a regular file, readable by its owner only, with its time; returns its size and SHA-256.

    Raises:
        FileNotFoundError: it is not there, or is no regular file.
        OSError: it cannot be read or written.
    """
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as reader:
        found = os.fstat(reader.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise FileNotFoundError(f"{source} is no file")
        make_folder(target.parent)
        made = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(made, "wb") as writer:
            digest = hashlib.sha256()
            while piece := reader.read(_PIECE):
                digest.update(piece)
                writer.write(piece)
            size = writer.tell()
            writer.flush()
            os.fsync(writer.fileno())
    os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns))
    return size, digest.hexdigest()


def hashed(path: Path) -> tuple[int, str]:
    """The size and SHA-256 of a file."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """Let the names in a folder survive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _told(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CopyFailed(
            f"Cannot write {target}: {error.strerror or error}. Nothing is left there."
        ) from error


def _remove_left_overs(folder: Path, names: str) -> None:
    """Remove what processes that were killed had written under these names."""
    for part in folder.glob(f".{names}.*.part"):
        number = part.name.split(".")[-2]
        if number.isdecimal() and not _exists(int(number)):
            shutil.rmtree(part, ignore_errors=True)


def _exists(pid: int) -> bool:
    with suppress(PermissionError):  # of another user
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True
