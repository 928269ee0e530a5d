"""The streams of a lane: one for each prompt of each run."""

from docstage.analysis.active_run import ActiveRun
from docstage.analysis.calls import Call, Calls, StreamKey
from docstage.analysis.gaps import Hold
from docstage.analysis.streams import Stream
from docstage.analysis.task_queue import TaskQueue, Turn
from docstage.store.tasks import QueuedTask


class Streams:
    """Says which prompts may be asked now."""

    def __init__(self, give_up_after: float, calls: Calls) -> None:
        """Make none.

        Args:
            give_up_after: seconds of trouble after which a prompt is held.
            calls: those of the lane that are not over.
        """
        self._give_up_after = give_up_after
        self._calls = calls
        self._known: dict[StreamKey, Stream] = {}
        self._resting: dict[StreamKey, Stream] = {}

    def __len__(self) -> int:
        """How many prompts there are."""
        return len(self._known)

    def add(self, work: ActiveRun) -> None:
        """Begin with the prompts of a run."""
        for prompt_id in work.questions:
            self._known[work.run_id, prompt_id] = Stream(self._give_up_after)

    def remove(self, work: ActiveRun) -> list[Stream]:
        """Forget those of a run; returns them."""
        keys = [(work.run_id, prompt_id) for prompt_id in work.questions]
        for key in keys:
            self._resting.pop(key, None)
        return [self._known.pop(key) for key in keys if key in self._known]

    def of(self, call: Call) -> Stream:
        """That of a call; one of its own for a call whose run is gone."""
        return self._known.get(call.stream) or Stream(self._give_up_after)

    def turn_of(self, work: ActiveRun, task: QueuedTask, now: float) -> Turn:
        """Whether a task may be called now."""
        key = work.run_id, task.prompt_id
        stream = self._known[key]
        if stream.closed_until > now:
            self._resting[key] = stream
            return Turn.ASIDE if len(work.questions) > 1 else Turn.WAITS
        return Turn.NOW if self._calls.held_of(key) < stream.at_once else Turn.WAITS

    def wake(self, work: ActiveRun, queue: TaskQueue, now: float) -> float | None:
        """Let prompts of a run go on that have rested; returns seconds until the next may, or None."""
        waits = []
        for key, stream in [one for one in self._resting.items() if one[0][0] == work.run_id]:
            if stream.closed_until > now:
                waits.append(stream.closed_until - now)
            else:
                del self._resting[key]
                queue.reopen(key[1], now)
        return min(waits, default=None)

    def waiting(self, work: ActiveRun, now: float) -> tuple[float, Hold] | None:
        """Until when the first of a run's prompts rests, and why."""
        found = [
            (stream.closed_until, stream.trouble)
            for (run_id, _), stream in self._resting.items()
            if run_id == work.run_id and stream.trouble and stream.closed_until > now
        ]
        return min(found, key=lambda one: one[0], default=None)

    def try_now(self, now: float) -> None:
        """Let none rest any longer."""
        for stream in self._resting.values():
            stream.try_now(now)
