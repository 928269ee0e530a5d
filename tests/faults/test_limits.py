"""An engine that the system lets write no more: work waits, and goes on when it may."""

import resource
from pathlib import Path

from sqlalchemy import text
from tests.faults.chat import ChatServer
from tests.faults.engines import bed
from tests.faults.life import TASKS
from tests.faults.processes import until
from tests.faults.torture import ill

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.service.health import check_ready


def test_an_engine_whose_files_may_not_grow_goes_on_when_they_may(tmp_path: Path, chat: ChatServer) -> None:
    """RLIMIT_FSIZE: no call leaves that cannot be recorded, the engine counts as away, nothing is lost."""
    with bed(tmp_path, "", chat) as one, one.process() as engine:
        one.act(Action.STAGE)
        one.until(BatchStatus.STAGED)
        soft, hard = resource.prlimit(engine.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(engine.pid, resource.RLIMIT_FSIZE, (0, hard))
        one.act(Action.RUN)
        until(lambda: not check_ready(one.lab.services).running, "the engine cannot tell that it runs")
        assert one.status is BatchStatus.ANALYZING
        assert chat.calls == []
        resource.prlimit(engine.pid, resource.RLIMIT_FSIZE, (soft, hard))
        chat.let_through(TASKS)
        one.until(BatchStatus.COMPLETED)
        assert one.lab.tally(one.batch_id).completed == TASKS - 2
        assert engine.poll() is None
        with one.lab.services.database.read() as c:
            assert c.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
        assert ill(one.lab.services.database) == []
