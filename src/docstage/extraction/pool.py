"""Extracts documents in worker processes, so that a hostile or broken one costs itself and nothing else."""

import asyncio
import os
import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from docstage.domain.content import DocumentReason
from docstage.domain.handling import USUAL, Handling
from docstage.extraction.extraction_result import Encoded, NotEncoded, read_outcome
from docstage.extraction.extractors import Limits
from docstage.extraction.process import WORKER_COMMAND, WorkerDied, WorkerProcess
from docstage.extraction.worker_messages import BadFrame
from docstage.own_files import OwnFiles

__all__ = ["Encoded", "ExtractionJob", "ExtractionPool", "NotEncoded"]

# Native libraries leak a little with every document; a new worker costs less than a second.
_DOCUMENTS_A_WORKER = 500
# What Rust, Python, C++ and pdfium's allocator say last when they get no more memory.
_OUT_OF_MEMORY = re.compile(
    r"memory allocation of|MemoryError|bad_alloc|[Oo]ut of memory|Cannot allocate memory"
)


_WITHOUT_WORDS = (
    "It may be damaged, nested too deeply, or unpack to more than fits into memory. Open it in its program "
    "and save it anew, or split it."
)
_ENDS_WORKER = (DocumentReason.TIMEOUT, DocumentReason.MEMORY, DocumentReason.CRASHED)


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


class ExtractionPool:
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
        count = workers or os.cpu_count() or 1
        self._slots = [_Slot(command, limits or Limits()) for _ in range(count)]
        # The last one put back is taken first, so that no more workers are started than are needed at once.
        self._idle: asyncio.LifoQueue[_Slot] = asyncio.LifoQueue()
        for slot in self._slots:
            self._idle.put_nowait(slot)
        self._closed = False

    @property
    def workers(self) -> int:
        """Documents that can be extracted at once."""
        return len(self._slots)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def extract(self, job: ExtractionJob) -> Encoded | NotEncoded:
        """Extract a document as soon as a worker is free. Cancelling ends the worker that is at it.

        Raises:
            Unavailable: when no worker can be started, never because of the document.
            RuntimeError: when the pool is closed.
        """
        self._check_open()
        slot = await self._idle.get()
        try:
            self._check_open()
            outcome = await slot.extract(job)
            self._check_open()
            return outcome
        except BaseException:
            await slot.end()
            raise
        finally:
            self._idle.put_nowait(slot)

    async def close(self) -> None:
        """End all workers, also those at work; who waits for their documents gets `RuntimeError`."""
        if self._closed:
            return
        self._closed = True
        for slot in self._slots:
            slot.signal()
        for _ in self._slots:
            await (await self._idle.get()).end()

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("the extraction pool is closed")


class _Slot:
    """The place of one worker, which is started when needed and replaced when it went wrong or is worn."""

    def __init__(self, command: Sequence[str], limits: Limits) -> None:
        self._command = command
        self._limits = limits
        self._worker: WorkerProcess | None = None
        self._is_ending = False

    async def extract(self, job: ExtractionJob) -> Encoded | NotEncoded:
        outcome, was_new = await self._try(job)
        reason = _reason(outcome)
        # A worker that served others may be damaged or bloated, and anything can kill a process: the system
        # when memory is short, an administrator. What dies over a document in two workers is its fault.
        again = reason is DocumentReason.CRASHED or (reason is DocumentReason.MEMORY and not was_new)
        if again and not self._is_ending:
            outcome, _ = await self._try(job)
        return outcome

    async def _try(self, job: ExtractionJob) -> tuple[Encoded | NotEncoded, bool]:
        """Extract the document; returns also whether the worker was new."""
        if self._worker is None:
            self._worker = await WorkerProcess.start(self._command, self._limits)
        was_new = self._worker.served == 0
        outcome = await self._ask(self._worker, job)
        if _reason(outcome) in _ENDS_WORKER or self._worker.served >= _DOCUMENTS_A_WORKER:
            await self.end()
        return outcome, was_new

    def signal(self) -> None:
        """Make the worker end, without waiting for it; no other one takes its place."""
        self._is_ending = True
        if self._worker is not None:
            self._worker.signal()

    async def end(self) -> None:
        """End the worker and wait until it is gone."""
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.kill()

    async def _ask(self, worker: WorkerProcess, job: ExtractionJob) -> Encoded | NotEncoded:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._limits.seconds):
                return read_outcome(*await worker.ask(job.asked()))
        except TimeoutError:
            detail = f"Extracting it takes longer than {self._limits.seconds:g} seconds. Split the document."
            reason = DocumentReason.TIMEOUT
        except WorkerDied as death:
            reason, detail = _cause(death.last_words)
        except BadFrame as error:
            reason, detail = DocumentReason.CRASHED, f"The worker sent {error}."
        return NotEncoded(reason, detail, milliseconds=(time.perf_counter() - started) * 1_000)


def _reason(outcome: Encoded | NotEncoded) -> DocumentReason | None:
    return outcome.reason if isinstance(outcome, NotEncoded) else None


def _cause(last_words: str) -> tuple[DocumentReason, str]:
    if _OUT_OF_MEMORY.search(last_words):
        detail = "Extracting it takes more memory than the limit. Split the document."
        return DocumentReason.MEMORY, detail
    # Where a stack or a native allocator overflows, nothing is left that could say so.
    said = f"Its last words: {last_words[-200:]}" if last_words else _WITHOUT_WORDS
    return DocumentReason.CRASHED, f"The extractor crashed on this document. {said}"
