"""An engine that the system lets write no more, or not begin: work waits, and goes on when it may."""

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.faults.chat import ChatServer
from tests.faults.disk import read_only, small_disk
from tests.faults.engines import Bed, bed
from tests.faults.life import TASKS
from tests.faults.processes import COMMAND, ROOT
from tests.faults.torture import ill
from tests.support.waiting import PATIENCE, until

from docstage.domain.errors import Unavailable
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.service.context import Services
from docstage.service.system.health import check_ready, doctor

_ASKED = {Action.STAGE: BatchStatus.STAGING, Action.RUN: BatchStatus.ANALYZING}


@contextmanager
def _no_growth(pid: int) -> Iterator[None]:
    """No file of a process may grow (RLIMIT_FSIZE)."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


def _runs(services: Services) -> bool:
    """Whether the engine has told lately that it runs, and that it can record what it does."""
    try:
        return check_ready(services).running
    except Unavailable:  # until it tells again, it has the trouble that it told of last
        return False


def _check(one: Bed) -> None:
    """All that could be answered was, and the database is whole."""
    assert one.lab.tally(one.batch_id).completed == TASKS - 2
    with one.lab.services.database.read() as c:
        assert c.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
    assert ill(one.lab.services.database) == []


@pytest.mark.parametrize("action", _ASKED)
def test_an_engine_whose_files_may_not_grow_goes_on_when_they_may(
    tmp_path: Path, chat: ChatServer, action: Action
) -> None:
    """Nothing is done that cannot be recorded, the engine counts as away, and nothing is lost."""
    with bed(tmp_path, "", chat) as one, one.process() as engine:
        services = one.lab.services
        until(lambda: _runs(services), "the engine runs")
        if action is Action.RUN:
            one.act(Action.STAGE)
            one.until(BatchStatus.STAGED)
        with _no_growth(engine.pid):
            one.act(action)
            until(lambda: not _runs(services), "the engine cannot tell that it runs")
            assert "engine" in {check.name for check in doctor(services) if not check.ok}
            assert one.status is _ASKED[action]
            assert chat.calls == []
        chat.let_through(TASKS)
        one.go_on()
        assert one.status is BatchStatus.COMPLETED
        assert engine.poll() is None
        until(lambda: _runs(services), "the engine tells again that it runs")
        _check(one)


@pytest.mark.parametrize("command", ["serve", "engine", "batch list"])
def test_a_disk_that_may_only_be_read_is_named(tmp_path: Path, chat: ChatServer, command: str) -> None:
    """Every command ends with the reason instead of half a start; once it can be written, work goes on."""
    with small_disk(tmp_path / "disk", 64) as disk:
        with bed(disk, "", chat) as one, one.process():
            one.act(Action.STAGE)
            one.until(BatchStatus.STAGED)
        with read_only(disk):
            words = [*COMMAND, *command.split()]
            ended = subprocess.run(
                words,
                env=one.environment,
                cwd=ROOT,
                capture_output=True,
                text=True,
                check=False,
                timeout=PATIENCE,
            )
        assert ended.returncode == 5
        assert f"The database in {disk / 'home'} may only be read." in ended.stderr
        assert "Traceback" not in ended.stderr
        with one.process():
            one.go_on()
        _check(one)
