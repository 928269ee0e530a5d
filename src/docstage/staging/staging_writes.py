"""What staging writes: outcomes of documents, contents, and what was learnt about files."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection

from docstage.domain.content import DocumentStatus
from docstage.domain.handling import USUAL, Handling
from docstage.extraction.extraction_result import Encoded, NotEncoded
from docstage.extraction.extractors import ENCODER_VERSION
from docstage.extraction.members import Member, read_members
from docstage.staging.run_guard import Fence
from docstage.staging.unpacking import Inside, Unpacking
from docstage.store import contents, documents
from docstage.store.contents import NewContent, NewImage, NewMembers
from docstage.store.documents import DocumentOutcome, SeenFile, Verdict
from docstage.store.records import Document


def content_key(sha256: str, path: str, handling: Handling = USUAL) -> str:
    """The key of a content.

    The file's ending is part of it, because it may decide how bytes are read; so is what the folder says of
    files that lie in others, unless that is the usual.
    """
    return f"{sha256}-{ENCODER_VERSION}-{Path(path).suffix.lower()[:16]}{handling.tag}"


@dataclass(slots=True)
class Outcomes:
    """Outcomes that are written together.

    Attributes:
        unpacking: what becomes of files in files.
        bytes: how much content is among them.
    """

    unpacking: Unpacking
    rows: list[DocumentOutcome] = field(default_factory=list)
    contents: list[NewContent] = field(default_factory=list)
    images: list[NewImage] = field(default_factory=list)
    members: list[NewMembers] = field(default_factory=list)
    inside: dict[int, Inside] = field(default_factory=dict)
    files: list[SeenFile] = field(default_factory=list)
    bytes: int = 0

    def seen(self, root: Path, path: str, sha256: str, size: int, mtime_ns: int, at: float) -> None:
        """Remember what a file held when it was read."""
        self.files.append(SeenFile(str(root), path, size, mtime_ns, sha256, at))

    def reused(self, document: Document, sha256: str, known: Verdict, members: Sequence[Member] = ()) -> None:
        """What its bytes come to is stored already."""
        known = self.unpacking.judged(document, known)
        is_encoded = known.status == DocumentStatus.ENCODED
        if members:
            self.inside[document.id] = Inside(document, tuple(members))
        self.rows.append(
            DocumentOutcome(
                id=document.id,
                verdict=known,
                sha256=sha256,
                content_key=self._key(document, sha256) if is_encoded else None,
                milliseconds=None,
                size=document.size,
                mtime_ns=document.mtime_ns,
            )
        )

    def extracted(self, document: Document, outcome: Encoded | NotEncoded, at: float) -> None:
        """The document was extracted, or could not be."""
        key = self.keep(document.path, outcome, at, self.unpacking.handling(document.folder_id))
        verdict = self.unpacking.judged(document, verdict_of(outcome))
        if outcome.members_zstd:
            self.inside[document.id] = Inside(document, read_members(outcome.members_zstd))
        self.rows.append(
            DocumentOutcome(
                id=document.id,
                verdict=verdict,
                sha256=outcome.sha256,
                content_key=key if verdict.status == DocumentStatus.ENCODED else None,
                milliseconds=outcome.milliseconds,
                size=document.size if outcome.size is None else outcome.size,
                mtime_ns=document.mtime_ns if outcome.mtime_ns is None else outcome.mtime_ns,
            )
        )

    def keep(
        self, path: str, outcome: Encoded | NotEncoded, at: float, handling: Handling = USUAL
    ) -> str | None:
        """Keep what every document with these bytes comes to; returns the key of their content."""
        key = content_key(outcome.sha256, path, handling) if outcome.sha256 else None
        if key and (isinstance(outcome, Encoded) or outcome.deterministic):
            if outcome.members_zstd:
                self.members.append(NewMembers(key, outcome.members_zstd))
            text = outcome.text_zstd if isinstance(outcome, Encoded) else None
            receipt = outcome.receipt_zstd if isinstance(outcome, Encoded) else None
            self.contents.append(NewContent(key, verdict_of(outcome), text, at, receipt))
            self.bytes += len(text or b"")
        if key and isinstance(outcome, Encoded):
            self._add_images(key, outcome)
        return key

    def write(self, fence: Fence) -> list[int]:
        """Write everything, contents first.

        On SQLite they have a file of their own, and one transaction over two files is not atomic: a process
        that is killed while it commits could leave documents whose content was never stored. A content
        without a document is merely there already when it is next wanted.

        Between the two transactions, or since it was found to be known, a content may have been deleted with
        the last document that it belonged to. It is stored again where it is at hand.

        Returns:
            The ids of documents whose content is gone: they are PENDING still, and must be extracted.

        Raises:
            Superseded: the batch was cancelled meanwhile.
        """
        while True:
            if self.contents:
                with fence.write() as c:
                    contents.insert_contents(c, self.contents, self.images, self.members)
            lost = self._write_rows(fence)
            if lost is not None:
                return lost

    def _write_rows(self, fence: Fence) -> list[int] | None:
        """Write all but contents; None when some that are at hand have to be stored again first."""
        if not self.rows and not self.files:
            return []
        wanted = {row.content_key for row in self.rows if row.content_key is not None}
        with fence.write() as c:
            lost = wanted - contents.keep_contents(c, wanted)
            if lost & {row.key for row in self.contents}:
                return None
            found = [row for row in self.rows if row.content_key not in lost]
            documents.record_outcomes(c, [self._unpacked(c, row) for row in found])
            documents.remember_files(c, self.files)
        gone = [row.id for row in self.rows if row.content_key in lost]
        self.rows = [row for row in self.rows if row.content_key not in lost]
        return gone

    def _unpacked(self, c: Connection, row: DocumentOutcome) -> DocumentOutcome:
        """The outcome of a document, once the files in it are stored."""
        inside = self.inside.get(row.id)
        if inside is None:
            return row
        return replace(row, verdict=self.unpacking.unpack(c, inside, row.verdict))

    def _key(self, document: Document, sha256: str) -> str:
        return content_key(sha256, document.path, self.unpacking.handling(document.folder_id))

    def _add_images(self, key: str, outcome: Encoded) -> None:
        for position, image in enumerate(outcome.images):
            self.images.append(NewImage(key, position, image.media_type, image.data))
            self.bytes += len(image.data)


def verdict_of(outcome: Encoded | NotEncoded) -> Verdict:
    """Status, reason and sizes, as they are stored."""
    if isinstance(outcome, Encoded):
        return Verdict(
            status=str(DocumentStatus.ENCODED),
            reason=None,
            detail=outcome.told,
            media_type=outcome.media_type,
            pages=outcome.pages,
            parts=outcome.parts,
            pictured_parts=outcome.pictured_parts,
            losses=outcome.losses,
            images=len(outcome.images),
            characters=outcome.characters,
            tokens=outcome.tokens,
            least_tokens=outcome.least_tokens,
            most_tokens=outcome.most_tokens,
        )
    return Verdict(
        status=str(outcome.status),
        reason=str(outcome.reason),
        detail=outcome.detail,
        media_type=outcome.media_type,
        pages=None,
        images=0,
        characters=0,
        tokens=0,
        losses=outcome.losses or None,
    )


def is_settled(read_at: float, mtime_ns: int) -> bool:
    """Whether a file's time of change tells of the next change.

    Some file systems keep it in steps of two seconds (FAT), so that a file which had just been changed when
    it was read may have changed again since.
    """
    return read_at - mtime_ns / 1e9 > 2.0
