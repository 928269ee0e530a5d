"""Which folders of the machine documents may come from.

This is asked when a folder is entered and again when it is staged: somebody may have put a link in its place.
"""

from collections.abc import Iterable
from pathlib import Path

from docstage.domain.errors import Forbidden
from docstage.domain.snapshot import FrozenFolder
from docstage.own_files import OwnFiles
from docstage.settings import Settings


def allowed_roots(settings: Settings) -> list[Path]:
    """The folders below which documents may lie, with links resolved; none means everywhere."""
    return [Path(root).expanduser().resolve() for root in settings.allowed_roots]


def check_allowed(settings: Settings, path: Path) -> Path:
    """The folder with its links resolved.

    Raises:
        Forbidden: it lies outside the allowed roots, or is where docstage keeps its own data.
    """
    resolved, roots = path.resolve(), allowed_roots(settings)
    if OwnFiles.of(settings).keeps_folder(resolved):
        raise Forbidden(
            f"{path} is of docstage's own home, {settings.home}, where its keys and its database are. "
            "Put the documents into another folder, or upload them."
        )
    usable = [*roots, settings.uploads_folder.resolve()]
    if roots and not any(resolved.is_relative_to(root) for root in usable):
        allowed = ", ".join(str(root) for root in roots)
        raise Forbidden(f"{path} lies outside the folders that may be used: {allowed}.")
    return resolved


def roots_of(settings: Settings, folders: Iterable[FrozenFolder]) -> dict[int, Path]:
    """Where the folders of a run lie, by their ids.

    Raises:
        Forbidden: as `check_allowed`.
    """
    return {folder.id: check_allowed(settings, Path(folder.path)) for folder in folders}
