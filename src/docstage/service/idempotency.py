"""Requests that are sent again because their answer was lost: carried out once, answered every time."""

from sqlalchemy import Connection

from docstage.domain.errors import InvalidInput
from docstage.store.request_keys import RequestKey, find_request


class KeyReused(InvalidInput):
    """The key marks another request already."""

    kind = "idempotency-key-reused"
    title = "The Idempotency-Key belongs to another request"


def earlier_batch(c: Connection, request: RequestKey | None, at: float) -> int | None:
    """The batch of an equal request that was carried out before, None when this one is new or unmarked.

    Args:
        at: the present time; keys are forgotten after a while.

    Raises:
        KeyReused: another request was carried out under this key.
    """
    earlier = find_request(c, request.key, at) if request else None
    if earlier is None or request is None:
        return None
    if earlier.fingerprint != request.fingerprint:
        raise KeyReused("Another request was carried out under this key. Choose a new key for each request.")
    return earlier.batch_id
