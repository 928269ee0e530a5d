"""Starts docstage so that it kills itself at a point of its work.

`python -m tests.faults.launcher POINT NTH ...`, where `engine` or a command line of docstage follows. The
point is a function of the product that is wrapped in this process; docstage itself knows nothing of it.
"""

import importlib
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Point:
    """Where a process dies.

    Attributes:
        where: module and name of a function or method.
        after: when it has done its work, else before it begins.
        counts: whether a call with these arguments is one; by default all are.
    """

    where: str
    after: bool = False
    counts: Callable[..., bool] = lambda *_args, **_options: True


def _tells_of_ended(*args: Any, **_options: Any) -> bool:
    return bool(args[1].ends)


def _tells_of_begun(*args: Any, **_options: Any) -> bool:
    return bool(args[2])


# In the order in which a batch comes by. Those of `record_*` lie inside the transaction.
POINTS = {
    "scan": Point("docstage.store.documents:insert_documents", after=True),
    "scanned": Point("docstage.store.runs:mark_scanned", after=True),
    "contents": Point("docstage.store.contents:insert_contents", after=True),
    "outcomes": Point("docstage.store.documents:record_outcomes"),
    "outcomes written": Point("docstage.store.documents:record_outcomes", after=True),
    "layout": Point("docstage.store.layout:lay_out", after=True),
    "counted": Point("docstage.store.runs:mark_staged", after=True),
    "status": Point("docstage.store.batches:change_status"),
    "status written": Point("docstage.store.batches:change_status", after=True),
    "claim": Point("docstage.analysis.recorder:record_begun"),
    "claimed": Point("docstage.analysis.recorder:record_begun", after=True),
    "attempt": Point("docstage.analysis.recorder:Recorder._tell", counts=_tells_of_begun),
    "call": Point("docstage.analysis.lane:Lane._start", after=True),
    "reply": Point("docstage.analysis.call_runner:CallRunner._succeed"),
    "commit": Point("docstage.analysis.recorder:record_ended"),
    "recorded": Point("docstage.analysis.recorder:record_ended", after=True),
    "committed": Point("docstage.analysis.recorder:Recorder._tell", counts=_tells_of_ended),
    "recovery": Point("docstage.engine.engine:recover", after=True),
    "farewell": Point("docstage.engine.engine:_Session._say_farewell"),
    "export": Point("docstage.cli.client:ApiClient.download", after=True),
    "export rename": Point("docstage.cli.downloads:write_file", after=True),
}


def die_at(point: Point, nth: int) -> None:
    """Make this process kill itself when it comes to the point for the nth time."""
    module, _, path = point.where.partition(":")
    holder: Any = importlib.import_module(module)
    *outer, name = path.split(".")
    for part in outer:
        holder = getattr(holder, part)
    original = getattr(holder, name)
    left = nth

    def wrapped(*args: Any, **options: Any) -> Any:
        nonlocal left
        mine = point.counts(*args, **options)
        left -= mine
        if mine and left == 0 and not point.after:
            os.kill(os.getpid(), signal.SIGKILL)
        done = original(*args, **options)
        if mine and left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(holder, name, wrapped)


def main() -> None:
    """Run what the command line says, until the point."""
    name, nth, *words = sys.argv[1:]
    die_at(POINTS[name], int(nth))
    if words == ["engine"]:
        from docstage.engine.__main__ import main as engine

        sys.argv[1:] = []
        sys.exit(engine())
    from docstage.cli.main import main as command

    command(words)


if __name__ == "__main__":
    main()
