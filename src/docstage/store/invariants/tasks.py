"""Invariants of tasks: their counters, answers, calls and the matrix that they fill."""

from collections.abc import Callable, Sequence

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from docstage.domain.content import DocumentStatus
from docstage.domain.tasks import AttemptOutcome, TaskStatus
from docstage.domain.usage import TOKENS
from docstage.store.invariants.finding import Invariant, rows_of
from docstage.store.runs import SUMS
from docstage.store.spending import QUARTER, SPENT
from docstage.store.tables import attempt, document, has_status, result, run, spending, tally, task
from docstage.store.values import Expression, Rows

_STATUSES = tuple(status.name.lower() for status in TaskStatus)
_CELL = ("run_id", "connection_id", "prompt_id")
# Sums of milliseconds are no whole numbers: added up in another order they differ in the last digits.
_TOLERANCE = 1.0
_IN_FLIGHT = attempt.c.outcome == literal(str(AttemptOutcome.IN_FLIGHT), literal_execute=True)


def _where(*columns: Expression) -> Rows:
    """A task with its batch and run, and further columns."""
    return (
        select(run.c.batch_id.label("batch"), run.c.number.label("run"), task.c.id.label("task"), *columns)
        .select_from(task)
        .join(run, run.c.id == task.c.run_id)
    )


# Counters


def _miscounted(names: Sequence[str], counted: Callable[[], Rows]) -> Callable[[Connection], Rows]:
    """Cells whose tally differs from what is counted: both are added up, the tally negative."""

    def build(_: Connection) -> Rows:
        kept = select(
            *(tally.c[name] for name in _CELL),
            *((-tally.c[name]).label(name) for name in names),
            literal(1).label("has_tally"),
        )
        both = union_all(kept, counted().add_columns(literal(0).label("has_tally"))).subquery("both")
        differences = [func.sum(both.c[name]).label(name) for name in names]
        cell = [both.c[name] for name in _CELL]
        # Tasks are counted when staging ends.
        expected = or_(func.sum(both.c.has_tally) > 0, func.min(run.c.staged_at).is_not(None))
        return (
            select(
                func.min(run.c.batch_id).label("batch"),
                func.min(run.c.number).label("run"),
                both.c.connection_id.label("connection"),
                both.c.prompt_id.label("prompt"),
                *differences,
            )
            .outerjoin(run, run.c.id == both.c.run_id)
            .group_by(*cell)
            .having(and_(expected, or_(*(_differs(name, both.c[name]) for name in names))))
        )

    return build


def _differs(name: str, column: Expression) -> ColumnElement[bool]:
    total = func.sum(column)
    return func.abs(total) > _TOLERANCE if name == "latency_ms" else total != 0


def _counted_tasks() -> Rows:
    cell = [task.c[name] for name in _CELL]
    counts = (func.count().filter(task.c.status == int(one)).label(one.name.lower()) for one in TaskStatus)
    return select(*cell, *counts).group_by(*cell)


def _counted_calls() -> Rows:
    cell = [task.c[name] for name in _CELL]
    sums = _call_sums()
    return (
        select(*cell, *(sums[name].label(name) for name in SUMS))
        .select_from(attempt)
        .join(task, task.c.id == attempt.c.task_id)
        .group_by(*cell)
    )


def _came_back() -> ColumnElement[bool]:
    return attempt.c.outcome.not_in([str(AttemptOutcome.IN_FLIGHT), str(AttemptOutcome.UNKNOWN)])


def _is_over() -> ColumnElement[bool]:
    return attempt.c.outcome != str(AttemptOutcome.IN_FLIGHT)


def _call_sums() -> dict[str, Expression]:
    """What calls add up to, under the names of the tally and the ledger."""
    sums: dict[str, Expression] = {
        name: func.coalesce(func.sum(attempt.c[name]), 0) for name in SUMS if name in attempt.c
    }
    sums["calls"] = func.count().filter(_came_back())
    sums["unpriced_calls"] = func.count().filter(_is_over(), attempt.c.cost.is_(None))
    return sums


def _unspent(c: Connection) -> Rows:
    """Quarters of an hour in which the ledger lacks calls. It may have more: it outlives runs."""
    quarters = attempt.c.finished_at / QUARTER
    # SQLite cuts off when it makes a whole number, and may have no floor(); PostgreSQL rounds.
    whole = quarters if c.dialect.name == "sqlite" else func.floor(quarters)
    quarter = cast(whole, BigInteger) * QUARTER
    sums = _call_sums()
    known = (
        select(quarter.label("begins_at"), task.c.connection_id, *(sums[name].label(name) for name in SPENT))
        .select_from(attempt)
        .join(task, task.c.id == attempt.c.task_id)
        .where(_is_over(), attempt.c.finished_at.is_not(None))
        .group_by(quarter, task.c.connection_id)
    )
    kept = select(
        spending.c.begins_at, spending.c.connection_id, *((-spending.c[name]).label(name) for name in SPENT)
    )
    both = union_all(known, kept).subquery("both")
    lacking = [func.sum(both.c[name]) for name in SPENT]
    return (
        select(
            both.c.connection_id.label("connection"),
            both.c.begins_at,
            *(sum_.label(name) for sum_, name in zip(lacking, SPENT, strict=True)),
        )
        .group_by(both.c.begins_at, both.c.connection_id)
        .having(or_(*(sum_ > 0 for sum_ in lacking)))
    )


# Answers


def _without_answer(_: Connection) -> Rows:
    return (
        _where()
        .outerjoin(result, result.c.task_id == task.c.id)
        .where(task.c.status == int(TaskStatus.COMPLETED), result.c.task_id.is_(None))
    )


def _with_answer(_: Connection) -> Rows:
    return (
        _where(task.c.status)
        .join(result, result.c.task_id == task.c.id)
        .where(task.c.status != int(TaskStatus.COMPLETED))
    )


def _without_reason(_: Connection) -> Rows:
    return _where().where(has_status(TaskStatus.FAILED), task.c.failure_kind.is_(None))


# Calls


def _running_without_call(_: Connection) -> Rows:
    its_call = and_(attempt.c.task_id == task.c.id, attempt.c.number == task.c.attempts, _IN_FLIGHT)
    return (
        _where(task.c.attempts)
        .outerjoin(attempt, its_call)
        .where(has_status(TaskStatus.RUNNING), attempt.c.task_id.is_(None))
    )


def _call_of_nothing(_: Connection) -> Rows:
    """Calls in flight that are not their task's last, or whose task came to an end without them.

    A task that was cancelled, and perhaps queued again, may have one until the engine has given it up.
    """
    over = task.c.status.in_([int(TaskStatus.COMPLETED), int(TaskStatus.FAILED)])
    return (
        _where(attempt.c.number.label("attempt"), task.c.status)
        .join(attempt, attempt.c.task_id == task.c.id)
        .where(_IN_FLIGHT, or_(over, attempt.c.number != task.c.attempts))
    )


def _attempts_of(*, group: ColumnElement[bool]) -> Rows:
    return (
        _where(task.c.attempts, task.c.status, func.count().label("recorded"))
        .join(attempt, attempt.c.task_id == task.c.id)
        .group_by(run.c.batch_id, run.c.number, task.c.id, task.c.attempts, task.c.status)
        .having(group)
    )


def _misnumbered(_: Connection) -> Rows:
    return _attempts_of(
        group=or_(
            func.count() != task.c.attempts,
            func.max(attempt.c.number) != task.c.attempts,
            func.min(attempt.c.number) != 1,
        )
    )


def _unrecorded(_: Connection) -> Rows:
    recorded = select(attempt.c.task_id).where(attempt.c.task_id == task.c.id)
    tries = or_(task.c.tries < 0, task.c.tries > task.c.attempts)
    return _where(task.c.attempts, task.c.tries).where(
        or_(tries, and_(task.c.attempts > 0, ~recorded.exists()))
    )


def _paid_twice(_: Connection) -> Rows:
    """Tasks whose number of calls that count is not one, or, unless they are COMPLETED, not none."""
    counted = func.count().filter(attempt.c.outcome == str(AttemptOutcome.COMPLETED))
    completed = task.c.status == int(TaskStatus.COMPLETED)
    return _attempts_of(group=or_(and_(completed, counted != 1), and_(~completed, counted != 0)))


def _booked(_: Connection) -> Rows:
    """Calls that have both what they cost and what they cost at most, or bounds below nothing."""
    both = and_(attempt.c.cost.is_not(None), func.coalesce(attempt.c.possible_cost, 0) != 0)
    return (
        _where(attempt.c.number.label("attempt"), attempt.c.cost, attempt.c.possible_cost)
        .join(attempt, attempt.c.task_id == task.c.id)
        .where(or_(both, attempt.c.cost < 0, attempt.c.possible_cost < 0))
    )


def _other_usage(_: Connection) -> Rows:
    """Answers that were not made by their task's last call, or say something else of it."""
    same = [result.c[name].is_not_distinct_from(attempt.c[name]) for name in _SAID_TWICE]
    its_call = and_(attempt.c.task_id == task.c.id, attempt.c.number == task.c.attempts)
    return (
        _where(task.c.attempts)
        .join(result, result.c.task_id == task.c.id)
        .outerjoin(attempt, its_call)
        .where(or_(attempt.c.outcome.is_distinct_from(str(AttemptOutcome.COMPLETED)), ~and_(*same)))
    )


_SAID_TWICE = (*TOKENS, "cost", "cost_source")


# The matrix


def _members(c: Connection, name: str) -> ColumnElement[int]:
    """How many connections or prompts the snapshot of a run has."""
    if c.dialect.name == "sqlite":
        return func.json_array_length(run.c.snapshot, f"$.{name}")
    return func.jsonb_array_length(run.c.snapshot[name])


def _incomplete(c: Connection) -> Rows:
    cells = (
        select(task.c.run_id, task.c.connection_id, task.c.prompt_id, func.count().label("tasks"))
        .group_by(task.c.run_id, task.c.connection_id, task.c.prompt_id)
        .subquery()
    )
    laid_out = (
        select(
            cells.c.run_id,
            func.sum(cells.c.tasks).label("tasks"),
            func.count(cells.c.connection_id.distinct()).label("connections"),
            func.count(cells.c.prompt_id.distinct()).label("prompts"),
        )
        .group_by(cells.c.run_id)
        .subquery()
    )
    lanes, asked = _members(c, "connections"), _members(c, "prompts")
    expected = run.c.encoded * lanes * asked
    found = cast(func.coalesce(laid_out.c.tasks, 0), Integer)
    return (
        select(
            run.c.batch_id.label("batch"),
            run.c.number.label("run"),
            found.label("tasks"),
            expected.label("expected"),
        )
        .outerjoin(laid_out, laid_out.c.run_id == run.c.id)
        .where(
            run.c.staged_at.is_not(None),
            or_(found != expected, laid_out.c.connections != lanes, laid_out.c.prompts != asked),
        )
    )


def _of_other_document(_: Connection) -> Rows:
    return (
        _where(task.c.document_id.label("document"))
        .outerjoin(document, document.c.id == task.c.document_id)
        .where(
            or_(
                document.c.run_id.is_distinct_from(task.c.run_id),
                document.c.status != DocumentStatus.ENCODED,
            )
        )
    )


def _laid_out_twice(_: Connection) -> Rows:
    cell = (task.c.document_id, task.c.connection_id, task.c.prompt_id)
    return (
        select(
            run.c.batch_id.label("batch"),
            run.c.number.label("run"),
            *(column.label(column.name.removesuffix("_id")) for column in cell),
        )
        .select_from(task)
        .join(run, run.c.id == task.c.run_id)
        .group_by(task.c.run_id, run.c.batch_id, run.c.number, *cell)
        .having(func.count() > 1)
    )


TASKS = (
    Invariant("task counters", rows_of(_miscounted(_STATUSES, _counted_tasks))),
    Invariant("call counters", rows_of(_miscounted(SUMS, _counted_calls))),
    Invariant("ledger", rows_of(_unspent)),
    Invariant("matrix", rows_of(_incomplete, _of_other_document, _laid_out_twice)),
    Invariant("answers", rows_of(_without_answer, _with_answer)),
    Invariant("failures", rows_of(_without_reason)),
    Invariant("calls in flight", rows_of(_running_without_call, _call_of_nothing)),
    Invariant("attempts", rows_of(_misnumbered, _unrecorded)),
    Invariant("answers paid once", rows_of(_paid_twice, _other_usage, _booked)),
)
