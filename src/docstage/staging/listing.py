"""The first part of staging: listing what is in the folders of a run."""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from docstage.domain.content import SKIP_REASONS, DocumentStatus
from docstage.domain.snapshot import FrozenFolder
from docstage.own_files import OwnFiles
from docstage.staging.run_guard import Fence
from docstage.staging.scan import FolderUnusable, FoundFile, options_of, scan
from docstage.store import documents, runs

GROUP = 1_000


def list_folders(fence: Fence, folders: Iterable[FrozenFolder], own: OwnFiles | None = None) -> None:
    """Store every file of the folders as a document of the run, PENDING unless it is ruled out already.

    May be repeated: what is stored already stays as it is.

    Args:
        folders: as frozen in the run's snapshot.
        own: docstage's own files, which are no documents.

    Raises:
        FolderUnusable: a folder is missing or cannot be read.
        Superseded: the batch was cancelled meanwhile.
    """
    for folder in folders:
        for group in _groups(_found(folder, own)):
            rows = [_row(fence.run_id, folder.id, file) for file in group]
            with fence.write() as c:
                documents.insert_documents(c, rows)
    with fence.write() as c:
        runs.mark_scanned(c, fence.run_id)


def _found(folder: FrozenFolder, own: OwnFiles | None) -> Iterator[FoundFile]:
    try:
        yield from scan(Path(folder.path), options_of(folder), own)
    except FolderUnusable as error:
        raise FolderUnusable(f"Folder {folder.name!r}: {error.detail}") from error


def _groups(files: Iterator[FoundFile]) -> Iterator[list[FoundFile]]:
    while group := list(islice(files, GROUP)):
        yield group


def _row(run_id: int, folder_id: int, file: FoundFile) -> dict[str, Any]:
    status = DocumentStatus.PENDING
    if file.problem is not None:
        skipped = file.problem in SKIP_REASONS
        status = DocumentStatus.SKIPPED if skipped else DocumentStatus.UNREADABLE
    return {
        "run_id": run_id,
        "folder_id": folder_id,
        "path": file.path,
        "size": file.size,
        "mtime_ns": file.mtime_ns,
        "status": str(status),
        "reason": file.problem,
        "detail": file.detail or None,
        "images": 0,
        "characters": 0,
        "tokens": 0,
    }
