"""The recorder: commits calls that begin and calls that end, many in one transaction.

It works in a thread of its own and takes whatever has come in since its last commit, so groups grow with the
load. After a commit it rests for as long as that took, at most some milliseconds: a commit costs nearly the
same for many calls as for a few, and half of the time belongs to the event loop. If the database cannot be
written, nothing is dropped: the same group is tried again until it succeeds, and meanwhile no call begins.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from docstage.domain.errors import Unavailable
from docstage.domain.tasks import AttemptOutcome, FailureKind, TaskStatus
from docstage.store.database import Database
from docstage.store.recording import (
    CallBegun,
    CallEnded,
    find_recorded,
    lock_runs,
    record_begun,
    record_ended,
)

log = logging.getLogger(__name__)

MOST_AT_ONCE = 1_000
MOST_REST_SECONDS = 0.01
RETRY_SECONDS = (0.05, 0.2, 1.0, 3.0)


@dataclass(frozen=True, slots=True)
class _Beginning:
    calls: Sequence[CallBegun]
    allowed: asyncio.Future[set[int]]


class Recorder:
    """Records calls for one event loop."""

    def __init__(self, database: Database, on_recorded: Callable[[Sequence[CallEnded]], None]) -> None:
        """Make a recorder; `start` begins its thread.

        Args:
            on_recorded: called in the event loop with every group of ended calls once it is committed.
        """
        self._database = database
        self._on_recorded = on_recorded
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._beginnings: list[_Beginning] = []
        self._ended: list[CallEnded] = []
        self._closing = False
        self._gave_up = False
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
        self.trouble: str | None = None  # why nothing can be written at the moment

    def start(self) -> None:
        """Begin to record."""
        self._thread.start()

    async def begin(self, calls: Sequence[CallBegun]) -> set[int]:
        """Record calls before they leave; returns the ids of the tasks that may really be called."""
        allowed: asyncio.Future[set[int]] = self._loop.create_future()
        with self._changed:
            self._beginnings.append(_Beginning(calls, allowed))
            self._changed.notify()
        return await allowed

    def end(self, call: CallEnded) -> None:
        """Record a call that ended."""
        with self._changed:
            self._ended.append(call)
            self._changed.notify()

    async def close(self, patience: float) -> bool:
        """Write what is left and stop; returns whether everything was written.

        Args:
            patience: seconds to keep trying if the database cannot be written.
        """
        with self._changed:
            self._closing = True
            self._changed.notify()
        await asyncio.to_thread(self._thread.join, patience)
        with self._changed:
            self._gave_up = True
            self._changed.notify()
        return not self._thread.is_alive()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._beginnings or self._ended or self._closing)
                beginnings, self._beginnings = self._beginnings, []
                ended, self._ended = self._ended[:MOST_AT_ONCE], self._ended[MOST_AT_ONCE:]
                if not beginnings and not ended:
                    return
            begun_at = time.monotonic()
            if not self._commit_until_done(beginnings, ended):
                return
            self._rest(time.monotonic() - begun_at)

    def _rest(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closing, min(seconds, MOST_REST_SECONDS))

    def _commit_until_done(
        self, beginnings: list[_Beginning], ended: list[CallEnded], *, is_last_resort: bool = False
    ) -> bool:
        """Commit the group, however often it takes; returns whether that was done, or given up.

        Args:
            is_last_resort: nothing simpler than this group can be recorded in its place.
        """
        failures = 0
        while True:
            try:
                allowed = self._commit(beginnings, ended, again=failures > 0)
            except Exception as error:
                if not isinstance(error, Unavailable) and not is_last_resort:
                    log.exception("A group of %d calls cannot be recorded; trying one by one", len(ended))
                    return self._commit_singly(beginnings, ended, error)
                self._say(str(error))
                with self._changed:
                    wait = RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)]
                    if self._changed.wait_for(lambda: self._gave_up, wait):
                        return False
                failures += 1
            else:
                self.trouble = None
                self._loop.call_soon_threadsafe(self._tell, beginnings, allowed, ended)
                return True

    def _commit_singly(self, beginnings: list[_Beginning], ended: list[CallEnded], error: Exception) -> bool:
        """Record what can be; one result that the database refuses must not cost the others."""
        for beginning in beginnings:
            self._loop.call_soon_threadsafe(self._tell, [beginning], set(), [])
        if len(ended) == 1:
            log.error("The answer of task %d cannot be recorded", ended[0].call.task_id)
            return self._commit_until_done([], [_refused(ended[0], error)], is_last_resort=True)
        return all(self._commit_until_done([], [call]) for call in ended)

    def _commit(self, beginnings: list[_Beginning], ended: list[CallEnded], *, again: bool) -> set[int]:
        begun = [call for beginning in beginnings for call in beginning.calls]
        with self._database.write() as c:
            run_ids = {call.run_id for call in begun} | {call.call.run_id for call in ended}
            open_runs = lock_runs(c, run_ids)
            # A commit that seemed to fail may have come through before the answer was lost.
            if again and (allowed := find_recorded(c, begun, ended)) is not None:
                return allowed
            if ended:
                record_ended(c, ended)
            return record_begun(c, begun, open_runs) if begun else set()

    def _tell(self, beginnings: list[_Beginning], allowed: set[int], ended: list[CallEnded]) -> None:
        for beginning in beginnings:
            if not beginning.allowed.done():
                mine = {call.task_id for call in beginning.calls}
                beginning.allowed.set_result(allowed & mine)
        if ended:
            self._on_recorded(ended)

    def _say(self, trouble: str) -> None:
        if self.trouble is None:
            log.error("Results cannot be recorded at the moment, no call begins: %s", trouble)
        self.trouble = trouble


def _refused(call: CallEnded, error: Exception) -> CallEnded:
    """The call as one that failed, because its answer cannot be stored."""
    return replace(
        call,
        task_status=TaskStatus.FAILED,
        outcome=AttemptOutcome.FAILED,
        failure_kind=FailureKind.INTERNAL,
        message=f"The answer could not be stored: {type(error).__name__}.",
        text=None,
        value=None,
        model=None,
    )
