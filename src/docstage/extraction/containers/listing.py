"""What a container holds, with all that lies in containers inside it, within limits over the whole."""

import hashlib
import time
from dataclasses import dataclass, field

from docstage.domain.content import DocumentReason
from docstage.extraction.containers.base import Bomb, Entry, Overfull
from docstage.extraction.containers.names import file_name, is_junk
from docstage.extraction.containers.opening import is_container, open_container
from docstage.extraction.extractors.base import Limits, Unreadable
from docstage.extraction.media_types import detect
from docstage.extraction.members import Member

# However small a container is, so much may come out of it: texts of zeros and blanks are no bombs.
_ALWAYS = 64 * 2**20
_SHARE_OF_TIME = 0.75
_MOST_SENTENCES = 20
_ITSELF = "It holds itself, so it is not opened again."


@dataclass(frozen=True, slots=True)
class Listing:
    """What was found in a container.

    Attributes:
        members: its files; containers among them are followed by what they hold.
        notes: sentences about what is no file.
        left_out: sentences about files that are missing.
        limited: whether limits kept something out: with others there would be more.
    """

    members: tuple[Member, ...]
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    limited: bool = False

    @property
    def told(self) -> str:
        """Everything that has to be said of it."""
        return " ".join((*self.notes, *self.left_out))


def list_container(data: bytes, media_type: str, name: str, limits: Limits) -> Listing:
    """Look into a container.

    Raises:
        Unreadable: it cannot be opened, is empty, or is made to exhaust whoever opens it.
    """
    walk = _Walk(limits, len(data), time.monotonic() + limits.seconds * _SHARE_OF_TIME)
    return walk.look(data, media_type, name, 0, ())


@dataclass(slots=True)
class _Walk:
    """A look into a container and all that is inside."""

    limits: Limits
    packed: int
    until: float
    members: int = 0
    unpacked: int = 0

    def look(self, data: bytes, media_type: str, name: str, depth: int, around: tuple[str, ...]) -> Listing:
        """What one container holds; those around it are known by their hashes."""
        most, room = self.limits.container_files, self._room()
        opened = open_container(data, media_type, name, most, room)
        if opened.limited and around:
            self._count(room)
        level = _Level(depth, (*around, hashlib.sha256(data).hexdigest()), left_out=list(opened.left_out))
        level.limited = opened.limited
        for entry in opened.entries:
            if is_junk(entry.path):
                continue
            if why := self._why_no_more():
                level.leave_out(f"From {entry.path} on its files are not taken: {why}")
                break
            self._take(entry, level)
        else:
            if opened.total > (taken := len(opened.entries)):
                level.leave_out(f"Only its first {taken:,} of {opened.total:,} files are taken.")
        if not level.members and not level.left_out:
            raise Unreadable(DocumentReason.EMPTY, "It holds no files.")
        return level.listing(opened.notes)

    def _room(self) -> int:
        """What may be unpacked merely to see what a container holds."""
        possible = max(_ALWAYS, self.packed * self.limits.container_ratio)
        return max(0, min(self.limits.container_bytes, possible) - self.unpacked)

    def _why_no_more(self) -> str | None:
        limits = self.limits
        if self.members >= limits.container_files:
            return f"it holds more than {limits.container_files:,} (setting max_archive_files)."
        if self.unpacked >= limits.container_bytes:
            return f"it unpacks to more than {limits.container_bytes >> 20:,} MiB (setting max_archive_mb)."
        if time.monotonic() > self.until:
            return "to open it takes too long (setting extract_seconds)."
        return None

    def _take(self, entry: Entry, level: "_Level") -> None:
        self.members += 1
        try:
            data = entry.read(min(self.limits.file_bytes, self.limits.container_bytes))
        except Unreadable as problem:
            self._count(self._cost(entry))
            level.limited |= isinstance(problem, Overfull)
            level.members.append(Member(entry.path, entry.size or 0, None, problem.reason, problem.detail))
            return
        self._count(len(data))
        sha256 = hashlib.sha256(data).hexdigest()
        media_type = detect(data, file_name(entry.path)) if data else None
        member = Member(entry.path, len(data), sha256)
        if media_type is None or not is_container(media_type):
            level.members.append(member)
        else:
            level.members.extend(self._inside(data, media_type, member, level))

    def _cost(self, entry: Entry) -> int:
        """What may have been unpacked of a file before it failed."""
        most = self.limits.file_bytes
        return most if entry.size is None else entry.size if entry.size <= most else 0

    def _count(self, size: int) -> None:
        self.unpacked += size
        if self.unpacked > max(_ALWAYS, self.packed * self.limits.container_ratio):
            raise Bomb(f"It unpacks to more than {self.limits.container_ratio:,} times its size")

    def _inside(self, data: bytes, media_type: str, member: Member, level: "_Level") -> list[Member]:
        """A container in the container, as a member, and what it holds."""
        try:
            if member.sha256 in level.around:
                raise Unreadable(DocumentReason.TOO_COMPLEX, _ITSELF)
            if level.depth + 1 >= self.limits.container_depth:
                level.limited = True
                detail = f"It lies in {level.depth + 1} containers already (setting max_archive_depth)."
                raise Unreadable(DocumentReason.TOO_COMPLEX, detail)
            listing = self.look(data, media_type, file_name(member.path), level.depth + 1, level.around)
        except Bomb:
            raise
        except Unreadable as problem:
            return [Member(member.path, member.size, member.sha256, problem.reason, problem.detail)]
        level.limited |= listing.limited
        told = Member(
            member.path,
            member.size,
            member.sha256,
            DocumentReason.CONTAINER,
            listing.told or None,
            len(listing.left_out),
        )
        return [told, *(one.below(member.path) for one in listing.members)]


@dataclass(slots=True)
class _Level:
    """One container while it is looked into.

    Attributes:
        around: hashes of it and of those it lies in.
    """

    depth: int
    around: tuple[str, ...]
    left_out: list[str]
    members: list[Member] = field(default_factory=list)
    limited: bool = False

    def leave_out(self, why: str) -> None:
        self.left_out.append(why)
        self.limited = True

    def listing(self, notes: tuple[str, ...]) -> Listing:
        return Listing(tuple(self.members), notes, tuple(self.left_out[:_MOST_SENTENCES]), self.limited)
