"""The words of pictures as a part of staging: read once, kept at once, gone with their documents."""

import asyncio
import io
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from PIL import Image
from sqlalchemy import func, select
from tests.support.engines import Laboratory, open_services
from tests.support.extraction import Extractors

from docstage.domain.content import ImagePart
from docstage.domain.lifecycle import Action
from docstage.domain.tasks import FailureKind
from docstage.extraction.ocr.engine import OcrEngine
from docstage.extraction.ocr.reading import NotRead, PictureText
from docstage.extraction.pool import ExtractionPool
from docstage.retention.sweep import sweep_now
from docstage.service.purging.document_purge import purge_document
from docstage.service.purging.views import DocumentChoice
from docstage.service.results.reading import document_image, document_text, find_in_document
from docstage.service.session import Session
from docstage.staging.job import StagingJob
from docstage.store import contents, documents, library, runs, tasks
from docstage.store.content_tables import content, picture_text
from docstage.store.invariants import INVARIANTS
from docstage.store.paging import PageRequest
from docstage.store.records import Batch, Document
from docstage.store.tables import folder, task


def picture(width: int, height: int) -> bytes:
    """A photo without anything in it."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(file, "PNG")
    return file.getvalue()


class Words:
    """Reads pictures as it is told to, in the place of an `OcrPool`."""

    workers = 2

    def __init__(self) -> None:
        self.engine = OcrEngine("reader", "1")
        self.says: PictureText | NotRead = PictureText("Invoice 4711")
        self.read_pictures = 0
        self.hangs_at: int | None = None
        self.hangs = asyncio.Event()

    async def read(self, _: ImagePart) -> PictureText | NotRead:
        """As an `OcrPool` does."""
        if self.read_pictures == self.hangs_at:
            self.hangs.set()
            await asyncio.Event().wait()
        self.read_pictures += 1
        return self.says


class Scans:
    """A folder with photos, staged again and again for a connection that does not see."""

    def __init__(self, home: Path, *, sees: bool = False) -> None:
        self.lab = Laboratory(open_services(home / "home"), home / "documents", ocr="when_needed")
        self.lab.folder.mkdir()
        for number in range(3):
            (self.lab.folder / f"{number}.png").write_bytes(picture(400 + number, 500))
        (self.lab.folder / "copy.png").write_bytes(picture(400, 500))
        self.words: Words | None = Words()
        connection = self.lab.connection(None, images=sees)
        self.batch = self.lab.batch([connection], [self.lab.prompt()])

    async def stage(self) -> dict[str, Document]:
        """Stage anew; returns what became of each path."""
        first = self.lab.get(self.batch).run_id is None
        await self.lab.act(self.batch, Action.STAGE if first else Action.RESTAGE)
        return await self.go_on()

    async def go_on(self) -> dict[str, Document]:
        """Carry out what is being staged."""
        services = self.lab.services
        with services.database.read() as c:
            run = runs.get_run(c, self.run_id)
        pool = cast("ExtractionPool", Extractors())
        job = StagingJob(services.database, pool, services.clock, self.batch, run, services.settings)
        job.open_ocr = lambda: self.words
        await job.carry_out()
        with services.database.read() as c:
            page = documents.list_documents(c, self.run_id, PageRequest(limit=100))
        return {document.path: document for document in page.items}

    @property
    def run_id(self) -> int:
        """The current run."""
        found = self.lab.get(self.batch).run_id
        assert found is not None
        return found

    def count(self, of: Any) -> int:
        """Rows of a table."""
        with self.lab.services.database.read() as c:
            return int(c.execute(select(func.count()).select_from(of)).scalar_one())

    def failures(self) -> list[str | None]:
        """Kinds of failure of the current run's tasks."""
        with self.lab.services.database.read() as c:
            return list(c.execute(select(task.c.failure_kind).where(task.c.run_id == self.run_id)).scalars())

    def broken(self) -> dict[str, Any]:
        """Invariants that do not hold."""
        with self.lab.services.database.read() as c:
            return {one.name: found for one in INVARIANTS if (found := one.broken(c)).count}


async def test_blind_connections_get_the_words(tmp_path: Path) -> None:
    """Each picture is read once, tasks wait, and what is sent has the words; staging anew reads nothing."""
    scans = Scans(tmp_path)
    staged = await scans.stage()
    assert scans.words is not None
    assert scans.words.read_pictures == 3, "the copy is read with its original"
    assert scans.failures() == [None] * 4
    with scans.lab.services.database.read() as c:
        queued = tasks.next_queued(c, scans.run_id, 1, 0, 10, sees=False)
        sent = contents.load_contents(c, [one.content_key for one in queued])
    assert {one.text for one in sent.values()} == {"[picture 1, read by OCR]\nInvoice 4711"}
    assert not any(one.needs_sight for one in sent.values())
    assert all(len(one.images) == 1 for one in sent.values())
    assert await scans.stage() == {
        path: replace(one, id=again.id, run_id=again.run_id, milliseconds=None)
        for path, one in staged.items()
        for again in [(await scans.go_on())[path]]
    }
    assert scans.words.read_pictures == 3
    assert scans.broken() == {}


async def test_people_see_picture_and_words(tmp_path: Path) -> None:
    """The reader shows both, the find box finds the words, and the receipt says who read them."""
    scans = Scans(tmp_path)
    one = (await scans.stage())["0.png"]
    services = scans.lab.services
    assert "Invoice 4711" in document_text(services, scans.batch, one.id).text
    assert document_image(services, scans.batch, one.id, 1).data
    assert find_in_document(services, scans.batch, one.id, "invoice", 10).hits
    assert one.detail == "The words of 1 picture were read by OCR (reader 1): they may have mistakes."


async def test_nothing_is_read_that_nobody_needs(tmp_path: Path) -> None:
    """A connection that sees gets pictures alone, unless the folder says always; never is never."""
    scans = Scans(tmp_path, sees=True)
    await scans.stage()
    assert scans.words is not None
    assert scans.words.read_pictures == 0
    for said, read in (("always", 3), ("never", 3)):
        with scans.lab.services.database.write() as c:
            library.update_row(c, folder, 1, {"ocr": said})
        staged = await scans.stage()
        assert scans.words.read_pictures == read
        assert ("OCR" in str(staged["0.png"].content_key)) is (said == "always")


async def test_without_an_engine_pages_wait(tmp_path: Path) -> None:
    """Tasks fail at no cost, the batch says how much waits and what to install; installed, they are read."""
    scans = Scans(tmp_path)
    words, scans.words = scans.words, None
    await scans.stage()
    batch: Batch = scans.lab.get(scans.batch)
    assert scans.failures() == [str(FailureKind.UNSUPPORTED_INPUT)] * 4
    assert "4 pages of pictures wait for OCR in 4 documents." in str(batch.status_reason)
    assert 'pip install "docstage[ocr]"' in str(batch.status_reason)
    scans.words = words
    await scans.stage()
    assert scans.failures() == [None] * 4
    assert scans.lab.get(scans.batch).status_reason is None


async def test_an_interrupted_reading_goes_on(tmp_path: Path) -> None:
    """What was read before a job ended in the midst of it is not read again."""
    scans = Scans(tmp_path)
    assert scans.words is not None
    scans.words.hangs_at = 2
    await scans.lab.act(scans.batch, Action.STAGE)
    job = asyncio.create_task(scans.go_on())
    await scans.words.hangs.wait()
    job.cancel()
    await asyncio.gather(job, return_exceptions=True)
    scans.words.hangs_at = None
    await scans.go_on()
    assert scans.words.read_pictures == 3
    assert scans.failures() == [None] * 4
    assert scans.broken() == {}


async def test_a_picture_that_failed_is_told_and_tried_again(tmp_path: Path) -> None:
    """It is a loss of its document, and its task fails at no cost; the next staging reads it."""
    scans = Scans(tmp_path)
    assert scans.words is not None
    scans.words.says = NotRead("It is damaged.")
    failed = (await scans.stage())["0.png"]
    assert failed.losses == 1
    assert "could not be read: It is damaged." in str(failed.detail)
    assert scans.failures() == [str(FailureKind.UNSUPPORTED_INPUT)] * 4
    scans.words.says = PictureText("Invoice 4711")
    assert (await scans.stage())["0.png"].losses == 0
    assert scans.failures() == [None] * 4


async def test_words_go_with_their_document(tmp_path: Path) -> None:
    """A document that is deleted everywhere leaves neither its contents nor the words of its pictures."""
    scans = Scans(tmp_path)
    one = (await scans.stage())["1.png"]
    assert (scans.count(picture_text), scans.count(content)) == (3, 6)
    services = scans.lab.services
    session = Session(services, "test")
    purge_document(session, DocumentChoice(batch_id=scans.batch, document_id=one.id), dry_run=False)
    sweep_now(services.database, services.settings, services.clock)
    assert (scans.count(picture_text), scans.count(content)) == (2, 4)
    assert scans.broken() == {}
