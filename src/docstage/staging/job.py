"""Staging one run: scan its folders, encode its documents, lay out its tasks.

Every part can be repeated, so that a job which was interrupted anywhere goes on where it stopped.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from docstage.clock import Clock
from docstage.domain.content import DocumentReason, DocumentStatus
from docstage.domain.errors import DocstageError, Unavailable
from docstage.domain.lifecycle import ENGINE, BatchStatus
from docstage.domain.snapshot import FrozenConnection
from docstage.extraction.limits import limits_of
from docstage.extraction.ocr.engine import how_to_install
from docstage.extraction.pool import ExtractionPool
from docstage.models.catalogue import sees_images
from docstage.own_files import OwnFiles
from docstage.settings import Settings
from docstage.staging.confinement import roots_of
from docstage.staging.cutting import Cutter
from docstage.staging.encoding import Encoder
from docstage.staging.listing import list_folders
from docstage.staging.picture_reading import PictureReader, Reads, folders_to_read
from docstage.staging.run_guard import Fence, Superseded
from docstage.staging.unpacking import Unpacking
from docstage.store import batches, documents, layout, library, picture_texts, runs
from docstage.store.batches import Change, LostRace
from docstage.store.database import Database
from docstage.store.documents import UnusableReason
from docstage.store.layout import Asked, Taker
from docstage.store.records import Run

# Tasks that are laid out in one transaction, which takes about 0.1 s: other writers need not wait long.
LAYOUT_TASKS = 20_000

_IN_WORDS = {
    DocumentReason.EMPTY: "empty",
    DocumentReason.PASSWORD: "protected by a password",
    DocumentReason.UNKNOWN_TYPE: "of an unknown type",
    DocumentReason.TOO_LARGE: "too large",
    DocumentReason.NO_TEXT: "without text",
    DocumentReason.OWN_FILE: "docstage's own",
    DocumentReason.CONTAINER: "archives of which no file can be used",
}


class NothingToStage(DocstageError):
    """The run cannot be staged, for a reason that the user can mend."""

    kind = "nothing-to-stage"
    title = "The run cannot be staged"


@dataclass(slots=True)
class StagingJob:
    """Stages a run.

    Attributes:
        prepare: finds out, while documents are encoded, what the layout needs to know.
        encoder: what encodes the documents, once it has come to that.
        open_ocr: gives what reads words in pictures; None where nothing is installed that does.
    """

    database: Database
    pool: ExtractionPool
    clock: Clock
    batch_id: int
    run: Run
    settings: Settings
    prepare: Callable[[], Awaitable[None]] | None = None
    encoder: Encoder | None = None
    open_ocr: Callable[[], Reads | None] | None = None

    async def carry_out(self) -> None:
        """Stage the run, or make the batch FAILED_STAGING with the reason. Ends quietly when superseded.

        Raises:
            Unavailable: the database or the workers fail; the job can be carried out again later.
        """
        try:
            await self._stage(Fence(self.database, self.batch_id, self.run.id))
        except (Superseded, LostRace):
            return
        except Unavailable:
            raise
        except DocstageError as error:
            await asyncio.to_thread(self.give_up, error.detail)

    def give_up(self, reason: str) -> None:
        """Make the batch FAILED_STAGING for this reason, unless it was superseded."""
        give_up(Fence(self.database, self.batch_id, self.run.id), reason, self.clock.now())

    async def _stage(self, fence: Fence) -> None:
        folders = self.run.snapshot.folders
        roots = await asyncio.to_thread(roots_of, self.settings, folders)
        own = OwnFiles.of(self.settings)
        if not self.run.scanned:
            await asyncio.to_thread(list_folders, fence, folders, own)
        unpacking = Unpacking.of(folders, limits_of(self.settings))
        self.encoder = Encoder(fence, roots, self.pool, self.clock, unpacking, self._check_matrix, own=own)
        await self._prepared(self.encoder.encode_all())
        await self._read_pictures(fence)
        await asyncio.to_thread(self._lay_out, fence)
        await asyncio.to_thread(self._finish, fence)

    async def _read_pictures(self, fence: Fence) -> None:
        """Read the words of pictures, unless tasks are laid out for them already."""
        folders = folders_to_read(self.run.snapshot)
        pool = self.open_ocr() if self.open_ocr and folders else None
        if pool is not None and not await asyncio.to_thread(self._laid_out):
            reader = PictureReader(fence, pool, self.clock, folders, self.run.begun_at)
            await reader.read_all()

    def _laid_out(self) -> int:
        with self.database.read() as c:
            return layout.laid_out_to(c, self.run.id)

    async def _prepared(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work, with the preparations beside it."""
        preparing = asyncio.ensure_future(self.prepare()) if self.prepare else None
        try:
            await work
            if preparing:
                await preparing
        finally:
            if preparing:
                preparing.cancel()
                await asyncio.gather(preparing, return_exceptions=True)

    def _lay_out(self, fence: Fence) -> None:
        prompts = [Asked(one.id, one.tokens.least) for one in self.run.snapshot.prompts]
        usable = self._check_matrix()
        with self.database.read() as c:
            connections = [self._taker(c, one) for one in self.run.snapshot.connections]
            after = layout.laid_out_to(c, self.run.id)
            if not usable:
                raise NothingToStage(self._why_nothing(documents.unusable_reasons(c, self.run.id)))
        cutter = Cutter.of(self.database, self.run.id, self.run.snapshot)
        step = max(1, LAYOUT_TASKS // (len(connections) * len(prompts)))
        while True:
            with self.database.read() as c:
                up_to = layout.next_documents(c, self.run.id, after, step)
            if up_to is None:
                return
            cuts = cutter.cut(after, up_to)  # which may take a while: nobody else waits for it
            with fence.write() as c:
                layout.lay_out(
                    c,
                    self.run.id,
                    after=after,
                    up_to=up_to,
                    connections=connections,
                    prompts=prompts,
                    cuts=cuts,
                )
            after = up_to

    def _taker(self, c: Connection, frozen: FrozenConnection) -> Taker:
        return Taker(frozen.id, sees_images(frozen), library.get_connection(c, frozen.id).room(frozen))

    def _check_matrix(self) -> int:
        """How many documents were encoded so far.

        Raises:
            NothingToStage: they are too many already; those to come can only make them more.
        """
        with self.database.read() as c:
            counts = runs.document_counts(c, [self.run.id])[self.run.id]
        connections, prompts = len(self.run.snapshot.connections), len(self.run.snapshot.prompts)
        usable = counts[DocumentStatus.ENCODED]
        if usable * connections * prompts > self.settings.max_tasks:
            found = usable + counts[DocumentStatus.PENDING]
            raise NothingToStage(
                f"{found:,} documents with {connections} connections and {prompts} prompts "
                f"are {found * connections * prompts:,} tasks; the limit is {self.settings.max_tasks:,}. "
                "Split the batch, or raise max_tasks."
            )
        return usable

    def _finish(self, fence: Fence) -> None:
        at = self.clock.now()
        with fence.write() as c:
            batch = fence.batch(c)
            runs.count_tasks(c, self.run.id)
            runs.mark_staged(c, self.run.id, at)
            reasons = documents.unusable_reasons(c, self.run.id)
            unusable = sum(one.documents for one in reasons if one.reason != DocumentReason.CONTAINER)
            told = [_told(unusable)] if unusable else []
            reason = " ".join([*told, *self._waiting(c)]) or None
            staged = batches.change_status(c, batch, Change(BatchStatus.STAGED, "staged", ENGINE, reason, at))
            if self.run.analyze_when_staged:
                batches.change_status(c, staged, Change(BatchStatus.ANALYZING, "run", ENGINE, None, at))

    def _waiting(self, c: Connection) -> list[str]:
        """How much waits for OCR, and how to install it."""
        parts, number = picture_texts.waiting(c, self.run.id, folders_to_read(self.run.snapshot))
        if not parts:
            return []
        pages = "1 page of pictures waits" if parts == 1 else f"{parts:,} pages of pictures wait"
        in_them = "" if number == parts == 1 else f" in {number:,} document{'' if number == 1 else 's'}"
        how = how_to_install(self.settings.ocr_languages)
        return [f"{pages} for OCR{in_them}. {how} Then stage the batch again."]

    def _why_nothing(self, reasons: Sequence[UnusableReason]) -> str:
        if not reasons:
            names = ", ".join(repr(folder.name) for folder in self.run.snapshot.folders)
            return f"No files were found in {names}. Check the folders and their include and exclude globs."
        parts = [f"{one.documents} {_words(one.reason)}" for one in reasons]
        return f"No document can be used: {', '.join(parts)}. See the documents for details."


def give_up(fence: Fence, reason: str, at: float) -> None:
    """Make the fence's batch FAILED_STAGING for this reason, unless it was superseded."""
    try:
        with fence.write() as c:
            change = Change(BatchStatus.FAILED_STAGING, "staging failed", ENGINE, reason, at)
            batches.change_status(c, fence.batch(c), change)
    except (Superseded, LostRace):
        return


def _told(unusable: int) -> str:
    if unusable == 1:
        return "1 document cannot be used; see its reason."
    return f"{unusable:,} documents cannot be used; see their reasons."


def _words(reason: str) -> str:
    return _IN_WORDS.get(DocumentReason(reason), reason.replace("_", " "))
