"""Makes documents of the files that lie in others, as far as their folder takes them and limits allow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from docstage.domain.content import SKIP_REASONS, DocumentReason, DocumentStatus
from docstage.domain.handling import USUAL, Handling
from docstage.domain.snapshot import FrozenFolder
from docstage.extraction.extractors import Limits
from docstage.extraction.members import Member
from docstage.staging.scan import Members, options_of
from docstage.store import documents
from docstage.store.documents import Verdict
from docstage.store.records import Document
from docstage.store.values import ColumnValues

_NOT_TAKEN = "It is no archive, and the folder does not take files with such a name."


@dataclass(frozen=True, slots=True)
class Inside:
    """A document with files in it that are documents of their own."""

    document: Document
    members: tuple[Member, ...]


@dataclass(slots=True)
class Unpacking:
    """What the folders of a run say of files in files.

    Attributes:
        members: which of them each folder takes.
        filled: how many came out of each file of the disk, by folder and path, as far as that was counted.
    """

    limits: Limits
    handlings: Mapping[int, Handling] = field(default_factory=dict)
    members: Mapping[int, Members] = field(default_factory=dict)
    filled: dict[tuple[int, str], int] = field(default_factory=dict)

    @classmethod
    def of(cls, folders: Iterable[FrozenFolder], limits: Limits) -> "Unpacking":
        """That of these folders."""
        known = list(folders)
        handlings = {one.id: Handling.of(one.archives, one.attachments) for one in known}
        return cls(limits, handlings, {one.id: Members(options_of(one)) for one in known})

    def handling(self, folder_id: int) -> Handling:
        """What becomes of files in the files of a folder."""
        return self.handlings.get(folder_id, USUAL)

    def judged(self, document: Document, verdict: Verdict) -> Verdict:
        """The verdict on a document that may be listed only because it might hold others."""
        takes = self.members.get(document.folder_id)
        if verdict.status != DocumentStatus.ENCODED or takes is None or takes.includes(document.path):
            return verdict
        skipped = (str(DocumentStatus.SKIPPED), str(DocumentReason.UNKNOWN_TYPE), _NOT_TAKEN)
        return Verdict(*skipped, verdict.media_type, pages=None, images=0, characters=0, tokens=0)

    def unpack(self, c: Connection, inside: Inside, verdict: Verdict) -> Verdict:
        """Store the files in a document as documents of its run, PENDING unless they are ruled out already.

        Returns:
            The verdict on the document, with what has to be said of these files.
        """
        document = inside.document
        around = documents.containers(c, document)
        wanted = [one for one in inside.members if self._takes(document, one)]
        levels = _levels(inside.members)
        near = [one for one in wanted if len(around) + levels[one.path] <= self.limits.container_depth]
        kept = near[: self._room(c, document, around[0])] if around else near
        documents.insert_documents(c, [_row(document, one) for one in kept])
        if around:
            self.filled[document.folder_id, around[0]] += len(kept)
        return _told(verdict, inside.members, wanted, near, kept)

    def _takes(self, document: Document, member: Member) -> bool:
        takes = self.members.get(document.folder_id)
        is_container = member.reason == DocumentReason.CONTAINER
        return takes is None or takes.takes(document.path, member.path, is_container=is_container)

    def _room(self, c: Connection, document: Document, outermost: str) -> int:
        """How many more files may come out of a file of the disk."""
        key = (document.folder_id, outermost)
        if key not in self.filled:
            self.filled[key] = documents.count_below(c, document, outermost)
        return max(0, self.limits.container_files - self.filled[key])


def _levels(members: Iterable[Member]) -> dict[str, int]:
    """In how many containers each member lies, the one that is unpacked among them."""
    levels: dict[str, int] = {}
    open_ones: list[str] = []
    for one in members:
        while open_ones and not one.path.startswith(f"{open_ones[-1]}/"):
            open_ones.pop()
        levels[one.path] = len(open_ones) + 1
        if one.reason == DocumentReason.CONTAINER:
            open_ones.append(one.path)
    return levels


def _row(document: Document, member: Member) -> ColumnValues:
    status = DocumentStatus.PENDING
    if member.reason is not None:
        is_skipped = member.reason in SKIP_REASONS
        status = DocumentStatus.SKIPPED if is_skipped else DocumentStatus.UNREADABLE
    return {
        "run_id": document.run_id,
        "folder_id": document.folder_id,
        "path": f"{document.path}/{member.path}",
        "size": member.size,
        "mtime_ns": document.mtime_ns,
        "status": str(status),
        "reason": member.reason,
        "detail": member.detail,
        "sha256": member.sha256,
        "losses": member.losses or None,
        "images": 0,
        "characters": 0,
        "tokens": 0,
    }


def _told(
    verdict: Verdict,
    members: Sequence[Member],
    wanted: Sequence[Member],
    near: Sequence[Member],
    kept: Sequence[Member],
) -> Verdict:
    """The verdict with what became of the files."""
    sentences = [_listed(_files(members), _files(kept)), verdict.detail or ""]
    if deep := _files(wanted) - _files(near):
        sentences.append(f"{deep:,} lie too deep in other files (setting max_archive_depth).")
    if many := _files(near) - _files(kept):
        sentences.append(f"{many:,} are too many for one archive (setting max_archive_files).")
    losses = (verdict.losses or 0) + bool(deep) + bool(many)
    return replace(verdict, detail=" ".join(filter(None, sentences)), losses=losses)


def _files(members: Iterable[Member]) -> int:
    return sum(one.reason != DocumentReason.CONTAINER for one in members)


def _listed(there: int, kept: int) -> str:
    if there == kept:
        files = "The file in it is a document of its own."
        return files if there == 1 else f"Its {there:,} files are documents of their own."
    return f"Of its {there:,} files {kept:,} are documents of their own; the others are left out."
