"""The runs that are being staged."""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial

from docstage.clock import Clock
from docstage.domain.errors import Unavailable
from docstage.domain.lifecycle import BatchStatus
from docstage.domain.snapshot import UnreadableSnapshot
from docstage.engine.contexts import Contexts
from docstage.engine.rates import RateMeter
from docstage.extraction.limits import limits_of
from docstage.extraction.ocr.engine import installed_engine
from docstage.extraction.ocr.pool import OcrPool
from docstage.extraction.pool import ExtractionPool
from docstage.settings import Settings
from docstage.staging.job import StagingJob, give_up
from docstage.staging.run_guard import Fence
from docstage.store import runs
from docstage.store.database import Database
from docstage.store.records import Batch, Run

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0


class Stagings:
    """Every run that this engine stages. They share one pool of extraction workers."""

    def __init__(self, database: Database, settings: Settings, clock: Clock, contexts: Contexts) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._contexts = contexts
        self._pool: ExtractionPool | None = None
        self._ocr: OcrPool | None = None
        self._jobs: dict[int, tuple[StagingJob, asyncio.Task[None]]] = {}
        self._meters: dict[int, RateMeter] = {}
        self._troubles: dict[int, str] = {}  # why jobs wait, by run

    @property
    def trouble(self) -> str | None:
        """Why a run cannot be staged at the moment, if one cannot."""
        return next(iter(self._troubles.values()), None)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being staged."""
        return not self._jobs

    def rates(self) -> dict[int, float]:
        """Documents a second of every run, lately."""
        now = self._clock.monotonic()
        return {
            number: self._meters[number].update(job.encoder.done if job.encoder else 0, now)
            for number, (job, _) in self._jobs.items()
        }

    async def reconcile(self, active: Sequence[Batch]) -> None:
        """Make what is staged equal to what the database says shall be."""
        wanted = {b.run_id: b for b in active if b.status is BatchStatus.STAGING and b.run_id is not None}
        for run_id, (_, task) in list(self._jobs.items()):
            if run_id not in wanted:
                task.cancel()
            if task.done() or run_id not in wanted:
                await asyncio.gather(task, return_exceptions=True)
                del self._jobs[run_id], self._meters[run_id]
        for run_id, batch in wanted.items():
            if run_id not in self._jobs:
                await self._take_up(batch, run_id)
        if not self._jobs and self._pool:
            await self._close_pool()

    async def stop(self) -> None:
        """Leave everything as it is, to be gone on with by the next engine."""
        for _, task in self._jobs.values():
            task.cancel()
        await asyncio.gather(*(task for _, task in self._jobs.values()), return_exceptions=True)
        self._jobs.clear()
        await self._close_pool()

    async def _take_up(self, batch: Batch, run_id: int) -> None:
        try:
            run = await asyncio.to_thread(self._read, run_id)
        except UnreadableSnapshot as error:
            fence = Fence(self._database, batch.id, run_id)
            await asyncio.to_thread(give_up, fence, error.detail, self._clock.now())
            return
        job = StagingJob(
            database=self._database,
            pool=self._open_pool(),
            clock=self._clock,
            batch_id=batch.id,
            run=run,
            settings=self._settings,
            prepare=partial(self._contexts.learn, run),
            open_ocr=self._open_ocr,
        )
        self._meters[run_id] = RateMeter(self._clock.monotonic())
        self._jobs[run_id] = (job, asyncio.create_task(self._carry_out(job), name=f"staging {run_id}"))

    async def _carry_out(self, job: StagingJob) -> None:
        try:
            await self._carry_out_until_done(job)
        finally:
            self._troubles.pop(job.run.id, None)

    async def _carry_out_until_done(self, job: StagingJob) -> None:
        while True:
            try:
                await job.carry_out()
            except Unavailable as error:
                if self._troubles.get(job.run.id) != str(error):
                    log.error("Staging of batch %s waits: %s", job.batch_id, error)
                self._troubles[job.run.id] = str(error)
                await asyncio.sleep(RETRY_SECONDS)
                job.run = await asyncio.to_thread(self._read, job.run.id)
            except Exception:
                log.exception("Staging of batch %s failed in an unforeseen way", job.batch_id)
                await asyncio.to_thread(job.give_up, "docstage failed unexpectedly; its log has the details.")
                return
            else:
                return

    def _read(self, run_id: int) -> Run:
        with self._database.read() as c:
            return runs.get_run(c, run_id)

    def _open_pool(self) -> ExtractionPool:
        if self._pool is None:
            self._pool = ExtractionPool(self._settings.workers or None, limits_of(self._settings))
        return self._pool

    def _open_ocr(self) -> OcrPool | None:
        if self._ocr is None:
            engine = installed_engine(self._settings.ocr_languages)
            if engine is None:
                return None
            self._ocr = OcrPool(engine, self._settings.workers or None, limits_of(self._settings))
        return self._ocr

    async def _close_pool(self) -> None:
        (pool, self._pool), (ocr, self._ocr) = (self._pool, None), (self._ocr, None)
        for one in (pool, ocr):
            if one:
                await one.close()
