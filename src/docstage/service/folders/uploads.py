"""Documents that are sent to the server, for those who have no folder on its machine."""

import asyncio
import errno
import os
import re
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from docstage import private
from docstage.domain.errors import InvalidInput, Unavailable
from docstage.service.context import Services
from docstage.service.edits import refused
from docstage.service.views import View

_MB = 1024 * 1024
# Chunks arrive in some 64 kB; a hop to a thread costs about as much as writing one of these.
_GROUP_BYTES = _MB
_MOST_DEPTH = 20
_MOST_BYTES = 255  # of one name, on every usual file system
# What no name needs and some program misreads: control characters, and what separates paths elsewhere.
_ODD = re.compile(r"[\x00-\x1f\x7f\\]")


class UploadView(View):
    """A file that was received."""

    folder: str
    path: str
    size: int


async def receive_file(
    services: Services, folder: str, path: str, chunks: AsyncIterator[bytes], announced: int = 0
) -> UploadView:
    """Store a file below `home/uploads/<folder>`; one that is there already is replaced once all has come.

    Args:
        folder: a name for what belongs together.
        path: where the file lies in it, with `/` between its parts.
        chunks: the bytes; they go to disk as they come.
        announced: how many will come, where that is known.

    Raises:
        InvalidInput: a name is not usable, or the file is larger than the setting `max_file_mb` allows.
        Unavailable: it cannot be written.
    """
    root = services.settings.uploads_folder / _safe("folder", folder)
    target = root / _safe_path(path)
    most = services.settings.max_file_mb * _MB
    _check_size(announced, most)
    with _troubles(path):
        draft = await asyncio.to_thread(_make_draft, root, target)
        try:
            with draft.open("wb") as file:
                size = await _copy(chunks, file, most)
            await asyncio.to_thread(draft.replace, target)
        finally:
            await asyncio.to_thread(draft.unlink, missing_ok=True)
    return UploadView(folder=str(root), path=path, size=size)


def _safe_path(path: str) -> PurePosixPath:
    parts = path.split("/")
    if len(parts) > _MOST_DEPTH:
        raise refused("path", f"A file may lie at most {_MOST_DEPTH} folders deep.")
    return PurePosixPath(*(_safe("path", part) for part in parts))


def _safe(field: str, name: str) -> str:
    """One part of a path, if it can be no other thing than a plain name.

    Raises:
        InvalidInput: it is empty, hidden, leads elsewhere, or is too long.
    """
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        length = 0
    if not 0 < length <= _MOST_BYTES or name.startswith(".") or _ODD.search(name) or "/" in name:
        raise refused(field, f"{name!r} cannot be a name here. Give it another one.")
    return name


def _make_draft(root: Path, target: Path) -> Path:
    """A new hidden file beside the target, so that staging never sees half a document."""
    private.make_folder(target.parent)
    if not target.parent.resolve().is_relative_to(root.parent.resolve()):
        raise refused("path", "A link there leads out of the uploads.")
    descriptor, name = tempfile.mkstemp(prefix=".upload-", dir=target.parent)
    os.close(descriptor)
    return Path(name)


async def _copy(chunks: AsyncIterator[bytes], file: BinaryIO, most: int) -> int:
    size, waiting = 0, bytearray()
    async for chunk in chunks:
        size += len(chunk)
        _check_size(size, most)
        waiting += chunk
        if len(waiting) >= _GROUP_BYTES:
            await asyncio.to_thread(file.write, bytes(waiting))
            waiting.clear()
    await asyncio.to_thread(file.write, bytes(waiting))
    return size


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise InvalidInput(f"The file has more than {most // _MB:,} MiB (setting max_file_mb).")


@contextmanager
def _troubles(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in {errno.EISDIR, errno.ENOTDIR, errno.EEXIST}:
            raise refused("path", f"{path} is a file and a folder at once.") from error
        raise Unavailable(f"{path} cannot be stored: {error.strerror}.") from error
