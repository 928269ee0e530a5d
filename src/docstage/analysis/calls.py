"""A call, from its plan to its record: one object that owns what it holds, and gives it back once.

A planned call has a task, a slot of its lane, and the most that it may cost within the budget of its run. All
of it goes back in the one step in which the call ends, or turns out not to begin. How many calls a lane has
in flight, what a run has reserved and what is not recorded yet is read from the calls that are there.

A call is named by its task and attempt, as in the database, not by the coroutine that waits for its answer.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from docstage.domain.tasks import FailureKind
from docstage.domain.written import Repair, kept
from docstage.store.recording import CallBegun, CallEnded
from docstage.store.tasks import QueuedTask

if TYPE_CHECKING:
    from docstage.analysis.active_run import ActiveRun
    from docstage.analysis.task_queue import TaskQueue


class Stage(Enum):
    """Where a call stands."""

    PLANNED = auto()  # it may not leave before it is recorded as begun
    BEGUN = auto()  # it is recorded as begun: it may leave, and must end
    ENDED = auto()  # what came of it is decided, and on its way to the database
    RECORDED = auto()
    RETURNED = auto()  # it never began


_NEXT: dict[Stage, tuple[Stage, ...]] = {
    Stage.PLANNED: (Stage.BEGUN, Stage.RETURNED),
    Stage.BEGUN: (Stage.ENDED,),
    Stage.ENDED: (Stage.RECORDED,),
    Stage.RECORDED: (),
    Stage.RETURNED: (),
}
_HOLDING = (Stage.PLANNED, Stage.BEGUN)

# A run and a prompt of it.
StreamKey = tuple[int, int]


class Records(Protocol):
    """Where ends of calls are recorded."""

    def end(self, call: CallEnded, told: Callable[[CallEnded], None]) -> None:
        """Record a call that ended, and tell when it is committed, in the form that the database took."""
        ...


class Calls:
    """The calls of a lane, or of a run, that are not over."""

    def __init__(self) -> None:
        self._at: dict[Stage, set[Call]] = {stage: set() for stage, following in _NEXT.items() if following}
        self._reserved = 0
        self._streams: Counter[StreamKey] = Counter()

    def __len__(self) -> int:
        """How many there are, those that have ended and are not recorded included."""
        return sum(map(len, self._at.values()))

    @property
    def held(self) -> int:
        """How many take a slot."""
        return len(self._at[Stage.PLANNED]) + len(self._at[Stage.BEGUN])

    def held_of(self, stream: StreamKey) -> int:
        """How many of them are of a prompt of a run."""
        return self._streams[stream]

    @property
    def in_flight(self) -> Sequence["Call"]:
        """Those that may have left and have not ended."""
        return list(self._at[Stage.BEGUN])

    @property
    def unrecorded(self) -> int:
        """How many have ended and are not recorded."""
        return len(self._at[Stage.ENDED])

    @property
    def reserved(self) -> int:
        """Nano-dollars that those which have not ended may cost at most."""
        return self._reserved

    def _enter(self, call: "Call") -> None:
        self._at[call.stage].add(call)
        self._reserved += call.reserved
        self._streams[call.stream] += 1

    def _move(self, call: "Call", to: Stage) -> None:
        self._at[call.stage].remove(call)
        if to in self._at:
            self._at[to].add(call)
        if call.stage in _HOLDING and to not in _HOLDING:
            self._reserved -= call.reserved
            self._streams[call.stream] -= 1


@dataclass(slots=True, eq=False)
class Call:
    """One call for a task that its queue has handed out.

    Attributes:
        record: the call as it is recorded before it leaves.
        tokens: estimated input tokens.
        cached: it asks the provider to cache its document, or to read it from there.
        slots: the calls of the lane, of which it takes a slot.
        begun_at: when it might leave, by the monotonic clock.
        beside: calls that took a slot of its lane then, itself among them.
        has_left: it may have reached the model.
        running: what waits for its answer, while it is in flight in this process.
    """

    run: "ActiveRun"
    queue: "TaskQueue"
    task: QueuedTask
    record: CallBegun
    tokens: int
    slots: Calls
    records: Records
    cached: bool = False
    begun_at: float = 0.0
    beside: int = 0
    has_left: bool = False
    running: "asyncio.Task[None] | None" = None
    stage: Stage = field(default=Stage.PLANNED, init=False)

    def __post_init__(self) -> None:
        self.slots._enter(self)
        self.run.calls._enter(self)

    @property
    def reserved(self) -> int:
        """Nano-dollars that are kept free for it within the budget."""
        return self.record.possible_cost or 0

    @property
    def stream(self) -> StreamKey:
        """The run, and the prompt of it that is asked."""
        return self.run.run_id, self.task.prompt_id

    def put_back(self, again_at: float | None = None) -> None:
        """It does not begin.

        Args:
            again_at: when its task is due again, by the monotonic clock; None: it is called no more.
        """
        self._move(Stage.RETURNED)
        self._return(self.task.tries, self.task.attempts, again_at)

    def begin(self, now: float) -> None:
        """It is recorded as begun."""
        self._move(Stage.BEGUN)
        self.begun_at, self.beside = now, self.slots.held

    def end(self, ended: CallEnded, again_at: float | None = None) -> None:
        """It has come to an end, which is counted, settles its task and is handed to the recorder.

        Args:
            again_at: as in `put_back`.
        """
        self._move(Stage.ENDED)
        self.run.count(ended, self.reserved)
        task = self.task.shortened(ended.shorter) if ended.shorter else self.task
        self.task = replace(task, repair=self._next_repair(ended))
        self._return(ended.tries, self.record.attempt, again_at)
        self.records.end(ended, self._recorded)

    def _next_repair(self, ended: CallEnded) -> Repair | None:
        """What the task's next call asks to mend: this answer, or the one that this call was to mend."""
        if ended.failure_kind is not FailureKind.BAD_ANSWER:
            return self.task.repair
        return Repair.of(self.record.attempt, kept(ended.text), ended.message)

    def _recorded(self, ended: CallEnded) -> None:
        self._move(Stage.RECORDED)
        self.run.count_recorded(ended)

    def _return(self, tries: int, attempts: int, again_at: float | None) -> None:
        if again_at is None:
            self.queue.settled(self.task)
        else:
            self.queue.again(self.task, tries=tries, attempts=attempts, at=again_at)

    def _move(self, to: Stage) -> None:
        if to not in _NEXT[self.stage]:
            raise RuntimeError(f"A call that is {self.stage.name} cannot become {to.name}.")
        self.slots._move(self, to)
        self.run.calls._move(self, to)
        self.stage = to
