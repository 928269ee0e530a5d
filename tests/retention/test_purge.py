"""One document, old runs, or all of a batch are deleted everywhere; the runs that stay remain true."""

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.retention.traces import (
    Planted,
    add_folder,
    answer,
    left,
    packed_texts,
    plant,
    stage,
    until,
)
from tests.support.apps import Bench

from docstage.domain.errors import Conflict, NotFound
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.results.formats import DEFAULT
from docstage.retention.rules import apply_rules
from docstage.retention.sweep import YOUNG_SECONDS, Sweeper
from docstage.service.batches import batches
from docstage.service.purging.purging import delete_run, purge
from docstage.service.purging.views import PurgeInput, PurgeView
from docstage.service.results import documents, exporting, reading, results
from docstage.service.session import Session
from docstage.service.system.deep_checks import deep_checks
from docstage.store.content_tables import content
from docstage.store.contents import NewContent, insert_contents
from docstage.store.documents import Verdict
from docstage.store.paging import PageRequest
from docstage.store.tables import document, event, run
from docstage.store.tasks import TaskFilter

DAY = 86_400.0


def _purge(bench: Bench, **wanted: Any) -> PurgeView:
    return purge(Session(bench.services), PurgeInput.model_validate(wanted))


def _broken(bench: Bench) -> list[str]:
    return [f"{one.name}: {one.message}" for one in deep_checks(bench.services) if not one.ok]


async def _answered(bench: Bench, place: Path, planted: list[Planted]) -> int:
    plant(place, planted)
    batch = await stage(bench, [add_folder(bench, place).id])
    answer(bench, batch.id, planted)
    return batch.id


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("how", ["path", "shown path", "sha256", "number"])
async def test_a_document_is_deleted_everywhere(bench: Bench, tmp_path: Path, how: str) -> None:
    """Its words, answer and name are in no file any more; runs keep its place, its counters and its cost."""
    planted = [Planted.make() for _ in range(40)]
    place = bench.services.settings.uploads_folder / "May"
    batch_id = await _answered(bench, place, planted)
    one = planted[17]
    file, digest = place / one.name, _sum(place / one.name)
    packed = next(piece for key, piece in packed_texts(bench).items() if key.startswith(digest))
    before = batches.get_batch(bench.services, batch_id)
    number = next(
        found.id
        for found in documents.list_documents(bench.services, batch_id, PageRequest()).items
        if found.path == one.name
    )
    choice = {
        "path": {"path": str(file)},
        "shown path": {"path": one.name},
        "sha256": {"sha256": digest.upper()},
        "number": {"batch_id": batch_id, "document_id": number},
    }[how]

    preview = _purge(bench, document=choice, dry_run=True)
    assert (preview.documents, preview.answers, preview.calls, preview.runs) == (1, 1, 1, 1)
    assert (preview.paths, preview.uploads, preview.batches) == ([str(file)], [str(file)], [batch_id])
    assert preview.bytes > 0
    assert file.exists()
    assert _purge(bench, document=choice).done

    traces = [*one.traces.values(), digest.encode(), packed]
    assert left(tmp_path, traces) == []
    after = batches.get_batch(bench.services, batch_id)
    assert (after.counts, after.progress.cost) == (before.counts, before.progress.cost)
    row = next(
        task
        for task in results.list_tasks(bench.services, batch_id, PageRequest(), TaskFilter()).items
        if task.document_id == number
    )
    assert (row.status, row.text, row.value, row.purged) == ("COMPLETED", "", None, True)
    assert row.document == f"purged document {number}"
    with pytest.raises(NotFound, match="deleted everywhere"):
        reading.document_text(bench.services, batch_id, number)
    others = [
        task.text for task in results.list_tasks(bench.services, batch_id, PageRequest(), TaskFilter()).items
    ]
    assert sorted(filter(None, others)) == sorted(other.answered for other in planted if other != one)
    assert _broken(bench) == []
    with pytest.raises(NotFound):
        _purge(bench, document=choice if how != "number" else {"sha256": digest})


async def test_a_document_goes_from_all_batches_with_its_copies(either: Bench) -> None:
    """On both databases: the same bytes under another name, in another run or batch, go as well."""
    mine = Planted.make()
    plant(either.documents, [mine, Planted.make()])
    copy = either.documents / "copy.txt"
    copy.write_bytes((either.documents / mine.name).read_bytes())
    folder = add_folder(either, either.documents)
    first, second = await stage(either, [folder.id], "One"), await stage(either, [folder.id], "Two")
    batches.act(Session(either.services), first.id, Action.RESTAGE)
    await until(either, first.id, BatchStatus.STAGED)
    told = _purge(either, document={"path": str(either.documents / mine.name)})
    assert (told.documents, told.runs, told.batches) == (6, 3, [first.id, second.id])
    assert told.remaining == sorted([str(copy), str(either.documents / mine.name)])
    with either.database.read() as c:
        names = set(c.execute(select(document.c.path)).scalars())
        reasons = list(c.execute(select(event.c.reason).where(event.c.action == "purge")).scalars())
    assert not {mine.name, "copy.txt"} & names
    assert reasons == ["2 documents were deleted everywhere"] * 3
    assert len(packed_texts(either)) == 2
    assert _broken(either) == []


async def test_tasks_of_a_purged_document_are_never_called(either: Bench) -> None:
    """In a batch that is not done they become CANCELLED, and neither running nor retrying queues them."""
    planted = [Planted.make() for _ in range(3)]
    plant(either.documents, planted)
    (either.documents / "letter.txt").unlink()
    batch = await stage(either, [add_folder(either, either.documents).id])
    _purge(either, document={"path": planted[0].name})
    answer(either, batch.id, planted)
    counts = batches.get_batch(either.services, batch.id).counts
    assert (counts.completed, counts.cancelled, counts.queued) == (2, 1, 0)
    retried = batches.act(Session(either.services), batch.id, Action.RETRY)
    assert "deleted everywhere" in (retried.status_reason or "")
    assert batches.get_batch(either.services, batch.id).counts.queued == 0
    either.move(batch.id, BatchStatus.COMPLETED)
    pieces = exporting.export(either.services, batch.id, DEFAULT).pieces
    assert b"purged document" in b"".join(pieces)


async def test_a_document_of_a_batch_at_work_is_refused(bench: Bench) -> None:
    """Nothing is deleted then, and the answer names the batch."""
    planted = [Planted.make()]
    plant(bench.documents, planted)
    batch = await stage(bench, [add_folder(bench, bench.documents).id])
    batches.act(Session(bench.services), batch.id, Action.RUN)
    with pytest.raises(Conflict, match=f"batch {batch.id}"):
        _purge(bench, document={"path": planted[0].name})
    assert len(packed_texts(bench)) == 2


async def test_all_of_a_batch(either: Bench) -> None:
    """All its runs go, the current one too; the batch is SAVED and can be staged again."""
    batch_id = await _answered(either, either.documents, [Planted.make()])
    batches.act(Session(either.services), batch_id, Action.RESTAGE)
    await until(either, batch_id, BatchStatus.STAGED)
    choice = {"batch_id": batch_id, "current": True}
    assert _purge(either, runs=choice, dry_run=True).runs == 2
    told = _purge(either, runs=choice)
    assert (told.runs, told.documents, told.answers) == (2, 4, 1)
    assert batches.get_batch(either.services, batch_id).status == BatchStatus.SAVED
    assert packed_texts(either) == {}
    with either.database.read() as c:
        assert c.execute(select(run.c.id)).all() == []
    assert _broken(either) == []


async def test_one_earlier_run(bench: Bench) -> None:
    """It goes; the current one is refused."""
    batch_id = await _answered(bench, bench.documents, [Planted.make()])
    batches.act(Session(bench.services), batch_id, Action.RESTAGE)
    await until(bench, batch_id, BatchStatus.STAGED)
    with pytest.raises(Conflict, match="current"):
        delete_run(Session(bench.services), batch_id, 2)
    delete_run(Session(bench.services), batch_id, 1)
    assert [one.number for one in results.list_runs(bench.services, batch_id)] == [2]
    with pytest.raises(NotFound):
        delete_run(Session(bench.services), batch_id, 1)


def _old_runs(bench: Bench, count: int) -> int:
    """A batch with so many runs, of which each became history a day after the one before."""
    batch_id = bench.batch_in(BatchStatus.COMPLETED)
    for _ in range(count - 1):
        bench.clock.at += DAY
        batches.act(Session(bench.services), batch_id, Action.RESTAGE)
        bench.move(batch_id, BatchStatus.FAILED_STAGING)
    return batch_id


@pytest.mark.parametrize(
    ("rule", "kept"),
    [({"keep_runs": 2}, [3, 4]), ({"keep_days": 1}, [3, 4]), ({"keep_runs": 1}, [4]), ({}, [1, 2, 3, 4])],
)
def test_runs_that_are_not_kept_go_by_themselves(
    either: Bench, rule: dict[str, int], kept: list[int]
) -> None:
    """`keep_runs` counts the current run, `keep_days` from when a run became history; the log says why."""
    from dataclasses import replace

    batch_id = _old_runs(either, 4)
    either.clock.at += DAY / 2
    settings = replace(either.services.settings, **rule)  # type: ignore[arg-type]
    for _ in apply_rules(either.database, settings, either.clock):
        pass
    assert sorted(one.number for one in results.list_runs(either.services, batch_id)) == kept
    log = [
        one
        for one in results.list_events(either.services, PageRequest(), batch_id).items
        if one.action == "purge"
    ]
    assert [one.actor for one in log] == ["engine"] * bool(rule)
    assert Sweeper(either.database, settings, either.clock).sweep(10)


def test_runs_older_than_an_age(either: Bench) -> None:
    """Earlier ones go; with `current` also the current one of a batch that has rested so long."""
    batch_id = _old_runs(either, 3)
    either.clock.at += DAY / 2
    told = _purge(either, runs={"older_than_days": 1})
    assert (told.runs, [one.number for one in results.list_runs(either.services, batch_id)]) == (1, [3, 2])
    assert _purge(either, runs={"older_than_days": 10, "current": True}).runs == 0
    either.clock.at += 10 * DAY
    assert _purge(either, runs={"older_than_days": 10, "current": True}).runs == 2
    assert batches.get_batch(either.services, batch_id).status == BatchStatus.SAVED


def test_contents_and_uploads_that_nothing_refers_to(either: Bench) -> None:
    """They go after half a day: before that they may be about to be used. The deep check tells old ones."""
    verdict = Verdict("UNREADABLE", "damaged", None, None, None, 0, 0, 0)
    new = NewContent("a" * 64 + "-1-.txt", verdict, None, either.clock.now())
    with either.database.write() as c:
        insert_contents(c, [new], [])
    uploads = either.services.settings.uploads_folder
    plant(uploads / "Broken off", [Planted("a.txt", "a", "")])
    for place in (uploads / "Broken off" / "a.txt", uploads / "Broken off"):
        os.utime(place, (either.clock.at, either.clock.at))
    _purge(either)
    assert (uploads / "Broken off" / "a.txt").exists()
    with either.database.read() as c:
        assert c.execute(select(content.c.key)).all()
    either.clock.at += 2 * DAY
    either.batch_in(BatchStatus.SAVED)  # which logs something at that time
    assert any("unused contents" in one for one in _broken(either))
    _purge(either)
    assert not (uploads / "Broken off").exists()
    assert YOUNG_SECONDS < DAY
    assert not any("unused contents" in one for one in _broken(either))
