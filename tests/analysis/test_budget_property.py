"""Whatever becomes of calls, their true costs never exceed the budget, and what is shown is honest.

Random prices, budgets, lanes and outcomes, through real lanes: answers with tokens, without, with told costs,
refusals, failures after the model has worked, waits that end in nothing, calls that are given up, and
engines that are killed. The world knows what each call truly cost; docstage only what it is told.
"""

import asyncio
import random
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

import pytest
from tests.support.apps import Hands

from docstage.analysis.active_run import ActiveRun
from docstage.analysis.contents import ContentCache
from docstage.analysis.lane import Lane
from docstage.analysis.lane_setup import LanePorts, LaneSetup
from docstage.analysis.recorder import Recorder
from docstage.analysis.task_queue import TaskQueue
from docstage.asking.question import at_most_tokens, make_question
from docstage.domain.content import Content
from docstage.domain.tasks import FailureKind, TaskStatus
from docstage.domain.token_counts import count_tokens
from docstage.domain.usage import Usage
from docstage.models.pricing import Pricing
from docstage.models.protocol import ConnectionConfig, ModelFailure, ModelReply, ModelRequest, OfferedModel
from docstage.store.recording import CallBegun, CallEnded
from docstage.store.tasks import QueuedTask

QUESTION = make_question("What is it?", None, None)
SEEDS = range(20)
_LEFT_IN_DOUBT: Sequence[Callable[[], ModelFailure]] = (
    lambda: ModelFailure(FailureKind.TIMEOUT, "No answer in time."),
    lambda: ModelFailure(FailureKind.CONNECTION, "Cut off."),
    lambda: ModelFailure(FailureKind.OVERLOADED, "The gateway lost its patience.", status_code=504),
    lambda: ModelFailure(FailureKind.BAD_ANSWER, "No JSON.", status_code=200),
)
_NOT_BILLED: Sequence[Callable[[], ModelFailure]] = (
    lambda: ModelFailure(FailureKind.RATE_LIMITED, "Too many.", status_code=429),
    lambda: ModelFailure(FailureKind.CONNECTION, "Nothing listens.", sent=False),
    lambda: ModelFailure(FailureKind.BAD_REQUEST, "No.", status_code=400),
)


@dataclass
class World:
    """Documents, and what calls about them truly cost.

    Attributes:
        cost: nano-dollars of all calls so far, as the providers bill them.
        ended: calls as they were recorded.
        begun: calls that are recorded as begun, by task and attempt.
    """

    dice: random.Random
    clock: Hands = field(default_factory=Hands)
    cost: int = 0
    budget: int = 0
    texts: dict[str, str] = field(default_factory=dict)
    begun: dict[tuple[int, int], CallBegun] = field(default_factory=dict)
    ended: dict[tuple[int, int], CallEnded] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)

    @property
    def spent(self) -> int:
        """What is known to be spent, as the database has it."""
        return sum(call.cost or 0 for call in self.ended.values())

    @property
    def possible(self) -> int:
        """What is possibly spent: the most of calls whose cost nobody knows, also of those without an end."""
        unknown = [key for key in self.begun if key not in self.ended or self.ended[key].cost is None]
        return sum(self.begun[key].possible_cost or 0 for key in unknown)

    def check(self) -> None:
        """The budget is kept, and what is shown encloses what is true."""
        assert self.cost <= self.budget
        assert self.spent <= self.cost <= self.spent + self.possible


@dataclass
class Provider:
    """A model that bills what it likes within its limits, and tells what it likes."""

    world: World
    pricing: Pricing
    limit: int

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Bill, then answer, fail, or be late."""
        dice, world = self.world.dice, self.world
        if dice.random() < 0.2:
            await asyncio.sleep(0)
            failure = dice.choice(_NOT_BILLED)
            raise failure()
        usage = self._usage(request)
        price = self.pricing.price
        assert price is not None
        billed = price.cost(usage)
        world.cost += billed
        for _ in range(dice.randrange(12)):
            await asyncio.sleep(0)
        told = dice.random()
        if told < 0.45:
            return ModelReply("yes", usage=usage)
        if told < 0.6:
            return ModelReply("yes", usage=None)  # its tokens are not told
        if told < 0.7:
            return ModelReply("yes", usage=None, told_cost=billed)
        if told < 0.8:
            raise ModelFailure(FailureKind.REFUSAL, "No.", usage=usage)
        failure = dice.choice(_LEFT_IN_DOUBT)
        raise failure()

    def _usage(self, request: ModelRequest) -> Usage:
        dice = self.world.dice
        name = request.document_name or ""
        most = at_most_tokens(QUESTION, count_tokens(request.content.text).most, 0, name)
        asked = dice.choice([most, dice.randint(1, most)])
        written = dice.randint(0, asked)
        return Usage(asked, dice.randint(0, asked - written), dice.choice([1, self.limit]), written)

    async def models(self) -> list[OfferedModel]:
        """None."""
        return []

    async def context_tokens(self) -> int | None:
        """Nobody knows."""
        return None

    async def close(self) -> None:
        """Nothing to release."""


@dataclass
class Ledger:
    """In the place of the database: begun and ended calls are kept, as the recorder keeps them."""

    world: World

    async def begin(self, calls: Sequence[CallBegun]) -> set[int]:
        """All may leave."""
        await asyncio.sleep(0)
        self.world.begun.update({(call.task_id, call.attempt): call for call in calls})
        return {call.task_id for call in calls}

    def end(self, call: CallEnded, told: Callable[[CallEnded], None]) -> None:
        """Kept a moment later."""

        def record() -> None:
            self.world.ended[call.call.task_id, call.call.attempt] = call
            if call.task_status is not TaskStatus.QUEUED:
                self.world.done.add(call.call.task_id)
            told(call)

        asyncio.get_running_loop().call_soon(record)


@dataclass
class Shelf:
    """In the place of the cache of contents."""

    world: World

    async def get(self, keys: Collection[str]) -> dict[str, Content]:
        """Their texts."""
        return {key: Content(self.world.texts[key]) for key in keys}

    async def read_ahead(self, tasks: Iterable[QueuedTask]) -> None:
        """Nothing to read."""


@dataclass
class Engine:
    """Lanes at work on one run, until they are stopped or killed."""

    world: World
    prices: Sequence[dict[str, float]]
    tasks: int
    lanes: list[Lane] = field(default_factory=list)

    def start(self) -> ActiveRun:
        """Take the run up, with what the database says of it."""
        world = self.world
        spent, possible = world.spent, world.possible
        work = ActiveRun(1, 1, 1, {1: QUESTION}, world.budget, None, self.tasks, spent + possible, possible)
        for number, own in enumerate(self.prices, start=1):
            config = ConnectionConfig(
                "openai-compatible", "m", concurrency=self.world.dice.randint(1, 8), max_output_tokens=50
            )
            pricing = Pricing(config, own, self.world.clock.now)
            setup = _setup(number, config, Provider(world, pricing, 50), pricing)
            ports = LanePorts(
                cast(Recorder, Ledger(world)), cast(ContentCache, Shelf(world)), world.clock, lambda: None
            )
            rows = self._rows(number)
            work.queues[number] = TaskQueue(
                lambda after, rows=rows: [row for row in rows if row.id > after]  # type: ignore[misc]
            )
            lane = Lane(setup, ports)
            lane.start()
            lane.add(work)
            self.lanes.append(lane)
        return work

    def _rows(self, number: int) -> list[QueuedTask]:
        """The lane's tasks that are not done, as the database has them."""
        ids = range(number * 1_000, number * 1_000 + self.tasks)
        return [self._row(one) for one in ids if one not in self.world.done]

    def _row(self, task_id: int) -> QueuedTask:
        key = f"key {task_id % 1_000}"
        text = self.world.texts.setdefault(key, "word " * self.world.dice.randint(1, 400))
        count = count_tokens(text)
        attempts = max((attempt for task, attempt in self.world.begun if task == task_id), default=0)
        return QueuedTask(task_id, task_id, 1, attempts, 0, key, key, count.expected, 0, count.most, 0)

    async def rest(self, work: ActiveRun, turns: int) -> None:
        """Let it work for some turns of the loop, while time goes by."""
        for _ in range(turns):
            self.world.clock.at += 7.0
            for lane in self.lanes:
                lane.poke()
            for _ in range(8):
                await asyncio.sleep(0)
            self.world.check()

    async def stop(self) -> None:
        """Give up what is in flight."""
        for lane in self.lanes:
            await lane.stop()
        await asyncio.sleep(0)

    async def kill(self) -> None:
        """End without a trace: what was in flight has no end in the database."""
        kept = dict(self.world.ended), set(self.world.done)
        await self.stop()
        self.world.ended, self.world.done = kept


def _setup(number: int, config: ConnectionConfig, client: Provider, pricing: Pricing) -> LaneSetup:
    return LaneSetup(number, config, client, pricing, False, None, None, 5, 1e12)


@pytest.mark.parametrize("seed", SEEDS)
async def test_true_costs_never_exceed_the_budget(seed: int) -> None:
    """Over lanes, retries, stops, kills and restarts; what is shown as spent and possibly spent holds."""
    dice = random.Random(seed)
    prices = [
        {
            "input": dice.choice([0.0, 1.0, 50.0]),
            "output": dice.choice([1.0, 100.0]),
            "cached": dice.choice([0.1, 2.0]),
            "cache_write": dice.choice([0.5, 1.25, 80.0]),
        }
        for _ in range(dice.randint(1, 3))
    ]
    world = World(dice, budget=dice.choice([2, 20, 300, 2_000]) * 1_000_000)
    for _ in range(dice.randint(1, 4)):
        engine = Engine(world, prices, tasks=40)
        work = engine.start()
        await engine.rest(work, dice.randint(3, 60))
        await (engine.stop() if dice.random() < 0.5 else engine.kill())
        world.check()
    engine = Engine(world, prices, tasks=40)
    work = engine.start()
    await engine.rest(work, 150)
    await engine.stop()
    world.check()


async def test_a_budget_is_spent_where_nothing_is_in_doubt() -> None:
    """Honest reservations do not keep a run from what it has money for."""
    world = World(random.Random(1), budget=1_000_000_000)
    engine = Engine(world, [{"input": 1.0, "output": 10.0}], tasks=40)
    work = engine.start()
    await engine.rest(work, 200)
    await engine.stop()
    assert len(world.done) == 40
    assert not work.held_back
