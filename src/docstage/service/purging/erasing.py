"""Erasing from the disk what was deleted, before whoever deleted it is answered."""

from sqlalchemy import Connection

from docstage.service.context import Services
from docstage.store.erasures import Erasure, owe, owe_space


def owe_erasure(services: Services, c: Connection, upload: str | None = None) -> None:
    """Write down that rows were deleted, in the transaction that does so.

    Args:
        upload: the place below the uploads of the folder that was deleted, if it was one of them.
    """
    at = services.clock.now()
    owe_space(c, at)
    if upload is not None:
        owe(c, Erasure.UPLOAD, [upload], at)


def erase_now(services: Services) -> None:
    """Erase for some seconds; what is left then, the engine goes on with."""
    from docstage.retention.sweep import sweep_now  # reading commands need none of it

    sweep_now(services.database, services.settings, services.clock)
