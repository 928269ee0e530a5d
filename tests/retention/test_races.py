"""Deleting beside staging, beside an engine, and after a crash in the middle of it."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.retention.traces import Planted, add_folder, answer, left, packed_texts, plant, stage, until
from tests.support.apps import Bench
from tests.support.engines import running_engine
from tests.support.waiting import PATIENCE

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.engine import housekeeping
from docstage.extraction.extractors import Limits
from docstage.retention import sweep
from docstage.retention.sweep import Sweeper
from docstage.service.batches import batches
from docstage.service.batches.inputs import BatchInput
from docstage.service.purging.purging import purge
from docstage.service.purging.views import PurgeInput
from docstage.service.session import Session
from docstage.service.system.deep_checks import deep_checks
from docstage.staging.run_guard import Fence
from docstage.staging.staging_writes import Outcomes
from docstage.staging.unpacking import Unpacking
from docstage.store import contents, documents, freeing
from docstage.store.database import Database
from docstage.store.erasures import Erasure, owe
from docstage.store.paging import PageRequest
from docstage.store.tables import document, erasure, run


def _broken(bench: Bench) -> list[str]:
    return [f"{one.name}: {one.message}" for one in deep_checks(bench.services) if not one.ok]


def _sweeper(bench: Bench) -> Sweeper:
    return Sweeper(bench.database, bench.services.settings, bench.clock)


async def _reusing(bench: Bench) -> tuple[Fence, Outcomes, str]:
    """A staging that has found a document's content to be stored, when the last document of it is deleted."""
    planted = [Planted.make()]
    plant(bench.documents, planted)
    (bench.documents / "letter.txt").unlink()
    folder = add_folder(bench, bench.documents)
    first = await stage(bench, [folder.id], "First")
    second = batches.save(
        Session(bench.services),
        BatchInput.model_validate({"name": "Second", **bench.make_members(), "folder_ids": [folder.id]}),
        stage=True,
    )
    run_id = bench.run_id(second.id)
    with bench.database.write() as c:
        row: dict[str, Any] = {
            "run_id": run_id,
            "folder_id": folder.id,
            "path": planted[0].name,
            "size": 1,
            "mtime_ns": 1,
        }
        row |= {"status": "PENDING", "images": 0, "characters": 0, "tokens": 0}
        documents.insert_documents(c, [row])
        (pending,) = documents.pending(c, run_id, 0, 10)
        (key,) = packed_texts(bench)
        known = contents.verdicts(c, [key])[key]
    outcomes = Outcomes(Unpacking(Limits()))
    outcomes.reused(pending, contents.hash_of(key), known)
    batches.delete_batch(Session(bench.services), first.id)
    return Fence(bench.database, second.id, run_id), outcomes, key


async def test_a_content_that_went_meanwhile_is_made_anew(either: Bench) -> None:
    """A document is never stored without its content: it stays PENDING, and is extracted."""
    fence, outcomes, _key = await _reusing(either)
    assert packed_texts(either) == {}
    with either.database.read() as c:
        (pending,) = documents.pending(c, fence.run_id, 0, 10)
    assert outcomes.write(fence) == [pending.id]
    with either.database.read() as c:
        assert [one.id for one in documents.pending(c, fence.run_id, 0, 10)] == [pending.id]
    staged = await until(either, fence.batch_id, BatchStatus.STAGED)
    assert staged.counts.encoded == 1
    assert len(packed_texts(either)) == 1
    assert _broken(either) == []


async def test_a_content_is_not_deleted_while_a_document_is_stored(either: Bench) -> None:
    """Who stores documents and who deletes contents take turns; the second sees what the first did."""
    planted = [Planted.make()]
    plant(either.documents, planted)
    (either.documents / "letter.txt").unlink()
    batch = await stage(either, [add_folder(either, either.documents).id])
    (key,) = packed_texts(either)
    run_id = either.run_id(batch.id)
    gone: list[int] = []

    def delete() -> None:
        with either.database.write() as c:
            gone.append(contents.delete_unused(c, [key]))

    with either.database.write() as c:
        digest = contents.hash_of(key)
        c.execute(document.update().where(document.c.run_id == run_id).values(sha256=None))
        assert contents.keep_contents(c, [key]) == {key}
        deleting = threading.Thread(target=delete)
        deleting.start()
        c.execute(document.update().where(document.c.run_id == run_id).values(sha256=digest))
    deleting.join()
    assert gone == [0]
    assert len(packed_texts(either)) == 1


async def test_an_engine_erases_what_was_left(either: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process that died had deleted goes without anybody asking again."""
    planted = [Planted.make() for _ in range(3)]
    plant(either.documents, planted)
    batch = await stage(either, [add_folder(either, either.documents).id])
    answer(either, batch.id, planted)
    monkeypatch.setattr("docstage.service.batches.batches.erase_now", lambda *_: None)
    batches.delete_batch(Session(either.services), batch.id)
    with either.database.read() as c:
        assert len(c.execute(select(document.c.id)).all()) == 4
    assert packed_texts(either) != {}
    assert batches.list_batches(either.services, PageRequest()).items == []
    assert _broken(either) == []
    async with running_engine(either.services), asyncio.timeout(PATIENCE):
        while await asyncio.to_thread(_owed, either):
            await asyncio.sleep(0.02)
    assert packed_texts(either) == {}
    with either.database.read() as c:
        assert c.execute(select(run.c.id)).all() == []


def _owed(bench: Bench) -> bool:
    with bench.database.read() as c:
        return bool(c.execute(select(erasure.c.kind)).all())


async def test_every_step_leaves_the_invariants_whole(either: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process may die between any two steps: what is there then is true, and the next goes on."""
    planted = [Planted.make() for _ in range(8)]
    plant(either.documents, planted)
    folder = add_folder(either, either.documents)
    batch = await stage(either, [folder.id])
    answer(either, batch.id, planted[:5], complete=False)
    batches.act(Session(either.services), batch.id, Action.PAUSE)
    other = await stage(either, [folder.id], "Other")
    monkeypatch.setattr("docstage.service.batches.batches.erase_now", lambda *_: None)
    batches.delete_batch(Session(either.services), batch.id)
    assert _broken(either) == []
    sweeper = _sweeper(either)
    monkeypatch.setattr(sweeper, "_documents", 1)
    monkeypatch.setattr(sweep, "_MOST", 1)
    steps = 0
    for _ in sweeper.steps():
        steps += 1
        assert _broken(either) == []
    assert steps > len(planted)
    assert batches.get_batch(either.services, other.id).counts.encoded == 9
    assert _sweeper(either).is_done()


async def test_a_reader_in_the_way_only_delays(bench: Bench, tmp_path: Path) -> None:
    """While somebody reads an older state, the log keeps what was deleted; then it goes."""
    planted = [Planted.make()]
    plant(bench.documents, planted)
    batch = await stage(bench, [add_folder(bench, bench.documents).id])
    answer(bench, batch.id, planted)
    with closing(sqlite3.connect(str(bench.database.path), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM result").fetchall()
        batches.delete_batch(Session(bench.services), batch.id)
        assert not _sweeper(bench).is_done()
        reader.execute("COMMIT")
    assert purge(Session(bench.services), PurgeInput()).done
    assert left(tmp_path, planted[0].traces.values(), but=bench.documents) == []


def test_files_of_older_versions_can_be_shortened(tmp_path: Path) -> None:
    """A file without free pages that can be given back gets them by being written anew, once."""
    path = tmp_path / "old.db"
    for name in ("old.db", "old.contents.db"):
        with closing(sqlite3.connect(tmp_path / name)) as made:
            made.execute("CREATE TABLE filler (data BLOB)")
            made.execute("INSERT INTO filler VALUES (zeroblob(20000000))")
            made.commit()
    database = Database(str(path))
    with database.write() as c:
        c.exec_driver_sql("DELETE FROM main.filler")
    assert not freeing.shorten(database)
    freeing.rewrite(database, "main")
    with database.write() as c:
        c.exec_driver_sql("INSERT INTO main.filler VALUES (zeroblob(20000000))")
    with database.write() as c:
        c.exec_driver_sql("DELETE FROM main.filler")
    steps = 1
    while freeing.shorten(database):
        steps += 1
    assert freeing.empty_log(database)
    assert 4 <= steps <= 8  # of 4 MiB each: neither all at once nor page by page
    assert path.stat().st_size < 100_000
    database.close()


def test_a_finished_sweep_does_nothing(either: Bench) -> None:
    """Nothing is written where nothing was deleted: an engine at rest may look as often as it likes."""
    with either.database.write() as c:
        owe(c, Erasure.SPACE, [""], either.clock.now())
    assert _sweeper(either).sweep(10)
    assert list(_sweeper(either).steps()) == []
    assert housekeeping.LOOK_SECONDS > 1
