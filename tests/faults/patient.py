"""Starts docstage so that it may take its time to end, and tells when its engine has begun to.

`python -m tests.faults.patient MARK ...`, where a command line of docstage follows. Once calls in flight have
had their grace, a process of docstage is ended within seconds: on a busy machine too early, and whether it is
in time only `make torture` asks. So here those seconds are many. When the engine has heard that it shall end,
from where on it begins no call, there is a file at MARK.
"""

import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any
from unittest import mock

from tests.support.waiting import PATIENCE

_ENGINE = "docstage.engine"


def _be_patient(mark: Path) -> None:
    """Change this process, and the engine that it starts."""
    from docstage.processes import deadline

    for name in ("ENGINE_SECONDS", "KILL_SECONDS", "STARTER_SECONDS"):
        mock.patch.object(deadline, name, PATIENCE).start()
    # Only now: these take the seconds along when they are imported.
    from docstage.engine.lanes import Lanes
    from docstage.processes import supervisor

    command = (sys.executable, "-m", "tests.faults.patient", str(mark), _ENGINE)
    stop = Lanes.stop

    def tell_and_stop(lanes: Lanes, grace: float) -> Coroutine[Any, Any, None]:
        mark.touch()
        return stop(lanes, grace)

    mock.patch.object(supervisor, "ENGINE_COMMAND", command).start()
    mock.patch.object(Lanes, "stop", tell_and_stop).start()


def main() -> None:
    """Run what the command line says."""
    mark, *words = sys.argv[1:]
    _be_patient(Path(mark))
    if words[0] == _ENGINE:
        from docstage.engine.__main__ import main as engine

        sys.argv[1:] = words[1:]
        sys.exit(engine())
    from docstage.cli.main import main as command

    command(words)


if __name__ == "__main__":
    main()
