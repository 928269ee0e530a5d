"""Folders: places documents come from."""

import re
from collections.abc import Sequence

from sqlalchemy import Connection

from docstage.own_files import OwnFiles
from docstage.retention.uploads import below
from docstage.service.context import Services
from docstage.service.edits import check_unchanged, given, refused
from docstage.service.folders.inputs import FolderChange, FolderInput
from docstage.service.folders.server_folders import (
    FolderDocuments,
    FolderListing,
    browse_folder,
    find_documents,
    usable_folder,
)
from docstage.service.folders.views import FolderView
from docstage.service.purging.erasing import erase_now, owe_erasure
from docstage.service.session import Session
from docstage.service.views import PageView
from docstage.staging.globs import Globs
from docstage.staging.scan import ScanOptions
from docstage.store import library
from docstage.store.paging import PageRequest
from docstage.store.records import Folder
from docstage.store.tables import folder


def create_folder(services: Services, wanted: FolderInput) -> FolderView:
    """Store a folder.

    Raises:
        InvalidInput: it cannot be read, or a glob is not one.
        Forbidden: it lies outside the allowed roots.
        Conflict: the name is taken.
    """
    path = usable_folder(services.settings, wanted.path)
    now = services.clock.now()
    values = wanted.model_dump() | {"path": str(path), "name": wanted.name or path.name or str(path)}
    _check_globs(values)
    with services.database.write() as c:
        folder_id = library.insert_folder(c, values | {"created_at": now, "updated_at": now})
        return _views(c, [library.get_folder(c, folder_id)])[0]


def get_folder(services: Services, folder_id: int) -> FolderView:
    """The folder. Raises NotFound."""
    with services.database.read() as c:
        return _views(c, [library.get_folder(c, folder_id)])[0]


def list_folders(services: Services, request: PageRequest, search: str | None = None) -> PageView[FolderView]:
    """Folders whose name or path contains `search`."""
    with services.database.read() as c:
        page = library.list_folders(c, request, search)
        return PageView(items=_views(c, page.items), next=page.next)


def change_folder(session: Session, folder_id: int, change: FolderChange) -> FolderView:
    """Change a folder; runs that exist keep the folder as they froze it.

    Raises:
        NotFound, InvalidInput, Forbidden, Conflict: as `create_folder`.
        Changed: it has none of the expected tags.
    """
    services = session.services
    values = given(change)
    if "path" in values:
        values["path"] = str(usable_folder(services.settings, values["path"]))
    _check_globs(values)
    with services.database.write() as c:
        library.lock_row(c, folder, folder_id)
        check_unchanged(_views(c, [library.get_folder(c, folder_id)])[0], session.expected)
        library.update_row(c, folder, folder_id, values | {"updated_at": services.clock.now()})
        return _views(c, [library.get_folder(c, folder_id)])[0]


def delete_folder(session: Session, folder_id: int) -> None:
    """Forget a folder. Files that were uploaded into it are deleted, others are never touched.

    Raises:
        NotFound: there is no such folder.
        InUse: batches use it.
        Changed: it has none of the expected tags.
    """
    services = session.services
    with services.database.write() as c:
        library.lock_row(c, folder, folder_id)
        current = library.get_folder(c, folder_id)
        check_unchanged(_views(c, [current])[0], session.expected)
        library.delete_row(c, folder, folder_id)
        owe_erasure(services, c, below(services.settings.uploads_folder, current.path))
    erase_now(services)


def folder_documents(services: Services, folder_id: int, search: str | None = None) -> FolderDocuments:
    """The files that staging would find in a folder now; see `find_documents`. Raises NotFound."""
    place = get_folder(services, folder_id)
    root = usable_folder(services.settings, place.path)
    options = ScanOptions(place.recursive, tuple(place.include), tuple(place.exclude), place.hidden)
    return find_documents(root, options, services.clock, search, OwnFiles.of(services.settings))


def check_folder(services: Services, wanted: FolderInput, search: str | None = None) -> FolderDocuments:
    """The files that a folder would have if it were stored like this.

    Raises:
        InvalidInput, Forbidden: as `create_folder`.
    """
    root = usable_folder(services.settings, wanted.path)
    _check_globs(wanted.model_dump())
    options = ScanOptions(wanted.recursive, tuple(wanted.include), tuple(wanted.exclude), wanted.hidden)
    return find_documents(root, options, services.clock, search, OwnFiles.of(services.settings))


def browse(services: Services, path: str | None = None) -> FolderListing:
    """What lies in a folder of the machine; see `browse_folder`."""
    return browse_folder(services.settings, path)


def _views(c: Connection, records: Sequence[Folder]) -> list[FolderView]:
    users = library.count_users(c, folder, [record.id for record in records])
    views = [FolderView.model_validate(record) for record in records]
    return [view.model_copy(update={"batches": users.get(view.id, 0)}) for view in views]


def _check_globs(values: dict[str, object]) -> None:
    for field in ("include", "exclude"):
        patterns = values.get(field)
        for pattern in patterns if isinstance(patterns, list) else ():
            if not pattern.strip(" /"):
                raise refused(field, f"{pattern!r} is no pattern. Write one such as *.pdf or reports/**.")
            try:
                Globs([pattern])
            except re.error as error:
                raise refused(field, f"{pattern!r} is no pattern: {error}.") from error
