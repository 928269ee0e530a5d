"""Stages the batch that is STAGING: `python -m benchmarks.support.staging_run`.

The home is taken from the settings, as the engine does. It prints as JSON how many seconds the job took.
"""

import asyncio
import json
import time

from docstage.clock import SystemClock
from docstage.domain.lifecycle import BatchStatus
from docstage.extraction.extractors import Limits
from docstage.extraction.pool import ExtractionPool
from docstage.settings import Settings
from docstage.staging.job import StagingJob
from docstage.store import batches, runs
from docstage.store.database import Database
from docstage.store.records import Batch

WORKERS = 2


async def _stage(database: Database, settings: Settings, batch: Batch) -> float:
    assert batch.run_id is not None
    with database.read() as c:
        run = runs.get_run(c, batch.run_id)
    async with ExtractionPool(WORKERS, Limits()) as pool:
        job = StagingJob(
            database=database,
            pool=pool,
            clock=SystemClock(),
            batch_id=batch.id,
            run=run,
            settings=settings,
        )
        begun = time.monotonic()
        await job.carry_out()
        return time.monotonic() - begun


def main() -> None:
    """Stage the only batch."""
    settings = Settings.load()
    database = Database(settings.database_url, synchronous=settings.synchronous)
    with database.read() as c:
        [batch] = batches.active_batches(c)
    seconds = asyncio.run(_stage(database, settings, batch))
    with database.read() as c:
        status = batches.get_batch(c, batch.id).status
    database.close()
    if status is not BatchStatus.STAGED:
        raise SystemExit(f"The batch is {status}.")
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
