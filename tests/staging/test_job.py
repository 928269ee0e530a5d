"""Staging a run: what is read again, what is reused, and what stops it."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, update
from tests.support.engines import Laboratory, open_services

from docstage.domain.content import DocumentStatus
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.extraction.pool import ExtractionPool
from docstage.service.batches.batches import estimate_batch
from docstage.staging import encoding
from docstage.staging.job import StagingJob
from docstage.store import documents, library, runs
from docstage.store.content_tables import content
from docstage.store.paging import PageRequest
from docstage.store.records import Document
from docstage.store.tables import connection

OLD = 1_600_000_000


@pytest.fixture
async def pool() -> AsyncIterator[ExtractionPool]:
    """One extraction worker."""
    async with ExtractionPool(1) as made:
        yield made


@pytest.fixture
def lab(tmp_path: Path) -> Laboratory:
    """Three letters, last changed long ago."""
    made = Laboratory(open_services(tmp_path / "home"), tmp_path / "documents")
    made.write({f"{name}.txt": f"A letter about {name}." for name in ("bikes", "leases", "rent")})
    for file in made.folder.iterdir():
        os.utime(file, (OLD, OLD))
    return made


async def _stage(lab: Laboratory, pool: ExtractionPool, batch_id: int, *, max_tasks: int = 1_000) -> None:
    """Stage the batch's current run."""
    run_id = lab.get(batch_id).run_id
    assert run_id is not None
    with lab.services.database.read() as c:
        run = runs.get_run(c, run_id)
    settings = replace(lab.services.settings, max_tasks=max_tasks)
    await StagingJob(lab.services.database, pool, lab.services.clock, batch_id, run, settings).carry_out()


def _documents(lab: Laboratory, batch_id: int) -> dict[str, Document]:
    run_id = lab.get(batch_id).run_id
    assert run_id is not None
    with lab.services.database.read() as c:
        page = documents.list_documents(c, run_id, PageRequest())
    return {document.path: document for document in page.items}


async def _staged(lab: Laboratory, pool: ExtractionPool) -> int:
    batch_id = lab.batch([lab.connection(None)], [lab.prompt(), lab.prompt()])
    await lab.act(batch_id, Action.STAGE)
    await _stage(lab, pool, batch_id)
    assert lab.get(batch_id).status is BatchStatus.STAGED
    return batch_id


async def test_every_document_is_encoded_and_laid_out(lab: Laboratory, pool: ExtractionPool) -> None:
    """Three documents, one connection and two prompts are six queued tasks."""
    batch_id = await _staged(lab, pool)
    assert {document.status for document in _documents(lab, batch_id).values()} == {"ENCODED"}
    assert lab.tally(batch_id).queued == 6


async def test_restaging_reads_only_what_changed(lab: Laboratory, pool: ExtractionPool) -> None:
    """Unchanged and moved documents reuse their content; a changed one is encoded anew."""
    batch_id = await _staged(lab, pool)
    (lab.folder / "rent.txt").rename(lab.folder / "moved.txt")
    lab.write({"bikes.txt": "A letter about other bikes."})
    await lab.act(batch_id, Action.RESTAGE)
    await _stage(lab, pool, batch_id)
    found = _documents(lab, batch_id)
    reused = {path for path, document in found.items() if document.milliseconds is None}
    assert reused == {"leases.txt", "moved.txt"}
    assert found["bikes.txt"].characters == len("A letter about other bikes.")


async def test_contents_of_an_earlier_version_are_counted_anew(lab: Laboratory, pool: ExtractionPool) -> None:
    """Their texts are as they were, so that nothing has to be read again."""
    batch_id = await _staged(lab, pool)
    before = _documents(lab, batch_id)["rent.txt"]
    with lab.services.database.write() as c:
        c.execute(update(content).values(tokens=1, least_tokens=None, most_tokens=None))
    await lab.act(batch_id, Action.RESTAGE)
    await _stage(lab, pool, batch_id)
    after = _documents(lab, batch_id)["rent.txt"]
    assert after.milliseconds is None
    assert (after.least_tokens, after.tokens, after.most_tokens) == (
        before.least_tokens,
        before.tokens,
        before.most_tokens,
    )
    assert after.most_tokens == len("A letter about rent.")


async def test_what_is_too_long_for_the_model_is_told_at_once(lab: Laboratory, pool: ExtractionPool) -> None:
    """It costs no call: of three letters the long one has failed when the batch is STAGED."""
    lab.write({"rent.txt": "A long letter about rent. " * 500})
    connection_id = lab.connection(None)
    with lab.services.database.write() as c:
        library.update_row(c, connection, connection_id, {"context_tokens": 2_000})
    batch_id = lab.batch([connection_id], [lab.prompt()])
    await lab.act(batch_id, Action.STAGE)
    await _stage(lab, pool, batch_id)
    tally = lab.tally(batch_id)
    assert (tally.queued, tally.failed, tally.calls) == (2, 1, 0)
    told = estimate_batch(lab.services, batch_id)
    assert (told.connections[0].tasks, told.connections[0].oversized_tasks) == (2, 1)
    assert "1 task has a document too long for" in " ".join(told.warnings)
    assert "2,000 tokens: not sent" in " ".join(told.warnings)


async def test_a_change_that_keeps_size_and_time_is_noticed_if_the_file_was_fresh(
    lab: Laboratory, pool: ExtractionPool
) -> None:
    """A file that had just been changed when it was read is hashed again."""
    now = lab.services.clock.now()
    os.utime(lab.folder / "rent.txt", (now, now))
    batch_id = await _staged(lab, pool)
    lab.write({"rent.txt": "A letter about Rent!"[: len("A letter about rent.")]})
    os.utime(lab.folder / "rent.txt", (now, now))
    await lab.act(batch_id, Action.RESTAGE)
    await _stage(lab, pool, batch_id)
    assert _documents(lab, batch_id)["rent.txt"].milliseconds is not None


async def test_a_cancelled_staging_writes_nothing_more(lab: Laboratory, pool: ExtractionPool) -> None:
    """A job whose batch was cancelled or staged anew ends quietly and leaves the newer run alone."""
    batch_id = lab.batch([lab.connection(None)], [lab.prompt()])
    first = await lab.act(batch_id, Action.STAGE)
    assert first.run_id is not None
    with lab.services.database.read() as c:
        old_run = runs.get_run(c, first.run_id)
    await lab.act(batch_id, Action.CANCEL)
    await lab.act(batch_id, Action.STAGE)
    services = lab.services
    job = StagingJob(services.database, pool, services.clock, batch_id, old_run, services.settings)
    await job.carry_out()
    assert lab.get(batch_id).status is BatchStatus.STAGING
    assert _documents(lab, batch_id) == {}


async def test_an_interrupted_staging_goes_on_where_it_stopped(lab: Laboratory, pool: ExtractionPool) -> None:
    """A job that was stopped anywhere is carried out again with the same outcome."""
    batch_id = lab.batch([lab.connection(None)], [lab.prompt(), lab.prompt()])
    await lab.act(batch_id, Action.STAGE)
    stopped = asyncio.create_task(_stage(lab, pool, batch_id))
    await lab.until_true(lambda: _documents(lab, batch_id))
    stopped.cancel()
    await asyncio.gather(stopped, return_exceptions=True)
    if lab.get(batch_id).status is BatchStatus.STAGING:
        await _stage(lab, pool, batch_id)
    assert lab.get(batch_id).status is BatchStatus.STAGED
    assert lab.tally(batch_id).queued == 6


async def test_a_matrix_that_is_too_large_is_refused_with_figures(
    lab: Laboratory, pool: ExtractionPool
) -> None:
    """More tasks than are allowed end in FAILED_STAGING that shows the multiplication."""
    batch_id = lab.batch([lab.connection(None)], [lab.prompt(), lab.prompt()])
    await lab.act(batch_id, Action.STAGE)
    await _stage(lab, pool, batch_id, max_tasks=5)
    failed = lab.get(batch_id)
    assert failed.status is BatchStatus.FAILED_STAGING
    assert "3 documents with 1 connections and 2 prompts are 6 tasks; the limit is 5" in (
        failed.status_reason or ""
    )


async def test_a_matrix_that_is_too_large_is_refused_early(
    lab: Laboratory, pool: ExtractionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing more is encoded once there are more tasks than are allowed."""
    monkeypatch.setattr(encoding, "PAGE", 1)
    await _staged(lab, pool)  # from now on the contents are known, and one page is done before the next
    batch_id = lab.batch([lab.connection(None)], [lab.prompt(), lab.prompt()])
    await lab.act(batch_id, Action.STAGE)
    await _stage(lab, pool, batch_id, max_tasks=3)
    assert "3 documents with 1 connections and 2 prompts are 6" in (lab.get(batch_id).status_reason or "")
    statuses = [one.status for one in _documents(lab, batch_id).values()]
    assert sorted(statuses) == [DocumentStatus.ENCODED, DocumentStatus.ENCODED, DocumentStatus.PENDING]


async def test_equal_documents_share_one_content(lab: Laboratory, pool: ExtractionPool) -> None:
    """Copies of a document have the same content, also in other batches."""
    lab.write({"copy of rent.txt": "A letter about rent."})
    batch_id = await _staged(lab, pool)
    found = _documents(lab, batch_id)
    assert found["copy of rent.txt"].content_key == found["rent.txt"].content_key
    other = await _staged(lab, pool)
    assert all(document.milliseconds is None for document in _documents(lab, other).values())


async def test_no_transaction_writes_both_files(lab: Laboratory, pool: ExtractionPool) -> None:
    """A commit over two SQLite files is not atomic: killed within it, documents would miss their contents."""
    transactions: list[set[str]] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("BEGIN"):
            transactions.append(set())
        elif found := re.match(r"(?:INSERT INTO|UPDATE) (\w+\.)?", statement):
            transactions[-1].add(found[1] or "main")

    event.listen(lab.services.database.engine, "before_cursor_execute", note)
    await _staged(lab, pool)
    assert {frozenset(one) for one in transactions if one} == {frozenset({"main"}), frozenset({"content."})}
