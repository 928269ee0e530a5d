"""Compares what users see and what is stored with what the model says."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tests.model.calls import Key
from tests.model.life import Batch
from tests.model.lives import Lives
from tests.model.rig import Rig
from tests.model.seen import Observer, Seen, SeenCall

from docstage.domain.tasks import TaskStatus
from docstage.service.batches import batches as service
from docstage.service.batches.views import BatchView
from docstage.service.system.deep_checks import deep_checks
from docstage.store.paging import PageRequest


@dataclass(frozen=True, slots=True)
class Comparison:
    """Compares; each raises an AssertionError where product and model differ."""

    lives: Lives
    observer: Observer
    rig: Rig

    def all(self, seen: Mapping[int, Seen]) -> bool:
        """Whether every batch is what the model says, as users see it and as it is stored.

        Returns False when the engine has gone on meanwhile, and there is no telling.
        """
        try:
            views = service.list_batches(self.rig.services, PageRequest()).items
            assert {view.id for view in views} == set(self.lives.batches), "batches are gone, or there again"
            for view in views:
                self._view(view, self.lives.batches[view.id])
            for number, model in self.lives.batches.items():
                self.rows(number, model, seen[number])
            self._calls()
        except AssertionError:
            if self.observer.look(self.lives.batches) != seen:
                return False
            raise
        return True

    @staticmethod
    def _view(view: BatchView, model: Batch) -> None:
        current = model.run
        got = (view.status, {str(one) for one in view.allowed_actions}, view.run, view.runs)
        wanted = (model.status, model.allowed, current.number if current else None, len(model.runs))
        assert got == wanted, f"batch {view.id} is {got}, the model says {wanted}"
        for status in TaskStatus:
            counted = getattr(view.counts, status.name.lower())
            expected = current.count(status.name) if current else 0
            assert counted == expected, (
                f"{counted} {status.name} in batch {view.id}, the model says {expected}"
            )
        assert view.failed_tasks == (current.count("FAILED") if current else 0)

    def rows(self, number: int, model: Batch, seen: Seen) -> None:
        """See that log, tasks and calls of a batch are what the model says."""
        log = seen.events
        assert log == model.events, f"the log of batch {number}: {log}, the model says {model.events}"
        expected = {(one.number, key): owner for one in model.runs for key, owner in one.tasks.items()}
        laid_out = {key for key in seen.tasks if key in expected}
        assert laid_out == set(expected), f"tasks of batch {number} are gone"
        for key, owner in expected.items():
            row = seen.tasks[key]
            got = (TaskStatus(row.status).name, row.attempts, row.text)
            wanted = (owner.status, len(owner.attempts), owner.text)
            assert got == wanted, f"task {key} of batch {number} is {got}, the model says {wanted}"
            calls = [SeenCall(one.outcome, one.cost, one.possible) for one in owner.attempts]
            assert seen.attempts[key] == calls, f"calls of {key} are {seen.attempts[key]}, not {calls}"
            if owner.status == "FAILED":
                assert row.failure_kind == owner.kind

    def _calls(self) -> None:
        """Every call that waits at the server is one that is recorded, and the other way round."""
        self._free_calls()
        if self.rig.engine is None:
            return
        waiting = sorted((call.document, call.connection, call.prompt) for call in self.rig.desk.open())
        recorded = sorted(
            key for model in self.lives.batches.values() for one in model.runs for key, _ in one.open_calls()
        )
        assert waiting == recorded, f"{waiting} wait at the server, {recorded} are recorded as in flight"

    def _free_calls(self) -> None:
        """A call that was given up costs nothing only if it never came to the server."""
        came = Counter((call.document, call.connection, call.prompt) for call in self.rig.desk.calls)
        made: Counter[Key] = Counter()
        for key, one in self.lives.attempts():
            made[key] += not (one.outcome == "dropped" and one.cost == 0)
        for key, number in came.items():
            assert number <= made[key] or key not in made, f"{number} calls of {key} came, {made[key]} count"

    def check_deep(self) -> None:
        """Look at every invariant of the database."""
        ill = [check for check in deep_checks(self.rig.services) if not check.ok]
        assert not ill, ill
