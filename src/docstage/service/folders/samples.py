"""The sample documents that come with docstage, for a first try without documents of one's own."""

import os
from pathlib import Path

import docstage
from docstage import private
from docstage.domain.errors import Unavailable
from docstage.service.context import Services
from docstage.service.folders.folders import create_folder
from docstage.service.folders.inputs import FolderInput
from docstage.service.folders.views import FolderView
from docstage.store import library
from docstage.store.paging import PageRequest

NAME = "Sample documents"
_PACKAGE = Path(docstage.__file__).parent


def add_samples(services: Services) -> FolderView:
    """The folder of the sample documents, made if it is not there yet.

    They are copied to where uploads lie, which may always be used and stays when docstage is upgraded.

    Raises:
        Conflict: another folder has its name.
        Unavailable: the documents cannot be written.
    """
    place = Path(os.path.normpath(services.settings.uploads_folder.absolute() / NAME))
    try:
        _copy(place)
    except OSError as error:
        raise Unavailable(f"The sample documents cannot be stored: {error.strerror}.") from error
    with services.database.read() as c:
        for known in library.list_folders(c, PageRequest(), search=NAME).items:
            if known.path == str(place):
                return FolderView.model_validate(known)
    return create_folder(services, FolderInput(path=str(place), name=NAME))


def _copy(place: Path) -> None:
    """Copy what is not there as it should be, and nothing else: a batch may be reading them."""
    source = _source()
    for document in sorted(source.glob("*/*.*")):
        target, data = place / document.relative_to(source), document.read_bytes()
        if not target.is_file() or target.read_bytes() != data:
            private.make_folder(target.parent)
            private.write_file(target, data)


def _source() -> Path:
    """Where they are: in the package, or beside it in a checkout."""
    packaged = _PACKAGE / "samples"
    return packaged if packaged.is_dir() else _PACKAGE.parents[1] / "samples"
