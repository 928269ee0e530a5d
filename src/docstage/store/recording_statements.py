"""The statements by which calls are recorded, built once for each kind of database.

They have so many members that building one takes several times as long as carrying it out, and SQLAlchemy
finds what it has compiled of a statement at once only when it is given the same object again.
"""

from dataclasses import dataclass, fields

from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    Double,
    Executable,
    Integer,
    SmallInteger,
    Subquery,
    Text,
    bindparam,
    cast,
    insert,
    select,
    update,
)

from docstage.domain.served import Served
from docstage.domain.tasks import AttemptOutcome, TaskStatus
from docstage.domain.usage import TOKENS
from docstage.store.rows import json_rows
from docstage.store.runs import COUNTED
from docstage.store.tables import attempt, batch, result, run, tally, task
from docstage.store.values import ColumnTypes

CELL = ("of_run", "of_connection", "of_prompt")

_BEGUN: ColumnTypes = {
    "task_id": BigInteger(),
    "number": SmallInteger(),
    "started_at": Double(),
    "possible_cost": BigInteger(),
    "repairs": SmallInteger(),
}
_USED: ColumnTypes = {
    **{name: Integer() for name in TOKENS},
    "cost": BigInteger(),
    "cost_source": Text(),
    "latency_ms": Double(),
    "finished_at": Double(),
}
_ATTEMPT_END: ColumnTypes = {
    "outcome": Text(),
    "failure_kind": Text(),
    "message": Text(),
    "status_code": Integer(),
    "possible_cost": BigInteger(),
    **_USED,
}
_ENDED: ColumnTypes = {
    "task_id": BigInteger(),
    "number": SmallInteger(),
    "task_status": SmallInteger(),
    "tries": SmallInteger(),
    **_ATTEMPT_END,
}
_WRITTEN: ColumnTypes = {"text": Text(), "thoughts": Text()}
_RESULT: ColumnTypes = {
    "task_id": BigInteger(),
    "text": Text(),
    "value": Text(),
    **{one.name: Text() for one in fields(Served)},
    **_USED,
}


@dataclass(frozen=True, slots=True)
class Statements:
    """What the recorder executes. Those that take rows take them as `rows.packed` makes them.

    Attributes:
        lock_runs: locks the batches of the runs in `run_ids`; gives the runs and how their batches stand.
        claim: makes QUEUED tasks RUNNING; gives the ids of those that were QUEUED.
        begin_attempts: inserts attempts in flight.
        settle: writes what became of RUNNING tasks; gives the ids of those that were RUNNING.
        end_attempts: writes what became of attempts.
        insert_results: inserts answers.
        add_to_tally: adds `add_<name>` for every name in COUNTED to one cell, named by CELL.
    """

    lock_runs: Executable
    claim: Executable
    begin_attempts: Executable
    settle: Executable
    end_attempts: Executable
    insert_results: Executable
    add_to_tally: Executable


_built: dict[str, Statements] = {}


def statements(c: Connection) -> Statements:
    """The statements for the connection's kind of database."""
    name = c.dialect.name
    if name not in _built:
        begun, ended, answered = (json_rows(c, columns) for columns in (_BEGUN, _ENDED, _RESULT))
        written = json_rows(c, {**_ENDED, **_WRITTEN})
        _built[name] = Statements(
            lock_runs=_lock_runs(),
            claim=_claim(begun),
            begin_attempts=_begin_attempts(begun),
            settle=_settle(ended),
            end_attempts=_end_attempts(written),
            insert_results=_insert_results(answered, is_sqlite=name == "sqlite"),
            add_to_tally=_add_to_tally(),
        )
    return _built[name]


def _lock_runs() -> Executable:
    return (
        select(run.c.id, batch.c.run_id, batch.c.status)
        .join(batch, batch.c.id == run.c.batch_id)
        .where(run.c.id.in_(bindparam("run_ids", expanding=True)))
        .with_for_update(read=True, of=batch)  # PostgreSQL; on SQLite the transaction holds the write lock
    )


def _claim(incoming: Subquery) -> Executable:
    return (
        update(task)
        .values(status=int(TaskStatus.RUNNING), attempts=incoming.c.number)
        .where(
            task.c.id == incoming.c.task_id,
            task.c.status == int(TaskStatus.QUEUED),
            task.c.attempts == incoming.c.number - 1,
        )
        .returning(task.c.id)
    )


def _begin_attempts(incoming: Subquery) -> Executable:
    outcome = cast(str(AttemptOutcome.IN_FLIGHT), Text)
    return insert(attempt).from_select(
        [*_BEGUN, "outcome"],
        select(*(incoming.c[name] for name in _BEGUN), outcome),
    )


def _settle(incoming: Subquery) -> Executable:
    return (
        update(task)
        .values(
            status=incoming.c.task_status,
            tries=incoming.c.tries,
            failure_kind=incoming.c.failure_kind,
            message=incoming.c.message,
        )
        .where(
            task.c.id == incoming.c.task_id,
            task.c.status == int(TaskStatus.RUNNING),
            task.c.attempts == incoming.c.number,
        )
        .returning(task.c.id)
    )


def _end_attempts(incoming: Subquery) -> Executable:
    return (
        update(attempt)
        .values({name: incoming.c[name] for name in (*_ATTEMPT_END, *_WRITTEN)})
        .where(attempt.c.task_id == incoming.c.task_id, attempt.c.number == incoming.c.number)
    )


def _insert_results(incoming: Subquery, *, is_sqlite: bool) -> Executable:
    value = incoming.c.value if is_sqlite else cast(incoming.c.value, JSON)
    columns = [value if name == "value" else incoming.c[name] for name in _RESULT]
    return insert(result).from_select(list(_RESULT), select(*columns))


def _add_to_tally() -> Executable:
    cell = (tally.c.run_id, tally.c.connection_id, tally.c.prompt_id)
    return (
        update(tally)
        .where(*(column == bindparam(name) for column, name in zip(cell, CELL, strict=True)))
        .values({name: tally.c[name] + bindparam(f"add_{name}") for name in COUNTED})
    )
