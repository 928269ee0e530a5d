"""Calls without a lane, a database or a model."""

from collections.abc import Callable
from dataclasses import dataclass, field

from docstage.analysis.active_run import ActiveRun
from docstage.analysis.calls import Call, Calls
from docstage.analysis.task_queue import TaskQueue
from docstage.domain.tasks import AttemptOutcome, TaskStatus
from docstage.store.recording import CallBegun, CallEnded
from docstage.store.tasks import QueuedTask

CONNECTION = 1


@dataclass
class Records:
    """In the place of the recorder: commits when the test says so."""

    waiting: list[tuple[CallEnded, Callable[[CallEnded], None]]] = field(default_factory=list)

    def end(self, call: CallEnded, told: Callable[[CallEnded], None]) -> None:
        """Keep it."""
        self.waiting.append((call, told))

    def commit(self) -> None:
        """Everything that has ended is recorded."""
        waiting, self.waiting = self.waiting, []
        for call, told in waiting:
            told(call)


def run_of(tasks: int) -> ActiveRun:
    """A run with so many tasks for one connection, all read."""
    work = ActiveRun(1, 1, version=1, questions={}, budget=None, failure_limit=None, tasks=tasks)
    rows = [QueuedTask(n, n, 1, 0, 0, f"key {n}", f"{n}.txt", 10, 0, 40, 0) for n in range(1, tasks + 1)]
    queue = work.queues[CONNECTION] = TaskQueue(lambda after: [row for row in rows if row.id > after])
    queue.add_page(queue.read_page())
    queue.add_page([])
    return work


def planned(
    work: ActiveRun, *, cost: int | None = 0, slots: Calls | None = None, records: Records | None = None
) -> Call:
    """A call for the next task of the run, or for the only one of a run that has none."""
    queue = work.queues.get(CONNECTION) or run_of(1).queues[CONNECTION]
    assert queue.peek(0.0) is not None
    task = queue.take()
    record = CallBegun(task.id, work.run_id, CONNECTION, 1, task.attempts + 1, at=0.0, possible_cost=cost)
    return Call(work, queue, task, record, 10, Calls() if slots is None else slots, records or Records())


def ended(call: Call, *, cost: int | None = 0, status: TaskStatus = TaskStatus.COMPLETED) -> CallEnded:
    """An end of the call."""
    return CallEnded(
        call.record, status, AttemptOutcome.COMPLETED, tries=1, at=0.0, latency_ms=1.0, cost=cost
    )
