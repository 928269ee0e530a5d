"""The lane: the stream of one connection's calls, shared fairly by all runs that use it.

A lane plans as many calls as it may start, taking turns between the runs; reads their contents and has them
recorded as one group; and lets those leave that the recorder allows.
"""

import asyncio
import logging
from collections.abc import Coroutine, Iterable, Sequence
from functools import partial
from typing import Any

from docstage.analysis.active_run import ActiveRun, retries_of
from docstage.analysis.cache_marks import CacheMarks
from docstage.analysis.call_runner import CallRunner
from docstage.analysis.calls import Call, Calls
from docstage.analysis.connection_health import Health
from docstage.analysis.gaps import Hold
from docstage.analysis.lane_setup import LanePorts, LaneSetup, LaneState
from docstage.analysis.lane_streams import Streams
from docstage.analysis.limits import Concurrency, Quotas
from docstage.analysis.task_queue import TaskQueue, Turn
from docstage.asking.question import at_most_tokens, repair_tokens
from docstage.domain.content import Content
from docstage.domain.errors import Unavailable
from docstage.store.recording import CallBegun
from docstage.store.tasks import QueuedTask

log = logging.getLogger(__name__)

# What recording the calls of one group takes at most, if the database is well.
RECORDING_SECONDS = 2.0
RETRY_SECONDS = 1.0  # until what could not be read is read again
# Waiting for less costs more than it brings: quotas catch up, and nobody minds in a retry.
LEAST_WAIT_SECONDS = 0.002


class Lane:
    """Calls one connection's model for all its runs."""

    def __init__(self, setup: LaneSetup, ports: LanePorts) -> None:
        self.setup = setup
        self.health = Health(setup.give_up_after)
        if setup.trouble:
            self.health.suspect(setup.trouble)
        self._ports = ports
        self._works: list[ActiveRun] = []  # in the order of their turns
        self._limit = Concurrency(setup.config.concurrency, setup.begins)
        self._quotas = Quotas(setup.requests_per_minute, setup.tokens_per_minute)
        self._marks = CacheMarks()
        self.calls = Calls()
        self._streams = Streams(setup.give_up_after, self.calls)
        state = LaneState(self.health, self._streams, self._limit, self._quotas, self.calls)
        self._runner = CallRunner(setup, ports, state, self._changed)
        self._launches: set[asyncio.Task[None]] = set()
        self._loads: set[asyncio.Task[None]] = set()
        self._main: asyncio.Task[None] | None = None
        self._loading: set[int] = set()
        self._wake = asyncio.Event()
        self._is_closed = False
        self._waits: list[float] = []  # seconds until what holds up something that could be picked is over
        self._quota: tuple[str, float] | None = None  # which limit a minute is used up, until when

    # What others see

    @property
    def in_flight(self) -> int:
        """Calls under way."""
        return len(self.calls.in_flight)

    @property
    def concurrency(self) -> int:
        """Calls at once that are let out now."""
        return 1 if self.health.is_suspect else self._limit.limit

    @property
    def closed_for(self) -> float:
        """Seconds until calls may leave again, 0 when they may."""
        return max(0.0, self.health.closed_until - self._ports.clock.monotonic())

    def waits_of(self, work: ActiveRun) -> tuple[float, Hold] | None:
        """Until when no call of a run leaves, by the monotonic clock, and why; None when calls may leave."""
        now = self._ports.clock.monotonic()
        if self.health.closed_until > now and self.health.trouble:
            return self.health.closed_until, self.health.trouble
        return self._streams.waiting(work, now)

    @property
    def waits_for_quota(self) -> tuple[str, float] | None:
        """Its own limit that keeps calls back, `requests` or `tokens` a minute, and for how many seconds."""
        if self._quota is None or self.is_idle:
            return None
        kind, until = self._quota
        return kind, max(0.0, until - self._ports.clock.monotonic())

    @property
    def retries(self) -> tuple[int, float]:
        """Tasks that wait for their next try, and seconds until the first is due."""
        return retries_of(map(self._queue, self._works), self._ports.clock.monotonic())

    @property
    def is_idle(self) -> bool:
        """Whether it has neither runs nor calls."""
        return not self._works and not self.calls.held

    # What the engine does with it

    def start(self) -> None:
        """Set the lane going."""
        self._main = asyncio.create_task(self._run(), name=f"lane {self.setup.connection_id}")

    def check(self) -> None:
        """Raise what ended the lane by mistake, if anything did."""
        if self._main and self._main.done() and not self._main.cancelled():
            self._main.result()

    def add(self, work: ActiveRun) -> None:
        """Take up a run that has a queue for this connection."""
        self._works.append(work)
        self._queue(work).begin_anew(self._ports.clock.monotonic())
        self._streams.add(work)
        self.health.prompts = len(self._streams)
        self._wake.set()

    def try_now(self) -> None:
        """Wait no longer for what time heals: make one call."""
        now = self._ports.clock.monotonic()
        self.health.try_now(now)
        self._streams.try_now(now)
        self._wake.set()

    def poke(self) -> None:
        """Look again whether something can be called."""
        self._wake.set()

    def hand_over(self) -> list[ActiveRun]:
        """Give up all runs, for another lane to take; calls in flight finish and count."""
        works, self._works = self._works, []
        return works

    def remove(self, work: ActiveRun) -> None:
        """Start no more calls of a run. Those in flight are given up if it was dropped, else they finish."""
        self._works = [other for other in self._works if other is not work]
        if all(other.run_id != work.run_id for other in self._works):
            self.health.forget(self._streams.remove(work))
            self.health.prompts = max(1, len(self._streams))
        if work.is_dropped:
            for call in self.calls.in_flight:
                if call.run.run_id == work.run_id and call.running:
                    call.running.cancel()

    async def stop(self, grace: float = 0.0) -> None:
        """Start no more calls, give those in flight the grace (seconds) to finish, and close."""
        self._works = []
        if self._main:
            self._main.cancel()
        # A call that is being recorded as begun must leave, or it would look as if it had.
        begun = self._ports.clock.monotonic()
        await _settled(self._launches, max(grace, RECORDING_SECONDS))
        await _settled(self._running, grace - (self._ports.clock.monotonic() - begun))
        # While the database is away, launches go on: only they know, once it is back, what has not left.
        self._is_closed = True
        under_way = [*self._running, *self._loads]
        for one in under_way:
            one.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await self.setup.client.close()

    @property
    def _running(self) -> list[asyncio.Task[None]]:
        return [call.running for call in self.calls.in_flight if call.running]

    # Planning

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            self._read_ahead()
            planned = self._plan()
            if planned:
                _keep(self._launches, self._launch(planned))
                await asyncio.sleep(0)  # calls that ended meanwhile are settled: the next group is larger
            else:
                await self._sleep()

    async def _sleep(self) -> None:
        """Wait for what can let the lane start a call: time, where only time is missing, else a sign."""
        patience = max(min(self._waits), LEAST_WAIT_SECONDS) if self._waits else None
        try:
            async with asyncio.timeout(patience):
                await self._wake.wait()
        except TimeoutError:
            return

    def _queue(self, work: ActiveRun) -> TaskQueue:
        return work.queues[self.setup.connection_id]

    def _read_ahead(self) -> None:
        for work in self._works:
            queue = self._queue(work)
            if queue.wants_page and work.run_id not in self._loading:
                self._loading.add(work.run_id)
                _keep(self._loads, self._load_page(work.run_id, queue))

    async def _load_page(self, run_id: int, queue: TaskQueue) -> None:
        try:
            page = await asyncio.to_thread(queue.read_page)
            await self._ports.contents.read_ahead(page)
            queue.add_page(page)
        except Unavailable:
            await asyncio.sleep(RETRY_SECONDS)  # then it is read again
        except Exception:
            log.exception("Tasks of run %d cannot be read; trying again", run_id)
            await asyncio.sleep(RETRY_SECONDS)
        finally:
            self._loading.discard(run_id)
        self._changed()

    def _plan(self) -> list[Call]:
        now = self._ports.clock.monotonic()
        self._waits = []
        self._quota = None
        if not self.health.is_open(now):
            if self.health.hold is None:  # else only mending it helps, and then there is another lane
                self._waits.append(self.health.closed_until - now)
            return []
        planned: list[Call] = []
        while self.calls.held < self.concurrency:  # a call that ends gives the sign to look again
            call = self._plan_in_turn(now)
            if call is None:
                break
            planned.append(call)
        return planned

    def _plan_in_turn(self, now: float) -> Call | None:
        for _ in range(len(self._works)):
            work = self._works.pop(0)
            self._works.append(work)
            call = self._plan_of(work, now)
            if call is not None:
                return call
        return None

    def _plan_of(self, work: ActiveRun, now: float) -> Call | None:
        """The run's next call, or None; `_waits` then has what only time can change."""
        if work.has_failed_too_often:  # the engine is about to end the run
            return None
        queue = self._queue(work)
        self._wait_for(self._streams.wake(work, queue, now))
        task = queue.peek(now, partial(self._turn_of, work, now))
        if task is None:
            self._wait_for(queue.next_delay(now))
            self._wait_for(self._streams.wake(work, queue, now))
            return None
        question, repair = work.questions[task.prompt_id], repair_tokens(task.repair)
        tokens = task.tokens + question.tokens.expected + repair.expected
        wait = self._quotas.wait(tokens, now)
        if wait > 0:
            self._quota = self._quotas.short_of(tokens, now), now + wait
            self._wait_for(wait)
            return None
        most = at_most_tokens(question, task.most_tokens, task.images, task.path) + repair.most
        cost = self.setup.pricing.most(most)
        if not work.may_spend(cost):
            work.held_back[self.setup.connection_id] = cost
            self._ports.on_change()
            return None
        work.held_back.pop(self.setup.connection_id, None)
        self._quotas.take(tokens, now)
        record = self._record(work, queue.take(), cost)
        cached = self._marks.mark(work, task, queue.behind(task), now)
        return Call(work, queue, task, record, tokens, self.calls, self._ports.recorder, cached)

    def _turn_of(self, work: ActiveRun, now: float, task: QueuedTask) -> Turn:
        return self._streams.turn_of(work, task, now)

    def _wait_for(self, seconds: float | None) -> None:
        if seconds is not None:
            self._waits.append(seconds)

    # Calling

    async def _launch(self, planned: Sequence[Call]) -> None:
        try:
            contents = await self._ports.contents.get({call.task.content_key for call in planned})
        except Unavailable:
            self._put_back(planned)
            return
        except Exception:
            log.exception("Contents cannot be read; trying again")
            self._put_back(planned)
            return
        allowed = await self._ports.recorder.begin([call.record for call in planned])
        for call in planned:
            if call.task.id in allowed:
                self._start(call, contents.get(call.task.content_key))
            else:
                call.put_back()
        self._changed()

    def _put_back(self, planned: Sequence[Call]) -> None:
        later = self._ports.clock.monotonic() + RETRY_SECONDS
        for call in planned:
            call.put_back(again_at=later)
        self._changed()

    def _record(self, work: ActiveRun, task: QueuedTask, cost: int | None) -> CallBegun:
        return CallBegun(
            task_id=task.id,
            run_id=work.run_id,
            connection_id=self.setup.connection_id,
            prompt_id=task.prompt_id,
            attempt=task.attempts + 1,
            at=self._ports.clock.now(),
            possible_cost=cost,
            repairs=task.repair.number if task.repair else None,
        )

    def _start(self, call: Call, content: Content | None) -> None:
        call.begin(self._ports.clock.monotonic())
        if call.run.is_dropped or self._is_closed:  # while it was being recorded
            self._runner.give_up(call)
        else:
            self._runner.start(call, content)

    def _changed(self) -> None:
        self._wake.set()
        self._ports.on_change()


def _keep(jobs: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
    job = asyncio.create_task(work)
    jobs.add(job)
    job.add_done_callback(jobs.discard)
    job.add_done_callback(_report)


def _report(job: asyncio.Task[None]) -> None:
    if not job.cancelled() and job.exception():
        log.error("A lane failed in an unforeseen way", exc_info=job.exception())


async def _settled(tasks: Iterable[asyncio.Task[None]], patience: float) -> None:
    waiting = list(tasks)
    if waiting and patience > 0:
        await asyncio.wait(waiting, timeout=patience)
