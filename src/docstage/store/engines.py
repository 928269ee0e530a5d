"""What the engine last said of itself."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from docstage.store.documents import upsert
from docstage.store.tables import engine

_ONLY = 1


@dataclass(frozen=True, slots=True)
class EngineRecord:
    """The engine's row.

    Attributes:
        seen_at: when it last wrote, seconds since the epoch.
        state: `lanes` by connection id, `runs` by run id, `trouble` with the database, and `ended` once it
            has ended as it should.
    """

    pid: int
    host: str
    version: str
    started_at: float
    seen_at: float
    state: dict[str, Any]


def read_engine(c: Connection) -> EngineRecord | None:
    """What the engine last said, or None when none ever ran."""
    columns = [engine.c[name] for name in EngineRecord.__slots__]
    row = c.execute(select(*columns).where(engine.c.id == _ONLY)).one_or_none()
    return None if row is None else EngineRecord(*row)


def write_engine(c: Connection, values: dict[str, Any]) -> None:
    """Write the engine's row, or the given columns of it when it is there already.

    Args:
        values: columns; the first time all of them but `id`.
    """
    if c.execute(engine.update().where(engine.c.id == _ONLY).values(**values)).rowcount:
        return
    statement = upsert(c, engine).values(id=_ONLY, **values)
    c.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
