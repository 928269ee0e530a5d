"""What connections' calls really took, beside what was expected of them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

from sqlalchemy import Connection, delete, select

from docstage.domain.calibration import UNKNOWN, Calibration
from docstage.store.documents import upsert
from docstage.store.tables import token_calibration

_KEY = ("connection_id", "model")
_SUMS = tuple(one.name for one in fields(Calibration))


@dataclass(frozen=True, slots=True)
class CountedCall:
    """A call whose tokens were told.

    Attributes:
        model: as it was asked for.
        expected: input tokens, before any calibration.
        told: by the server.
    """

    connection_id: int
    model: str
    expected: int
    told: int


def learn(c: Connection, calls: Iterable[CountedCall]) -> None:
    """Take calls into what is known of their connections. The engine alone writes this, a group at a time."""
    found: dict[tuple[int, str], list[tuple[int, int]]] = {}
    for call in calls:
        found.setdefault((call.connection_id, call.model), []).append((call.expected, call.told))
    for (connection_id, model), new in sorted(found.items()):
        sums = asdict(calibration(c, connection_id, model).learn(new))
        statement = upsert(c, token_calibration).on_conflict_do_update(index_elements=_KEY, set_=sums)
        c.execute(statement, {"connection_id": connection_id, "model": model, **sums})


def calibration(c: Connection, connection_id: int, model: str) -> Calibration:
    """What is known of a connection's counts with a model."""
    statement = select(*(token_calibration.c[name] for name in _SUMS)).where(
        token_calibration.c.connection_id == connection_id, token_calibration.c.model == model
    )
    row = c.execute(statement).one_or_none()
    return UNKNOWN if row is None else Calibration(*row)


def forget(c: Connection, connection_id: int) -> None:
    """Forget what is known of a connection."""
    c.execute(delete(token_calibration).where(token_calibration.c.connection_id == connection_id))
