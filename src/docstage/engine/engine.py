"""The engine: stages and analyses whatever the database says is active.

It has no queue and takes no orders: several times a second it glances at whether the event log has grown;
then it makes what it does equal to what the batches' statuses say. So it does not matter who changed them,
nor what had happened when it was started.
"""

import asyncio
import logging
import os
import socket
from contextlib import closing, suppress
from dataclasses import dataclass

from docstage import __version__
from docstage.analysis.contents import ContentCache
from docstage.analysis.lane import Lane
from docstage.analysis.lane_setup import LanePorts
from docstage.analysis.recorder import Recorder
from docstage.clock import Clock
from docstage.domain.errors import Unavailable
from docstage.engine.analyses import Analyses
from docstage.engine.contexts import Contexts
from docstage.engine.glances import Glances
from docstage.engine.held_prompts import HeldPrompt
from docstage.engine.housekeeping import Housekeeper
from docstage.engine.lanes import Lanes
from docstage.engine.stagings import Stagings
from docstage.secrets import Secrets
from docstage.settings import Settings
from docstage.store import batches
from docstage.store.database import Database
from docstage.store.engines import (
    EngineRecord,
    ToldHeld,
    ToldLane,
    ToldRun,
    ToldState,
    read_engine,
    write_engine,
)
from docstage.store.locks import EngineLocks, engine_locks
from docstage.store.recording import recover
from docstage.store.records import Batch
from docstage.store.watch import open_watch

log = logging.getLogger(__name__)

TELL_SECONDS = 1.0
TROUBLE_SECONDS = 0.5
LOCK_SECONDS = 0.2
WRITE_SECONDS = 1.0  # for the last results, once calls have had their time


@dataclass(frozen=True, slots=True)
class EngineParts:
    """What an engine is made of."""

    database: Database
    settings: Settings
    secrets: Secrets
    clock: Clock


class LockLost(Exception):
    """The database let go of the engine's lock: another engine may be at work."""


async def run_engine(parts: EngineParts, stop: asyncio.Event, *, until_idle: bool = False) -> None:
    """Be the database's engine until told to stop.

    Waits while another engine holds the database. Whatever it leaves undone, the next engine goes on with.
    One whose starter has died makes room for one that waits, so that a new `docstage serve` gets its own; but
    not before it has nothing to do: handing over in the middle would give up calls that are paid for.

    Args:
        stop: set it, and calls in flight get `stop_grace` seconds to finish.
        until_idle: also end when there is nothing left to do.

    Raises:
        LockLost: the lock could not be kept; start again.
    """
    locks = engine_locks(parts.database)
    try:
        if await _acquire(locks, stop):
            await _Session(parts, locks).work(stop, until_idle=until_idle)
    finally:
        await asyncio.to_thread(locks.release)


async def _acquire(locks: EngineLocks, stop: asyncio.Event) -> bool:
    waiting, away = False, _Away()
    while not stop.is_set():
        try:
            if await asyncio.to_thread(locks.work.acquire):
                await asyncio.to_thread(locks.queue.release)
                return True
            await asyncio.to_thread(locks.queue.acquire)
            if not waiting:
                log.info("Another engine is at work on this database; waiting for it to end")
                waiting = True
            away.passed()
        except (Unavailable, OSError) as error:
            away.say(error)
        await _wait(stop, LOCK_SECONDS)
    return False


class _Session:
    """One engine's work, from taking the lock to giving it back."""

    def __init__(self, parts: EngineParts, locks: EngineLocks) -> None:
        self._parts = parts
        self._locks = locks
        self._starter = os.getppid()
        self._makes_room = False
        self._started_at = parts.clock.now()
        self._changed = asyncio.Event()
        self._recorder = Recorder(parts.database, self._recorded)
        contents = ContentCache(parts.database)
        ports = LanePorts(self._recorder, contents, parts.clock, self._changed.set)
        self._lanes = Lanes(parts.database, parts.settings, parts.secrets, ports)
        self._analyses = Analyses(parts.database, self._lanes, parts.clock)
        contexts = Contexts(parts.database, parts.secrets, parts.clock)
        self._stagings = Stagings(parts.database, parts.settings, parts.clock, contexts)
        self._watch = open_watch(parts.database)
        self._glances = Glances()
        self._is_stale = True  # something has happened since the last look
        self._housekeeper = Housekeeper(parts.database, parts.settings, parts.clock, lambda: self._is_idle)
        self._seen_event = -1
        self._told_at = float("-inf")
        self._is_idle = False
        self._away = _Away()

    async def work(self, stop: asyncio.Event, *, until_idle: bool) -> None:
        """Work until told to stop."""
        await self._recover(stop)
        self._recorder.start()
        self._housekeeper.start()
        try:
            while not stop.is_set():
                try:
                    await self._look()
                except Unavailable as error:
                    self._away.say(error)
                    await _wait(stop, TROUBLE_SECONDS)
                if self._is_idle and (self._makes_room or until_idle):
                    return
                await self._rest(stop)
        finally:
            with closing(self._watch):
                await self._close()

    async def _recover(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                unknown = await asyncio.to_thread(self._settle)
            except Unavailable as error:
                self._away.say(error)
                await _wait(stop, TROUBLE_SECONDS)
            else:
                if unknown:
                    log.warning("%d calls were in flight when the last engine ended", unknown)
                return

    def _settle(self) -> int:
        with self._parts.database.write() as c:
            last = read_engine(c)
            if last is not None:
                self._lanes.remember(last.state.get("lanes", {}))
            return recover(c, self._parts.clock.now())

    async def _look(self) -> None:
        now = self._parts.clock.monotonic()
        tells = self._must_tell
        if tells:
            self._seen_event = -1  # looks at everything, whatever the log says
        if self._has_news() and (self._is_stale or not self._stagings.is_idle):
            await self._reconcile()
            await self._lanes.renew_edited()
            self._is_stale = False
        if self._changed.is_set():
            self._changed.clear()
            await self._analyses.end_what_is_done()
        self._lanes.check()
        if tells:
            self._lanes.close_idle()
            self._told_at = now
            await asyncio.to_thread(self._tell)
            self._away.passed()

    async def _rest(self, stop: asyncio.Event) -> None:
        """Wait until there is something to look at."""
        await self._glances.until(lambda: stop.is_set() or self._has_news())

    @property
    def _must_tell(self) -> bool:
        return self._parts.clock.monotonic() - self._told_at >= TELL_SECONDS

    def _has_news(self) -> bool:
        """Whether there is anything to look at."""
        if self._watch.has_changed():
            self._is_stale = True
            self._glances.hasten()
        if self._changed.is_set():
            self._glances.hasten()
        self._is_stale = self._is_stale or self._must_tell
        return self._is_stale or self._changed.is_set() or not self._stagings.is_idle

    async def _reconcile(self) -> None:
        """Make what is done equal to what the batches' statuses say."""
        event, active = await asyncio.to_thread(self._read)
        if active is None and self._stagings.is_idle:
            return
        found = active if active is not None else await asyncio.to_thread(self._active)
        await self._stagings.reconcile(found)
        await self._analyses.reconcile(found)
        self._is_idle = not found and self._stagings.is_idle and self._analyses.is_idle
        self._seen_event = event
        self._changed.set()

    def _read(self) -> tuple[int, list[Batch] | None]:
        with self._parts.database.read() as c:
            event = batches.last_event_id(c)
            active = batches.active_batches(c) if event != self._seen_event else None
        with suppress(Unavailable):  # without, everything is looked at every time
            self._watch.mend()
        return event, active

    def _active(self) -> list[Batch]:
        with self._parts.database.read() as c:
            return batches.active_batches(c)

    def _recorded(self) -> None:
        self._analyses.recorded()
        self._changed.set()

    def _tell(self) -> None:
        if not self._locks.work.is_held() and not self._takes_lock_again():
            raise LockLost
        self._makes_room = os.getppid() != self._starter and self._locks.is_awaited
        rates = self._analyses.rates() | self._stagings.rates()
        state: ToldState = {
            "lanes": self._told_lanes(),
            "runs": {str(number): self._told_run(number, rate) for number, rate in rates.items()},
            "trouble": self._recorder.trouble or self._stagings.trouble,
        }
        self._write_row(state)

    def _told_lanes(self) -> dict[str, ToldLane]:
        return {str(number): self._state_of(lane) for number, lane in self._lanes.numbered()}

    def _told_run(self, run_id: int, rate: float) -> ToldRun:
        """How fast a run goes, and what of it waits or is held."""
        told: ToldRun = {"rate": rate}
        number, seconds = self._analyses.retries(run_id)
        if number:
            told |= {"retries": number, "retry_until": self._parts.clock.now() + seconds}
        if waits := self._analyses.waits(run_id):
            connection, until, why = waits
            told["wait"] = {
                "connection": connection,
                "until": self._by_wall_clock(until),
                "kind": why.kind,
                "reason": why.reason,
            }
        if held := self._analyses.held(run_id):
            told["held"] = [self._told_held(one) for one in held]
        return told

    def _told_held(self, held: HeldPrompt) -> ToldHeld:
        return {
            "connection_id": held.connection_id,
            "connection": held.connection,
            "prompt_id": held.prompt_id,
            "prompt": held.prompt,
            "kind": held.hold.kind,
            "reason": held.in_words,
            "since": self._by_wall_clock(held.hold.since),
        }

    def _by_wall_clock(self, moment: float) -> float:
        """Seconds since the epoch of a moment of the monotonic clock."""
        clock = self._parts.clock
        return clock.now() + moment - clock.monotonic()

    def _state_of(self, lane: Lane) -> ToldLane:
        """A lane as others are told of it, its moments by the wall clock."""
        hold, trouble = lane.health.hold, lane.health.trouble if lane.closed_for else None
        retries, retry_seconds = lane.retries
        stalled, last = hold or trouble, lane.health.trouble
        quota = lane.waits_for_quota
        now = self._parts.clock.now()
        return {
            "in_flight": lane.in_flight,
            "concurrency": lane.concurrency,
            "held_kind": hold.kind if hold else None,
            "held_reason": hold.reason if hold else None,
            "throttled_until": now + lane.closed_for if lane.closed_for else None,
            "throttled_kind": trouble.kind if trouble else None,
            "throttled_reason": trouble.reason if trouble else None,
            "stalled_since": self._by_wall_clock(stalled.since) if stalled else None,
            "trouble_kind": last.kind if last else None,
            "trouble_reason": last.reason if last else None,
            "trouble_since": self._by_wall_clock(last.since) if last else None,
            "retries": retries,
            "retry_until": now + retry_seconds if retries else None,
            "quota": quota[0] if quota else None,
            "quota_until": now + quota[1] if quota else None,
        }

    def _takes_lock_again(self) -> bool:
        """Whether no other engine was at work since the lock was lost: then calls in flight still count."""
        if not self._locks.work.renew():
            return False
        with self._parts.database.read() as c:
            last = read_engine(c)
        return last is not None and (last.pid, last.started_at) == (os.getpid(), self._started_at)

    def _write_row(self, state: ToldState) -> None:
        record = EngineRecord(
            pid=os.getpid(),
            host=socket.gethostname(),
            version=__version__,
            started_at=self._started_at,
            seen_at=self._parts.clock.now(),
            state=state,
        )
        with self._parts.database.write() as c:
            write_engine(c, record)

    async def _close(self) -> None:
        clock, grace = self._parts.clock, self._parts.settings.stop_grace
        begun = clock.monotonic()
        lanes = self._told_lanes()
        await self._housekeeper.stop()
        await self._stagings.stop()
        await self._lanes.stop(grace)
        # Time that calls did not need may be spent on a database that does not answer at once.
        spent = clock.monotonic() - begun
        if not await self._recorder.close(max(grace - spent, 0.0) + WRITE_SECONDS):
            log.error("Some results could not be written before the engine ended; their calls are repeated")
        await asyncio.to_thread(self._say_farewell, lanes)

    def _say_farewell(self, lanes: dict[str, ToldLane]) -> None:
        """Say that it ends, and how its lanes stood: the next engine goes on from there."""
        try:
            self._write_row({"lanes": lanes, "runs": {}, "trouble": None, "ended": True})
        except Unavailable as error:
            log.error("The engine could not say that it ends: %s", error)


class _Away:
    """Says once that the database is away, and once that it is back."""

    def __init__(self) -> None:
        self._told: str | None = None

    def say(self, error: Exception) -> None:
        if self._told != str(error):
            self._told = str(error)
            log.error("The engine waits: %s", error)

    def passed(self) -> None:
        if self._told is not None:
            self._told = None
            log.info("The database answers again")


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
