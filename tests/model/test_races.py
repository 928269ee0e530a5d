"""Opposed requests at the same moment: exactly one transition each, and every number stays right.

A few rounds in `make test`, a hundred in `make torture`; each begins with a new batch in the same database.
"""

import asyncio
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from tests.model.calls import Reply
from tests.model.places import Place
from tests.model.world import World
from tests.support.waiting import PATIENCE, until

from docstage.api.app import create_app
from docstage.domain.errors import ActionNotAllowed, Conflict, NotFound
from docstage.domain.lifecycle import Action
from docstage.service.batches import batches as service
from docstage.service.session import Session
from docstage.store.tables import attempt, event, result, run, task

ADDRESS = "http://127.0.0.1:8640"
REQUESTS = 50
ROUNDS = [2, pytest.param(100, marks=[pytest.mark.torture, pytest.mark.timeout(1_800)])]

Answers = list[str]


@pytest.fixture
def world(place: Place, tmp_path: Path) -> Iterator[World]:
    """A world over an empty database, with an engine at work."""
    one = World(place(tmp_path), tmp_path)
    yield one
    one.check_deep()
    one.close()


def at_once(*what: Callable[[], str]) -> Answers:
    """Have it all done at the same moment, in any order; returns the answers."""
    answers = [""] * len(what)
    barrier = threading.Barrier(len(what))

    def carry_out(place: int) -> None:
        barrier.wait()
        answers[place] = what[place]()

    threads = [threading.Thread(target=carry_out, args=(place,)) for place in range(len(what))]
    random.shuffle(threads)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def acting(world: World, number: int, action: Action) -> Callable[[], str]:
    """A user's action, and how it is answered."""

    def act() -> str:
        try:
            service.act(Session(world.rig.services), number, action)
        except ActionNotAllowed:
            return "refused"
        except NotFound:
            return "gone"
        return "done"

    return act


def deleting(world: World, number: int) -> Callable[[], str]:
    """A user deletes the batch."""

    def delete() -> str:
        try:
            service.delete_batch(Session(world.rig.services), number)
        except Conflict:
            return "refused"
        return "done"

    return delete


def answering(world: World) -> Callable[[], str]:
    """The model server answers everything that waits."""

    def answer() -> str:
        for call in world.rig.desk.open():
            call.answer(Reply("an answer"))
        return "answered"

    return answer


class Track:
    """One batch in a race."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.save(("priced",), 1, None, None, stage=True)
        self.number = max(world.batches)
        del world.batches[self.number]  # the model takes no part in races
        self.until("STAGED")

    @property
    def status(self) -> str:
        """The batch's status."""
        return str(service.get_batch(self.world.rig.services, self.number).status)

    def until(self, *statuses: str) -> None:
        """Wait until it has one of the statuses, and nothing is under way."""
        self.until_true(lambda: self.status in statuses)

    def until_true(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds while nothing is under way in the engine."""

        def holds_at_rest() -> bool:
            self.world.rest()
            return condition()

        until(holds_at_rest, lambda: f"batch {self.number} is {self.status}: {self.log()}")

    def run_but_for_last(self) -> None:
        """Run it until one call is left, which waits for its answer."""
        acting(self.world, self.number, Action.RUN)()
        self.until_true(lambda: len(self.world.rig.desk.open()) == 2)
        self.world.rig.desk.open()[0].answer(Reply("the first answer"))
        self.until_true(lambda: self.count("COMPLETED") == 1)

    def complete(self) -> None:
        """Run it to its end."""
        self.run_but_for_last()
        answering(self.world)()
        self.until("COMPLETED")

    def act(self, action: Action) -> str:
        """A user's action."""
        return acting(self.world, self.number, action)()

    def count(self, status: str) -> int:
        """Tasks of the current run."""
        counts = service.get_batch(self.world.rig.services, self.number).counts
        return int(getattr(counts, status.lower()))

    def log(self) -> Counter[str]:
        """How often each action is in the log of the batch."""
        with self.world.rig.services.database.read() as c:
            rows = c.execute(select(event.c.action).where(event.c.batch_id == self.number)).scalars()
            return Counter(rows)

    def last_tasks(self, number: int) -> list[tuple[Any, ...]]:
        """Status, answer and last outcome of each task of a run."""
        statement = (
            select(task.c.status, result.c.text, attempt.c.outcome)
            .select_from(task)
            .join(run, run.c.id == task.c.run_id)
            .outerjoin(result, result.c.task_id == task.c.id)
            .outerjoin(attempt, (attempt.c.task_id == task.c.id) & (attempt.c.number == task.c.attempts))
            .where(run.c.batch_id == self.number, run.c.number == number)
        )
        with self.world.rig.services.database.read() as c:
            return [tuple(row) for row in c.execute(statement)]

    def check_last_call(self, number: int) -> None:
        """A task has its answer, or it was cancelled and its call shows why it has none."""
        for status, text, outcome in self.last_tasks(number):
            answered = status == 2 and text is not None and outcome == "completed"
            fenced = status == 4 and text is None and outcome in {"discarded", "dropped"}
            assert answered or fenced, (status, text, outcome)


@pytest.mark.parametrize("rounds", ROUNDS)
def test_a_pause_against_the_last_result(world: World, rounds: int) -> None:
    """Either the pause is in time, and the result counts all the same, or the batch was COMPLETED."""
    seen: Counter[str] = Counter()
    for _ in range(rounds):
        track = Track(world)
        track.run_but_for_last()
        paused, _ = at_once(acting(world, track.number, Action.PAUSE), answering(world))
        seen[paused] += 1
        track.until("PAUSED" if paused == "done" else "COMPLETED")
        assert track.log()["pause"] == (paused == "done")
        assert (track.count("COMPLETED"), track.count("RUNNING")) == (2, 0)
        if paused == "done":
            track.act(Action.RESUME)
        track.until("COMPLETED")
        assert track.log()["completed"] == 1
        track.check_last_call(1)
    print(f"a pause against the last result: {dict(seen)}")


@pytest.mark.parametrize("rounds", ROUNDS)
def test_a_cancellation_against_the_last_result(world: World, rounds: int) -> None:
    """Either the batch was cancelled, with or without the last answer, or it was COMPLETED."""
    seen: Counter[str] = Counter()
    for _ in range(rounds):
        track = Track(world)
        track.run_but_for_last()
        cancelled, _ = at_once(acting(world, track.number, Action.CANCEL), answering(world))
        track.until("FAILED" if cancelled == "done" else "COMPLETED")
        track.until_true(lambda: not world.rig.desk.open())
        log = track.log()
        assert (log["cancel"], log["completed"]) == ((1, 0) if cancelled == "done" else (0, 1))
        seen[f"{cancelled}, {track.count('COMPLETED')} completed"] += 1
        assert track.count("COMPLETED") + track.count("CANCELLED") == 2
        track.check_last_call(1)
    print(f"a cancellation against the last result: {dict(seen)}")


@pytest.mark.parametrize("rounds", ROUNDS)
def test_a_reset_against_a_late_reply(world: World, rounds: int) -> None:
    """The reply counts for the old run or not at all, never for the next."""
    seen: Counter[str] = Counter()
    for _ in range(rounds):
        track = Track(world)
        track.run_but_for_last()
        track.act(Action.PAUSE)
        reset, staged, _ = at_once(
            acting(world, track.number, Action.RESET),
            acting(world, track.number, Action.STAGE),  # at once behind the reset, if it comes late enough
            answering(world),
        )
        assert reset == "done"
        if staged == "refused":
            assert track.act(Action.STAGE) == "done"
        track.until("STAGED")
        track.until_true(lambda: not world.rig.desk.open())
        log = track.log()
        assert (log["reset"], log["stage"], log["staged"]) == (1, 2, 2)
        assert track.count("QUEUED") == 2
        assert all(one == (0, None, None) for one in track.last_tasks(2))
        track.check_last_call(1)
        seen[f"{[one[2] for one in track.last_tasks(1)].count('completed')} completed"] += 1
        world.check_deep()
    print(f"a reset against a late reply: {dict(seen)}")


@pytest.mark.parametrize("rounds", ROUNDS)
def test_two_restages(world: World, rounds: int) -> None:
    """One begins the next run, the other is refused."""
    track = Track(world)
    for number in range(rounds):
        if number % 2 == 0:
            track.complete()
        world.rig.holds_staging = True  # once it is STAGED again, another restage would be right
        answers = at_once(*(acting(world, track.number, Action.RESTAGE) for _ in range(2)))
        assert sorted(answers) == ["done", "refused"]
        world.rig.holds_staging = False
        track.until("STAGED")
        view = service.get_batch(world.rig.services, track.number)
        assert view.runs == track.log()["restage"] + 1 == number + 2
        assert view.run == view.runs
        assert track.count("QUEUED") == 2
    print(f"two restages: {rounds} rounds, {track.log()['restage']} runs")


@pytest.mark.parametrize("rounds", ROUNDS)
def test_a_run_against_a_deletion(world: World, rounds: int) -> None:
    """Either it runs and is not deleted, or it is gone and does not run."""
    seen: Counter[str] = Counter()
    for _ in range(rounds):
        track = Track(world)
        ran, deleted = at_once(acting(world, track.number, Action.RUN), deleting(world, track.number))
        seen[f"run {ran}, delete {deleted}"] += 1
        assert (ran, deleted) in {("done", "refused"), ("gone", "done")}
        assert (track.log()["run"], track.log()["delete"]) == (ran == "done", deleted == "done")
        if ran == "done":
            track.until_true(lambda: len(world.rig.desk.open()) == 2)
            answering(world)()
            track.until("COMPLETED")
        world.rest()
        assert world.rig.desk.open() == []
    print(f"a run against a deletion: {dict(seen)}")


@pytest.mark.parametrize("rounds", ROUNDS)
def test_fifty_simultaneous_runs(world: World, rounds: int) -> None:
    """Over HTTP: one is carried out, all others are told 409 with what is allowed now."""
    seen: Counter[int] = Counter()
    for _ in range(rounds):
        track = Track(world)
        replies = asyncio.run(_run_requests(world, track.number))
        codes = Counter(reply.status_code for reply in replies)
        seen += codes
        assert codes == {202: 1, 409: REQUESTS - 1}
        for reply in replies:
            if reply.status_code == 409:
                assert reply.json()["current_status"] == "ANALYZING"
                assert set(reply.json()["allowed_actions"]) == {"pause", "cancel"}
        assert track.log()["run"] == 1
        track.until_true(lambda: len(world.rig.desk.open()) == 2)
        answering(world)()
        track.until("COMPLETED")
        track.check_last_call(1)
    print(f"{REQUESTS} simultaneous runs: {rounds} rounds, {dict(seen)}")


async def _run_requests(world: World, number: int) -> list[httpx.Response]:
    transport = httpx.ASGITransport(create_app(world.rig.services, token=""))
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, timeout=PATIENCE) as client:
        return await asyncio.gather(*(client.post(f"/api/batches/{number}/run") for _ in range(REQUESTS)))
