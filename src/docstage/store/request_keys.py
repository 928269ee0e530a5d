"""Keys by which callers mark requests, so that one that is sent twice is carried out once."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from docstage.store.batches import LostRace
from docstage.store.tables import request_key

KEPT_SECONDS = 7 * 86_400.0


@dataclass(frozen=True, slots=True)
class RequestKey:
    """A request as its caller marked it.

    Attributes:
        key: what the caller chose.
        fingerprint: what was asked; another one under the same key is a mistake.
    """

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """A request that was carried out."""

    fingerprint: str
    batch_id: int


def find_request(c: Connection, key: str) -> Remembered | None:
    """The request that was carried out under this key, if it is still known."""
    row = c.execute(
        select(request_key.c.fingerprint, request_key.c.batch_id).where(request_key.c.key == key)
    ).one_or_none()
    return Remembered(row.fingerprint, row.batch_id) if row else None


def remember_request(c: Connection, request: RequestKey, batch_id: int, at: float) -> None:
    """Remember a request in the transaction that carries it out, and forget those of a week ago.

    Raises:
        LostRace: an equal request was carried out at the same moment.
    """
    c.execute(delete(request_key).where(request_key.c.at < at - KEPT_SECONDS))
    values = {"key": request.key, "fingerprint": request.fingerprint, "batch_id": batch_id, "at": at}
    try:
        c.execute(insert(request_key).values(**values))
    except IntegrityError as error:
        raise LostRace from error
