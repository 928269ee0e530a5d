"""The engine's writes while it analyses: calls that begin, calls that end, and what a crash left open.

Begun and ended calls come in groups, and each group is a handful of statements whatever its size.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

from sqlalchemy import Connection, case, select, update

from docstage.domain.json_values import JsonValue
from docstage.domain.lifecycle import BatchStatus
from docstage.domain.served import NOTHING_SAID, Served
from docstage.domain.stretches import Stretch
from docstage.domain.tasks import AttemptOutcome, FailureKind, TaskStatus
from docstage.domain.usage import Spending, Usage, tokens_of
from docstage.domain.written import kept
from docstage.store import calibrations
from docstage.store.calibrations import CountedCall
from docstage.store.recording_statements import CELL, statements
from docstage.store.rows import packed
from docstage.store.runs import COUNTED, count_tasks
from docstage.store.spending import columns_of, spend
from docstage.store.stretches import shorten
from docstage.store.tables import attempt, has_status, task


@dataclass(frozen=True, slots=True)
class CallBegun:
    """A call that is about to leave.

    Attributes:
        attempt: its number among the calls of its task, from 1.
        at: seconds since the epoch.
        possible_cost: nano-dollars that it costs at most, None when the price is unknown.
        repairs: the number of the attempt whose answer it asks to mend, or None.
    """

    task_id: int
    run_id: int
    connection_id: int
    prompt_id: int
    attempt: int
    at: float
    possible_cost: int | None = None
    repairs: int | None = None


@dataclass(frozen=True, slots=True)
class CallEnded:
    """A call that came back, or was given up.

    Attributes:
        call: the call as it began.
        task_status: COMPLETED, FAILED, or QUEUED to try again.
        outcome: what became of the call.
        tries: the task's number of tries that count, from now on.
        text: the answer, for COMPLETED; what the model wrote all the same, for FAILED.
        value: the structured answer as JSON text, or None.
        served: what the provider says of the answer.
        thoughts: what the model wrote before its answer, or None.
        shorter: what is sent of its document from now on, where that was too long.
        counted: what its tokens tell of how the connection counts, where they do.
        cost: nano-dollars, 0 for a call that was not billed; None when unknown: it counts at its most then.
        cost_source: how the cost is known, see `Cost`.
    """

    call: CallBegun
    task_status: TaskStatus
    outcome: AttemptOutcome
    tries: int
    at: float
    latency_ms: float
    failure_kind: FailureKind | None = None
    message: str | None = None
    status_code: int | None = None
    usage: Usage | None = None
    cost: int | None = None
    cost_source: str | None = None
    text: str | None = None
    value: str | None = None
    served: Served = NOTHING_SAID
    thoughts: str | None = None
    counted: CountedCall | None = None
    shorter: Stretch | None = None


_MANY = 500  # parameters in one statement


def lock_runs(c: Connection, run_ids: Collection[int]) -> set[int]:
    """Keep the statuses of these runs' batches from changing until the end of the transaction.

    Returns the runs that are being analysed now. Whoever changes a status locks the batch first and its tasks
    afterwards, so that taking the locks in the same order here rules out deadlocks.
    """
    rows = c.execute(statements(c).lock_runs, {"run_ids": list(run_ids)})
    return {row.id for row in rows if row.run_id == row.id and row.status == BatchStatus.ANALYZING}


def record_begun(c: Connection, calls: Sequence[CallBegun], open_runs: Collection[int]) -> set[int]:
    """Record calls before they leave; returns the ids of the tasks that may really be called.

    A task may not when its run is not among the open ones, or when it is no longer QUEUED.

    Args:
        open_runs: what `lock_runs` answered in this transaction: no call is let through after a pause.
    """
    eligible = [call for call in calls if call.run_id in open_runs]
    if not eligible:
        return set()
    rows = [
        {
            "task_id": call.task_id,
            "number": call.attempt,
            "started_at": call.at,
            "possible_cost": call.possible_cost,
            "repairs": call.repairs,
        }
        for call in eligible
    ]
    claimed = set(c.execute(statements(c).claim, packed(rows)).scalars())
    c.execute(statements(c).begin_attempts, packed(row for row in rows if row["task_id"] in claimed))
    _count(
        c,
        (
            (call, {"queued": -1, "running": 1, "possible_cost": call.possible_cost or 0})
            for call in eligible
            if call.task_id in claimed
        ),
    )
    return claimed


def record_ended(c: Connection, calls: Sequence[CallEnded]) -> set[int]:
    """Record calls that ended; returns the ids of the tasks for which the outcome counts.

    An answer counts only while its task is RUNNING with this very attempt. A late one, of a task that was
    cancelled, reset or rerun meanwhile, is kept as a DISCARDED attempt, counts for what it cost, and changes
    nothing else. Call `lock_runs` with the calls' runs first, in the same transaction: a cancellation at the
    same moment would lock the tasks in another order.
    """
    rows = [_ended_row(call) for call in calls]
    counted = set(c.execute(statements(c).settle, packed(rows)).scalars())
    for row in rows:
        if row["task_id"] not in counted and row["outcome"] == AttemptOutcome.COMPLETED:
            row["outcome"] = str(AttemptOutcome.DISCARDED)
    lost = _lost(c, [call.call for call in calls if call.call.task_id not in counted])
    written = (_written(call, call.call.task_id in counted) for call in calls)
    ended = (row | texts for row, texts in zip(rows, written, strict=True))
    c.execute(statements(c).end_attempts, packed(ended))
    answered = [
        row | {"text": call.text, "value": call.value, **asdict(call.served)}
        for row, call in zip(rows, calls, strict=True)
        if call.task_status is TaskStatus.COMPLETED and call.call.task_id in counted
    ]
    if answered:
        c.execute(statements(c).insert_results, packed(answered))
    shorten(
        c, {one.call.task_id: one.shorter for one in calls if one.shorter and one.call.task_id in counted}
    )
    changes = [(call.call, _sums(call, call.call.task_id in counted)) for call in calls]
    _count(c, [*changes, *((call, {"unpriced_calls": -1}) for call, _ in lost)])
    calibrations.learn(c, [call.counted for call in calls if call.counted])
    spend(c, [*map(_spent, calls), *((call.connection_id, at, -_unknown(call)) for call, at in lost)])
    return counted


def find_recorded(c: Connection, begun: Sequence[CallBegun], ended: Sequence[CallEnded]) -> set[int] | None:
    """Whether a group of calls was recorded already, though its commit seemed to have failed.

    A group is recorded as a whole or not at all. Returns None when it was not; else the ids of the tasks that
    may be called, as `record_begun` would.
    """
    numbered = {(call.task_id, call.attempt, call.at) for call in begun}
    rows = c.execute(
        select(attempt.c.task_id, attempt.c.number, attempt.c.started_at)
        .join(task, task.c.id == attempt.c.task_id)
        .where(
            attempt.c.task_id.in_([call.task_id for call in begun]),
            attempt.c.outcome == str(AttemptOutcome.IN_FLIGHT),
            has_status(TaskStatus.RUNNING),
            task.c.attempts == attempt.c.number,
        )
    )
    allowed = {row.task_id for row in rows if tuple(row) in numbered}
    if ended:
        return allowed if _has_ended(c, ended[0]) else None
    return allowed or None


def _has_ended(c: Connection, call: CallEnded) -> bool:
    return bool(
        c.execute(
            select(attempt.c.task_id).where(
                attempt.c.task_id == call.call.task_id,
                attempt.c.number == call.call.attempt,
                attempt.c.started_at == call.call.at,
                attempt.c.finished_at == call.at,
                attempt.c.outcome != str(AttemptOutcome.UNKNOWN),
            )
        ).first()
    )


def recover(c: Connection, at: float) -> int:
    """Settle what an engine that died left open; returns how many calls have an unknown outcome.

    Their attempts become UNKNOWN, and their tasks are queued again unless they were cancelled meanwhile.
    """
    running = has_status(TaskStatus.RUNNING)
    lock_runs(c, c.execute(select(task.c.run_id).where(running).distinct()).scalars().all())
    unknown = c.execute(
        update(attempt)
        .where(attempt.c.outcome == str(AttemptOutcome.IN_FLIGHT))
        .values(
            outcome=str(AttemptOutcome.UNKNOWN),
            finished_at=at,
            message="The engine stopped with this call in flight. It may have been answered and billed.",
            # What costs nothing at most has cost nothing.
            cost=case((attempt.c.possible_cost == 0, 0), else_=None),
        )
        .returning(attempt.c.task_id, attempt.c.number)
    ).all()
    _count_lost(c, {tuple(row) for row in unknown}, at)
    runs = c.execute(
        update(task).where(running).values(status=int(TaskStatus.QUEUED)).returning(task.c.run_id)
    ).scalars()
    for run_id in set(runs):
        count_tasks(c, run_id)
    return len(unknown)


def _count_lost(c: Connection, calls: Collection[tuple[int, int]], at: float) -> None:
    """Count calls whose outcome nobody knows, by task and number; their most was booked when they began."""
    found: list[CallBegun] = []
    task_ids = iter({task_id for task_id, _ in calls})
    while part := list(islice(task_ids, _MANY)):
        rows = c.execute(
            select(task.c.run_id, task.c.connection_id, task.c.prompt_id, attempt)
            .join(task, task.c.id == attempt.c.task_id)
            .where(attempt.c.task_id.in_(part), attempt.c.cost.is_(None))
        )
        found += [
            CallBegun(
                row.task_id,
                row.run_id,
                row.connection_id,
                row.prompt_id,
                row.number,
                row.started_at,
                row.possible_cost,
            )
            for row in rows
            if (row.task_id, row.number) in calls
        ]
    _count(c, ((call, {"unpriced_calls": 1}) for call in found))
    spend(c, ((call.connection_id, at, _unknown(call)) for call in found))


def _lost(c: Connection, calls: Sequence[CallBegun]) -> list[tuple[CallBegun, float]]:
    """Those of these calls whose outcome was given up as unknown, and when: they came back after all."""
    if not calls:
        return []
    rows = c.execute(
        select(attempt.c.task_id, attempt.c.number, attempt.c.finished_at).where(
            attempt.c.task_id.in_([call.task_id for call in calls]),
            attempt.c.outcome == str(AttemptOutcome.UNKNOWN),
            attempt.c.cost.is_(None),
        )
    )
    when = {(row.task_id, row.number): row.finished_at for row in rows}
    return [
        (call, when[call.task_id, call.attempt]) for call in calls if (call.task_id, call.attempt) in when
    ]


def _unknown(call: CallBegun) -> Spending:
    """What the ledger has of a call of unknown cost that told no tokens."""
    return Spending(unpriced_calls=1, possible_cost=call.possible_cost or 0)


def _ended_row(call: CallEnded) -> dict[str, JsonValue]:
    return {
        "task_id": call.call.task_id,
        "number": call.call.attempt,
        "task_status": int(call.task_status),
        "tries": call.tries,
        "outcome": str(call.outcome),
        "failure_kind": call.failure_kind,
        "message": call.message,
        "status_code": call.status_code,
        "finished_at": call.at,
        "latency_ms": call.latency_ms,
        **tokens_of(call.usage),
        "cost": call.cost,
        "cost_source": call.cost_source,
        "possible_cost": call.call.possible_cost if call.cost is None else None,
    }


def _written(call: CallEnded, counts: bool) -> dict[str, JsonValue]:
    """What is kept with the attempt of what the model wrote; its answer is kept with the task.

    Nothing is kept of a late call: its document may have been deleted everywhere meanwhile.
    """
    if not counts:
        return {"text": None, "thoughts": None}
    failed = call.outcome is AttemptOutcome.FAILED
    return {"text": kept(call.text) if failed else None, "thoughts": kept(call.thoughts)}


def _sums(call: CallEnded, counts: bool) -> dict[str, int | float]:
    _, _, spent = _spent(call)
    sums: dict[str, int | float] = {**columns_of(spent), "latency_ms": call.latency_ms}
    sums["possible_cost"] -= call.call.possible_cost or 0  # which was booked when it began
    if counts:
        sums["running"] = -1
        sums[call.task_status.name.lower()] = 1
    return sums


def _spent(call: CallEnded) -> tuple[int, float, Spending]:
    """What the ledger has of it: a call is entered there when it is over."""
    sums = Spending.of_call(call.usage, call.cost, call.call.possible_cost)
    return call.call.connection_id, call.at, sums


def _count(c: Connection, changes: Iterable[tuple[CallBegun, Mapping[str, int | float]]]) -> None:
    """Add changes to the tallies of their cells. The rows exist since the layout."""
    # Whole numbers stay whole, so that sums of money are exact.
    cells: dict[tuple[int, int, int], dict[str, int | float]] = defaultdict(lambda: defaultdict(int))
    for call, change in changes:
        sums = cells[call.run_id, call.connection_id, call.prompt_id]
        for name, value in change.items():
            sums[name] += value
    rows = [
        dict(zip(CELL, cell, strict=True)) | {f"add_{name}": sums[name] for name in COUNTED}
        for cell, sums in sorted(cells.items())
    ]
    if rows:
        c.execute(statements(c).add_to_tally, rows)
