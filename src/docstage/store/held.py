"""Holding what a restored copy of a database would go on with by itself.

The copy may be of an earlier schema, so only columns are used that every schema has.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update

from docstage.domain.lifecycle import Action, BatchStatus, decide
from docstage.store.tables import batch, engine, event, folder, run, seen_file
from docstage.store.values import ColumnValue

ACTOR = "restore"
_COLUMNS = (batch.c.id, batch.c.name, batch.c.status, batch.c.version, batch.c.run_id)
_HELD = {BatchStatus.ANALYZING: Action.PAUSE, BatchStatus.STAGING: Action.CANCEL}


@dataclass(frozen=True, slots=True)
class Held:
    """A batch that waits for a person.

    Attributes:
        was: its status in the backup.
        status: the one it has now.
    """

    id: int
    name: str
    was: str
    status: str


@dataclass(frozen=True, slots=True)
class _Active:
    """What is read of a batch: as `_COLUMNS`."""

    id: int
    name: str
    status: str
    version: int
    run_id: int | None


def hold_active(c: Connection, reason: str, at: float) -> list[Held]:
    """Pause what was analysed and cancel what was staged, as a user would; no engine may be at work.

    Args:
        reason: what the batches and the log say of it.
        at: seconds since the epoch.
    """
    found = c.execute(select(*_COLUMNS).where(batch.c.status.in_(_HELD)).order_by(batch.c.id))
    active = [_Active(*row) for row in found]
    c.execute(delete(engine))  # what it says is of the engine that was at work on the original
    return [_held(c, one, reason, at) for one in active]


def waiting_since_restored(c: Connection) -> int:
    """How many batches have not been touched since they were held."""
    last = (
        select(event.c.batch_id, func.max(event.c.id).label("id"))
        .where(event.c.to_status.is_not(None))
        .group_by(event.c.batch_id)
        .subquery()
    )
    statement = (
        select(func.count())
        .select_from(batch)
        .join(last, last.c.batch_id == batch.c.id)
        .join(event, event.c.id == last.c.id)
        .where(event.c.actor == ACTOR)
    )
    return int(c.execute(statement).scalar_one())


def move_uploads(c: Connection, before: str, now: str) -> None:
    """Let folders of uploaded documents be found where they lie now."""
    if not before or before == now:
        return
    for number, path in c.execute(select(folder.c.id, folder.c.path)).all():
        if path == before or path.startswith(f"{before}/"):
            values = {"path": now + path.removeprefix(before)}
            c.execute(update(folder).where(folder.c.id == number).values(values))
    for root in c.execute(select(seen_file.c.root).distinct()).scalars().all():
        if root.startswith(f"{before}/"):
            moved = now + root.removeprefix(before)
            c.execute(delete(seen_file).where(seen_file.c.root == moved))
            c.execute(update(seen_file).where(seen_file.c.root == root).values(root=moved))


def _held(c: Connection, row: _Active, reason: str, at: float) -> Held:
    was = BatchStatus(row.status)
    action = _HELD[was]
    status = decide(was, action).target
    values: dict[str, ColumnValue] = {
        "status": status,
        "status_reason": reason,
        "version": row.version + 1,
        "updated_at": at,
        f"{status.lower()}_at": at,
    }
    c.execute(update(batch).where(batch.c.id == row.id).values(**values))
    number = c.execute(select(run.c.number).where(run.c.id == row.run_id)).scalar()
    logged = {"at": at, "batch_id": row.id, "batch_name": row.name, "run": number, "actor": ACTOR}
    logged |= {"action": action, "from_status": was, "to_status": status, "reason": reason}
    c.execute(insert(event).values(**logged))
    return Held(row.id, row.name, str(was), str(status))
