"""Folders on the machine: which may be used, and what lies in them."""

import difflib
import os
from pathlib import Path

from pydantic import Field

from docstage.clock import Clock
from docstage.own_files import OwnFiles
from docstage.service.edits import refused
from docstage.service.views import View
from docstage.settings import Settings
from docstage.staging.confinement import allowed_roots, check_allowed
from docstage.staging.scan import FolderUnusable, ScanOptions, scan

_MOST = 1_000
_LISTED = 200
_COUNTED = 100_000
_SCAN_SECONDS = 3.0


class FolderEntry(View):
    """A sub-folder."""

    name: str
    path: str


class FolderListing(View):
    """What lies in a folder of the machine, for choosing one."""

    path: str | None
    parent: str | None
    folders: list[FolderEntry]
    files: int


class FoundDocument(View):
    """A file that staging would take."""

    path: str
    size: int


class FolderDocuments(View):
    """The files of a folder that staging would take, whether or not they can be read."""

    count: int
    complete: bool = Field(description="False when counting was given up: there are more.")
    documents: list[FoundDocument] = Field(description="The first of them.")


def usable_folder(settings: Settings, text: str) -> Path:
    """The absolute path of a folder that documents may come from.

    Raises:
        Forbidden: it lies outside the allowed roots, or in docstage's own home.
        InvalidInput: it does not exist, is no folder or cannot be read.
    """
    path = _absolute(text)
    check_allowed(settings, path)
    try:
        scan(path, ScanOptions())
    except FolderUnusable as error:
        raise refused("path", error.detail + _close_matches(path)) from error
    return path


def browse_folder(settings: Settings, text: str | None) -> FolderListing:
    """The sub-folders of a folder; without one, the allowed roots or else the user's home.

    Raises:
        Forbidden, InvalidInput: as `usable_folder`.
    """
    roots = allowed_roots(settings)
    if text is None and roots:
        entries = [FolderEntry(name=str(root), path=str(root)) for root in roots]
        return FolderListing(path=None, parent=None, folders=entries, files=0)
    path = usable_folder(settings, text or "~")
    names, files = _contents(path)
    own = OwnFiles.of(settings)
    names = [name for name in names if not own.keeps_folder(path.resolve() / name)]
    inside = not roots or any(
        path.resolve() != root and path.resolve().is_relative_to(root) for root in roots
    )
    parent = str(path.parent) if inside and path.parent != path else None
    entries = [FolderEntry(name=name, path=str(path / name)) for name in names[:_MOST]]
    return FolderListing(path=str(path), parent=parent, folders=entries, files=files)


def find_documents(
    root: Path, options: ScanOptions, clock: Clock, search: str | None, own: OwnFiles
) -> FolderDocuments:
    """Look for documents as staging does, up to 100,000 of them and for three seconds at most.

    Args:
        own: docstage's own files, which are no documents.
        search: counts and lists only paths that contain this text.
    """
    wanted = (search or "").casefold()
    found: list[FoundDocument] = []
    count, patience = 0, clock.monotonic() + _SCAN_SECONDS
    for file in scan(root, options, own):
        if count >= _COUNTED or clock.monotonic() > patience:
            return FolderDocuments(count=count, complete=False, documents=found)
        if file.problem is None and wanted in file.path.casefold():
            count += 1
            if len(found) < _LISTED:
                found.append(FoundDocument(path=file.path, size=file.size))
    return FolderDocuments(count=count, complete=True, documents=found)


def _absolute(text: str) -> Path:
    try:
        return Path(os.path.normpath(Path(text).expanduser().absolute()))
    except RuntimeError as error:
        raise refused("path", f"There is no home folder for {text}.") from error


def _contents(path: Path) -> tuple[list[str], int]:
    """Names of the sub-folders that are not hidden, and the number of files."""
    names, files = [], 0
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if _is_folder(entry):
                names.append(entry.name)
            else:
                files += 1
    return sorted((name for name in names if name.isprintable()), key=str.casefold), files


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


# Nobody has documents there, and most of these are refused as folders.
_NO_PLACES = frozenset(
    {"/proc", "/sys", "/dev", "/run", "/boot", "/bin", "/sbin", "/lib", "/lib64", "/lost+found"}
)


def _close_matches(path: Path) -> str:
    """A hint at folders of nearly that name, if there are any."""
    try:
        names, _files = _contents(path.parent)
    except OSError:
        return ""
    names = [name for name in names if str(path.parent / name) not in _NO_PLACES]
    close = difflib.get_close_matches(path.name, names, n=3)
    return f" Did you mean {' or '.join(str(path.parent / name) for name in close)}?" if close else ""
