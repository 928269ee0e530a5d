"""Extracts documents in worker processes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from docstage.domain.content import DocumentReason
from docstage.domain.handling import USUAL, Handling
from docstage.extraction.extraction_result import Encoded, NotEncoded, read_outcome
from docstage.extraction.extractors import Limits
from docstage.extraction.process import WORKER_COMMAND
from docstage.extraction.worker_pool import Failure, WorkerPool
from docstage.own_files import OwnFiles

__all__ = ["Encoded", "ExtractionJob", "ExtractionPool", "NotEncoded"]

# A new worker costs less than a second.
_DOCUMENTS_A_WORKER = 500
_WITHOUT_WORDS = (
    "It may be damaged, nested too deeply, or unpack to more than fits into memory. Open it in its program "
    "and save it anew, or split it."
)


@dataclass(frozen=True, slots=True)
class ExtractionJob:
    """One document to extract.

    Attributes:
        root: the folder.
        path: the document's `FoundFile.path` in it.
        own: docstage's own files, which are not read.
        handling: what becomes of the files that lie in it.
        bytes_only: it is not extracted; its bytes are wanted, as they are for `original_bytes`.
    """

    root: Path
    path: str
    own: OwnFiles | None = None
    handling: Handling = USUAL
    bytes_only: bool = False

    def asked(self) -> dict[str, Any]:
        """The job as a worker is asked."""
        own = asdict(self.own) if self.own else None
        asked = {"root": str(self.root), "path": self.path, "own": own, "handling": asdict(self.handling)}
        return asked | ({"bytes_only": True} if self.bytes_only else {})


class ExtractionPool(WorkerPool[ExtractionJob, Encoded | NotEncoded]):
    """A fixed number of workers, each started when it is first needed.

    Args:
        workers: documents at once; None means one for each processor.
        limits: what a document may cost.
        command: how a worker is started; the limits are added as the last argument.
    """

    def __init__(
        self,
        workers: int | None = None,
        limits: Limits | None = None,
        command: Sequence[str] = WORKER_COMMAND,
    ) -> None:
        limits = limits or Limits()
        super().__init__(_Extraction(command, limits.seconds), workers, limits)

    async def extract(self, job: ExtractionJob) -> Encoded | NotEncoded:
        """Extract a document. See `do`."""
        return await self.do(job)


class _Extraction:
    """Extraction as the work of a pool, see `worker_pool.Work`."""

    def __init__(self, command: Sequence[str], seconds: float) -> None:
        self.command = command
        self.jobs_a_worker = _DOCUMENTS_A_WORKER
        self._seconds = seconds

    def asked(self, job: ExtractionJob) -> tuple[dict[str, Any], list[bytes]]:
        return job.asked(), []

    def read(self, header: dict[str, Any], parts: list[bytes]) -> Encoded | NotEncoded:
        return read_outcome(header, parts)

    def failed(self, failure: Failure) -> NotEncoded:
        return NotEncoded(failure.reason, self._told(failure), milliseconds=failure.milliseconds)

    def reason(self, outcome: Encoded | NotEncoded) -> DocumentReason | None:
        return outcome.reason if isinstance(outcome, NotEncoded) else None

    def _told(self, failure: Failure) -> str:
        if failure.reason is DocumentReason.TIMEOUT:
            return f"Extracting it takes longer than {self._seconds:g} seconds. Split the document."
        if failure.reason is DocumentReason.MEMORY:
            return "Extracting it takes more memory than the limit. Split the document."
        # Where a stack or a native allocator overflows, nothing is left that could say so.
        words = failure.last_words
        said = f"Its last words: {words[-200:]}" if words else _WITHOUT_WORDS
        return f"The extractor crashed on this document. {said}"
