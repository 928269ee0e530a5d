"""Extraction in threads, in the place of worker processes, which take half a second to start: the same work.

That workers are killed, limited and replaced is held by `tests/staging`; commands and servers have real ones.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from docstage.domain.content import ImagePart
from docstage.extraction.extraction_result import Encoded, NotEncoded
from docstage.extraction.extractors import Limits, extract
from docstage.extraction.pool import ExtractionJob
from docstage.extraction.worker import _serve


class Extractors:
    """Takes the place of an `ExtractionPool`."""

    workers = 1

    def __init__(self, *_: Any) -> None:
        """Take what a pool takes."""

    async def extract(self, job: ExtractionJob) -> Encoded | NotEncoded:
        """As a worker does it."""
        asked = {"root": str(job.root), "path": job.path}
        facts, parts = await asyncio.to_thread(_serve, asked, Limits(), extract)
        return _outcome(facts, parts)

    async def close(self) -> None:
        """End nothing."""


def _outcome(facts: Mapping[str, Any], parts: Sequence[bytes]) -> Encoded | NotEncoded:
    if "reason" in facts:
        return NotEncoded(**facts)
    values = dict(facts)
    kinds, count = values.pop("images"), values.pop("parts_read")
    pictures = tuple(ImagePart(kind, data) for kind, data in zip(kinds, parts[2:], strict=True))
    return Encoded(**values, parts=count, text_zstd=parts[0], receipt_zstd=parts[1], images=pictures)
