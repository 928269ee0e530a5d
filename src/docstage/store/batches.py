"""Batches, their changes of status, and the audit log.

`change_status` is the only statement that writes a status. It names the status, run and version it expects,
so that of several writers exactly one succeeds, and it writes the event in the same transaction. It refuses
steps that the lifecycle does not have, whoever asks for them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from docstage.domain.errors import NotFound
from docstage.domain.lifecycle import ACTIVE, BatchStatus, check_step
from docstage.store import library, watch
from docstage.store.paging import Page, PageRequest, fetch_page
from docstage.store.purging import doom_runs, runs_of
from docstage.store.records import Batch, Event
from docstage.store.tables import GRAVEYARD, batch, event, run
from docstage.store.values import ColumnValue, ColumnValues, Expression


class Unchanged(Enum):
    """What stands for a value that stays as it is, where None means something."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = Unchanged.UNCHANGED
_BUSY = (BatchStatus.STAGING, BatchStatus.ANALYZING)
_EVENTS_KEY = int.from_bytes(b"ds_event")  # any number that nothing else locks


class LostRace(Exception):
    """Somebody else changed the batch's status first."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change of status as the audit log shall tell it.

    Attributes:
        to: the new status.
        action: what was asked for, or what the engine did.
        actor: who: `engine`, `restore`, or a user, `user` where nobody is known by name.
        reason: why, for `status_reason` and the log.
        at: seconds since the epoch.
    """

    to: BatchStatus
    action: str
    actor: str
    reason: str | None
    at: float


def insert_batch(c: Connection, values: ColumnValues, actor: str, at: float) -> Batch:
    """Store a new SAVED batch and its first event."""
    values = {
        **values,
        "status": BatchStatus.SAVED,
        "version": 0,
        "runs": 0,
        "created_at": at,
        "updated_at": at,
        "saved_at": at,
    }
    saved = Batch.of(c.execute(insert(batch).values(**values).returning(batch)).mappings().one())
    _log(c, saved, None, Change(BatchStatus.SAVED, "save", actor, None, at), None)
    return saved


def get_batch(c: Connection, batch_id: int) -> Batch:
    """The batch. Raises NotFound."""
    row = c.execute(select(batch).where(batch.c.id == batch_id)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no batch {batch_id}.")
    return Batch.of(row)


def find_batch(c: Connection, batch_id: int) -> Batch | None:
    """The batch, or None when it is gone."""
    row = c.execute(select(batch).where(batch.c.id == batch_id)).mappings().one_or_none()
    return Batch.of(row) if row else None


def locked_batch(c: Connection, batch_id: int) -> Batch | None:
    """The batch, whose status nobody can change until the end of the transaction; None when it is gone."""
    statement = select(batch).where(batch.c.id == batch_id).with_for_update(read=True)
    row = c.execute(statement).mappings().one_or_none()
    return Batch.of(row) if row else None


def list_batches(
    c: Connection,
    request: PageRequest,
    *,
    search: str | None = None,
    statuses: Iterable[BatchStatus] = (),
    using: Mapping[str, Collection[int]] | None = None,
) -> Page[Batch]:
    """Batches of these statuses (none given: all) whose name or description contains `search`.

    Args:
        using: ids of a `folder`, `connection` or `prompt`, of each of which it uses one.
    """
    statement = select(batch).where(batch.c.id != GRAVEYARD)
    if search:
        columns = (batch.c.name, batch.c.description)
        statement = statement.where(or_(*(column.icontains(search, autoescape=True) for column in columns)))
    wanted = list(statuses)
    if wanted:
        statement = statement.where(batch.c.status.in_(wanted))
    for kind, ids in (using or {}).items():
        if ids:
            statement = statement.where(library.uses(kind, ids))
    sorts: dict[str, Expression] = {
        name: batch.c[name] for name in ("id", "name", "status", "created_at", "updated_at")
    }
    page = fetch_page(c, statement, request, sorts=sorts, default="-id", key=batch.c.id)
    return Page([Batch.of(row) for row in page.items], page.next)


def active_batches(c: Connection) -> list[Batch]:
    """The batches the engine has work with, the oldest first."""
    statement = select(batch).where(batch.c.status.in_(ACTIVE)).order_by(batch.c.id)
    return [Batch.of(row) for row in c.execute(statement).mappings()]


def busy_batches(c: Connection) -> list[Batch]:
    """The batches that are being staged or analysed."""
    return [one for one in active_batches(c) if one.status in _BUSY]


def batches_at_rest(c: Connection) -> list[Batch]:
    """The batches that have a run and are neither staged nor analysed."""
    statement = select(batch).where(
        batch.c.id != GRAVEYARD, batch.c.run_id.is_not(None), batch.c.status.not_in(_BUSY)
    )
    return [Batch.of(row) for row in c.execute(statement.order_by(batch.c.id)).mappings()]


def update_batch(c: Connection, batch_id: int, values: ColumnValues) -> None:
    """Change what a batch is called and made of; never its status."""
    assert not values.keys() & {"status", "run_id", "version"}
    if not c.execute(update(batch).where(batch.c.id == batch_id).values(**values)).rowcount:
        raise NotFound(f"There is no batch {batch_id}.")


def log_edit(c: Connection, edited: Batch, what: Iterable[str], actor: str) -> None:
    """Log that members of a batch were changed. The engine sees by it that a budget may be another."""
    changed = ", ".join(sorted(what))
    values: ColumnValues = {"actor": actor, "action": "edit", "at": edited.updated_at, "reason": changed}
    _write_event(c, edited, values)


def log_purge(c: Connection, concerned: Batch, what: str, actor: str, at: float) -> None:
    """Log that something of a batch was deleted. What it was called has no place in the log."""
    _write_event(c, concerned, {"actor": actor, "action": "purge", "at": at, "reason": what})


def delete_batch(c: Connection, expected: Batch, at: float, actor: str) -> None:
    """Delete a batch, if its status is still the expected one; its runs are deleted in steps.

    The batch must be locked.

    Raises:
        LostRace: it is not.
    """
    doom_runs(c, runs_of(c, expected.id), at)
    gone = c.execute(
        delete(batch).where(batch.c.id == expected.id, batch.c.version == expected.version)
    ).rowcount
    if not gone:
        raise LostRace
    _write_event(c, expected, {"actor": actor, "action": "delete", "at": at, "from_status": expected.status})


def change_status(
    c: Connection,
    expected: Batch,
    change: Change,
    *,
    run_id: int | Unchanged | None = UNCHANGED,
    runs: int | None = None,
) -> Batch:
    """Compare-and-set the status, and log it.

    Args:
        expected: the batch as it was read; status, run and version must still be the same.
        run_id: the new current run, or None for none.
        runs: the new number of runs begun; the event then belongs to the last of them.

    Raises:
        IllegalStep: the lifecycle has no such step.
        LostRace: the batch is no longer as expected.
    """
    check_step(expected.status, change.to, change.action, change.actor)
    values: dict[str, ColumnValue] = {
        "status": change.to,
        "status_reason": change.reason,
        "version": expected.version + 1,
        "updated_at": change.at,
        f"{change.to.lower()}_at": change.at,
    }
    if run_id is not UNCHANGED:
        values["run_id"] = run_id
    if runs is not None:
        values["runs"] = runs
    as_expected = (
        batch.c.id == expected.id,
        batch.c.status == expected.status,
        batch.c.version == expected.version,
        batch.c.run_id.is_not_distinct_from(expected.run_id),
    )
    row = (
        c.execute(update(batch).where(*as_expected).values(**values).returning(batch))
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise LostRace
    changed = Batch.of(row)
    number = runs if runs is not None else _run_number(c, changed.run_id or expected.run_id)
    _log(c, changed, expected.status, change, number)
    return changed


def set_run(c: Connection, current: Batch, run_id: int) -> None:
    """Make a run the current one, in the transaction that has just changed the batch's status."""
    c.execute(update(batch).where(batch.c.id == current.id).values(run_id=run_id))


def list_events(c: Connection, request: PageRequest, *, batch_id: int | None = None) -> Page[Event]:
    """The audit log, of one batch or of all, the latest first unless sorted otherwise."""
    statement = select(event)
    if batch_id is not None:
        statement = statement.where(event.c.batch_id == batch_id)
    page = fetch_page(c, statement, request, sorts={"id": event.c.id}, default="-id", key=event.c.id)
    return Page([Event.of(row) for row in page.items], page.next)


def events_after(c: Connection, event_id: int, limit: int = 500) -> list[Event]:
    """What was logged after the given event, in order."""
    statement = select(event).where(event.c.id > event_id).order_by(event.c.id).limit(limit)
    return [Event.of(row) for row in c.execute(statement).mappings()]


def last_event_id(c: Connection) -> int:
    """The id of the latest event, 0 when there is none. Watching it tells whether anything happened."""
    return int(c.execute(select(func.coalesce(func.max(event.c.id), 0))).scalar_one())


def _run_number(c: Connection, run_id: int | None) -> int | None:
    return c.execute(select(run.c.number).where(run.c.id == run_id)).scalar() if run_id else None


def _log(
    c: Connection, current: Batch, before: BatchStatus | None, change: Change, number: int | None
) -> None:
    values = {
        "at": change.at,
        "run": number,
        "actor": change.actor,
        "action": change.action,
        "from_status": before,
        "to_status": change.to,
        "reason": change.reason,
    }
    _write_event(c, current, values)


def _write_event(c: Connection, current: Batch, values: ColumnValues) -> None:
    if c.dialect.name == "postgresql":
        # Ids are drawn before they are committed. One after another, or who reads on from the last id that it
        # saw would miss an event with a lower one that was committed later.
        c.execute(select(func.pg_advisory_xact_lock(_EVENTS_KEY), watch.told()))
    c.execute(insert(event).values(batch_id=current.id, batch_name=current.name, **values))
