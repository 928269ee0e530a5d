"""What lanes remember from batch to batch, and what is told of them."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from tests.support.apps import Hands
from tests.support.engines import Laboratory, on_both, open_services, running_engine
from tests.support.waiting import PATIENCE

from docstage.analysis.lane import Lane
from docstage.domain.errors import Unavailable
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import AttemptOutcome
from docstage.engine.engine import TELL_SECONDS
from docstage.simulator.profile import Latency, Profile
from docstage.store.engines import read_engine
from docstage.store.recording import record_begun
from docstage.store.tables import connection

HELD = Profile(latency=Latency(median=3600.0, sigma=0.0))
DOCUMENTS = 4
# Quotas let out what five seconds are worth at once: here as much as one batch needs.
REQUESTS_PER_MINUTE = DOCUMENTS * 60 / 5


def _state_after(lab: Laboratory, moment: float) -> tuple[set[str]] | None:
    """The connections that the engine says it does something with, once it has spoken after the moment."""
    with lab.services.database.read() as c:
        record = read_engine(c)
    return (set(record.state["lanes"]),) if record and record.seen_at > moment else None


async def _told_at_next(lab: Laboratory, clock: Hands) -> set[str]:
    """Turn the clock until the engine speaks again; gives the connections that it tells of."""
    before = clock.at
    clock.at += TELL_SECONDS
    (told,) = await lab.until_true(lambda: _state_after(lab, before))
    return told


async def test_a_lane_is_told_only_while_it_has_something_to_do(
    lab: Laboratory, simulator: Callable[..., str]
) -> None:
    """A connection whose batch has ended shows as idle, also while another connection is at work."""
    held, quick = lab.connection(simulator(HELD)), lab.connection(simulator())
    long, short = await lab.staged([held], [lab.prompt()]), await lab.staged([quick], [lab.prompt()])
    await lab.act(long, Action.RUN)
    assert (await lab.run(short)).status is BatchStatus.COMPLETED
    completed = lab.services.clock.now()
    assert await lab.until_true(lambda: _state_after(lab, completed)) == ({str(held)},)


async def test_the_next_batch_cannot_exceed_what_the_last_one_left(
    tmp_path: Path, simulator: Callable[..., str]
) -> None:
    """A limit of requests a minute holds for the connection, also from one batch to another."""
    clock = Hands()
    services = open_services(tmp_path / "home", clock=clock)
    lab = Laboratory(services, tmp_path / "documents")
    lab.write({f"letter {n}.txt": f"Letter {n}" for n in range(DOCUMENTS)})
    connection = lab.connection(simulator(), requests_per_minute=REQUESTS_PER_MINUTE)
    async with running_engine(services):
        first, second = [await lab.staged([connection], [lab.prompt()]) for _ in range(2)]
        assert (await lab.run(first)).status is BatchStatus.COMPLETED
        assert await _told_at_next(lab, clock) == set()
        await lab.act(second, Action.RUN)
        assert await _told_at_next(lab, clock) == {str(connection)}
        assert lab.tally(second).completed <= 1  # what two seconds are worth
        clock.at += 60
        await lab.until(second, BatchStatus.COMPLETED)
    services.database.close()


@on_both
async def test_calls_whose_beginning_is_recorded_late_wait_again(
    lab: Laboratory, simulator: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection is edited while nothing can be recorded: its next lane calls what could not leave."""
    is_away, closed = threading.Event(), asyncio.Event()

    def record_unless_away(*args: Any) -> set[int]:
        if is_away.is_set():
            raise Unavailable("The database does not answer.")
        return record_begun(*args)

    async def stop_and_say(lane: Lane, grace: float = 0.0) -> None:
        await stop(lane)  # its calls cannot leave, so that they need no time
        closed.set()

    stop = Lane.stop
    monkeypatch.setattr("docstage.analysis.recorder.record_begun", record_unless_away)
    monkeypatch.setattr(Lane, "stop", stop_and_say)
    monkeypatch.setattr("docstage.analysis.lane.RECORDING_SECONDS", 0.1)
    monkeypatch.setattr("docstage.analysis.recorder.RETRY_SECONDS", (0.05,))
    number = lab.connection(simulator())
    batch_id = await lab.staged([number], [lab.prompt()])
    is_away.set()
    await lab.act(batch_id, Action.RUN)
    await lab.until_true(lambda: _trouble(lab))
    await lab.act(batch_id, Action.PAUSE)
    with lab.services.database.write() as c:
        c.execute(update(connection).where(connection.c.id == number).values(updated_at=1.0))
    await lab.act(batch_id, Action.RESUME)
    async with asyncio.timeout(PATIENCE):
        await closed.wait()
    is_away.clear()
    await lab.until(batch_id, BatchStatus.COMPLETED)
    assert lab.tally(batch_id).completed == DOCUMENTS
    for row in lab.rows(batch_id):
        assert [one.outcome for one in lab.attempts(row.id)][-1] == AttemptOutcome.COMPLETED


def _trouble(lab: Laboratory) -> Any:
    with lab.services.database.read() as c:
        record = read_engine(c)
    return record and record.state["trouble"]
