"""kill -9 at every point where something is about to be recorded, or just has been, one by one."""

import json
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from tests.faults.chat import ChatServer
from tests.faults.engines import Bed, bed, was_killed
from tests.faults.launcher import POINTS
from tests.faults.life import TASKS, Calls, recorded_calls
from tests.faults.processes import COMMAND, ROOT
from tests.faults.torture import ill
from tests.support.waiting import PATIENCE

from docstage.domain.lifecycle import BatchStatus
from docstage.domain.tasks import AttemptOutcome

_OF_COMMANDS = {"export", "export rename"}
_AT_END = {"farewell"}
_OF_ENGINES = [name for name in POINTS if name not in _OF_COMMANDS | _AT_END]
# The first time, and once in the middle of the work. Recovery happens once.
_TIMES = {"recovery": (1,), "counted": (1,), "scanned": (1,), "layout": (1,), "scan": (1,)}
_TIMES |= {"contents": (1,), "outcomes": (1,), "outcomes written": (1,)}
_CASES = [(name, nth) for name in _OF_ENGINES for nth in _TIMES.get(name, (1, 2))]
_QUICK = {
    ("sqlite", "outcomes", 1),
    ("sqlite", "claimed", 2),
    ("sqlite", "reply", 2),
    ("postgresql", "attempt", 1),
    ("postgresql", "recorded", 1),
    ("postgresql", "status written", 2),
}


def _cases() -> list[object]:
    every = [(kind, name, nth) for kind in ("sqlite", "postgresql") for name, nth in _CASES]
    return [pytest.param(*one, marks=() if one in _QUICK else pytest.mark.torture) for one in every]


@pytest.mark.parametrize(("url", "point", "nth"), _cases(), indirect=["url"])
def test_an_engine_that_dies_at_a_point_loses_nothing(test_bed: Bed, point: str, nth: int) -> None:
    """The next engine ends the batch as if nothing had been; calls without a record are shown as unknown."""
    with test_bed.process(*test_bed.launched(point, nth)) as engine:
        script = threading.Thread(target=_go_on, args=(test_bed,))
        script.start()
        engine.wait(PATIENCE)
        assert was_killed(engine)
        database = test_bed.lab.services.database
        in_flight = [one for one in recorded_calls_of(test_bed) if AttemptOutcome.IN_FLIGHT in one.outcomes]
        assert ill(database) == []
        with test_bed.process():
            script.join(PATIENCE)
            assert not script.is_alive()
    assert test_bed.status is BatchStatus.COMPLETED
    assert ill(database) == []
    tally = test_bed.lab.tally(test_bed.batch_id)
    assert (tally.completed, tally.failed) == (TASKS - 2, 2)
    for calls in recorded_calls_of(test_bed):
        assert calls.unknown == (calls.key in {one.key for one in in_flight})
        assert test_bed.chat.asked(1)[calls.key] <= len(calls.outcomes)
        assert test_bed.chat.answered(1)[calls.key] <= 1 + calls.unknown


def recorded_calls_of(test_bed: Bed) -> list[Calls]:
    """The calls of every task so far; none before there are tasks."""
    with suppress(ValueError):
        return recorded_calls(test_bed.lab.services.database, test_bed.lab.folder)
    return []


def _go_on(test_bed: Bed) -> None:
    test_bed.go_on()


def test_an_engine_that_dies_as_it_ends_is_no_trouble(tmp_path: Path, chat: ChatServer) -> None:
    """Stopped and killed before it could say farewell: the next one is at work at once."""
    with bed(tmp_path, "", chat) as one:
        with one.process(*one.launched("farewell", 1)) as engine:
            one.go_on()
            engine.terminate()
            engine.wait(PATIENCE)
            assert was_killed(engine)
        assert ill(one.lab.services.database) == []


@pytest.mark.parametrize("point", sorted(_OF_COMMANDS))
def test_an_export_is_complete_or_absent(tmp_path: Path, chat: ChatServer, point: str) -> None:
    """Killed before the rename there is the old file, after it the whole new one; nothing is left over."""
    out = tmp_path / "answers.jsonl"
    out.write_text("old\n")
    with bed(tmp_path, "", chat) as one:
        with one.process():
            one.go_on()
        words = ("batch", "export", str(one.batch_id), "--out", str(out))
        command = one.launched(point, 1, *words)
        killed = subprocess.run(command, env=one.environment, cwd=ROOT, check=False)
        assert killed.returncode == -9
        lines = out.read_text().splitlines()
        if point == "export":
            assert lines == ["old"]
        else:
            assert len([json.loads(line) for line in lines]) == TASKS
        subprocess.run([*COMMAND, *words], env=one.environment, cwd=ROOT, check=True)
    assert len(out.read_text().splitlines()) == TASKS
    assert [path.name for path in tmp_path.iterdir() if ".part" in path.name] == []
