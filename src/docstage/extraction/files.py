"""Opens documents so that neither a link, a pipe nor a change behind our back leads astray."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from docstage.domain.content import DocumentReason
from docstage.opening import open_below
from docstage.own_files import OwnFiles
from docstage.stored_path import to_os_path

# Opening a FIFO for reading would wait for a writer, opening a tape or a terminal may do worse.
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_LEAVES = "It was reached through a link that leads out of the folder."
_SWAPPED = "A link was put in the place of the folder. Stage again."
_CHUNK = 1 << 20
_PROBLEMS = {
    errno.ENOENT: (DocumentReason.GONE, "The file no longer exists."),
    errno.EACCES: (DocumentReason.NOT_PERMITTED, "docstage is not permitted to read this file."),
    errno.EPERM: (DocumentReason.NOT_PERMITTED, "docstage is not permitted to read this file."),
    errno.ELOOP: (DocumentReason.LEAVES_FOLDER, _LEAVES),
    errno.ENOTDIR: (DocumentReason.GONE, "A folder on the way to this file was replaced."),
    errno.ENXIO: (DocumentReason.NOT_A_FILE, "This is a socket, not a file with contents."),
}


class FileProblem(Exception):
    """A file that cannot be read.

    Attributes:
        reason: what kind of problem it is.
        detail: the problem in words.
    """

    def __init__(self, reason: DocumentReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a file's contents are known by.

    Attributes:
        sha256: hexadecimal digest of all bytes.
        size: bytes.
        mtime_ns: time of the last change, nanoseconds since 1970.
    """

    sha256: str
    size: int
    mtime_ns: int


def open_regular(root: Path, path: str, own: OwnFiles | None = None) -> FileIO:
    """Open a document, given by its `FoundFile.path`, for reading without a buffer.

    Links inside the folder are resolved first; then every component is opened relative to the one above it
    without following links, so that a folder swapped for a link after the scan is noticed.

    Args:
        root: the folder, with its links resolved. When it has become a link since, nothing is opened.
        path: the document.
        own: docstage's own files, which are no documents.

    Raises:
        FileProblem: for everything that is not a readable regular file inside the folder.
    """
    with _problems():
        real_root = root.resolve(strict=True)
        target = to_os_path(real_root, path).resolve(strict=True)
    if real_root != root:
        raise FileProblem(DocumentReason.LEAVES_FOLDER, _SWAPPED)
    if not target.is_relative_to(root):
        raise FileProblem(DocumentReason.LEAVES_FOLDER, _LEAVES)
    with _problems():
        descriptor = open_below(Path(target.anchor), target.parts[1:], _FILE_FLAGS)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise FileProblem(DocumentReason.NOT_A_FILE, "This is a folder, a pipe, a socket or a device.")
    if own and own.keeps_file(str(target), status):
        os.close(descriptor)
        raise FileProblem(DocumentReason.OWN_FILE, "This is a file of docstage itself, and no document.")
    return FileIO(descriptor, "rb")


def fingerprint(
    root: Path, path: str, max_bytes: int | None = None, own: OwnFiles | None = None
) -> Fingerprint:
    """Hash a document, with size and time from the very descriptor that was hashed.

    Args:
        root: the folder.
        path: the document's `FoundFile.path`.
        max_bytes: larger files are not read at all.
        own: docstage's own files, which are not read either.

    Raises:
        FileProblem: when it cannot be read, is too large, or changes while it is read.
    """
    with open_regular(root, path, own) as file, _problems():
        before = os.fstat(file.fileno())
        _check_size(before.st_size, max_bytes)
        digest, read = hashlib.sha256(), 0
        # Some files have no end and say that their size is 0, such as /proc/self/pagemap.
        while chunk := _read(file, min(_CHUNK, before.st_size + 1 - read)):
            digest.update(chunk)
            read += len(chunk)
        _check_unchanged(file, before, read)
    return Fingerprint(digest.hexdigest(), before.st_size, before.st_mtime_ns)


def read_regular(
    root: Path, path: str, max_bytes: int, own: OwnFiles | None = None
) -> tuple[bytes, os.stat_result]:
    """All bytes of a document, and its status from the same descriptor. Arguments are those of `fingerprint`.

    Raises:
        FileProblem: when it cannot be read, is too large, or changes while it is read.
    """
    with open_regular(root, path, own) as file, _problems():
        before = os.fstat(file.fileno())
        _check_size(before.st_size, max_bytes)
        data = _read(file, before.st_size + 1)
        while len(data) < before.st_size and (more := _read(file, before.st_size + 1 - len(data))):
            data += more  # the kernel hands over at most 2 GiB at once
        _check_unchanged(file, before, len(data))
    return data, before


def _read(file: FileIO, size: int) -> bytes:
    """At most so many bytes; nothing where reading would wait, as it does in some files of the kernel."""
    return file.read(size) or b""


def _check_size(size: int, max_bytes: int | None) -> None:
    """Refuse files above a limit.

    Raises:
        FileProblem: TOO_LARGE.
    """
    if max_bytes is not None and size > max_bytes:
        detail = f"The file has {size / 2**20:,.0f} MiB, more than the limit of {max_bytes / 2**20:,.0f} MiB."
        raise FileProblem(DocumentReason.TOO_LARGE, detail)


def _check_unchanged(file: FileIO, before: os.stat_result, read: int) -> None:
    """Make sure that what was read is what is there.

    Raises:
        FileProblem: CHANGING.
    """
    after = os.fstat(file.fileno())
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns) or read != after.st_size:
        detail = "The file changed while it was being read. Stage again once it is complete."
        raise FileProblem(DocumentReason.CHANGING, detail)


@contextmanager
def _problems() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fallback = (DocumentReason.NOT_PERMITTED, f"The file cannot be read: {error.strerror}.")
        raise FileProblem(*_PROBLEMS.get(error.errno or 0, fallback)) from error
    except RuntimeError as error:  # Path.resolve before Python 3.13 on a circle of links
        raise FileProblem(DocumentReason.GONE, "The link to this file leads in a circle.") from error
    except ValueError as error:  # a NUL in the name
        raise FileProblem(DocumentReason.GONE, "No file can have this name.") from error
