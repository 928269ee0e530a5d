"""The bytes of a document that lies in another file, taken out of it by a worker with its limits."""

import asyncio
from dataclasses import replace

from docstage.extraction.extractors import Limits
from docstage.extraction.pool import ExtractionJob
from docstage.extraction.process import WORKER_COMMAND, WorkerDied, WorkerProcess


class NotThere(Exception):
    """The bytes cannot be had; the words say why."""


def open_original(limits: Limits, job: ExtractionJob) -> bytes:
    """All bytes of a document, whatever it lies in. It blocks; an event loop must not call it.

    Args:
        job: its folder with links resolved, and its path as documents have it.

    Raises:
        NotThere: it is gone, or cannot be taken out of what it lies in.
        Unavailable: when no worker can be started.
    """
    return asyncio.run(_taken_out(limits, replace(job, bytes_only=True)))


async def _taken_out(limits: Limits, job: ExtractionJob) -> bytes:
    worker = await WorkerProcess.start(WORKER_COMMAND, limits)
    try:
        async with asyncio.timeout(limits.seconds):
            header, parts = await worker.ask(job.asked())
    except TimeoutError as error:
        raise NotThere("To take it out takes too long.") from error
    except WorkerDied as death:
        raise NotThere("What it lies in cannot be opened.") from death
    finally:
        await worker.kill()
    if "reason" in header or len(parts) != 1:
        raise NotThere(str(header.get("detail") or "It cannot be read."))
    return parts[0]
