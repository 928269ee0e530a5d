"""Encodes one document by itself, for whoever wants to see what models would get of it.

What was encoded before is taken from the store, and what is encoded here is kept there for later stagings.
"""

import asyncio
import time
from dataclasses import dataclass, replace

from docstage.domain.content import Content, DocumentStatus, most_are_pictured
from docstage.extraction.extraction_result import Encoded, NotEncoded
from docstage.extraction.extractors import Limits
from docstage.extraction.files import FileProblem, fingerprint
from docstage.extraction.pool import ExtractionJob, ExtractionPool
from docstage.staging.staging_writes import Outcomes, content_key, verdict_of
from docstage.staging.unpacking import Unpacking
from docstage.store import contents
from docstage.store.database import Database
from docstage.store.documents import Verdict
from docstage.stored_text import decompress


@dataclass(frozen=True, slots=True)
class SingleDocument:
    """What encoding made of a document.

    Attributes:
        verdict: status, reason, detail, media type and sizes, as a document of a run has them.
        content: what models get; None when it is not ENCODED.
        reused: it was in the store already.
        milliseconds: how long it took, the start of a worker included.
    """

    verdict: Verdict
    content: Content | None
    reused: bool
    milliseconds: float


async def encode_one(database: Database, limits: Limits, job: ExtractionJob, at: float) -> SingleDocument:
    """Encode a document in a worker of its own.

    Args:
        job: its folder may be given by a path with links.
        at: the time, kept with what is new in the store.

    Raises:
        Unavailable: when no worker can be started, never because of the document.
    """
    began = time.perf_counter()
    job = replace(job, root=await asyncio.to_thread(job.root.resolve))
    found = await asyncio.to_thread(_stored, database, limits, job)
    reused = found is not None
    if found is None:
        async with ExtractionPool(1, limits) as pool:
            outcome = await pool.extract(job)
        kept = Outcomes(Unpacking(limits))
        kept.keep(job.path, outcome, at, job.handling)
        found = await asyncio.to_thread(_keep, database, kept, outcome)
    verdict, content = found
    return SingleDocument(verdict, content, reused, (time.perf_counter() - began) * 1_000)


def _stored(database: Database, limits: Limits, job: ExtractionJob) -> tuple[Verdict, Content | None] | None:
    """What is known of the file's bytes, or None."""
    try:
        sha256 = fingerprint(job.root, job.path, limits.file_bytes, job.own).sha256
    except FileProblem:
        return None  # the worker meets the same problem and puts it into words
    key = content_key(sha256, job.path, job.handling)
    with database.read() as c:
        verdict = contents.verdicts(c, [key]).get(key)
        if verdict is None:
            return None
        content = contents.load_contents(c, [key])[key] if verdict.status == DocumentStatus.ENCODED else None
    return verdict, content


def _keep(
    database: Database, kept: Outcomes, outcome: Encoded | NotEncoded
) -> tuple[Verdict, Content | None]:
    if kept.contents:
        with database.write() as c:
            contents.insert_contents(c, kept.contents, kept.images, kept.members)
    verdict = verdict_of(outcome)
    if isinstance(outcome, NotEncoded):
        return verdict, None
    needed = most_are_pictured(outcome.parts, outcome.pictured_parts)
    return verdict, Content(decompress(outcome.text_zstd), outcome.images, needed)
