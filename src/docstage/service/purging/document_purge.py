"""Deleting one document everywhere: out of all runs of all batches, from the contents and the uploads."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from sqlalchemy import Connection

from docstage.domain.errors import Conflict, NotFound
from docstage.domain.lifecycle import BatchStatus
from docstage.extraction.files import FileProblem, fingerprint
from docstage.retention import uploads
from docstage.retention.sweep import content_keys
from docstage.service.context import Services
from docstage.service.purging.views import DocumentChoice, PurgeView
from docstage.service.session import Session
from docstage.store import batches, contents, documents, library, purging, runs
from docstage.store.erasures import Erasure, owe
from docstage.store.purging import DeletedDocument, FoundDocument
from docstage.store.tables import batch

_BUSY = (BatchStatus.STAGING, BatchStatus.ANALYZING)
_NAMED = 100
_AT_ONCE = 200  # documents of a transaction


@dataclass(slots=True)
class _Found:
    """Where a document is.

    Attributes:
        places: where its files are or were.
        runs: the batch of each run that has it.
    """

    sha256: set[str] = field(default_factory=set)
    documents: list[FoundDocument] = field(default_factory=list)
    places: set[Path] = field(default_factory=set)
    runs: dict[int, int] = field(default_factory=dict)
    uploads: list[Path] = field(default_factory=list)


def purge_document(session: Session, choice: DocumentChoice, dry_run: bool) -> PurgeView:
    """Delete a document, or tell what would go; see `purging.purge`. What remains on the disk is swept later.

    In its runs it keeps its place, its counters and what it cost; its name becomes `purged document N`.
    """
    services = session.services
    with services.database.read() as c:
        found = _find(services, c, choice)
        _check_at_rest(c, found)
        told = _told(services, c, found, dry_run)
    if dry_run:
        return told
    # Files first: while a run still knows the document, it can be asked for again after a crash.
    with services.database.read() as c:
        folders = library.folder_paths(c)
    for file in found.uploads:
        uploads.erase_file(services.settings.uploads_folder, file, folders)
    while found.documents:
        _forget(services, found, session.actor)
        with services.database.read() as c:  # there may have been more than were read at once
            found = _find(services, c, choice, again=found)
    _forget_places(services, found)
    return told


def _find(
    services: Services, c: Connection, choice: DocumentChoice, *, again: _Found | None = None
) -> _Found:
    found = _Found(sha256=set(again.sha256) if again else set())
    snapshots = _Roots(c)
    at_path = [] if again and choice.document_id else _chosen(c, choice, snapshots)
    if choice.sha256:
        found.sha256.add(choice.sha256)
    found.sha256 |= {one.sha256 for one in at_path if one.sha256}
    same = purging.documents_like(c, sha256=found.sha256)
    inside = purging.documents_inside(c, {*at_path, *same})
    found.documents = sorted({*at_path, *same, *inside}, key=lambda one: (one.run_id, one.id))
    found.places = {snapshots.place(one) for one in found.documents}
    if choice.path is not None and Path(choice.path).is_absolute():
        found.places.add(Path(choice.path))
    if again:
        found.places |= again.places
        return found
    found.runs = {one.run_id: snapshots.batch(one.run_id) for one in found.documents}
    certain = {snapshots.place(one) for one in at_path} | (
        {Path(choice.path)} if choice.path is not None else set()
    )
    found.uploads = list(_uploaded(services, found, certain))
    if not found.documents and not found.uploads:
        raise NotFound("No run has such a document, and no upload.")
    return found


def _chosen(c: Connection, choice: DocumentChoice, roots: "_Roots") -> list[FoundDocument]:
    """The documents that are named by their path or number."""
    if choice.batch_id is not None and choice.document_id is not None:
        batches.get_batch(c, choice.batch_id)
        mine = purging.runs_of(c, choice.batch_id)
        one = purging.document_of(c, mine, choice.document_id)
        if one is None:
            raise NotFound(f"Batch {choice.batch_id} has no document {choice.document_id}.")
        return [one]
    if choice.path is None:
        return []
    wanted = Path(choice.path)
    if not wanted.is_absolute():
        return purging.documents_like(c, paths=[choice.path])
    parts = wanted.parts[1:]
    endings = ["/".join(parts[first:]) for first in range(len(parts))]
    return [one for one in purging.documents_like(c, paths=endings) if roots.place(one) == wanted]


class _Roots:
    """Where the folders of runs are, as their snapshots have them."""

    def __init__(self, c: Connection) -> None:
        self._c = c
        self._known: dict[int, tuple[int, dict[int, Path]]] = {}

    def batch(self, run_id: int) -> int:
        """The batch of a run."""
        return self._of(run_id)[0]

    def place(self, document: FoundDocument) -> Path:
        """Where a document's file is, or was."""
        return self._of(document.run_id)[1].get(document.folder_id, Path("/")) / document.path

    def _of(self, run_id: int) -> tuple[int, dict[int, Path]]:
        if run_id not in self._known:
            run = runs.get_run(self._c, run_id)
            folders = {one.id: Path(one.path) for one in run.snapshot.folders}
            self._known[run_id] = run.batch_id, folders
        return self._known[run_id]


def _uploaded(services: Services, found: _Found, certain: Collection[Path]) -> Iterable[Path]:
    """Uploaded files that are the document: at its path, or with the same bytes."""
    folder = services.settings.uploads_folder
    most = services.settings.max_file_mb * 1024 * 1024
    sizes = {one.size for one in found.documents}
    for file in uploads.files(folder):
        if file in certain:
            yield file
        elif found.sha256 and (not sizes or file.lstat().st_size in sizes):
            try:
                if fingerprint(folder, file.relative_to(folder).as_posix(), most).sha256 in found.sha256:
                    yield file
            except FileProblem:
                continue


def _check_at_rest(c: Connection, found: _Found) -> None:
    busy = [one for one in batches.busy_batches(c) if one.run_id in found.runs]
    if busy:
        names = ", ".join(f"batch {one.id} ({one.status})" for one in busy)
        raise Conflict(
            f"The document is in what is being staged or analysed: {names}. Pause or cancel that first, then "
            "delete the document.",
            used_by=[one.id for one in busy],
        )


def _told(services: Services, c: Connection, found: _Found, dry_run: bool) -> PurgeView:
    extent = purging.extent_of_documents(c, [one.id for one in found.documents])
    return PurgeView(
        dry_run=dry_run,
        done=False,
        batches=sorted(set(found.runs.values())),
        runs=len(found.runs),
        documents=extent.documents,
        answers=extent.answers,
        calls=extent.calls,
        bytes=contents.bytes_of_keys(c, content_keys(map(_gone, found.documents))),
        paths=sorted({str(one) for one in found.places})[:_NAMED],
        uploads=[str(file) for file in found.uploads],
        remaining=_remaining(services.settings.uploads_folder, found),
    )


def _remaining(folder: Path, found: _Found) -> list[str]:
    """Files that still hold it: those that are not docstage's, and what it lies in, such as an archive."""
    files = {_file_of(place) for place in found.places} - set(found.uploads)
    stay = (
        file
        for file in files
        if file and (uploads.below(folder, str(file)) is None or file not in found.places)
    )
    return sorted(map(str, stay))


def _file_of(place: Path) -> Path | None:
    """The file at a place, or the one in which it lies."""
    return next((one for one in (place, *place.parents) if one.is_file()), None)


def _gone(one: FoundDocument) -> DeletedDocument:
    return DeletedDocument(one.path, one.sha256, one.content_key)


def _forget(services: Services, found: _Found, actor: str) -> None:
    for run_id, some in groupby(found.documents, key=lambda one: one.run_id):
        rows = list(some)
        for first in range(0, len(rows), _AT_ONCE):
            _forget_some(services, run_id, rows[first : first + _AT_ONCE], actor)


def _forget_some(services: Services, run_id: int, rows: list[FoundDocument], actor: str) -> None:
    at = services.clock.now()
    with services.database.write() as c:
        batch_id = runs.get_run(c, run_id).batch_id
        library.lock_row(c, batch, batch_id)
        current = batches.find_batch(c, batch_id)
        if current is None:
            return  # deleted meanwhile, with the run
        if current.status in _BUSY and current.run_id == run_id:
            raise Conflict(f"Batch {batch_id} has begun again meanwhile. Pause it, then delete the document.")
        contents.forget_members(c, purging.hashes_around(c, rows))
        purging.forget_documents(c, run_id, [one.id for one in rows], at)
        owe(c, Erasure.CONTENT, content_keys(map(_gone, rows)), at)
        number = "1 document was" if len(rows) == 1 else f"{len(rows):,} documents were"
        batches.log_purge(c, current, f"{number} deleted everywhere", actor, at)


def _forget_places(services: Services, found: _Found) -> None:
    """Forget what the document's files held when they were read."""
    places = [(str(root), str(place.relative_to(root))) for place in found.places for root in place.parents]
    with services.database.write() as c:
        documents.forget_files(c, found.sha256)
        documents.forget_places(c, places)
