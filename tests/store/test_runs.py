"""Runs: begun, closed, cancelled, retried and purged."""

import pytest
from sqlalchemy import update
from tests.support.stores import (
    NOW,
    Staged,
    analyze,
    answered,
    assert_tallies_hold,
    begin,
    calls_for,
    failed,
    make_batch,
    move,
    record_begun,
    record_ended,
    stage,
    table,
)

from docstage.domain.errors import NotFound
from docstage.domain.lifecycle import BatchStatus
from docstage.domain.snapshot import FrozenBatch, FrozenFolder, FrozenPrompt, RunSnapshot
from docstage.domain.tasks import FailureKind, TaskStatus
from docstage.store import documents, purging, runs, tasks
from docstage.store.database import Database
from docstage.store.paging import PageRequest
from docstage.store.runs import Tally
from docstage.store.tables import run


def _half_done(database: Database) -> Staged:
    """A run with 4 tasks COMPLETED, 4 FAILED (2 for a timeout) and 4 left."""
    staged = analyze(database)
    calls = calls_for(database, staged)[:8]
    record_begun(database, calls)
    slow = [failed(call, failure_kind=FailureKind.TIMEOUT) for call in calls[6:]]
    record_ended(database, [*map(answered, calls[:4]), *map(failed, calls[4:6]), *slow])
    return staged


def _total(database: Database, staged: Staged) -> Tally:
    with database.read() as c:
        return runs.totals(c, [staged.run_id])[staged.run_id]


def test_run_reads_back(database: Database) -> None:
    """A run keeps its snapshot and learns when it was scanned, staged and closed."""
    with database.write() as c:
        batch = make_batch(c)
        schema = {"b": 1, "a": None}
        snapshot = RunSnapshot(prompts=(FrozenPrompt(3, "P", 1, "ü \"'\n😀", schema=schema),))
        run_id = runs.begin_run(c, batch.id, 1, snapshot, analyze=True, at=NOW)
        begun = runs.get_run(c, run_id)
        runs.mark_scanned(c, run_id)
        runs.mark_staged(c, run_id, NOW + 1)
        runs.close_run(c, run_id, NOW + 2)
        closed = runs.find_run(c, batch.id, 1)
    assert (begun.snapshot, begun.analyze_when_staged, begun.scanned) == (snapshot, True, False)
    assert (begun.begun_at, begun.staged_at, begun.closed_at) == (NOW, None, None)
    assert (closed.scanned, closed.staged_at, closed.closed_at) == (True, NOW + 1, NOW + 2)


def test_what_earlier_versions_froze_is_read(database: Database) -> None:
    """Without a number of its format, as they stored it; of a run that is erased in steps nothing is left."""
    folder = {"id": 3, "name": "Letters", "path": "/srv/letters", "recursive": False, "hidden": True}
    prompt = {"id": 4, "name": "P", "version": 2, "text": "Who?", "system": None, "schema": {"b": 1, "a": 2}}
    batch = {"name": "May", "budget": 1.5, "failure_limit": None, "metadata": {"case": 7}}
    stored = {
        "docstage": "0.1.0",
        "batch": batch,
        "folders": [folder],
        "connections": [],
        "prompts": [prompt],
    }
    with database.write() as c:
        run_id = stage(c).run_id
        c.execute(update(run).where(run.c.id == run_id).values(snapshot=stored))
        read = runs.get_run(c, run_id).snapshot
        purging.doom_runs(c, [run_id], NOW)
        erased = runs.get_run(c, run_id).snapshot
    assert read == RunSnapshot(
        docstage="0.1.0",
        batch=FrozenBatch("May", 1.5, None, {"case": 7}),
        folders=(FrozenFolder(3, "Letters", "/srv/letters", recursive=False, hidden=True),),
        prompts=(FrozenPrompt(4, "P", 2, "Who?", None, {"b": 1, "a": 2}),),
    )
    assert erased == RunSnapshot()


def test_unknown_runs_are_not_found(database: Database) -> None:
    """Runs are found by id, or by number within their batch."""
    with database.read() as c:
        with pytest.raises(NotFound):
            runs.get_run(c, 1)
        with pytest.raises(NotFound):
            runs.find_run(c, 1, 1)
        assert runs.totals(c, [1]) == {}


def test_cancel_leaves_what_is_done(database: Database) -> None:
    """QUEUED and RUNNING tasks become CANCELLED; results and failures stay."""
    staged = _half_done(database)
    record_begun(database, calls_for(database, staged)[:1])
    with database.write() as c:
        runs.cancel_tasks(c, staged.run_id)
        assert not runs.has_waiting_tasks(c, staged.run_id)
    total = _total(database, staged)
    assert (total.completed, total.failed, total.cancelled, total.done) == (4, 4, 4, 12)
    assert_tallies_hold(database)


def test_requeue_takes_failed_and_cancelled(database: Database) -> None:
    """All of them by default, with their tries begun anew."""
    staged = _half_done(database)
    with database.write() as c:
        runs.cancel_tasks(c, staged.run_id)
        assert runs.requeue_tasks(c, staged.run_id) == 8
        assert runs.has_waiting_tasks(c, staged.run_id)
        queued = [
            task for lane in staged.connections for task in tasks.next_queued(c, staged.run_id, lane, 0, 99)
        ]
    assert {task.tries for task in queued} == {0}
    assert sorted(task.attempts for task in queued) == [0] * 4 + [1] * 4
    assert _total(database, staged).queued == 8
    assert_tallies_hold(database)


def test_requeue_by_kind_takes_only_failures_of_that_kind(database: Database) -> None:
    """A task that was cancelled while it waited for its next try has not failed with that kind."""
    staged = _half_done(database)
    (waiting,) = calls_for(database, staged)[:1]
    record_begun(database, [waiting])
    record_ended(database, [failed(waiting, TaskStatus.QUEUED, failure_kind=FailureKind.TIMEOUT)])
    with database.write() as c:
        runs.cancel_tasks(c, staged.run_id)
        assert runs.requeue_tasks(c, staged.run_id, ["timeout", "auth"]) == 2
    total = _total(database, staged)
    assert (total.queued, total.failed, total.cancelled, total.completed) == (2, 2, 4, 4)
    assert_tallies_hold(database)


def test_the_last_runs_are_kept(database: Database) -> None:
    """Earlier ones may go, the current one and other batches' only ones not; they go with all they have."""
    with database.write() as c:
        batch = make_batch(c)
        other = stage(c, name="Another")
        runs.close_run(c, other.run_id, NOW)
        ids = []
        for _ in range(4):
            staging, run_id = begin(c, batch, ["a.txt"])
            batch = move(c, staging, BatchStatus.FAILED_STAGING)
            ids.append(run_id)
        for run_id in ids[:3]:
            runs.close_run(c, run_id, NOW)
        old = purging.earlier_runs(c, beyond=2)
        assert [(one.batch_id, one.number) for one in old] == [(batch.id, 1), (batch.id, 2)]
        purging.doom_runs(c, [one.id for one in old], NOW)
        assert [run.number for run in runs.list_runs(c, batch.id)] == [4, 3]
        assert len(purging.delete_documents(c, ids[0], 10)) == 1
        assert documents.list_documents(c, ids[0], PageRequest()).items == []
        assert len(documents.list_documents(c, ids[2], PageRequest()).items) == 1
        assert purging.earlier_runs(c, beyond=2) == []
        assert len(runs.list_runs(c, other.batch.id)) == 1


def test_documents_are_counted_by_status(database: Database) -> None:
    """Only statuses that occur are listed."""
    with database.write() as c:
        staged = stage(c, 3)
        none = {"PENDING": 0, "UNREADABLE": 0, "SKIPPED": 0}
        assert runs.document_counts(c, [staged.run_id]) == {staged.run_id: {"ENCODED": 3, **none}}
        assert runs.document_counts(c, [staged.run_id + 1]) == {}


def test_cells_add_up_to_the_total(database: Database) -> None:
    """One cell for each connection and prompt, in order; together they are the run's total."""
    staged = _half_done(database)
    with database.read() as c:
        cells = runs.cells(c, staged.run_id)
    pairs = [(cell.connection_id, cell.prompt_id) for cell in cells]
    assert pairs == [(lane, prompt) for lane in staged.connections for prompt in staged.prompts]
    total = Tally()
    for cell in cells:
        total += cell.tally
    assert total == _total(database, staged)


def test_tasks_belong_to_their_batch(database: Database) -> None:
    """A task is found only among the runs that are named."""
    with database.write() as c:
        staged, other = stage(c), stage(c, name="Another")
        (task, *_rest) = table(c, staged.run_id).items
        assert tasks.get_task(c, task.id, [runs.get_run(c, staged.run_id)]) == task
        with pytest.raises(NotFound):
            tasks.get_task(c, task.id, [runs.get_run(c, other.run_id)])
