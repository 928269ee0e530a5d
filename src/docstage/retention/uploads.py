"""Files that were sent to the server: which of them go when a folder is deleted, and how.

Only what lies below the uploads is ever deleted. A folder of the user's own is never touched, nor is what a
link there leads to.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from uuid import uuid4

from docstage.domain.errors import Unavailable

PARTIAL = ".upload-"  # what the name of a file begins with while it is received
_DELETED = ".deleted-"  # what is put aside under such a name is deleted, whoever finds it


def below(uploads: Path, path: str) -> str | None:
    """Where a path lies below the uploads, with `/` between its parts; None when elsewhere, or for a link."""
    place = Path(os.path.normpath(Path(path).absolute()))
    try:
        relative = place.relative_to(uploads.absolute())
        real = place.resolve().relative_to(uploads.resolve())
    except ValueError:
        return None
    return relative.as_posix() if relative.parts and relative == real else None


def erase(uploads: Path, relative: str, folders: Iterable[str]) -> None:
    """Delete what lies at a place below the uploads, but nothing that another folder has.

    Args:
        folders: the paths of the folders that there are.

    Raises:
        Unavailable: something cannot be deleted.
    """
    place = uploads / relative
    if below(uploads, str(place)) != relative or not place.exists():
        return
    used = _folders_in(uploads, folders)
    if any(place.is_relative_to(path) for path in used):
        return
    inside = [path for path in used if path.is_relative_to(place)]
    try:
        if inside:
            _erase_around(place, inside)
        else:
            aside = uploads / f"{_DELETED}{uuid4().hex}"
            place.rename(aside)
            _remove(aside)
            _remove_empty(uploads, place.parent, used)
    except OSError as error:
        raise Unavailable(f"Uploaded files cannot be deleted: {error.strerror}.") from error


def erase_file(uploads: Path, file: Path, folders: Iterable[str]) -> None:
    """Delete one uploaded file, and the folders that it leaves empty unless they are in use.

    Raises:
        Unavailable: it cannot be deleted.
    """
    try:
        file.unlink(missing_ok=True)
        _remove_empty(uploads, file.parent, _folders_in(uploads, folders))
    except OSError as error:
        raise Unavailable(f"The uploaded file cannot be deleted: {error.strerror}.") from error


def put_aside(uploads: Path) -> Iterator[Path]:
    """What was being deleted when a process died."""
    if uploads.is_dir():
        yield from uploads.glob(f"{_DELETED}*")


def erase_aside(uploads: Path) -> None:
    """Delete what was put aside to be deleted. Raises Unavailable."""
    try:
        for place in put_aside(uploads):
            _remove(place)
    except OSError as error:
        raise Unavailable(f"Uploaded files cannot be deleted: {error.strerror}.") from error


def strays(uploads: Path, folders: Iterable[str], before: float) -> list[str]:
    """Uploads that no folder has and that were not touched since a time: places below the uploads.

    They are uploads that were broken off, or that nobody made a folder of.
    """
    if not uploads.is_dir():
        return []
    used = _folders_in(uploads, folders)
    found = []
    for place in sorted(uploads.iterdir()):
        in_use = any(path.is_relative_to(place) or place.is_relative_to(path) for path in used)
        if place.name.startswith(_DELETED) or place.is_symlink():
            continue
        if in_use:
            found += [one for one in _partials(place) if one.lstat().st_mtime < before]
        elif _touched(place) < before:
            found.append(place)
    return [place.relative_to(uploads).as_posix() for place in found]


def files(uploads: Path) -> Iterator[Path]:
    """Every uploaded file."""
    for folder, _, names in os.walk(uploads):
        yield from (Path(folder, name) for name in names if not name.startswith(PARTIAL))


def _folders_in(uploads: Path, folders: Iterable[str]) -> list[Path]:
    """The folders that are uploads; one that merely contains docstage's home does not count."""
    return [path for path in map(Path, folders) if path.is_relative_to(uploads)]


def _partials(place: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(place):
        yield from (Path(folder, name) for name in names if name.startswith(PARTIAL))


def _touched(place: Path) -> float:
    """When something in it was last written, in seconds since the epoch."""
    times = [place.lstat().st_mtime]
    for folder, folders, names in os.walk(place):
        times += [Path(folder, name).lstat().st_mtime for name in (*folders, *names)]
    return max(times)


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _erase_around(place: Path, kept: Iterable[Path]) -> None:
    """Delete everything in a folder but what lies in the kept ones."""
    keep = list(kept)
    for folder, _, names in os.walk(place, topdown=False):
        here = Path(folder)
        if any(here.is_relative_to(path) for path in keep):
            continue
        for name in names:
            (here / name).unlink()
        if not any(path.is_relative_to(here) for path in keep):
            here.rmdir()


def _remove_empty(uploads: Path, folder: Path, used: Iterable[Path]) -> None:
    """Remove folders that are empty, upwards, as long as no folder of docstage needs them."""
    needed = list(used)
    while folder != uploads and folder.is_relative_to(uploads):
        if any(path.is_relative_to(folder) for path in needed) or any(folder.iterdir()):
            return
        folder.rmdir()
        folder = folder.parent
