"""How a run went over time: its calls by the second in which they came back."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, case, cast, func, select

from docstage.domain.tasks import AttemptOutcome
from docstage.store.tables import attempt, task

_CAME_BACK = (AttemptOutcome.COMPLETED, AttemptOutcome.FAILED, AttemptOutcome.DISCARDED)


@dataclass(frozen=True, slots=True)
class Second:
    """The calls that came back within one second.

    Attributes:
        at: seconds since the epoch.
        failed: how many of them failed.
        latency_ms: of all of them together.
        cost: nano-dollars of those whose cost is known; None when none has one.
        unpriced_calls: those whose cost is unknown.
    """

    at: int
    calls: int
    failed: int
    latency_ms: float
    cost: int | None
    unpriced_calls: int


def calls_by_second(c: Connection, run_id: int) -> list[Second]:
    """The seconds in which calls of the run came back, in order."""
    at = cast(func.floor(attempt.c.finished_at), BigInteger)
    statement = (
        select(
            at,
            func.count(),
            func.sum(case((attempt.c.outcome == AttemptOutcome.FAILED, 1), else_=0)),
            func.coalesce(func.sum(attempt.c.latency_ms), 0.0),
            func.sum(attempt.c.cost),
            func.sum(case((attempt.c.cost.is_(None), 1), else_=0)),
        )
        .join_from(task, attempt, attempt.c.task_id == task.c.id)
        .where(
            task.c.run_id == run_id,
            attempt.c.outcome.in_(_CAME_BACK),
            attempt.c.finished_at.is_not(None),
        )
        .group_by(at)
        .order_by(at)
    )
    return [
        Second(when, calls, failed, latency, None if cost is None else int(cost), unpriced)
        for when, calls, failed, latency, cost, unpriced in c.execute(statement)
    ]
