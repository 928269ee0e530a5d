"""Extraction in threads, in the place of worker processes, which take half a second to start: the same work.

That workers are killed, limited and replaced is held by `tests/staging`; commands and servers have real ones.
"""

import asyncio
from typing import Any

from docstage.extraction.extraction_result import Encoded, NotEncoded, read_outcome
from docstage.extraction.extractors import Limits, extract
from docstage.extraction.pool import ExtractionJob
from docstage.extraction.worker import _serve, shelf_for


class Extractors:
    """Takes the place of an `ExtractionPool`."""

    workers = 1

    def __init__(self, *_: Any) -> None:
        """Take what a pool takes."""
        self.limits = Limits()

    async def extract(self, job: ExtractionJob) -> Encoded | NotEncoded:
        """As a worker does it."""
        facts, parts = await asyncio.to_thread(_serve, job.asked(), shelf_for(self.limits), extract)
        return read_outcome(facts, list(parts))

    async def close(self) -> None:
        """End nothing."""
