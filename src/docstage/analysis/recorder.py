"""The recorder: commits calls that begin and calls that end, many in one transaction.

It works in a thread of its own and takes whatever has come in since its last commit, so groups grow with the
load. After a commit it rests for as long as that took, at most some milliseconds: a commit costs nearly the
same for many calls as for a few, and half of the time belongs to the event loop.

Nothing is dropped. While the database is away, the same group is tried again until it succeeds, and no call
begins. A group that the database refuses is recorded one by one; an answer that it refuses alone becomes a
failure that says so. What it refuses in every form is kept, shown as trouble and tried again, while the
others go on; once there are several of these, no further call begins.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from docstage.domain.errors import Unavailable
from docstage.domain.served import NOTHING_SAID
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
MOST_KEPT = 5  # with more of them it is not the fault of a few answers


class _GivenUp(Exception):
    """The engine ends, and the database has not answered in time."""


@dataclass(frozen=True, slots=True)
class _Beginning:
    calls: Sequence[CallBegun]
    allowed: asyncio.Future[set[int]]


@dataclass(frozen=True, slots=True)
class _End:
    """A call that ended, and who is told in which form it was recorded."""

    call: CallEnded
    told: Callable[[CallEnded], None]


@dataclass(frozen=True, slots=True)
class _Group:
    """What is recorded in one transaction."""

    beginnings: Sequence[_Beginning]
    ends: Sequence[_End]

    @property
    def parts(self) -> list["_Group"]:
        """The same in as many groups as there can be; the calls that are paid for come first."""
        alone = [_Group([], [end]) for end in self.ends]
        return alone + [_Group([beginning], []) for beginning in self.beginnings]

    def __str__(self) -> str:
        tasks = [call.task_id for beginning in self.beginnings for call in beginning.calls]
        if tasks:
            return f"The beginning of {len(tasks)} calls, the first of task {tasks[0]},"
        return f"The end of a call of task {self.ends[0].call.call.task_id}"


class Recorder:
    """Records calls for one event loop."""

    def __init__(self, database: Database, on_recorded: Callable[[], None]) -> None:
        """Make a recorder; `start` begins its thread.

        Args:
            on_recorded: called in the event loop after every group of ended calls, once it is committed.
        """
        self._database = database
        self._on_recorded = on_recorded
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._beginnings: list[_Beginning] = []
        self._ends: list[_End] = []
        self._closing = False
        self._gave_up = False
        self._thread = threading.Thread(target=self._work, name="recorder", daemon=True)
        self._away: str | None = None  # why nothing can be written at the moment
        self._kept: list[_Group] = []  # what the database refuses in every form
        self._kept_due = 0.0  # when it is tried again
        self._refusal = ""

    @property
    def trouble(self) -> str | None:
        """Why nothing, or not everything, can be recorded at the moment."""
        if self._away is None and self._kept:
            return (
                f"The database refuses {len(self._kept)} of the calls ({self._refusal}). They are kept and "
                "tried again; the engine's log tells more."
            )
        return self._away

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

    def end(self, call: CallEnded, told: Callable[[CallEnded], None]) -> None:
        """Record a call that ended.

        Args:
            told: called in the event loop once it is committed, with the form that the database took.
        """
        with self._changed:
            self._ends.append(_End(call, told))
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
        is_done = not self._thread.is_alive() and not self._kept
        with self._changed:
            self._gave_up = True
            self._changed.notify()
        return is_done

    def _work(self) -> None:
        try:
            while True:
                group = self._next()
                begun_at = time.monotonic()
                if group:
                    self._record(group)
                if self._kept and (self._closing or begun_at >= self._kept_due):
                    self._record_kept()
                if group is None and self._closing:
                    return
                self._rest(time.monotonic() - begun_at)
        except _GivenUp:
            return

    def _next(self) -> _Group | None:
        """What has come in; None when it is time to try again what was kept, or to stop."""
        with self._changed:
            patience = max(0.0, self._kept_due - time.monotonic()) if self._kept else None
            self._changed.wait_for(lambda: self._takes_beginnings or self._ends or self._closing, patience)
            beginnings: list[_Beginning] = []
            if self._takes_beginnings:
                beginnings, self._beginnings = self._beginnings, []
            ends, self._ends = self._ends[:MOST_AT_ONCE], self._ends[MOST_AT_ONCE:]
        return _Group(beginnings, ends) if beginnings or ends else None

    @property
    def _takes_beginnings(self) -> bool:
        return bool(self._beginnings) and len(self._kept) < MOST_KEPT

    def _rest(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._closing, min(seconds, MOST_REST_SECONDS))

    def _record(self, group: _Group) -> None:
        """Record a group, or what the database takes of it: one bad answer must not cost the others."""
        error = self._write(group)
        if error is None:
            return
        log.warning("A group of calls is refused (%s); trying one by one", type(error).__name__)
        for part in group.parts:
            if (refusal := self._write_in_some_form(part)) is not None:
                log.error("%s is refused, kept and tried again", part, exc_info=refusal)
                self._refusal = type(refusal).__name__
                self._kept_due = time.monotonic() + RETRY_SECONDS[-1]
                self._kept.append(part)

    def _record_kept(self) -> None:
        """Try again what was refused: the database may have been mended.

        Answers as they are: even a failure in their place was refused, so that they were not at fault.
        """
        self._kept = [part for part in self._kept if self._write(part, again=True) is not None]
        self._kept_due = time.monotonic() + RETRY_SECONDS[-1]

    def _write_in_some_form(self, part: _Group) -> Exception | None:
        """Commit one call's end or a lane's beginnings; returns why that is refused, None once it is done."""
        error = self._write(part, again=True)
        if error is None or not part.ends:
            return error
        for form in _without_answer(part.ends[0].call, error):
            if self._write(_Group([], [replace(part.ends[0], call=form)]), again=True) is None:
                log.error("The answer of task %d is refused", form.call.task_id, exc_info=error)
                return None
        return error

    def _write(self, group: _Group, *, again: bool = False) -> Exception | None:
        """Commit a group, however long the database is away; returns why it is refused, None once it is done.

        Args:
            again: it was tried before.

        Raises:
            _GivenUp: the engine ends and has waited long enough.
        """
        failures = 0
        while True:
            try:
                allowed = self._commit(group, again=again or failures > 0)
            except Unavailable as error:
                self._say(error.detail)
                self._pause(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
                failures += 1
            except Exception as error:
                return error
            else:
                self._away = None
                self._loop.call_soon_threadsafe(self._tell, group, allowed)
                return None

    def _pause(self, seconds: float) -> None:
        with self._changed:
            if self._changed.wait_for(lambda: self._gave_up, seconds):
                raise _GivenUp

    def _commit(self, group: _Group, *, again: bool) -> set[int]:
        begun = [call for beginning in group.beginnings for call in beginning.calls]
        ended = [end.call for end in group.ends]
        with self._database.write() as c:
            run_ids = {call.run_id for call in begun} | {call.call.run_id for call in ended}
            open_runs = lock_runs(c, run_ids)
            # A commit that seemed to fail may have come through before the answer was lost.
            if again and (allowed := find_recorded(c, begun, ended)) is not None:
                return allowed
            if ended:
                record_ended(c, ended)
            return record_begun(c, begun, open_runs) if begun else set()

    def _tell(self, group: _Group, allowed: set[int]) -> None:
        for beginning in group.beginnings:
            if not beginning.allowed.done():
                mine = {call.task_id for call in beginning.calls}
                beginning.allowed.set_result(allowed & mine)
        for end in group.ends:
            end.told(end.call)
        if group.ends:
            self._on_recorded()

    def _say(self, trouble: str) -> None:
        if self._away is None:
            log.error("Results cannot be recorded at the moment, no call begins: %s", trouble)
        self._away = trouble


def _without_answer(call: CallEnded, error: Exception) -> list[CallEnded]:
    """The call as one that failed: with what it cost, and with nothing that came from outside."""
    failed = replace(
        call,
        task_status=TaskStatus.FAILED,
        outcome=AttemptOutcome.FAILED,
        failure_kind=FailureKind.INTERNAL,
        message=f"The answer could not be stored: {type(error).__name__}.",
        status_code=None,
        text=None,
        thoughts=None,
        value=None,
        shorter=None,
        served=NOTHING_SAID,
    )
    return [failed, replace(failed, usage=None, cost=None)]
