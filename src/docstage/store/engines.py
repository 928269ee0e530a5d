"""What the engine last said of itself."""

from dataclasses import dataclass
from typing import TypedDict

from sqlalchemy import Connection, select

from docstage.store.documents import upsert
from docstage.store.tables import engine

_ONLY = 1


class ToldLane(TypedDict, total=False):
    """What the engine tells of a lane: its calls, and why it makes none. Moments are seconds since the epoch.

    Other versions may have told less.
    """

    in_flight: int
    concurrency: int
    held_kind: str | None
    held_reason: str | None
    throttled_until: float | None
    throttled_kind: str | None
    throttled_reason: str | None
    stalled_since: float | None
    trouble_kind: str | None
    trouble_reason: str | None
    trouble_since: float | None
    retries: int
    retry_until: float | None
    quota: str | None
    quota_until: float | None


class ToldWait(TypedDict):
    """That no call of a run leaves for a while, although there are tasks."""

    connection: str
    until: float
    kind: str
    reason: str


class ToldHeld(TypedDict):
    """A prompt that is held on a connection of a run."""

    connection_id: int
    connection: str
    prompt_id: int
    prompt: str
    kind: str
    reason: str
    since: float


class ToldRun(TypedDict, total=False):
    """What the engine tells of a run: what is done a second, what waits for which reason, what is held."""

    rate: float
    retries: int
    retry_until: float
    wait: ToldWait
    held: list[ToldHeld]


class ToldState(TypedDict, total=False):
    """What the engine tells: lanes and runs by id, its trouble, and whether it ended as it should."""

    lanes: dict[str, ToldLane]
    runs: dict[str, ToldRun]
    trouble: str | None
    ended: bool


@dataclass(frozen=True, slots=True)
class EngineRecord:
    """The engine's row.

    Attributes:
        seen_at: when it last wrote, seconds since the epoch.
    """

    pid: int
    host: str
    version: str
    started_at: float
    seen_at: float
    state: ToldState


def read_engine(c: Connection) -> EngineRecord | None:
    """What the engine last said, or None when none ever ran."""
    columns = [engine.c[name] for name in EngineRecord.__slots__]
    row = c.execute(select(*columns).where(engine.c.id == _ONLY)).one_or_none()
    return None if row is None else EngineRecord(*row)


def write_engine(c: Connection, record: EngineRecord) -> None:
    """Write the engine's row, in place of the one that is there."""
    values = {name: getattr(record, name) for name in EngineRecord.__slots__}
    if c.execute(engine.update().where(engine.c.id == _ONLY).values(**values)).rowcount:
        return
    statement = upsert(c, engine).values(id=_ONLY, **values)
    c.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
