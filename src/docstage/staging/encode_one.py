"""Encodes one document by itself, for whoever wants to see what models would get of it.

What was encoded before is taken from the store, and what is encoded here is kept there for later stagings.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from docstage.domain.content import Content, DocumentStatus, most_are_pictured
from docstage.extraction.extraction_result import Encoded, NotEncoded
from docstage.extraction.extractors import Limits
from docstage.extraction.files import FileProblem, fingerprint
from docstage.extraction.pool import ExtractionJob, ExtractionPool
from docstage.own_files import OwnFiles
from docstage.staging.staging_writes import Outcomes, content_key, verdict_of
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


async def encode_one(
    database: Database, limits: Limits, root: Path, path: str, at: float, own: OwnFiles | None = None
) -> SingleDocument:
    """Encode a document, given by its `FoundFile.path`, in a worker of its own.

    Args:
        at: the time, kept with what is new in the store.
        own: docstage's own files, which are not read.

    Raises:
        Unavailable: when no worker can be started, never because of the document.
    """
    began = time.perf_counter()
    root = await asyncio.to_thread(root.resolve)
    found = await asyncio.to_thread(_stored, database, limits, root, path, own)
    reused = found is not None
    if found is None:
        async with ExtractionPool(1, limits) as pool:
            outcome = await pool.extract(ExtractionJob(root, path, own))
        found = await asyncio.to_thread(_keep, database, path, outcome, at)
    verdict, content = found
    return SingleDocument(verdict, content, reused, (time.perf_counter() - began) * 1_000)


def _stored(
    database: Database, limits: Limits, root: Path, path: str, own: OwnFiles | None
) -> tuple[Verdict, Content | None] | None:
    """What is known of the file's bytes, or None."""
    try:
        key = content_key(fingerprint(root, path, limits.file_bytes, own).sha256, path)
    except FileProblem:
        return None  # the worker meets the same problem and puts it into words
    with database.read() as c:
        verdict = contents.verdicts(c, [key]).get(key)
        if verdict is None:
            return None
        content = contents.load_contents(c, [key])[key] if verdict.status == DocumentStatus.ENCODED else None
    return verdict, content


def _keep(
    database: Database, path: str, outcome: Encoded | NotEncoded, at: float
) -> tuple[Verdict, Content | None]:
    kept = Outcomes()
    kept.keep(path, outcome, at)
    if kept.contents:
        with database.write() as c:
            contents.insert_contents(c, kept.contents, kept.images)
    verdict = verdict_of(outcome)
    if isinstance(outcome, NotEncoded):
        return verdict, None
    needed = most_are_pictured(outcome.parts, outcome.pictured_parts)
    return verdict, Content(decompress(outcome.text_zstd), outcome.images, needed)
