"""Processes that do one kind of work on hostile files, so that each costs itself and nothing else."""

import asyncio
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors import Limits
from docstage.extraction.process import WorkerDied, WorkerProcess
from docstage.extraction.worker_messages import BadFrame

# What Rust, Python, C++ and pdfium's allocator say last when they get no more memory.
_OUT_OF_MEMORY = re.compile(
    r"memory allocation of|MemoryError|bad_alloc|[Oo]ut of memory|Cannot allocate memory"
)
_ENDS_WORKER = (DocumentReason.TIMEOUT, DocumentReason.MEMORY, DocumentReason.CRASHED)

Job = TypeVar("Job")
Outcome = TypeVar("Outcome")
_Taken_contra = TypeVar("_Taken_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Failure:
    """A worker that gave no outcome.

    Attributes:
        reason: TIMEOUT, MEMORY or CRASHED.
        last_words: what is known of it, for CRASHED; may be empty.
        milliseconds: until then.
    """

    reason: DocumentReason
    last_words: str
    milliseconds: float


class Work(Protocol[_Taken_contra, Outcome]):
    """What the workers of a pool do.

    Attributes:
        command: how a worker is started; the limits are added as the last argument.
        jobs_a_worker: after so many it is replaced, since native libraries leak a little with each.
    """

    command: Sequence[str]
    jobs_a_worker: int

    def asked(self, job: _Taken_contra, /) -> tuple[dict[str, Any], list[bytes]]:
        """The job as a worker is asked."""
        ...

    def read(self, header: dict[str, Any], parts: list[bytes], /) -> Outcome:
        """The outcome that a worker answered. Raises BadFrame when it is none."""
        ...

    def failed(self, failure: Failure, /) -> Outcome:
        """The outcome where there is no answer."""
        ...

    def reason(self, outcome: Outcome, /) -> DocumentReason | None:
        """Why it is no success; None where it is one."""
        ...


class WorkerPool(Generic[Job, Outcome]):
    """A fixed number of workers, each started when it is first needed.

    Args:
        work: what they do.
        workers: jobs at once; None means one for each processor.
        limits: what a job may cost.
        idle_seconds: a worker that was not needed for so long is ended; None keeps it.
    """

    def __init__(
        self,
        work: Work[Job, Outcome],
        workers: int | None = None,
        limits: Limits | None = None,
        idle_seconds: float | None = None,
    ) -> None:
        count = workers or os.cpu_count() or 1
        self._slots = [_Slot(work, limits or Limits()) for _ in range(count)]
        self._idle_seconds = idle_seconds
        # The last one put back is taken first, so that no more workers are started than are needed at once.
        self._idle: asyncio.LifoQueue[_Slot[Job, Outcome]] = asyncio.LifoQueue()
        for slot in self._slots:
            self._idle.put_nowait(slot)
        self._closed = False

    @property
    def workers(self) -> int:
        """Jobs that can be done at once."""
        return len(self._slots)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def do(self, job: Job) -> Outcome:
        """Do a job as soon as a worker is free. Cancelling ends the worker that is at it.

        Raises:
            Unavailable: when no worker can be started, never because of the job.
            RuntimeError: when the pool is closed.
        """
        self._check_open()
        slot = await self._idle.get()
        try:
            self._check_open()
            slot.wanted()
            outcome = await slot.do(job)
            self._check_open()
            return outcome
        except BaseException:
            await slot.end()
            raise
        finally:
            slot.not_wanted(None if self._closed else self._idle_seconds)
            self._idle.put_nowait(slot)

    async def close(self) -> None:
        """End all workers, also those at work; who waits for their outcomes gets `RuntimeError`."""
        if self._closed:
            return
        self._closed = True
        for slot in self._slots:
            slot.signal()
        for _ in self._slots:
            await (await self._idle.get()).end()

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("the pool of workers is closed")


class _Slot(Generic[Job, Outcome]):
    """The place of one worker, which is started when needed and replaced when it went wrong or is worn."""

    def __init__(self, work: Work[Job, Outcome], limits: Limits) -> None:
        self._work = work
        self._limits = limits
        self._worker: WorkerProcess | None = None
        self._is_ending = False
        self._timer: asyncio.TimerHandle | None = None
        self._retired: asyncio.Task[None] | None = None

    async def do(self, job: Job) -> Outcome:
        outcome, was_new = await self._try(job)
        reason = self._work.reason(outcome)
        # A worker that served others may be damaged or bloated, and anything can kill a process: the system
        # when memory is short, an administrator. What dies over a document in two workers is its fault.
        again = reason is DocumentReason.CRASHED or (reason is DocumentReason.MEMORY and not was_new)
        if again and not self._is_ending:
            outcome, _ = await self._try(job)
        return outcome

    async def _try(self, job: Job) -> tuple[Outcome, bool]:
        """Do the job; returns also whether the worker was new."""
        if self._worker is None:
            self._worker = await WorkerProcess.start(self._work.command, self._limits)
        was_new = self._worker.served == 0
        outcome = await self._ask(self._worker, job)
        if self._work.reason(outcome) in _ENDS_WORKER or self._worker.served >= self._work.jobs_a_worker:
            await self.end()
        return outcome, was_new

    def wanted(self) -> None:
        """The worker is needed again."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def not_wanted(self, seconds: float | None) -> None:
        """The worker is not needed now; after so many seconds it is ended."""
        if self._worker is not None and seconds is not None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._retire)

    def _retire(self) -> None:
        # `_end` lets go of the worker before anything else, so that whoever comes meanwhile starts another.
        self._retired = asyncio.create_task(self._end())

    def signal(self) -> None:
        """Make the worker end, without waiting for it; no other one takes its place."""
        self._is_ending = True
        if self._worker is not None:
            self._worker.signal()

    async def end(self) -> None:
        """End the worker and wait until it is gone."""
        self.wanted()
        if self._retired is not None:
            await self._retired
            self._retired = None
        await self._end()

    async def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            await worker.kill()

    async def _ask(self, worker: WorkerProcess, job: Job) -> Outcome:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._limits.seconds):
                return self._work.read(*await worker.ask(*self._work.asked(job)))
        except TimeoutError:
            reason, last_words = DocumentReason.TIMEOUT, ""
        except WorkerDied as death:
            is_memory = bool(_OUT_OF_MEMORY.search(death.last_words))
            reason = DocumentReason.MEMORY if is_memory else DocumentReason.CRASHED
            last_words = death.last_words
        except BadFrame as error:
            reason, last_words = DocumentReason.CRASHED, f"The worker sent {error}."
        return self._work.failed(Failure(reason, last_words, (time.perf_counter() - started) * 1_000))
