"""Reads what is attached to a document in its place: files, mails, and what lies in attached archives."""

import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from PIL import Image

from docstage.domain.content import DocumentReason, ImagePart, Part
from docstage.extraction.archive_types import ARCHIVES
from docstage.extraction.containers.base import Bomb, Entry, Overfull
from docstage.extraction.containers.names import file_name, is_junk, safe_paths
from docstage.extraction.containers.opening import open_container
from docstage.extraction.extractors.base import Attachment, Extracted, Limits, Unreadable
from docstage.extraction.known_types import IMAGE_EXTENSIONS
from docstage.extraction.media_types import detect

_MOST_FILES = 100
_MOST_DEPTH = 5
_MOST_UNPACKED = 256 * 2**20  # bytes that come out of attached archives
_MOST_SENTENCES = 100
# What mail programs put beside signatures: logos, and signs of telephones and social networks.
_SMALL_AREA, _SMALL_SIDE = 30_000, 50
_PICTURES = frozenset(IMAGE_EXTENSIONS.values())

Read = Callable[[bytes, str, Limits], Extracted]


def entries_of(attachments: Sequence[Attachment]) -> list[Entry]:
    """The attachments as files with safe and distinct paths."""
    paths = safe_paths([_one_name(attachment.name) for attachment in attachments])
    return [
        Entry(path, len(attachment.data), _reader(attachment.data))
        for path, attachment in zip(paths, attachments, strict=True)
    ]


def read_in_place(document: Extracted, limits: Limits, read: Read) -> Extracted:
    """The document with what is attached to it behind its own parts.

    What cannot be read, or is too much, is told among what is left out; the document is not lost over it.

    Args:
        read: extracts one file, whose own attachments are then read in the same way.
    """
    reader = _Reader(
        limits,
        read,
        characters=limits.text_characters - sum(len(part.text) for part in document.parts),
        pictures=limits.images - len(document.images),
    )
    reader.read_all(entries_of(document.attachments), "", 1)
    return replace(
        document,
        parts=(*document.parts, *reader.parts),
        notes=(*document.notes, *_few(reader.notes)),
        left_out=(*document.left_out, *_few(reader.left_out)),
        attachments=(),
    )


def leave_out(document: Extracted) -> Extracted:
    """The document without what is attached to it, which is told."""
    names = [entry.path for entry in entries_of(document.attachments)]
    listed = ", ".join(names[:10]) + (f" and {len(names) - 10:,} more" if len(names) > 10 else "")
    told = f"What is attached to it is not read, as the folder says: {listed}."
    return replace(document, left_out=(*document.left_out, told), attachments=())


def _one_name(name: str) -> str:
    return file_name(name.replace("\\", "/").rstrip("/"))


def _reader(data: bytes) -> Callable[[int], bytes]:
    def read(most: int) -> bytes:
        if len(data) > most:
            raise Overfull(f"It has {len(data) >> 20:,} MiB; the limit is {most >> 20:,} MiB.")
        return data

    return read


def _few(sentences: Sequence[str]) -> tuple[str, ...]:
    more = len(sentences) - _MOST_SENTENCES
    told = tuple(sentences[:_MOST_SENTENCES])
    return (*told, f"And {more:,} more.") if more > 0 else told


@dataclass(slots=True)
class _Reader:
    """Reads attachments within what is left of a document's limits.

    Attributes:
        characters: that may come yet.
        pictures: likewise.
        unpacked: bytes that came out of archives.
        known: hashes of what was read.
    """

    limits: Limits
    read: Read
    characters: int
    pictures: int
    files: int = 0
    unpacked: int = 0
    parts: list[Part] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)

    def read_all(self, entries: Iterable[Entry], folder: str, depth: int) -> None:
        """Read files of which all lie in a folder, an archive or an attached document (`""`: none)."""
        for entry in entries:
            path = f"{folder}{entry.path}"
            if is_junk(entry.path):
                continue
            if self.files >= _MOST_FILES or depth > _MOST_DEPTH:
                why = "it lies too deep" if depth > _MOST_DEPTH else f"there are more than {_MOST_FILES}"
                self.left_out.append(f"Attachments from {path} on are not included: {why}.")
                return
            self.files += 1
            try:
                self._take(entry, path, depth)
            except Unreadable as problem:
                self.left_out.append(f"The attachment {path} is not included: {problem.detail}")

    def _take(self, entry: Entry, path: str, depth: int) -> None:
        data = entry.read(self.limits.file_bytes)
        if not data:
            self.notes.append(f"The attachment {path} is empty.")
            return
        digest = hashlib.sha256(data).hexdigest()
        if first := self.known.get(digest):
            self.notes.append(f"The attachment {path} is the same as {first}.")
            return
        self.known[digest] = path
        media_type = detect(data, file_name(path))
        if media_type in ARCHIVES:
            self._open(data, media_type, path, depth)
        else:
            self._include(self.read(data, file_name(path), self.limits), path, depth)

    def _open(self, data: bytes, media_type: str, path: str, depth: int) -> None:
        room = _MOST_UNPACKED - self.unpacked
        opened = open_container(data, media_type, file_name(path), _MOST_FILES, room)
        self.left_out.extend(f"In {path}: {sentence}" for sentence in opened.left_out)
        self.notes.extend(f"In {path}: {sentence}" for sentence in opened.notes)
        self.read_all((self._counted(entry) for entry in opened.entries), f"{path}/", depth + 1)
        if opened.total > len(opened.entries) and self.files < _MOST_FILES:
            more = opened.total - len(opened.entries)
            self.left_out.append(f"In {path}: {more:,} more files are not included: there are too many.")

    def _counted(self, entry: Entry) -> Entry:
        """A file of an archive that counts against what may be unpacked."""

        def read(most: int) -> bytes:
            left = _MOST_UNPACKED - self.unpacked
            if left <= 0:
                raise Bomb(f"The archive unpacks to more than {_MOST_UNPACKED >> 20} MiB")
            try:
                data = entry.read(min(most, left))
            except Overfull:
                self.unpacked += 0 if (entry.size or 0) > left else left
                raise
            self.unpacked += len(data)
            return data

        return Entry(entry.path, entry.size, read)

    def _include(self, extracted: Extracted, path: str, depth: int) -> None:
        if extracted.media_type in _PICTURES and _is_small(extracted.images):
            self.notes.append(f"The attachment {path} is a small picture, such as a logo, and not included.")
            return
        if all(part.is_empty for part in extracted.parts) and not extracted.attachments:
            raise Unreadable(DocumentReason.NO_TEXT, "No text was found in it.")
        characters = sum(len(part.text) for part in extracted.parts)
        if characters > self.characters:
            detail = f"Its text has {characters:,} characters, with which the document would be too long."
            raise Unreadable(DocumentReason.TOO_LARGE, detail)
        self.characters -= characters
        self.parts.extend(self._placed(part, path) for part in extracted.parts)
        self.notes.extend(f"In {path}: {sentence}" for sentence in extracted.notes)
        self.left_out.extend(f"In {path}: {sentence}" for sentence in extracted.left_out)
        self.read_all(entries_of(extracted.attachments), f"{path}/", depth + 1)

    def _placed(self, part: Part, path: str) -> Part:
        """The part where it belongs, with as many of its pictures as there is room for."""
        images, more = part.images[: self.pictures], max(len(part.images) - self.pictures, 0)
        self.pictures -= len(images)
        left_out = part.left_out
        if more:
            left_out += (f"{more:,} of its pictures are not included: the document has too many.",)
        within = path if part.within is None else f"{path}/{part.within}"
        return replace(part, images=images, within=within, left_out=left_out)


def _is_small(images: Sequence[ImagePart]) -> bool:
    if len(images) != 1:
        return False
    with Image.open(io.BytesIO(images[0].data)) as image:
        width, height = image.size
    return width * height < _SMALL_AREA or min(width, height) < _SMALL_SIDE
