"""Keys by which callers mark requests, so that one that is sent twice is carried out once."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, or_, select

from docstage.store.tables import request_key

KEPT_SECONDS = 7 * 86_400.0
_LOCKS = 7_236_839  # PostgreSQL's locks on keys; any number that is not used for others


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


def find_request(c: Connection, key: str, at: float) -> Remembered | None:
    """The request that was carried out under this key in the last seven days.

    One that is being carried out at this moment is waited for, and no other is until the transaction ends. On
    SQLite there is only one writing transaction at a time anyway.
    """
    if c.dialect.name == "postgresql":
        c.execute(select(func.pg_advisory_xact_lock(_LOCKS, func.hashtext(key))))
    row = c.execute(
        select(request_key.c.fingerprint, request_key.c.batch_id).where(
            request_key.c.key == key, request_key.c.at >= at - KEPT_SECONDS
        )
    ).one_or_none()
    return Remembered(row.fingerprint, row.batch_id) if row else None


def remember_request(c: Connection, request: RequestKey, batch_id: int, at: float) -> None:
    """Remember a request in the transaction that carries it out, and forget those of a week ago."""
    forgotten = or_(request_key.c.at < at - KEPT_SECONDS, request_key.c.key == request.key)
    c.execute(delete(request_key).where(forgotten))
    values = {"key": request.key, "fingerprint": request.fingerprint, "batch_id": batch_id, "at": at}
    c.execute(insert(request_key).values(**values))
