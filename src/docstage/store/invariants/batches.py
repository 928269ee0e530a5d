"""Invariants of batches, their runs and their events."""

from collections.abc import Callable

from sqlalchemy import Connection, Subquery, and_, case, func, literal, or_, select, tuple_

from docstage.domain.lifecycle import ENGINE, OUTCOMES, TABLE, BatchStatus
from docstage.domain.tasks import TaskStatus
from docstage.store.invariants.finding import Invariant, rows_of
from docstage.store.tables import GRAVEYARD, batch, event, has_status, run, task
from docstage.store.values import Rows

_STAGED = (
    BatchStatus.STAGED,
    BatchStatus.ANALYZING,
    BatchStatus.PAUSED,
    BatchStatus.COMPLETED,
    BatchStatus.FAILED,
)
_ENDED = (BatchStatus.COMPLETED, BatchStatus.FAILED)
_CALLING = (BatchStatus.ANALYZING, BatchStatus.PAUSED)  # calls in flight at a pause finish


def _wrong_runs(_: Connection) -> Rows:
    """Batches whose pointer leads to no open run of theirs, the last that was begun."""
    points = batch.c.run_id.is_not(None)
    right = and_(
        run.c.id.is_not(None),
        run.c.batch_id == batch.c.id,
        run.c.number == batch.c.runs,
        run.c.closed_at.is_(None),
    )
    return (
        select(batch.c.id.label("batch"), batch.c.run_id, batch.c.runs, batch.c.status)
        .outerjoin(run, run.c.id == batch.c.run_id)
        .where(or_(points != (batch.c.status != BatchStatus.SAVED), and_(points, ~right)))
    )


def _open_runs(_: Connection) -> Rows:
    """Runs that are not closed although their batch has gone on to another."""
    return (
        select(run.c.batch_id.label("batch"), run.c.number.label("run"))
        .join(batch, batch.c.id == run.c.batch_id)
        .where(
            or_(
                and_(run.c.closed_at.is_(None), batch.c.run_id.is_distinct_from(run.c.id)),
                run.c.number > batch.c.runs,
            )
        )
    )


def _unstaged_runs(_: Connection) -> Rows:
    """Current runs behind staging that staging has not finished, and the other way round."""
    staged = run.c.staged_at.is_not(None)
    return (
        select(batch.c.id.label("batch"), run.c.number.label("run"), batch.c.status)
        .join(run, run.c.id == batch.c.run_id)
        .where(
            or_(
                staged != batch.c.status.in_(_STAGED),
                and_(staged, or_(run.c.pending > 0, run.c.encoded == 0, ~run.c.scanned)),
            )
        )
    )


def _waiting(statuses: tuple[BatchStatus, ...], waits: TaskStatus) -> Callable[[Connection], Rows]:
    def build(_: Connection) -> Rows:
        return (
            select(
                batch.c.id.label("batch"),
                run.c.number.label("run"),
                batch.c.status,
                task.c.id.label("task"),
                literal(waits.name).label("task_status"),
            )
            .select_from(task)
            .join(run, run.c.id == task.c.run_id)
            .join(batch, batch.c.run_id == run.c.id)
            .where(has_status(waits), batch.c.status.in_(statuses))
        )

    return build


def _in_closed_run(waits: TaskStatus) -> Callable[[Connection], Rows]:
    def build(_: Connection) -> Rows:
        return (
            select(
                run.c.batch_id.label("batch"),
                run.c.number.label("run"),
                task.c.id.label("task"),
                literal(waits.name).label("task_status"),
            )
            .join(run, run.c.id == task.c.run_id)
            .where(has_status(waits), run.c.closed_at.is_not(None), run.c.batch_id != GRAVEYARD)
        )

    return build


def _unearned(_: Connection) -> Rows:
    """COMPLETED batches of which no task succeeded."""
    succeeded = select(task.c.id).where(task.c.run_id == batch.c.run_id, has_status(TaskStatus.COMPLETED))
    return select(batch.c.id.label("batch"), batch.c.status).where(
        batch.c.status == BatchStatus.COMPLETED, ~succeeded.exists()
    )


_AT_REST = tuple(status for status in BatchStatus if status not in _CALLING)


def _steps() -> Subquery:
    """The events that changed a status, each with the status that the one before it left."""
    before = func.lag(event.c.to_status).over(partition_by=event.c.batch_id, order_by=event.c.id)
    return (
        select(
            event.c.id,
            event.c.batch_id,
            event.c.actor,
            event.c.action,
            event.c.from_status,
            event.c.to_status,
            before.label("left"),
        )
        .where(event.c.to_status.is_not(None))
        .subquery("steps")
    )


def _illegal_steps(_: Connection) -> Rows:
    """Events that do not follow from the one before, or by no action or outcome of the lifecycle."""
    step = _steps().c
    actions = [
        (str(status), str(action), str(transition.target))
        for status, transitions in TABLE.items()
        for action, transition in transitions.items()
    ]
    outcomes = [(str(status), str(target)) for status, targets in OUTCOMES.items() for target in targets]
    by_action = tuple_(step.from_status, step.action, step.to_status).in_(actions)
    by_engine = and_(step.actor == ENGINE, tuple_(step.from_status, step.to_status).in_(outcomes))
    first = and_(step.from_status.is_(None), step.to_status == BatchStatus.SAVED, step.action == "save")
    legal = case((step.from_status.is_(None), first), else_=or_(by_action, by_engine))
    return select(
        step.batch_id.label("batch"),
        step.id.label("event"),
        step.action,
        step.from_status,
        step.to_status,
        step.left.label("before"),
    ).where(or_(step.from_status.is_distinct_from(step.left), ~legal))


def _other_status(_: Connection) -> Rows:
    """Batches whose log does not end at their status, or has not as many changes as they count."""
    changes = (
        select(event.c.batch_id, func.max(event.c.id).label("last"), func.count().label("number"))
        .where(event.c.to_status.is_not(None))
        .group_by(event.c.batch_id)
        .subquery()
    )
    return (
        select(batch.c.id.label("batch"), batch.c.status, event.c.to_status.label("last_event"))
        .outerjoin(changes, changes.c.batch_id == batch.c.id)
        .outerjoin(event, event.c.id == changes.c.last)
        .where(
            batch.c.id != GRAVEYARD,
            or_(
                event.c.to_status.is_distinct_from(batch.c.status),
                changes.c.number != batch.c.version + 1,
            ),
        )
    )


BATCHES = (
    Invariant("current runs", rows_of(_wrong_runs)),
    Invariant("closed runs", rows_of(_open_runs)),
    Invariant("staged runs", rows_of(_unstaged_runs)),
    Invariant("work of closed runs", rows_of(*map(_in_closed_run, (TaskStatus.QUEUED, TaskStatus.RUNNING)))),
    Invariant(
        "work of batches at rest",
        rows_of(_waiting(_AT_REST, TaskStatus.RUNNING), _waiting(_ENDED, TaskStatus.QUEUED)),
    ),
    Invariant("completed batches", rows_of(_unearned)),
    Invariant("events", rows_of(_illegal_steps)),
    Invariant("last events", rows_of(_other_status)),
)
