"""Finds files that lie in other files, by paths such as `archive.zip/letters/mail.eml/offer.pdf`."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from docstage.domain.content import DocumentReason
from docstage.extraction.containers.base import Entry
from docstage.extraction.containers.names import file_name
from docstage.extraction.containers.opening import is_container, open_container
from docstage.extraction.extractors.base import Limits
from docstage.extraction.files import FileProblem, open_regular, read_regular
from docstage.extraction.media_types import detect
from docstage.own_files import OwnFiles

_GONE = "Its container no longer holds this file. Stage again."

Attached = Callable[[bytes, str], Sequence[Entry]]
"""What is attached to a document, given by its bytes and its name."""


@dataclass(frozen=True, slots=True)
class Original:
    """The bytes of a document.

    Attributes:
        status: of the file on the disk, or of that in which it lies.
        depth: how many containers it lies in.
        container: the path of the file on the disk in which it lies, None when it is that itself.
    """

    data: bytes
    status: os.stat_result
    depth: int = 0
    container: str | None = None


@dataclass(slots=True)
class _Level:
    """A container that is open: its files by their paths in it."""

    entries: dict[str, Entry]
    inner: tuple[str, "_Level"] | None = None  # the one in it that was opened last


@dataclass(slots=True)
class Shelf:
    """Reads documents. What was opened last stays open, since the next document often lies there too.

    Attributes:
        attached: takes apart what is a document with attachments.
    """

    limits: Limits
    attached: Attached
    _place: tuple[object, ...] = ()
    _level: _Level = field(default_factory=lambda: _Level({}))

    def read(self, root: Path, path: str, own: OwnFiles | None = None) -> Original:
        """All bytes of a document, given by its path below a folder, through whatever it lies in.

        Raises:
            FileProblem: it cannot be read, is too large or gone; see `read_regular`.
            Unreadable: it cannot be had from what it lies in.
        """
        try:
            found = Original(*read_regular(root, path, self.limits.file_bytes, own))
        except FileProblem as problem:
            if problem.reason is not DocumentReason.GONE or "/" not in path:
                raise
            return self._inside(root, path, own, problem)
        self._place, self._level = (), _Level({})
        return found

    def _inside(self, root: Path, path: str, own: OwnFiles | None, problem: FileProblem) -> Original:
        for outer, inner in _splits(path):
            try:
                status = self._go_to(root, outer, own)
            except FileProblem as other:
                if other.reason is DocumentReason.NOT_A_FILE:  # a folder
                    continue
                raise (problem if other.reason is DocumentReason.GONE else other) from other
            found, depth = self._take(self._level, inner)
            return Original(found, status, depth, outer)
        raise problem

    def _go_to(self, root: Path, path: str, own: OwnFiles | None) -> os.stat_result:
        """Open a container of the disk, unless it is open already."""
        with open_regular(root, path, own) as file:
            status = os.fstat(file.fileno())
        place = (root, path, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        if place != self._place:
            self._place, self._level = (), _Level({})
            data, status = read_regular(root, path, self.limits.file_bytes, own)
            self._level, self._place = self._open(data, file_name(path)), place
        return status

    def _open(self, data: bytes, name: str) -> _Level:
        media_type = detect(data, name)
        if media_type is None or not is_container(media_type):
            return _Level({entry.path: entry for entry in self.attached(data, name)})
        limits = self.limits
        opened = open_container(data, media_type, name, limits.container_files, limits.container_bytes)
        return _Level({entry.path: entry for entry in opened.entries})

    def _take(self, level: _Level, path: str) -> tuple[bytes, int]:
        """A file below a container, and how many containers it lies in."""
        depth = 1
        while True:
            name = next(
                (one for one in (path, *(outer for outer, _ in _splits(path))) if one in level.entries), None
            )
            if name is None:
                raise FileProblem(DocumentReason.GONE, _GONE)
            if name == path:
                return level.entries[name].read(self.limits.file_bytes), depth
            if level.inner is None or level.inner[0] != name:
                data = level.entries[name].read(self.limits.file_bytes)
                level.inner = (name, self._open(data, file_name(name)))
            level, path, depth = level.inner[1], path[len(name) + 1 :], depth + 1


def _splits(path: str) -> list[tuple[str, str]]:
    """The path, cut at each of its separators, the first one first."""
    places = [at for at, character in enumerate(path) if character == "/"]
    return [(path[:at], path[at + 1 :]) for at in places]
