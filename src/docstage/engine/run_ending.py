"""How a run that is analysed ends, in one transaction each: completed, failed, or paused with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from sqlalchemy import Connection

from docstage.clock import Clock
from docstage.domain.lifecycle import ENGINE, BatchStatus
from docstage.domain.tasks import FailureKind, failures_in_words
from docstage.models.other_models import is_other_model
from docstage.store import batches, runs, tasks
from docstage.store.batches import Change
from docstage.store.database import Database
from docstage.store.records import Batch


class Ending(Enum):
    """What came of trying to end a run."""

    ENDED = auto()
    UNFINISHED = auto()  # there are tasks that still wait
    SUPERSEDED = auto()  # the batch is no longer ANALYZING this run


@dataclass(frozen=True, slots=True)
class RunEnder:
    """Ends runs."""

    database: Database
    clock: Clock

    def finish(self, batch_id: int, run_id: int) -> Ending:
        """End a run whose tasks are all done: COMPLETED if any succeeded, else FAILED."""
        others = self._other_models(run_id)
        with self.database.write() as c:
            batch = self._analyzing(c, batch_id, run_id)
            if batch is None:
                return Ending.SUPERSEDED
            if runs.has_waiting_tasks(c, run_id):
                return Ending.UNFINISHED
            total = runs.totals(c, [run_id]).get(run_id, runs.Tally())
            status = BatchStatus.COMPLETED if total.completed else BatchStatus.FAILED
            words = (self._in_words(c, run_id, total), others)
            reason = " ".join(filter(None, words)) or None
            self._change(c, batch, status, status.lower(), reason)
            return Ending.ENDED

    def _other_models(self, run_id: int) -> str | None:
        """Which connections were answered by another model than they asked, in words."""
        with self.database.read() as c:
            asked = {one.id: one for one in runs.get_run(c, run_id).snapshot.connections}
            found = [
                f"{asked[number].name} asked {asked[number].model}, and {served} answered {answers:,} times."
                for number, served, answers in tasks.served_models(c, run_id)
                if is_other_model(asked[number].provider, asked[number].model, served)
            ]
        return " ".join(found[:_MOST_TOLD]) or None

    def pause(self, batch_id: int, run_id: int, reason: str) -> Ending:
        """Pause a run that cannot go on by itself."""
        with self.database.write() as c:
            batch = self._analyzing(c, batch_id, run_id)
            if batch is None:
                return Ending.SUPERSEDED
            self._change(c, batch, BatchStatus.PAUSED, "pause", reason)
            return Ending.ENDED

    def fail(self, batch_id: int, run_id: int, reason: str) -> Ending:
        """End a run in which more has failed than its batch allows; what is not done becomes CANCELLED."""
        with self.database.write() as c:
            batch = self._analyzing(c, batch_id, run_id)
            if batch is None:
                return Ending.SUPERSEDED
            self._change(c, batch, BatchStatus.FAILED, "failed", reason)
            runs.cancel_tasks(c, run_id)
            return Ending.ENDED

    @staticmethod
    def _analyzing(c: Connection, batch_id: int, run_id: int) -> Batch | None:
        batch = batches.locked_batch(c, batch_id)
        if batch is None or batch.status is not BatchStatus.ANALYZING or batch.run_id != run_id:
            return None
        return batch

    def _change(
        self, c: Connection, batch: Batch, status: BatchStatus, action: str, reason: str | None
    ) -> None:
        batches.change_status(c, batch, Change(status, action, ENGINE, reason, self.clock.now()))

    @staticmethod
    def _in_words(c: Connection, run_id: int, total: runs.Tally) -> str | None:
        if not total.failed:
            return None
        found = {kind: number for kind, number, _ in tasks.failures_by_kind(c, run_id)}
        unsent = found.pop(FailureKind.UNSUPPORTED_INPUT, 0)
        return _of_some(found, total, unsent) if total.completed else _of_none(found, unsent)


_MOST_TOLD = 5


def _of_none(found: Mapping[str, int], unsent: int) -> str:
    """Why no task succeeded."""
    if not found:
        return "No task can be sent: the connections take no such documents. Choose others, then restage."
    also = f" {unsent:,} cannot be sent." if unsent else ""
    failed = f"No task succeeded: {failures_in_words(found)}."
    return f"{failed}{also} See the failures for what to do, then retry."


def _of_some(found: Mapping[str, int], total: runs.Tally, unsent: int) -> str:
    """Which tasks did not succeed."""
    if not found:
        return f"{unsent:,} of {total.tasks:,} tasks cannot be sent."
    failed = f"{total.failed - unsent:,} of {total.tasks:,} tasks failed: {failures_in_words(found)}."
    return f"{failed} {unsent:,} cannot be sent." if unsent else failed
