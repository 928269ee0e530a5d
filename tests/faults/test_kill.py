"""kill -9 at random moments; the long run is `make torture`."""

from pathlib import Path

import pytest
from sqlalchemy import select
from tests.faults.chat import ChatServer
from tests.faults.engines import bed
from tests.faults.life import CONCURRENCY, TASKS, Ending, recorded_calls
from tests.faults.processes import children, docstage
from tests.faults.torture import ill, judge, live
from tests.support.waiting import until

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import AttemptOutcome
from docstage.store.engines import read_engine
from docstage.store.tables import attempt

_KILLS = 3


@pytest.mark.parametrize("seed", [11, pytest.param(12, marks=pytest.mark.torture)])
def test_kills_at_random_moments_change_nothing(
    tmp_path: Path, url: str, peaceful: Ending, seed: int
) -> None:
    """Nothing finished is lost or there twice, and the batch ends as it does in peace."""
    outcome, ended = live(tmp_path / "life", url, seed, _KILLS)
    assert judge(outcome, ended, peaceful) == []
    assert len(outcome.moments) > 1


def test_killing_the_web_process_costs_no_call(tmp_path: Path, chat: ChatServer) -> None:
    """The engine goes on; the new web process's engine waits until it has nothing to do."""
    with bed(tmp_path, "", chat) as one, docstage(tmp_path / "home", stop_grace=0.1) as app:
        database = one.lab.services.database

        def working() -> tuple[int, float]:
            with database.read() as c:
                engine = read_engine(c)
            return (engine.pid, engine.seen_at) if engine else (0, 0.0)

        def in_flight() -> int:
            with database.read() as c:
                rows = c.execute(select(attempt.c.outcome)).scalars().all()
            assert set(rows) <= {AttemptOutcome.IN_FLIGHT}, rows
            return len(rows)

        chat.let_through(0)
        app.start()
        one.act(Action.STAGE)
        one.until(BatchStatus.STAGED)
        one.act(Action.RUN)
        until(lambda: in_flight() == CONCURRENCY, "all calls are in flight")
        orphan = app.engines()
        app.kill_web()
        app.start()
        until(lambda: children(app.web, "docstage.engine"), "the new engine")
        until((tmp_path / "home" / "docstage.engine.queue").exists, "the new engine waits for its turn")
        told = working()[1]
        until(lambda: working()[1] > told + 2.5, "the first engine has looked around thrice")
        assert working()[0] in orphan
        assert in_flight() == CONCURRENCY
        chat.let_through(TASKS)
        one.until(BatchStatus.COMPLETED)
        until(lambda: working()[0] not in orphan, "the new engine has taken over")
        calls = recorded_calls(database, one.lab.folder)
        assert ill(database) == []
    assert {outcome for each in calls for outcome in each.outcomes} == {"completed", "failed"}
    assert all(chat.answered(1)[each.key] <= 1 for each in calls)


def test_paused_calls_of_a_killed_engine_are_queued_again(tmp_path: Path, chat: ChatServer) -> None:
    """Killed while paused with calls in flight: they are unknown at the restart, and nothing is called."""
    with bed(tmp_path, "", chat) as one:
        chat.let_through(0)
        with one.process() as engine:
            one.act(Action.STAGE)
            one.until(BatchStatus.STAGED)
            one.act(Action.RUN)
            until(lambda: one.lab.tally(one.batch_id).running == CONCURRENCY, "calls in flight")
            one.act(Action.PAUSE)
            engine.kill()
            engine.wait()
        asked = len(chat.calls)
        assert ill(one.lab.services.database) == []
        with one.process():
            until(lambda: not one.lab.tally(one.batch_id).running, "they are queued again")
            assert one.status is BatchStatus.PAUSED
            assert len(chat.calls) == asked
            chat.let_through(TASKS)
            one.act(Action.RESUME)
            one.until(BatchStatus.COMPLETED)
        assert one.lab.tally(one.batch_id).completed == TASKS - 2
        assert ill(one.lab.services.database) == []
        unknown = [each for each in recorded_calls(one.lab.services.database, one.lab.folder) if each.unknown]
        assert len(unknown) == CONCURRENCY
