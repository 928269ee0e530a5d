"""The runs that are being analysed: taking them up, letting them go, and ending them."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from functools import partial

from docstage.analysis.active_run import ActiveRun
from docstage.analysis.gaps import Hold
from docstage.analysis.task_queue import PAGE, TaskQueue
from docstage.asking.question import question_of
from docstage.clock import Clock
from docstage.domain.errors import DocstageError, Unavailable
from docstage.domain.lifecycle import BatchStatus
from docstage.domain.snapshot import UnreadableSnapshot
from docstage.domain.usage import NANO, about_possible, spent_in_words
from docstage.engine.held_prompts import HeldPrompt, held_prompts
from docstage.engine.lanes import Lanes
from docstage.engine.rates import RateMeter
from docstage.engine.run_ending import Ending, RunEnder
from docstage.models.catalogue import sees_images
from docstage.store import batches, runs, tasks
from docstage.store.database import Database
from docstage.store.records import Batch, Run
from docstage.store.tasks import QueuedTask

log = logging.getLogger(__name__)

# In these statuses calls in flight finish and count.
_CALLS_COUNT = frozenset({BatchStatus.ANALYZING, BatchStatus.PAUSED})


class Analyses:
    """Every run that this engine analyses."""

    def __init__(self, database: Database, lanes: Lanes, clock: Clock) -> None:
        self._database = database
        self._lanes = lanes
        self._clock = clock
        self._judge = RunEnder(database, clock)
        self._works: dict[int, ActiveRun] = {}
        self._frozen: dict[int, Run] = {}
        self._pausing: dict[int, ActiveRun] = {}  # paused, with calls still in flight
        self._meters: dict[int, RateMeter] = {}

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to analyse and nothing under way."""
        return not self._works and not self._pausing

    def rates(self) -> dict[int, float]:
        """Tasks a second of every run, lately."""
        now = self._clock.monotonic()
        return {
            number: meter.update(self._works[number].finished, now) for number, meter in self._meters.items()
        }

    def retries(self, run_id: int) -> tuple[int, float]:
        """Tasks of a run that wait for their next try, and seconds until the first is due."""
        work = self._works.get(run_id)
        return work.retries(self._clock.monotonic()) if work else (0, 0.0)

    def waits(self, run_id: int) -> tuple[str, float, Hold] | None:
        """Which connection a run waits for that makes no call at the moment, until when and why."""
        work = self._works.get(run_id)
        if work is None or work.calls:
            return None
        found = []
        for frozen in self._frozen[run_id].snapshot.connections:
            lane = self._lanes.get(frozen)
            if lane is None or work.queues[frozen.id].is_empty or lane.health.hold:
                continue
            waits = lane.waits_of(work)
            if waits is None:
                return None  # it goes on
            found.append((frozen.name, *waits))
        return min(found, key=lambda one: one[1], default=None)

    def held(self, run_id: int) -> list[HeldPrompt]:
        """Prompts of a run that are held on a connection."""
        work = self._works.get(run_id)
        if work is None:
            return []
        return held_prompts(self._frozen[run_id].snapshot, work)

    def recorded(self) -> None:
        """Take note that calls were committed: one that cost less than reserved may have made room."""
        for work in self._works.values():
            if work.held_back:
                self._poke(work)

    async def reconcile(self, active: Sequence[Batch]) -> None:
        """Make what is analysed equal to what the database says shall be."""
        wanted = {b.run_id: b for b in active if b.status is BatchStatus.ANALYZING and b.run_id is not None}
        for run_id, work in list(self._works.items()):
            # Another version tells of changes between two looks, such as a cancellation and a retry.
            if run_id not in wanted or wanted[run_id].version != work.version:
                await self._let_go(work)
        for work in list(self._pausing.values()):
            await self._let_go(work)
        for run_id, batch in wanted.items():
            if run_id not in self._works:
                await self._take_up(batch, run_id)
            else:
                self._read_limits(self._works[run_id], batch)

    async def end_what_is_done(self) -> None:
        """End runs that are finished, failed too often or cannot go on."""
        for work in list(self._works.values()):
            await self._look_at(work)
        for run_id in [number for number, work in self._pausing.items() if not work.calls]:
            del self._pausing[run_id]

    # Taking up and letting go

    async def _take_up(self, batch: Batch, run_id: int) -> None:
        try:
            self._frozen[run_id], planned = await asyncio.to_thread(self._plan, batch, run_id)
        except UnreadableSnapshot as error:
            await asyncio.to_thread(self._judge.pause, batch.id, run_id, error.detail)
            return
        work = self._pausing.pop(run_id, planned)
        work.version, work.budget, work.failed = batch.version, batch.budget, planned.failed
        work.failure_limit = batch.failure_limit
        self._works[run_id] = work
        self._meters[run_id] = RateMeter(self._clock.monotonic())
        try:
            lanes = [await self._lanes.open(frozen) for frozen in self._frozen[run_id].snapshot.connections]
        except Unavailable:
            self._put_down(work)
            raise
        except DocstageError as error:
            self._put_down(work)
            await asyncio.to_thread(self._judge.pause, batch.id, run_id, error.detail)
            return
        for lane in lanes:
            lane.add(work)

    def _read_limits(self, work: ActiveRun, batch: Batch) -> None:
        """Take over limits that were edited while the run is analysed."""
        if (work.budget, work.failure_limit) != (batch.budget, batch.failure_limit):
            work.budget, work.failure_limit = batch.budget, batch.failure_limit
            self._poke(work)

    def _plan(self, batch: Batch, run_id: int) -> tuple[Run, ActiveRun]:
        with self._database.read() as c:
            run = runs.get_run(c, run_id)
            total = runs.totals(c, [run_id]).get(run_id, runs.Tally())
            uncalled = tasks.uncalled_failures(c, run_id)
        work = ActiveRun(
            run_id=run_id,
            batch_id=batch.id,
            version=batch.version,
            questions={prompt.id: question_of(prompt) for prompt in run.snapshot.prompts},
            budget=batch.budget,
            failure_limit=batch.failure_limit,
            tasks=total.tasks,
            spent=total.cost + total.possible_cost,
            possible=total.possible_cost,
            failed=total.failed - uncalled,
            batch_failed_at=batch.failed_at,
        )
        for frozen in run.snapshot.connections:
            load = partial(self._load, run_id, frozen.id, sees_images(frozen))
            work.queues[frozen.id] = TaskQueue(load)
        return run, work

    def _load(self, run_id: int, connection_id: int, sees: bool, after: int) -> list[QueuedTask]:
        with self._database.read() as c:
            return tasks.next_queued(c, run_id, connection_id, after, PAGE, sees=sees)

    async def _let_go(self, work: ActiveRun) -> None:
        """Start no more calls of a run; give up those in flight, unless it is only paused."""
        batch = await asyncio.to_thread(self._find, work.batch_id)
        # It may have been resumed since: then it is taken up again in a moment, and its calls count.
        goes_on = batch is not None and batch.status in _CALLS_COUNT and not work.was_ended(batch)
        work.is_dropped = not goes_on
        self._lanes.remove(work)
        self._pausing.pop(work.run_id, None)
        if goes_on:
            self._put_down(work)
        else:
            self._forget(work.run_id)

    def _find(self, batch_id: int) -> Batch | None:
        with self._database.read() as c:
            return batches.find_batch(c, batch_id)

    def _put_down(self, work: ActiveRun) -> None:
        """Analyse a run no more, but keep it while it has calls that count, for when it is taken up again."""
        self._forget(work.run_id)
        if work.calls:
            self._pausing[work.run_id] = work

    def _forget(self, run_id: int) -> None:
        self._works.pop(run_id, None)
        self._meters.pop(run_id, None)

    # Ending

    async def _look_at(self, work: ActiveRun) -> None:
        if work.has_failed_too_often:
            if work.calls.unrecorded:
                return  # the failures that decide it are recorded first, or they would show as CANCELLED
            share = work.failed / work.tasks
            reason = (
                f"{work.failed:,} of {work.tasks:,} tasks failed ({share:.0%}), more than the batch allows."
            )
            await self._end(work, partial(self._judge.fail, work.batch_id, work.run_id, reason), drop=True)
        elif work.is_done:
            await self._end(work, partial(self._judge.finish, work.batch_id, work.run_id), drop=False)
        elif not work.calls and (stuck := self._why_stuck(work)):
            await self._end(work, partial(self._judge.pause, work.batch_id, work.run_id, stuck), drop=False)

    async def _end(self, work: ActiveRun, verdict: "partial[Ending]", *, drop: bool) -> None:
        ending = await asyncio.to_thread(verdict)
        if ending is Ending.UNFINISHED:
            for queue in work.queues.values():
                queue.rewind()
            self._poke(work)
            return
        work.is_dropped = drop
        self._lanes.remove(work)
        self._forget(work.run_id)

    def _why_stuck(self, work: ActiveRun) -> str | None:
        """Why nothing of the run can be called, or None when something can, now or later."""
        held: list[str] = []
        dear: dict[str, int | None] = {}
        unpriced: list[str] = []
        for frozen in self._frozen[work.run_id].snapshot.connections:
            queue = work.queues[frozen.id]
            lane = self._lanes.get(frozen)
            if queue.is_empty:
                continue  # but for prompts that are held
            if lane and lane.health.hold:
                held.append(f"{frozen.name}: {lane.health.hold.reason}")
            elif work.is_over_budget(frozen.id):
                if lane and lane.setup.pricing.price:
                    dear[frozen.name] = work.held_back[frozen.id]
                else:
                    unpriced.append(frozen.name)
            else:
                if lane and frozen.id in work.held_back:
                    lane.poke()  # there is room for it by now
                return None
        held += [one.in_words for one in self.held(work.run_id) if one.lacks]
        if dear:
            held.append(_budget_reached(work, dear))
        if unpriced:
            held.append(_budget_unkept(unpriced))
        return " ".join(held) or None

    def _poke(self, work: ActiveRun) -> None:
        for frozen in self._frozen[work.run_id].snapshot.connections:
            lane = self._lanes.get(frozen)
            if lane:
                lane.poke()


def _budget_reached(work: ActiveRun, connections: Mapping[str, int | None]) -> str:
    """That the budget is reached, and what to do.

    Args:
        connections: what the next call to each costs at most.
    """
    budget, needed = (work.budget or 0) / NANO, min(filter(None, connections.values()), default=0)
    spent = spent_in_words(work.spent - work.possible, work.possible)
    return (
        f"The budget of ${budget:,.{_decimals(budget)}f} is reached: {spent}, and the next call to "
        f"{' or '.join(connections)} can cost up to ${needed / NANO:,.4f}. Raise the budget and resume."
        f"{about_possible(work.possible)}"
    )


def _budget_unkept(connections: Sequence[str]) -> str:
    """That nobody can say what calls cost: a price was taken away while the batch had its budget."""
    return (
        f"The price of {', '.join(connections)} is unknown, so the budget could not be kept. Enter prices "
        "for these connections or take the budget away, and resume."
    )


def _decimals(dollars: float) -> int:
    """Digits behind the point: two, or four where less than a cent counts."""
    return 2 if round(dollars, 2) == dollars else 4
