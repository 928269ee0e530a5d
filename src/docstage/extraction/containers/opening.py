"""Opens files that hold files, each kind by the module that knows it."""

from importlib import import_module

from docstage.domain.content import DocumentReason
from docstage.domain.handling import Archives, Handling
from docstage.extraction.archive_types import ARCHIVES, TAR, ZIP
from docstage.extraction.containers.base import Opened, Opener
from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.known_types import MBOX

_OPENERS = {
    **dict.fromkeys(ARCHIVES, "packed:open_packed"),
    ZIP: "zip_archive:open_zip",
    TAR: "tar_archive:open_tar",
    MBOX: "mailbox:open_mailbox",
}


def is_container(media_type: str | None) -> bool:
    """Whether files of this type are nothing but other files, and can be opened."""
    return media_type in _OPENERS


def is_opened(media_type: str | None, handling: Handling) -> bool:
    """Whether the files in a file of this type are documents of their own.

    Raises:
        Unreadable: it is an archive, and the folder skips these. A mailbox is one document then.
    """
    if not is_container(media_type) or handling.archives is Archives.OPEN:
        return is_container(media_type)
    if media_type in ARCHIVES:
        detail = "It is an archive, and the folder says that archives are not opened."
        raise Unreadable(DocumentReason.CONTAINER, detail)
    return False


def open_container(data: bytes, media_type: str, name: str, most: int, room: int) -> Opened:
    """Open a container of such a type. See `Opener`."""
    module, _, function = _OPENERS[media_type].partition(":")
    opener: Opener = getattr(import_module(f"docstage.extraction.containers.{module}"), function)
    return opener(data, name, most, room)
