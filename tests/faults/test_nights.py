"""Nights of a lane, rehearsed by its clock: limits a day, outages and silence; they end by themselves."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import pytest
from tests.analysis.test_lane import CONNECTION, Ledger, Shelf
from tests.support.leaping import LeapingLoop

from docstage.analysis.active_run import ActiveRun
from docstage.analysis.contents import ContentCache
from docstage.analysis.lane import Lane
from docstage.analysis.lane_setup import LanePorts, LaneSetup
from docstage.analysis.recorder import Recorder
from docstage.analysis.task_queue import TaskQueue
from docstage.asking.question import Question
from docstage.domain.tasks import FailureKind, TaskStatus
from docstage.domain.token_counts import TokenCount
from docstage.domain.usage import Usage
from docstage.models.pricing import Pricing
from docstage.models.protocol import ConnectionConfig, ModelFailure, ModelReply, ModelRequest, OfferedModel
from docstage.store.recording import CallEnded
from docstage.store.tasks import QueuedTask

HOUR = 3_600.0
DAY = 24 * HOUR
EVENING = 20 * HOUR  # a batch is begun at eight, and left alone
ANSWER_SECONDS = 2.0
TIMEOUT = 120.0
USED = Usage(1_000, 0, 100)


class _Clock:
    """The time of the loop."""

    def monotonic(self) -> float:
        """Seconds since a midnight."""
        return asyncio.get_running_loop().time()

    def now(self) -> float:
        """The same."""
        return self.monotonic()


@dataclass
class Night:
    """A provider, and what becomes of tasks.

    Attributes:
        a_day: requests that it answers a day, None for no limit.
        names: whether a refusal says when the next day begins.
        outage: what every call comes to in the first ten minutes of each hour; None: all hours are well.
        slots: calls that it carries out at once, one after another in the order in which they came.
    """

    a_day: int | None = None
    names: bool = True
    outage: FailureKind | None = None
    slots: int | None = None
    seconds: float = ANSWER_SECONDS
    calls: Counter[str] = field(default_factory=Counter)
    ended: Counter[TaskStatus] = field(default_factory=Counter)
    ended_at: float = 0.0
    _answered: Counter[int] = field(default_factory=Counter)
    _free: asyncio.Semaphore | None = None

    async def complete(self, request: ModelRequest) -> ModelReply:
        """What a call comes to at this time of the night."""
        now = asyncio.get_running_loop().time()
        if self.outage and now % HOUR < 600.0:
            self.calls[self.outage] += 1
            await asyncio.sleep(TIMEOUT if self.outage is FailureKind.TIMEOUT else 0.1)
            raise ModelFailure(
                self.outage, "away", status_code=503 if self.outage is FailureKind.OVERLOADED else None
            )
        day = int(now // DAY)
        if self.a_day is not None and self._answered[day] >= self.a_day:
            self.calls[FailureKind.RATE_LIMITED] += 1
            wait = (day + 1) * DAY - now if self.names else None
            raise ModelFailure(FailureKind.RATE_LIMITED, "limit a day", status_code=429, retry_after=wait)
        self._answered[day] += 1
        await self._work()
        self.calls["answered"] += 1
        return ModelReply("yes", usage=USED)

    async def _work(self) -> None:
        if self.slots is None:
            await asyncio.sleep(self.seconds)
            return
        self._free = self._free or asyncio.Semaphore(self.slots)
        try:
            async with asyncio.timeout(TIMEOUT), self._free:
                await asyncio.sleep(self.seconds)
        except TimeoutError:
            self.calls[FailureKind.TIMEOUT] += 1
            raise ModelFailure(FailureKind.TIMEOUT, "no answer within 120 s") from None

    async def models(self) -> list[OfferedModel]:
        """None."""
        return []

    async def context_tokens(self) -> int | None:
        """Nobody knows."""
        return None

    async def close(self) -> None:
        """Nothing to release."""


class _Book(Ledger):
    def __init__(self, night: Night) -> None:
        self._night = night

    def end(self, call: CallEnded, told: Callable[[CallEnded], None]) -> None:
        self._night.ended[call.task_status] += 1
        super().end(call, told)


def _work(tasks: int, budget: int | None) -> ActiveRun:
    question = Question("?", None, None, TokenCount(5, 0, 5))
    work = ActiveRun(1, 1, 1, {1: question}, budget=budget, failure_limit=None, tasks=tasks)
    rows = [QueuedTask(n, n, 1, 0, 0, f"key {n}", f"{n}.txt", 990, 0, 3_000, 0) for n in range(1, tasks + 1)]
    queue = work.queues[CONNECTION] = TaskQueue(lambda after: [])
    queue.add_page(rows)
    queue.add_page([])
    return work


def _live_through(
    night: Night, tasks: int, budget: int | None = None, begins: int | None = None
) -> ActiveRun:
    """Let a lane ask of all tasks until nothing is left to do, or it is held."""
    work = _work(tasks, budget)

    async def live() -> None:
        done = asyncio.Event()
        config = ConnectionConfig("openai-compatible", "m", concurrency=8, max_output_tokens=200)
        pricing = Pricing(config, {"input": 1.0, "output": 1.0})
        setup = LaneSetup(CONNECTION, config, night, pricing, False, None, None, 5, 12 * HOUR, begins)
        recorder, contents = cast(Recorder, _Book(night)), cast(ContentCache, Shelf())

        def changed() -> None:
            if work.is_done or lane.health.hold:
                done.set()

        lane = Lane(setup, LanePorts(recorder, contents, _Clock(), changed))
        lane.add(work)
        lane.start()
        await done.wait()
        while work.calls.unrecorded:
            await asyncio.sleep(0)
        night.ended_at = asyncio.get_running_loop().time()
        await lane.stop()

    with asyncio.Runner(loop_factory=lambda: LeapingLoop(EVENING)) as runner:
        runner.run(live())
    return work


@pytest.mark.parametrize("names", [True, False])
def test_a_limit_a_day_is_waited_out_for_days(names: bool) -> None:
    """500 tasks at 200 a day end on the third day, whether refusals name the next day or not."""
    night = Night(a_day=200, names=names)
    _live_through(night, 500)
    assert night.ended[TaskStatus.COMPLETED] == 500
    assert night.ended[TaskStatus.FAILED] == 0
    assert int(night.ended_at // DAY) == 2
    assert night.calls[FailureKind.RATE_LIMITED] <= (20 if names else 600)


@pytest.mark.parametrize("outage", [FailureKind.OVERLOADED, FailureKind.CONNECTION, FailureKind.TIMEOUT])
def test_a_night_with_outages_ends_by_itself(outage: FailureKind) -> None:
    """Ten minutes of every hour without an answer, and a limit a day: all is answered, within the budget."""
    tasks = 5_000
    most = (1_000 + 200) * 1_000  # nano-dollars of one call at most, roughly
    night = Night(a_day=4_000, outage=outage)
    work = _live_through(night, tasks, budget=(tasks + 200) * most)
    assert work.budget is not None
    assert (night.ended[TaskStatus.COMPLETED], night.ended[TaskStatus.FAILED]) == (tasks, 0)
    assert work.spent <= work.budget
    assert night.calls[outage] < 200
    assert night.ended_at < EVENING + 12 * HOUR


@pytest.mark.parametrize("begins", [None, 2])
def test_a_server_with_two_slots_loses_no_task(begins: int | None) -> None:
    """Of eight calls at once, two of them worked at, most would time out: none is lost, few are in vain."""
    night = Night(slots=2, seconds=50.0)
    _live_through(night, 64, begins=begins)
    assert (night.ended[TaskStatus.COMPLETED], night.ended[TaskStatus.FAILED]) == (64, 0)
    assert night.calls[FailureKind.TIMEOUT] <= 20
