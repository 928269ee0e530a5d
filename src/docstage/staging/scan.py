"""Finds the documents of a folder, without ever leaving it."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docstage.domain.content import DocumentReason
from docstage.domain.errors import DocstageError
from docstage.domain.handling import CONTAINER_ENDINGS, Archives
from docstage.domain.snapshot import FrozenFolder
from docstage.own_files import OwnFiles, identities
from docstage.staging.globs import Globs
from docstage.stored_path import to_os_path, to_stored_path

# Here the kernel tells of itself and of processes, their environments with keys included.
_KERNEL = ("/proc", "/sys")
_OWN = "This is a file of docstage itself, and no document."
_OWN_FOLDER = "Here docstage keeps its own data, which are no documents; only its uploads are."
_JUNK = Globs(("Thumbs.db", "desktop.ini", ".DS_Store", "~$*", ".~lock.*#"))


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """Which files of a folder are documents.

    Attributes:
        recursive: sub-folders are searched as well.
        include: patterns (see `Globs`) of which one must match; none means every file.
        exclude: patterns of which none may match; they win over `include`.
        hidden: names that start with a dot are taken as well.
        archives: files that may hold documents are listed as well, whatever `include` says.
    """

    recursive: bool = True
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    hidden: bool = False
    archives: bool = False


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file, or something that looks like one and cannot be a document.

    Attributes:
        path: relative to the folder, POSIX separators, escaped so that any database can keep it.
        size: bytes.
        mtime_ns: time of the last change, nanoseconds since 1970.
        problem: why it cannot be opened as a document, or None.
        detail: the problem in words.
    """

    path: str
    size: int
    mtime_ns: int
    problem: DocumentReason | None = None
    detail: str = ""


class FolderUnusable(DocstageError):
    """The folder as a whole cannot be searched."""

    kind = "folder-unusable"
    status = 422
    title = "The folder cannot be used"


def scan(root: Path, options: ScanOptions, own: OwnFiles | None = None) -> Iterator[FoundFile]:
    """Every document of a folder, depth first, sorted by name within each folder, found while it is consumed.

    Links are followed only to targets inside the folder, and only when the target is not listed under its own
    name, so that no document comes twice.

    Args:
        own: docstage's own files, which are no documents, under whatever name they are found.

    Raises:
        FolderUnusable: at once, when the folder is missing, is not a folder, may not be read, or is the
            kernel's own.
    """
    try:
        resolved = root.resolve(strict=True)
        if any(resolved.is_relative_to(place) for place in _KERNEL):
            raise FolderUnusable(f"{root} is no folder of documents: there the system tells of itself.")
        with os.scandir(resolved):
            pass
    except FileNotFoundError:
        raise FolderUnusable(f"The folder {root} does not exist.") from None
    except NotADirectoryError:
        raise FolderUnusable(f"{root} is a file, not a folder.") from None
    except PermissionError:
        raise FolderUnusable(f"docstage is not permitted to read the folder {root}.") from None
    except (OSError, RuntimeError) as error:
        raise FolderUnusable(f"The folder {root} cannot be read: {error}.") from None
    return _Walk(str(resolved), options, own).files()


def takes(root: Path, options: ScanOptions, path: str) -> bool:
    """Whether the options let a `FoundFile.path` of this folder be a document, if there is such a file."""
    walk = _Walk(str(root), options)
    return walk.is_listed(str(to_os_path(Path(), path)))


def options_of(folder: FrozenFolder) -> ScanOptions:
    """What a folder of a run says of its files."""
    return ScanOptions(
        recursive=folder.recursive,
        include=tuple(folder.include),
        exclude=tuple(folder.exclude),
        hidden=folder.hidden,
        archives=folder.archives == Archives.OPEN,
    )


class Members:
    """Which of the files that lie in other files a folder takes.

    An archive is like a folder: what lies in it is taken by its own name and path.
    """

    def __init__(self, options: ScanOptions) -> None:
        self._hidden = options.hidden
        self._include = Globs(options.include)
        self._exclude = Globs(options.exclude)

    def takes(self, container: str, member: str, *, is_container: bool) -> bool:
        """Whether a file in a container, given by their paths, is taken."""
        path = f"{container}/{member}"
        is_hidden = not self._hidden and any(name.startswith(".") for name in member.split("/"))
        if is_hidden or self._exclude.match(path):
            return False
        return is_container or self.includes(path)

    def includes(self, path: str) -> bool:
        """Whether the folder wants files of this path to be documents."""
        return not self._include or self._include.match(path)


class _Walk:
    """One walk through a folder."""

    def __init__(self, root: str, options: ScanOptions, own: OwnFiles | None = None) -> None:
        self._root = root
        self._own = own
        # By number too: a walk may come there through a link, a mount or another spelling.
        self._home = identities([own.home] if own else ())
        self._own_files = identities(own.files if own else ())
        self._database = own.database.rpartition(".")[0] if own else ""  # how paths of its files begin
        self._options = options
        self._include = Globs(options.include)
        self._exclude = Globs(options.exclude)
        # Folders that were entered through a link. Only links can lead in circles.
        self._linked: set[tuple[int, int]] = set()

    def files(self) -> Iterator[FoundFile]:
        """The files. It keeps a stack of listings, since trees may be deeper than recursion may go."""
        stack = [self._listing("")]
        while stack:
            for item in stack[-1]:
                if isinstance(item, FoundFile):
                    yield item
                else:
                    stack.append(self._listing(item))
                    break
            else:
                stack.pop()

    def _listing(self, folder: str) -> Iterator[FoundFile | str]:
        """The documents of one folder, and as bare strings the sub-folders to be entered."""
        try:
            with os.scandir(os.path.join(self._root, folder)) as entries:  # noqa: PTH118  (hot path, plain strings)
                names = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield _problem(
                folder, DocumentReason.NOT_PERMITTED, f"This folder cannot be read: {error.strerror}."
            )
            return
        for entry in names:
            relative = f"{folder}/{entry.name}" if folder else entry.name
            if self._is_left_out(relative, entry.name):
                continue
            try:
                yield from self._visit(entry, relative)
            except FileNotFoundError:
                continue  # deleted while the folder was being listed
            except OSError as error:
                yield _problem(
                    relative, DocumentReason.NOT_PERMITTED, f"It cannot be read: {error.strerror}."
                )

    def _visit(self, entry: os.DirEntry[str], relative: str) -> Iterator[FoundFile | str]:
        if entry.is_symlink():
            yield from self._follow(entry, relative)
        elif entry.is_dir(follow_symlinks=False):
            if self._is_home(entry):
                yield from self._at_home(relative)
            elif self._options.recursive and f"{self._root}{relative}" not in _KERNEL:  # of "/"
                yield relative
        elif self._is_wanted(relative):
            yield self._found(relative, entry.path, entry.stat(follow_symlinks=False))

    def _is_home(self, folder: os.DirEntry[str]) -> bool:
        """Whether it is docstage's home. Only a folder of the same number is looked at closely."""
        if not any(number == folder.inode() for _, number in self._home):
            return False
        return bool(identities([folder.path]) & self._home)

    def _at_home(self, relative: str) -> Iterator[FoundFile | str]:
        """Of docstage's home a note, and what was uploaded."""
        yield _problem(relative, DocumentReason.OWN_FILE, _OWN_FOLDER)
        uploads = self._own.uploads if self._own else ""
        inside = f"{relative}/{uploads.rpartition('/')[2]}"
        below = os.path.join(self._root, inside)  # noqa: PTH118  (as all paths here)
        left_out = self._is_left_out(inside, "uploads")
        if self._options.recursive and not left_out and identities([below]) & identities([uploads]):
            yield inside

    def _follow(self, entry: os.DirEntry[str], relative: str) -> Iterator[FoundFile | str]:
        try:
            target = os.path.realpath(entry.path, strict=True)
            status = os.stat(target)  # noqa: PTH116  (hot path, plain strings)
        except PermissionError:
            raise
        except OSError:
            if self._is_wanted(relative):
                yield _problem(
                    relative, DocumentReason.GONE, "This link points to something that does not exist."
                )
            return
        inside = _relative_to(target, self._root)
        is_folder = stat.S_ISDIR(status.st_mode)
        if self._own and self._own.keeps(target):
            yield _problem(relative, DocumentReason.OWN_FILE, _OWN)
        elif inside is None:
            if is_folder or self._is_wanted(relative):
                detail = "This link points to a place outside the folder, so it is not followed."
                yield _problem(relative, DocumentReason.LEAVES_FOLDER, detail)
        elif is_folder:
            identity = (status.st_dev, status.st_ino)
            if self._options.recursive and not self._is_walked(inside) and identity not in self._linked:
                self._linked.add(identity)
                yield relative
        elif self._is_wanted(relative) and not self.is_listed(inside):
            yield self._found(relative, target, status)

    def _found(self, relative: str, path: str, status: os.stat_result) -> FoundFile:
        if not stat.S_ISREG(status.st_mode):
            detail = "This is a pipe, a socket or a device, not a file with contents."
            return _problem(relative, DocumentReason.NOT_A_FILE, detail)
        if (status.st_dev, status.st_ino) in self._own_files or self._is_of_database(path):
            return _problem(relative, DocumentReason.OWN_FILE, _OWN)
        return FoundFile(to_stored_path(relative), status.st_size, status.st_mtime_ns)

    def _is_of_database(self, path: str) -> bool:
        if not self._own or not self._database or not path.startswith(self._database):
            return False
        return self._own.keeps(path)

    def _is_left_out(self, relative: str, name: str) -> bool:
        if _JUNK.match(name) or (name.startswith(".") and not self._options.hidden):
            return True
        return bool(self._exclude) and self._exclude.match(to_stored_path(relative))

    def _is_wanted(self, relative: str) -> bool:
        if not self._include or (self._options.archives and relative.lower().endswith(CONTAINER_ENDINGS)):
            return True
        return self._include.match(to_stored_path(relative))

    def _is_walked(self, folder: str) -> bool:
        """Whether the walk reaches this folder, given by its real relative path, without following links."""
        if not folder:
            return True
        parts = folder.split("/")
        return not any(self._is_left_out("/".join(parts[: n + 1]), part) for n, part in enumerate(parts))

    def is_listed(self, file: str) -> bool:
        """Whether the walk lists this file, given by its real relative path, under its own name."""
        reached = self._options.recursive or "/" not in file
        return reached and self._is_walked(file) and self._is_wanted(file)


def _problem(relative: str, reason: DocumentReason, detail: str) -> FoundFile:
    return FoundFile(to_stored_path(relative), 0, 0, reason, detail)


def _relative_to(target: str, root: str) -> str | None:
    """The path of `target` below `root`, `""` for `root` itself, None when it lies outside."""
    if target == root:
        return ""
    prefix = root.rstrip("/") + "/"
    return target.removeprefix(prefix) if target.startswith(prefix) else None
