"""Tells the model what the engine was seen to do, in an order in which it can have been."""

from dataclasses import dataclass
from pathlib import Path

from tests.model.calls import HOLDS, OPEN, End, Key, Run
from tests.model.life import Batch, Event, Illegal
from tests.model.lives import Lives
from tests.model.seen import Observer, Seen
from tests.model.tally import Tally


@dataclass(slots=True)
class Absorber:
    """Looks at the database and tells the model.

    Attributes:
        documents: the folder that batches are staged from.
        folder_changed: its documents have changed since a batch began to be staged.
    """

    lives: Lives
    observer: Observer
    documents: Path
    tally: Tally
    folder_changed: bool = False

    def absorb(self) -> dict[int, Seen]:
        """Tell the model what the engine has done meanwhile; returns what was seen."""
        seen = self.observer.look(self.lives.batches)
        for number, model in self.lives.batches.items():
            self.hold(model, seen[number])
        for number, model in self.lives.batches.items():
            self.absorb_one(model, seen[number])
        return seen

    def folder_changes(self) -> None:
        """A document is written or removed: who is staged meanwhile may have either."""
        if any(model.status == "STAGING" for model in self.lives.batches.values()):
            self.folder_changed = True

    def folder_settles(self) -> None:
        """All that was to be seen is seen."""
        if not any(model.status == "STAGING" for model in self.lives.batches.values()):
            self.folder_changed = False

    def hold(self, model: Batch, seen: Seen) -> None:
        """See which connections were found not to work; that pauses other batches too."""
        for owner, key, call, end in self._ended(model, seen):
            given = owner.tasks[key].attempts[call - 1].given
            if end.outcome == "failed" and given and given.failure in HOLDS:
                self.lives.held.add(key[1])

    def absorb_one(self, model: Batch, seen: Seen) -> None:
        """Tell one batch of it."""
        news = seen.events[len(model.events) :]
        begun = self.begun(model, seen)
        ended = self._ended(model, seen)
        if not news and not begun and not ended:
            return
        for one in list(news):  # staging comes before calls
            if one.after in {"STAGED", "ANALYZING", "FAILED_STAGING"}:
                self.move(model, one, seen)
                news.remove(one)
        self._end_all(model, seen)
        for key, call in self.begun(model, seen):
            model.call_began(key, call)
            self.tally.calls += 1
        self._end_all(model, seen)
        for one in news:
            self.move(model, one, seen)
        self._end_all(model, seen, given_up=True)

    def _end_all(self, model: Batch, seen: Seen, *, given_up: bool = False) -> None:
        """Tell of ends; of calls that the engine gives up when it ends a run, behind that end."""
        for owner, key, call, end in self._ended(model, seen):
            if given_up or end.outcome != "dropped" or owner.tasks[key].attempts[call - 1].given_up:
                model.call_ended(owner, key, call, end)

    def move(self, model: Batch, seen_event: Event, seen: Seen) -> None:
        """Tell a batch that the engine changed its status. Raises Illegal when it must not."""
        if seen_event.actor != "engine" or seen_event.after is None:
            raise Illegal(f"an event that nobody caused: {seen_event}")
        documents: set[str] = set()
        if model.status == "STAGING":
            assert model.run is not None
            self.tally.runs += 1
            documents = seen.documents.get(model.run.number, set())
            there = {path.name for path in self.documents.iterdir()}
            if not self.folder_changed and documents != there:
                raise Illegal(f"{documents} were staged of {there}")
        stuck = model.status == "ANALYZING" and self.lives.is_stuck(model)
        model.engine_moved(seen_event.after, documents, is_stuck=stuck)

    @staticmethod
    def begun(model: Batch, seen: Seen) -> list[tuple[Key, int]]:
        """Calls of its run that the model does not know yet, with their numbers."""
        current = model.run
        if current is None:
            return []
        return [
            (key, call)
            for (number, key), calls in seen.attempts.items()
            if number == current.number
            for call in range(
                len(current.tasks[key].attempts) + 1 if key in current.tasks else 1, len(calls) + 1
            )
        ]

    @staticmethod
    def _ended(model: Batch, seen: Seen) -> list[tuple[Run, Key, int, End]]:
        found = []
        for owner in model.runs:
            for key, call in owner.open_calls():
                row = seen.attempts[owner.number, key][call - 1]
                if row.outcome != OPEN:
                    end = End(row.outcome, row.cost, seen.tasks[owner.number, key].tries)
                    found.append((owner, key, call, end))
        return found
