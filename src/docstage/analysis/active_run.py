"""A run that is being analysed: what it asks, what it may spend, how it stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from docstage.analysis.calls import Calls
from docstage.analysis.task_queue import TaskQueue
from docstage.asking.question import Question
from docstage.domain.tasks import TaskStatus
from docstage.store.recording import CallEnded
from docstage.store.records import Batch


@dataclass(slots=True)
class ActiveRun:
    """One ANALYZING run.

    Attributes:
        version: the batch's, which counts its changes of status.
        questions: the run's prompts by id.
        queues: its tasks by connection id.
        budget: nano-dollars that it may cost in all, None for no limit.
        spent: nano-dollars that its calls have cost, those of unknown cost at their most.
        possible: those of `spent` that calls of unknown cost have cost at most.
        failure_limit: share of the tasks that may fail, or None.
        tasks: how many tasks it has.
        failed: how many have failed after a call.
        batch_failed_at: when its batch was FAILED last, as of when it was taken up.
        finished: tasks that were recorded as done since it was taken up.
        is_dropped: its calls in flight are given up: it was cancelled, reset or deleted.
        held_back: what the next call to a connection (by id) may cost, where that was too much when it was
            looked at; None when nobody knows.
        calls: those that are planned, in flight or not recorded yet. Calls of an earlier work of the same
            run, which was cancelled and tried again, are none of them.
    """

    run_id: int
    batch_id: int
    version: int
    questions: Mapping[int, Question]
    budget: int | None
    failure_limit: float | None
    tasks: int
    spent: int = 0
    possible: int = 0
    failed: int = 0
    batch_failed_at: float | None = None
    queues: dict[int, TaskQueue] = field(default_factory=dict)
    finished: int = 0
    held_back: dict[int, int | None] = field(default_factory=dict)
    calls: Calls = field(default_factory=Calls)
    is_dropped: bool = False

    @property
    def is_done(self) -> bool:
        """Whether every task has come to an end and is recorded."""
        return not self.calls and all(queue.is_empty and not queue.lacks for queue in self.queues.values())

    def retries(self, now: float) -> tuple[int, float]:
        """Tasks that wait for their next try, and seconds until the first is due."""
        return retries_of(self.queues.values(), now)

    @property
    def has_failed_too_often(self) -> bool:
        """Whether more tasks have failed than the batch allows."""
        return self.failure_limit is not None and self.failed > self.failure_limit * self.tasks

    def count(self, ended: CallEnded, most: int) -> None:
        """Count what a call cost, and its task if that has failed.

        Args:
            most: nano-dollars that count where nobody knows the cost, or a budget would not hold.
        """
        self.spent += most if ended.cost is None else ended.cost
        self.possible += most if ended.cost is None else 0
        self.failed += ended.task_status is TaskStatus.FAILED

    def count_recorded(self, ended: CallEnded) -> None:
        """Count a task that is recorded as done."""
        self.finished += ended.task_status is not TaskStatus.QUEUED

    def was_ended(self, batch: Batch) -> bool:
        """Whether it was cancelled, reset or closed since it was taken up, even if it is analysed again."""
        return batch.run_id != self.run_id or batch.failed_at != self.batch_failed_at

    def is_over_budget(self, connection_id: int) -> bool:
        """Whether the next call to a connection was held back, and still does not fit.

        It may fit by now: a call that has ended meanwhile may have cost less than was reserved for it.
        """
        return connection_id in self.held_back and not self.may_spend(self.held_back[connection_id])

    def may_spend(self, cost: int | None) -> bool:
        """Whether a call that costs this much at most (None: nobody knows) still fits into the budget."""
        if self.budget is None:
            return True
        return cost is not None and self.spent + self.calls.reserved + cost <= self.budget


def retries_of(queues: Iterable[TaskQueue], now: float) -> tuple[int, float]:
    """Tasks of these that wait for their next try, and seconds until the first is due."""
    waiting = [queue for queue in queues if queue.retries]
    delays = [delay for queue in waiting if (delay := queue.next_delay(now)) is not None]
    return sum(queue.retries for queue in waiting), min(delays, default=0.0)
