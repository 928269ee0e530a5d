"""Lives of batches beside each other: what each of them is owed, when all share connections and an engine."""

from dataclasses import dataclass, field

from tests.model.calls import Attempt, Key, Run
from tests.model.life import Batch


@dataclass(slots=True)
class Lives:
    """The model of all batches.

    Attributes:
        batches: by id.
        held: connections that wait for somebody to mend them.
    """

    batches: dict[int, Batch] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return "; ".join(f"{number}: {model.status}" for number, model in self.batches.items())

    def woken(self, model: Batch) -> None:
        """What is analysed anew tries its connections anew."""
        if model.status == "ANALYZING" and model.run is not None:
            self.held -= set(model.run.connections)

    def owed(self, *, holds_staging: bool) -> str | None:
        """What the engine must do by itself, sooner or later.

        Args:
            holds_staging: whether staging waits.
        """
        for number, model in self.batches.items():
            for one in model.runs:
                for key, call in one.open_calls():
                    given = one.tasks[key].attempts[call - 1]
                    if given.given or given.given_up or given.lost:
                        return f"the end of call {call} of {key} of batch {number}"
            if model.status == "STAGING" and not holds_staging:
                return f"the staging of batch {number}"
            if model.status == "ANALYZING":
                owed = self._owed_to(model)
                if owed:
                    return f"{owed} of batch {number}"
        return None

    def _owed_to(self, model: Batch) -> str | None:
        current = model.run
        assert current is not None
        if model.is_finished or model.failed_too_often:
            return "the end"
        if self.is_stuck(model) and not any(
            self._is_busy(name) for name in current.connections if name not in self.held
        ):
            return "a pause"
        for connection in current.connections:
            if not current.waiting(connection) or connection in self.held or not model.fits(connection):
                continue
            if not self._is_busy(connection):
                return f"a call on {connection}"
        return None

    def _is_busy(self, connection: str) -> bool:
        """Whether calls are in flight: one may be all that it lets out; nothing else is looked at then."""
        return any(self._calls_of(other, connection) for other in self.batches.values())

    @staticmethod
    def _calls_of(model: Batch, connection: str) -> int:
        return sum(len(one.open_calls(connection)) for one in model.runs)

    def is_stuck(self, model: Batch) -> bool:
        """Whether all that is left of its run waits for somebody to mend something."""
        current = model.run
        assert current is not None
        left = {key[1] for key, one in current.tasks.items() if one.is_open}
        return not current.open_calls() and all(name in self.held or not model.fits(name) for name in left)

    def attempts(self) -> list[tuple[Key, Attempt]]:
        """Every call of every batch, with its task."""
        return [
            (key, one)
            for model in self.batches.values()
            for owner in model.runs
            for key, task in owner.tasks.items()
            for one in task.attempts
        ]

    def lose_everything(self) -> None:
        """The engine has died: nobody hears of its calls in flight."""
        for attempt in self._open():
            attempt.lost = True

    def give_up_everything(self) -> None:
        """The engine may give up all its calls in flight."""
        for attempt in self._open():
            attempt.given_up = True

    def open_calls(self) -> list[tuple[Run, Key, int]]:
        """All that are in flight, with their runs and numbers."""
        return [
            (owner, key, number)
            for model in self.batches.values()
            for owner in model.runs
            for key, number in owner.open_calls()
        ]

    def _open(self) -> list[Attempt]:
        return [owner.tasks[key].attempts[number - 1] for owner, key, number in self.open_calls()]
