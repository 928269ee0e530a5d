"""A lane that cannot start a call waits for what can let it, and does nothing meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import cast

import pytest
from tests.support.apps import Hands
from tests.support.waiting import until_true

from docstage.analysis.active_run import ActiveRun
from docstage.analysis.calls import Call
from docstage.analysis.contents import ContentCache
from docstage.analysis.gaps import Hold
from docstage.analysis.lane import Lane
from docstage.analysis.lane_setup import LanePorts, LaneSetup
from docstage.analysis.recorder import Recorder
from docstage.analysis.task_queue import TaskQueue
from docstage.asking.question import Question
from docstage.domain.content import Content
from docstage.domain.tasks import FailureKind
from docstage.domain.token_counts import TokenCount
from docstage.models.pricing import Pricing
from docstage.models.protocol import ConnectionConfig, ModelFailure, ModelReply, ModelRequest, OfferedModel
from docstage.store.recording import CallBegun, CallEnded
from docstage.store.tasks import QueuedTask

CONNECTION = 1
LOOPS = 400
# A sign that something has changed may come a few times; a lane that spins turns in every loop.
MOST_TURNS = 5


class Desk:
    """A model whose calls wait until the test answers them."""

    def __init__(self) -> None:
        self.calls: list[asyncio.Future[ModelReply]] = []
        self.seen = 0

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Wait for the answer."""
        answer: asyncio.Future[ModelReply] = asyncio.get_running_loop().create_future()
        self.calls.append(answer)
        self.seen += 1
        return await answer

    async def context_tokens(self) -> int | None:
        """Nobody knows."""
        return None

    async def models(self) -> list[OfferedModel]:
        """None."""
        return []

    async def close(self) -> None:
        """Nothing to release."""

    def fail(self, kind: FailureKind, retry_after: float | None = None) -> None:
        """Let the oldest call fail."""
        self.calls.pop(0).set_exception(ModelFailure(kind, "as the test says", retry_after=retry_after))

    def answer(self) -> None:
        """Answer the oldest call."""
        self.calls.pop(0).set_result(ModelReply("yes"))


class Ledger:
    """In the place of the recorder: everything is recorded at once."""

    async def begin(self, calls: Sequence[CallBegun]) -> set[int]:
        """All may leave."""
        return {call.task_id for call in calls}

    def end(self, call: CallEnded, told: Callable[[CallEnded], None]) -> None:
        """Committed a moment later."""
        asyncio.get_running_loop().call_soon(told, call)


class Shelf:
    """In the place of the cache of contents."""

    async def get(self, keys: Collection[str]) -> dict[str, Content]:
        """A short text for each."""
        return {key: Content("text", ()) for key in keys}

    async def read_ahead(self, tasks: Iterable[QueuedTask]) -> None:
        """Nothing to read."""


class CountedLane(Lane):
    """A lane that counts how often it looks for something to start."""

    turns = 0

    def _plan(self) -> list[Call]:
        self.turns += 1
        return super()._plan()


@dataclass
class Bench:
    """A lane and what surrounds it."""

    clock: Hands = field(default_factory=Hands)
    desk: Desk = field(default_factory=Desk)
    changes: int = 0

    def lane(self, *, concurrency: int = 2, per_minute: int | None = None) -> CountedLane:
        """A lane at work."""
        config = ConnectionConfig("openai-compatible", "m", concurrency=concurrency, max_output_tokens=10)
        pricing = Pricing(config, {"input": 1.0, "output": 1.0})
        setup = LaneSetup(CONNECTION, config, self.desk, pricing, False, per_minute, None, 5, 120.0)
        recorder, contents = cast(Recorder, Ledger()), cast(ContentCache, Shelf())
        lane = CountedLane(setup, LanePorts(recorder, contents, self.clock, self._changed))
        lane.start()
        return lane

    def _changed(self) -> None:
        self.changes += 1

    def work(self, tasks: int = 4) -> ActiveRun:
        """A run with so many tasks."""
        work = ActiveRun(
            run_id=1,
            batch_id=1,
            version=1,
            questions={1: Question("?", None, None, TokenCount(5, 0, 5))},
            budget=None,
            failure_limit=None,
            tasks=tasks,
        )
        rows = [QueuedTask(n, n, 1, 0, 0, f"key {n}", f"{n}.txt", 10, 0, 40, 0) for n in range(1, tasks + 1)]
        work.queues[CONNECTION] = TaskQueue(lambda after: [row for row in rows if row.id > after])
        return work

    async def calls(self, number: int) -> None:
        """Wait until so many calls have been made in all."""
        await until_true(lambda: self.desk.seen >= number)

    async def turns(self, lane: CountedLane) -> int:
        """How often the lane looks while nothing happens."""
        for _ in range(50):  # what was under way comes to rest
            await asyncio.sleep(0)
        before = lane.turns
        for _ in range(LOOPS):
            await asyncio.sleep(0)
        return lane.turns - before


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    """A bench whose calls are answered in the end."""
    one = Bench()
    yield one
    for call in one.desk.calls:
        call.cancel()


def _keep_busy(bench: Bench, lane: Lane, work: ActiveRun) -> None:
    lane._limit.most = 1
    lane._limit._limit = 1.0
    task = QueuedTask(99, 99, 1, 0, 0, "key 99", "99.txt", 10, 0, 40, 0)
    record = CallBegun(99, work.run_id, CONNECTION, 1, attempt=1, at=bench.clock.at)
    Call(work, work.queues[CONNECTION], task, record, 10, lane.calls, Ledger())


def _close(bench: Bench, lane: Lane, work: ActiveRun) -> None:
    lane.health.closed_until = bench.clock.at + 60


def _hold(bench: Bench, lane: Lane, work: ActiveRun) -> None:
    lane.health.hold = Hold(FailureKind.AUTH, "the key is wrong", bench.clock.at)


def _use_up_quota(bench: Bench, lane: Lane, work: ActiveRun) -> None:
    lane._quotas.take(0, bench.clock.at)
    assert lane._quotas._requests is not None
    lane._quotas._requests.take(10_000, bench.clock.at)


def _reach_budget(bench: Bench, lane: Lane, work: ActiveRun) -> None:
    work.budget = work.spent = 1


def _fail_too_often(bench: Bench, lane: Lane, work: ActiveRun) -> None:
    work.failure_limit, work.failed = 0.0, 1


HINDRANCES: dict[str, Callable[[Bench, Lane, ActiveRun], None]] = {
    "busy": _keep_busy,
    "closed": _close,
    "held": _hold,
    "quota": _use_up_quota,
    "budget": _reach_budget,
    "failed": _fail_too_often,
}
SITUATIONS = [names for size in (1, 2, 6) for names in combinations(HINDRANCES, size)]


@pytest.mark.parametrize("names", SITUATIONS, ids="+".join)
async def test_a_lane_that_cannot_start_a_retry_that_is_due_rests(
    bench: Bench, names: tuple[str, ...]
) -> None:
    """Whatever keeps the lane from starting it, a task whose next try is due costs no turns."""
    lane = bench.lane(concurrency=3, per_minute=6_000)
    work = bench.work(tasks=3)
    lane.add(work)
    await bench.calls(3)
    bench.desk.fail(FailureKind.TIMEOUT)
    bench.desk.answer()
    bench.desk.answer()
    assert await bench.turns(lane) <= MOST_TURNS  # all is done but the next try of the first
    for name in names:
        HINDRANCES[name](bench, lane, work)
    bench.clock.at += 1  # now it is due
    lane.poke()
    assert await bench.turns(lane) <= MOST_TURNS
    assert bench.desk.seen == 3
    await lane.stop()


async def test_a_call_that_ends_lets_a_due_retry_start(bench: Bench) -> None:
    """With one call at a time, a retry that is due waits for the end of the call under way, and no longer."""
    lane = bench.lane(concurrency=1)
    lane.add(bench.work(tasks=2))
    await bench.calls(1)
    bench.desk.fail(FailureKind.TIMEOUT)
    await bench.calls(2)
    bench.clock.at += 30
    assert await bench.turns(lane) <= MOST_TURNS
    bench.desk.answer()
    await bench.calls(3)
    await lane.stop()


async def test_a_closed_lane_opens_by_itself(bench: Bench) -> None:
    """What a lane waits for by time comes without any sign: here by the time a provider asked to wait."""
    lane = bench.lane(concurrency=1)
    lane.add(bench.work(tasks=1))
    await bench.calls(1)
    bench.desk.fail(FailureKind.RATE_LIMITED, retry_after=0.05)
    assert await bench.turns(lane) <= MOST_TURNS
    bench.clock.at += 0.05
    await bench.calls(2)
    await lane.stop()


async def test_a_lane_with_nothing_but_later_retries_rests_until_the_first(bench: Bench) -> None:
    """The next try of a task starts by itself when it is due."""
    lane = bench.lane()
    lane.add(bench.work(tasks=1))
    await bench.calls(1)
    assert lane.retries == (0, 0.0)
    bench.desk.fail(FailureKind.TIMEOUT)
    assert await bench.turns(lane) <= MOST_TURNS
    number, seconds = lane.retries
    assert (number, 0 < seconds <= 30) == (1, True)
    bench.clock.at += 30
    await bench.calls(2)
    assert lane.retries == (0, 0.0)
    await lane.stop()


async def test_a_lane_tells_which_limit_of_its_own_keeps_calls_back(bench: Bench) -> None:
    """While tasks wait for it, and no longer."""
    lane = bench.lane(concurrency=3, per_minute=6)
    lane.add(bench.work(tasks=2))
    told = []
    for calls, seconds in ((1, 4), (1, 6), (2, 0)):
        await bench.calls(calls)
        await bench.turns(lane)
        told.append(lane.waits_for_quota)
        bench.clock.at += seconds
        lane.poke()
    kinds = [one and one[0] for one in told]
    assert kinds == ["requests", "requests", None]
    assert [one[1] for one in told if one] == pytest.approx([10.0, 6.0])
    await lane.stop()
