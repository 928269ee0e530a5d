"""Deleting everywhere: a document, runs, or what nothing refers to any more."""

import time
from itertools import groupby

from sqlalchemy import Connection

from docstage.domain.errors import Conflict
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.retention.rules import DAY, doom
from docstage.retention.sweep import Sweeper
from docstage.service.batches import actions
from docstage.service.context import Services
from docstage.service.purging import document_purge
from docstage.service.purging.views import PurgeInput, PurgeView, RunsChoice
from docstage.service.session import Session
from docstage.store import batches, contents, freeing, purging, runs, summaries
from docstage.store.purging import OldRun
from docstage.store.records import Batch

BUSY = (BatchStatus.STAGING, BatchStatus.ANALYZING)
SECONDS = 5.0  # that a request takes for erasing; the engine goes on with the rest


def purge(session: Session, wanted: PurgeInput) -> PurgeView:
    """Delete what is asked for, or tell what would go.

    It can be asked for again at any time, also after a crash in the middle of it.

    Raises:
        NotFound: there is no such document, upload, batch or run.
        Conflict: a batch that has some of it is being staged or analysed.
        Unavailable: the database does not answer, or an uploaded file cannot be deleted.
    """
    services = session.services
    if wanted.rewrite:
        _check_at_rest(services)
    if wanted.document is not None:
        told = document_purge.purge_document(session, wanted.document, wanted.dry_run)
    elif wanted.runs is not None:
        told = _purge_runs(session, wanted.runs, wanted.dry_run)
    else:
        told = PurgeView(dry_run=wanted.dry_run, done=False, batches=[])
    if wanted.dry_run:
        return told
    done = _erase(services, thorough=wanted.document is None and wanted.runs is None)
    if wanted.rewrite and done:
        _rewrite(services)
    return told.model_copy(update={"done": done})


def delete_run(session: Session, batch_id: int, number: int) -> None:
    """Delete one earlier run of a batch. Raises NotFound, and Conflict for its current run."""
    _purge_runs(session, RunsChoice(batch_id=batch_id, number=number), dry_run=False)
    _erase(session.services, thorough=False)


def _purge_runs(session: Session, choice: RunsChoice, dry_run: bool) -> PurgeView:
    services, before = session.services, None
    if choice.older_than_days is not None:
        before = services.clock.now() - choice.older_than_days * DAY
    with services.database.read() as c:
        earlier = purging.earlier_runs(c, closed_before=before, batch_id=choice.batch_id)
        current = _current_runs(c, choice, before)
        if choice.batch_id is not None:
            batches.get_batch(c, choice.batch_id)
        if choice.number is not None:
            earlier = _only(c, earlier, choice)
        chosen = sorted([*earlier, *current], key=lambda run: (run.batch_id, run.number))
        told = _told(c, chosen, dry_run)
    if not dry_run:
        unmarked = Session(services, session.actor)
        for run in current:
            actions.act(unmarked, run.batch_id, Action.RESET, reason="its run is deleted")
        for batch_id, some in groupby(chosen, key=lambda run: run.batch_id):
            doom(services.database, batch_id, list(some), services.clock.now(), actor=session.actor, why="")
    return told


def _only(c: Connection, earlier: list[OldRun], choice: RunsChoice) -> list[OldRun]:
    assert choice.batch_id is not None
    assert choice.number is not None
    found = [run for run in earlier if run.number == choice.number]
    if not found and runs.find_run(c, choice.batch_id, choice.number).closed_at is None:
        raise Conflict(
            f"Run {choice.number} is the current one. Reset or restage the batch first, or delete all of it."
        )
    return found


def _current_runs(c: Connection, choice: RunsChoice, before: float | None) -> list[OldRun]:
    if not choice.current:
        return []
    if choice.batch_id is not None:
        batch = batches.get_batch(c, choice.batch_id)
        if batch.status in BUSY:
            raise Conflict(
                f"Batch {batch.id} is {batch.status}. Cancel it first, then delete what it has.",
                current_status=batch.status,
            )
        found = [batch]
    else:
        found = [one for one in batches.batches_at_rest(c) if one.status is not BatchStatus.PAUSED]
    return [_run_of(c, one) for one in found if one.run_id and (before is None or one.updated_at < before)]


def _run_of(c: Connection, batch: Batch) -> OldRun:
    assert batch.run_id is not None
    return OldRun(batch.run_id, batch.id, runs.get_run(c, batch.run_id).number)


def _told(c: Connection, chosen: list[OldRun], dry_run: bool) -> PurgeView:
    ids = [run.id for run in chosen]
    extent = purging.extent_of_runs(c, ids)
    return PurgeView(
        dry_run=dry_run,
        done=False,
        batches=sorted({run.batch_id for run in chosen}),
        runs=len(chosen),
        documents=extent.documents,
        answers=extent.answers,
        calls=extent.calls,
        bytes=contents.bytes_of_runs(c, ids) if ids else 0,
    )


def _erase(services: Services, *, thorough: bool) -> bool:
    sweeper = Sweeper(services.database, services.settings, services.clock)
    if thorough:
        ends = time.monotonic() + SECONDS
        for _ in sweeper.find_unused():
            if time.monotonic() >= ends:
                return False
    return sweeper.sweep(SECONDS)


def _check_at_rest(services: Services) -> None:
    with services.database.read() as c:
        counts = summaries.batches_by_status(c)
    if any(counts.get(status) for status in BUSY):
        raise Conflict(
            "A batch is being staged or analysed, and would have to wait while the database is written anew. "
            "Pause it or let it end first."
        )


def _rewrite(services: Services) -> None:
    if services.database.is_sqlite:
        sweeper = Sweeper(services.database, services.settings, services.clock)
        for _ in sweeper.rewrites(whole=True):
            pass
    else:
        freeing.vacuum(services.database, whole=True)
