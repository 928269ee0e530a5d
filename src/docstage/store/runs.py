"""Runs: generations of a batch, their frozen snapshots and counters."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    func,
    insert,
    literal,
    literal_column,
    select,
    update,
)

from docstage.domain.content import DocumentReason, DocumentStatus
from docstage.domain.errors import NotFound
from docstage.domain.snapshot import RunSnapshot
from docstage.domain.tasks import FailureKind, TaskStatus
from docstage.domain.usage import TOKENS, Usage
from docstage.store.records import Run
from docstage.store.tables import document, has_status, run, tally, task

SUMS = ("calls", *TOKENS, "cost", "unpriced_calls", "possible_cost", "latency_ms")
"""What calls add up to, as columns of the tally."""
COUNTED = (*(status.name.lower() for status in TaskStatus), *SUMS)
"""All that the tally counts."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted: tasks by status, calls, tokens, nano-dollars, milliseconds.

    Attributes:
        calls: that came back or were given up.
        cost: of the calls whose cost is known.
        unpriced_calls: those that are over and whose cost, or whole outcome, is unknown.
        possible_cost: what these, and the calls in flight, cost at most, as far as their price is known.
    """

    queued: int = 0
    running: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    calls: int = 0
    usage: Usage = field(default_factory=Usage)
    cost: int = 0
    unpriced_calls: int = 0
    latency_ms: float = 0.0
    possible_cost: int = 0

    @property
    def tasks(self) -> int:
        """All tasks."""
        return self.queued + self.running + self.done

    @property
    def done(self) -> int:
        """Tasks that have come to an end."""
        return self.completed + self.failed + self.cancelled

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Cell:
    """The tally of one connection and prompt of a run."""

    connection_id: int
    prompt_id: int
    tally: Tally


def begin_run(
    c: Connection, batch_id: int, number: int, snapshot: RunSnapshot, *, analyze: bool, at: float
) -> int:
    """Begin a run and return its id.

    Args:
        analyze: go on to analysis by itself once it is staged.
    """
    values = {
        "batch_id": batch_id,
        "number": number,
        "snapshot": snapshot.stored(),
        "analyze_when_staged": analyze,
        "scanned": False,
        "begun_at": at,
        **dict.fromkeys((status.lower() for status in DocumentStatus), 0),
    }
    return int(c.execute(insert(run).values(**values).returning(run.c.id)).scalar_one())


def close_run(c: Connection, run_id: int, at: float) -> None:
    """Make a run history. Tasks that were not done are CANCELLED."""
    cancel_tasks(c, run_id)
    c.execute(update(run).where(run.c.id == run_id).values(closed_at=at))


def get_run(c: Connection, run_id: int) -> Run:
    """The run. Raises NotFound."""
    row = c.execute(select(run).where(run.c.id == run_id)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no run {run_id}.")
    return Run.of(row)


def find_run(c: Connection, batch_id: int, number: int) -> Run:
    """The run of a batch with this number. Raises NotFound."""
    statement = select(run).where(run.c.batch_id == batch_id, run.c.number == number)
    row = c.execute(statement).mappings().one_or_none()
    if row is None:
        raise NotFound(f"Batch {batch_id} has no run {number}.")
    return Run.of(row)


def list_runs(c: Connection, batch_id: int) -> list[Run]:
    """The runs of a batch, the latest first."""
    statement = select(run).where(run.c.batch_id == batch_id).order_by(run.c.number.desc())
    return [Run.of(row) for row in c.execute(statement).mappings()]


def mark_scanned(c: Connection, run_id: int) -> None:
    """Remember that every folder of the run has been listed."""
    c.execute(update(run).where(run.c.id == run_id).values(scanned=True))


def mark_staged(c: Connection, run_id: int, at: float) -> None:
    """Remember when the run's tasks were laid out."""
    c.execute(update(run).where(run.c.id == run_id).values(staged_at=at))


def cells(c: Connection, run_id: int) -> list[Cell]:
    """The tallies of a run, one for each connection and prompt."""
    statement = (
        select(tally).where(tally.c.run_id == run_id).order_by(tally.c.connection_id, tally.c.prompt_id)
    )
    return [
        Cell(row["connection_id"], row["prompt_id"], tally_of(row)) for row in c.execute(statement).mappings()
    ]


def totals(c: Connection, run_ids: Iterable[int]) -> dict[int, Tally]:
    """The tally of each of these runs over all its cells."""
    sums = (func.sum(tally.c[name]).label(name) for name in COUNTED)
    statement = (
        select(tally.c.run_id, *sums).where(tally.c.run_id.in_(list(run_ids))).group_by(tally.c.run_id)
    )
    return {row["run_id"]: tally_of(row) for row in c.execute(statement).mappings()}


def tally_of(row: RowMapping) -> Tally:
    """The tally made of a row that has its members."""
    counts = {name: int(row[name]) for name in COUNTED if name not in {"latency_ms", *TOKENS}}
    usage = Usage(*(int(row[name]) for name in TOKENS))
    return Tally(**counts, usage=usage, latency_ms=float(row["latency_ms"]))


def count_tasks(c: Connection, run_id: int) -> None:
    """Write the status counters of a run anew from its tasks, keeping its sums."""
    counts = {status.name.lower(): func.count().filter(task.c.status == int(status)) for status in TaskStatus}
    cell = (task.c.connection_id, task.c.prompt_id)
    rows = c.execute(
        select(*cell, *(count.label(name) for name, count in counts.items()))
        .where(task.c.run_id == run_id)
        .group_by(*cell)
    ).mappings()
    known = {
        (row.connection_id, row.prompt_id)
        for row in c.execute(select(tally.c.connection_id, tally.c.prompt_id).where(tally.c.run_id == run_id))
    }
    for row in rows.all():
        values = {name: row[name] for name in counts}
        key = (row["connection_id"], row["prompt_id"])
        if key in known:
            c.execute(
                update(tally)
                .where(tally.c.run_id == run_id, tally.c.connection_id == key[0], tally.c.prompt_id == key[1])
                .values(**values)
            )
        else:
            zeros = dict.fromkeys(SUMS, 0)
            c.execute(
                insert(tally).values(run_id=run_id, connection_id=key[0], prompt_id=key[1], **values, **zeros)
            )


def cancel_tasks(c: Connection, run_id: int) -> None:
    """Mark what is not done as CANCELLED."""
    c.execute(
        update(task)
        .where(task.c.run_id == run_id, task.c.status.in_([TaskStatus.QUEUED, TaskStatus.RUNNING]))
        .values(status=int(TaskStatus.CANCELLED))
    )
    c.execute(
        update(tally)
        .where(tally.c.run_id == run_id)
        .values(cancelled=tally.c.cancelled + tally.c.queued + tally.c.running, queued=0, running=0)
    )


def requeue_tasks(c: Connection, run_id: int, kinds: Iterable[str] = ()) -> int:
    """Queue FAILED and CANCELLED tasks again, or only those that failed with these kinds.

    Those of documents that were deleted everywhere stay as they are, and so do those that cannot be sent,
    since what a connection takes is frozen with the run.

    Returns:
        How many were queued.
    """
    again = {"status": int(TaskStatus.QUEUED), "tries": 0, "failure_kind": None, "message": None}
    count = c.execute(update(task).where(*_undone(run_id, kinds)).values(**again)).rowcount
    count_tasks(c, run_id)
    return count


def has_undone_tasks(c: Connection, run_id: int) -> bool:
    """Whether there is any task that `requeue_tasks` would queue again."""
    return c.execute(select(task.c.id).where(*_undone(run_id)).limit(1)).first() is not None


def _undone(run_id: int, kinds: Iterable[str] = ()) -> list[ColumnElement[bool]]:
    purged = select(document.c.id).where(
        document.c.run_id == run_id, document.c.reason == literal_column(f"'{DocumentReason.PURGED}'")
    )
    undone = [
        task.c.run_id == run_id,
        task.c.status >= literal(int(TaskStatus.FAILED)),
        task.c.document_id.not_in(purged),
        task.c.failure_kind.is_distinct_from(str(FailureKind.UNSUPPORTED_INPUT)),
    ]
    wanted = list(kinds)
    if wanted:
        # A cancelled task may still tell how its last try failed.
        undone += [task.c.status == int(TaskStatus.FAILED), task.c.failure_kind.in_(wanted)]
    return undone


def has_waiting_tasks(c: Connection, run_id: int) -> bool:
    """Whether any task of the run is still to be done."""
    return any(
        c.execute(select(task.c.id).where(task.c.run_id == run_id, has_status(status)).limit(1)).first()
        for status in (TaskStatus.QUEUED, TaskStatus.RUNNING)
    )


def document_counts(c: Connection, run_ids: Iterable[int]) -> dict[int, dict[DocumentStatus, int]]:
    """How many documents of each run have each status."""
    counters = {status: run.c[status.lower()] for status in DocumentStatus}
    rows = c.execute(select(run.c.id, *counters.values()).where(run.c.id.in_(list(run_ids))))
    return {row.id: {status: getattr(row, status.lower()) for status in counters} for row in rows}
