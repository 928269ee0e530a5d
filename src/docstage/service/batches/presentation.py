"""Batches as they are shown, a whole page of them with a fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from docstage.domain.content import DocumentStatus
from docstage.domain.lifecycle import ACTIVE, BatchStatus, allowed_actions
from docstage.domain.usage import NANO, tokens_of
from docstage.service.batches.views import BatchView, Counts, HeldView, Progress
from docstage.service.batches.waits import view_wait
from docstage.service.context import Services
from docstage.service.engine_state import EngineState, engine_state
from docstage.store import summaries
from docstage.store.records import Batch
from docstage.store.runs import Tally, document_counts, totals
from docstage.store.summaries import Members
from docstage.store.tasks import unsendable_tasks

_OWN = (
    "id",
    "name",
    "description",
    "metadata",
    "failure_limit",
    "status",
    "status_reason",
    "runs",
    "created_at",
    "updated_at",
    *(f"{status.lower()}_at" for status in BatchStatus),
)


@dataclass(frozen=True, slots=True)
class RunSums:
    """What is counted of one run: its tasks and calls, and its documents by status."""

    tally: Tally
    documents: Mapping[DocumentStatus, int]
    unsendable: int = 0

    @property
    def counts(self) -> Counts:
        """As it is shown."""
        found = {status: self.documents.get(status, 0) for status in DocumentStatus}
        tally = self.tally
        return Counts(
            documents=sum(found.values()),
            pending=found[DocumentStatus.PENDING],
            encoded=found[DocumentStatus.ENCODED],
            unreadable=found[DocumentStatus.UNREADABLE],
            skipped=found[DocumentStatus.SKIPPED],
            tasks=tally.tasks,
            queued=tally.queued,
            running=tally.running,
            completed=tally.completed,
            failed=tally.failed,
            cancelled=tally.cancelled,
            unsendable=self.unsendable,
        )


def sums_of(c: Connection, run_ids: Sequence[int]) -> dict[int, RunSums]:
    """What is counted of each of these runs."""
    tallies = totals(c, run_ids)
    documents = document_counts(c, run_ids)
    unsendable = unsendable_tasks(c, [one for one, tally in tallies.items() if tally.failed])
    return {
        one: RunSums(tallies.get(one, Tally()), documents.get(one, {}), unsendable.get(one, 0))
        for one in run_ids
    }


def known_cost(tally: Tally) -> float | None:
    """USD of the calls with a known price; None when there were calls and none had one."""
    return None if tally.unpriced_calls and not tally.cost else tally.cost / NANO


def progress_of(
    sums: RunSums, status: BatchStatus | None, engine: EngineState, run_id: int | None
) -> Progress:
    """How far a run is.

    Args:
        status: the batch's, or None for a run that is not the current one.
        run_id: the run, if it is the current one.
    """
    rate = engine.rate(run_id)
    done, whole = _done(sums, status)
    active = status in ACTIVE
    eta = (whole - done) / rate if active and rate > 0 and whole else None
    tally = sums.tally
    return Progress(
        share=done / whole if whole else 0.0,
        rate=rate if active else 0.0,
        eta_seconds=eta,
        cost=known_cost(tally),
        unpriced_calls=tally.unpriced_calls,
        possible_cost=tally.possible_cost / NANO,
        held=[HeldView.model_validate(one) for one in engine.held(run_id)],
        waits=view_wait(engine.wait(run_id)) if status is BatchStatus.ANALYZING else None,
        calls=tally.calls,
        **tokens_of(tally.usage),
    )


def view_batches(services: Services, c: Connection, batches: Sequence[Batch]) -> list[BatchView]:
    """The batches as they are shown."""
    members = summaries.members(c, [batch.id for batch in batches])
    sums = sums_of(c, [batch.run_id for batch in batches if batch.run_id is not None])
    engine = engine_state(services, c)
    return [_view(batch, members[batch.id], _sums(sums, batch.run_id), engine) for batch in batches]


def view_batch(services: Services, c: Connection, batch: Batch) -> BatchView:
    """One batch as it is shown."""
    return view_batches(services, c, [batch])[0]


def _sums(sums: Mapping[int, RunSums], run_id: int | None) -> RunSums:
    return RunSums(Tally(), {}) if run_id is None else sums[run_id]


def _done(sums: RunSums, status: BatchStatus | None) -> tuple[int, int]:
    """How much is done, and of how much: documents while staging, tasks afterwards."""
    if status in {BatchStatus.STAGING, BatchStatus.FAILED_STAGING}:
        documents = sum(sums.documents.values())
        return documents - sums.documents.get(DocumentStatus.PENDING, 0), documents
    return sums.tally.done, sums.tally.tasks


def _view(batch: Batch, members: Members, sums: RunSums, engine: EngineState) -> BatchView:
    return BatchView.model_validate(
        {
            **{name: getattr(batch, name) for name in _OWN},
            "folder_ids": members.folders,
            "connection_ids": members.connections,
            "prompt_ids": members.prompts,
            "budget": None if batch.budget is None else batch.budget / NANO,
            "allowed_actions": allowed_actions(batch.status),
            # A batch's current run is always the last one that was begun.
            "run": batch.runs if batch.run_id is not None else None,
            "failed_tasks": sums.tally.failed,
            "counts": sums.counts,
            "progress": progress_of(sums, batch.status, engine, batch.run_id),
        }
    )
