"""The file that a document is, for whoever wants to see it as it was."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

from docstage.domain.content import DocumentReason
from docstage.domain.errors import Conflict, NotFound
from docstage.extraction.files import FileProblem, open_regular
from docstage.extraction.limits import limits_of
from docstage.extraction.originals import NotThere, open_original
from docstage.extraction.pool import ExtractionJob
from docstage.own_files import OwnFiles
from docstage.service.context import Services
from docstage.service.results.run_lookup import select_document
from docstage.staging.confinement import roots_of
from docstage.store import documents
from docstage.store.records import Document, Run

_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Original:
    """A file on its way.

    Attributes:
        name: what it should be called.
        size: bytes.
        pieces: its bytes; the file is closed behind the last.
    """

    name: str
    size: int
    pieces: Iterator[bytes]


def original(services: Services, batch_id: int, document_id: int, run: int | None = None) -> Original:
    """The file of a document, as it was when the batch was staged.

    Raises:
        NotFound: there is no such document, or its file is gone or cannot be read any more.
        Forbidden: its folder may no longer be used.
        Conflict: its bytes have changed since.
    """
    with services.database.read() as c:
        chosen, document = select_document(c, batch_id, document_id, run)
        around = documents.containers(c, document)
    if document.reason == DocumentReason.PURGED:
        raise NotFound("The document was deleted everywhere.")
    name = document.path.rpartition("/")[2]
    if around:
        data = _taken_out(services, chosen, document)
        return Original(name, len(data), iter([data]))
    file = _open(services, chosen, document)
    try:
        size = _check(file, document)
    except BaseException:
        file.close()
        raise
    return Original(name, size, _pieces(file))


def _root(services: Services, run: Run, document: Document) -> Path:
    folders = [one for one in run.snapshot.folders if one.id == document.folder_id]
    return roots_of(services.settings, folders)[document.folder_id]


def _taken_out(services: Services, run: Run, document: Document) -> bytes:
    """The bytes of a document that lies in another file, which only a worker opens."""
    job = ExtractionJob(_root(services, run, document), document.path, OwnFiles.of(services.settings))
    try:
        data = open_original(limits_of(services.settings), job)
    except NotThere as problem:
        raise NotFound(f"{document.path} cannot be downloaded: {problem}") from problem
    if hashlib.sha256(data).hexdigest() != document.sha256:
        raise _changed(document)
    return data


def _changed(document: Document) -> Conflict:
    return Conflict(
        f"{document.path} is not what it was when the batch was staged. "
        "Stage the batch again, or look at the file where it lies."
    )


def _open(services: Services, run: Run, document: Document) -> FileIO:
    try:
        root = _root(services, run, document)
        return open_regular(root, document.path, OwnFiles.of(services.settings))
    except FileProblem as problem:
        raise NotFound(f"{document.path} cannot be downloaded: {problem.detail}") from problem


def _check(file: FileIO, document: Document) -> int:
    """How many bytes the file has. Raises Conflict unless they are those that were read."""
    digest, size = hashlib.sha256(), 0
    while size <= document.size and (chunk := file.read(_PIECE)):
        digest.update(chunk)
        size += len(chunk)
    if digest.hexdigest() != document.sha256:
        raise _changed(document)
    file.seek(0)
    return size


def _pieces(file: FileIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
