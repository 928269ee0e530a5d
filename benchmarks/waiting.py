"""What an engine costs while it waits, and what faulty connections cost the others."""

import math
import os
import pty
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from subprocess import Popen
from threading import Thread
from typing import Any

from benchmarks.support.faulty_server import FAULTS
from benchmarks.support.figures import Figure, Options, at_least, at_most
from benchmarks.support.lab import Lab, Prepared, lab
from benchmarks.support.processes import ROOT, cpu_seconds, serving, start
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.service.connections.inputs import ConnectionInput, Limits
from docstage.store import batches, runs
from docstage.store.engines import read_engine

SERVER = "benchmarks.support.faulty_server"
ENGINE = "docstage.engine"
TASKS = 20
MOST_PERCENT = 1.0
# Until every call has left that can, and the engine rests; and how long it is watched then.
_SETTLING_SECONDS = 6.0
_WATCHED_SECONDS = 20.0
GOOD_LANES, FAULTY_LANES = 3, 50
GOOD_TASKS = 400
_LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Situation:
    """What an engine waits for.

    Attributes:
        paths: the connections, by what the server does with them.
        limits: of each connection.
    """

    name: str
    paths: Sequence[str]
    limits: dict[str, Any] = field(default_factory=dict)


SITUATIONS = (
    Situation("slow calls", ["slow"], {"concurrency": 8}),
    Situation("retries due, all calls at once in flight", ["retried"], {"concurrency": 2}),
    Situation("a lane closed", ["closed"], {"concurrency": 4}),
    Situation("a lane held beside a slow one", ["locked", "slow"], {"concurrency": 2}),
    Situation("a quota used up", ["well"], {"concurrency": 4, "requests_per_minute": 1}),
    Situation("all of it", ["slow", "retried", "closed", "locked"] * 12, {"concurrency": 2}),
)


def measure(options: Options) -> list[Figure]:
    """CPU of a waiting engine and of `docstage run`; the speed of good connections beside faulty ones."""
    watched = _WATCHED_SECONDS / 4 if options.quick else _WATCHED_SECONDS
    with serving(SERVER) as (address, _):
        figures = [_waiting(one, address, watched) for one in SITUATIONS]
        figures += [_idle(watched), _command(address, watched)]
    return figures + _beside_faulty()


def _waiting(situation: Situation, address: str, watched: float) -> Figure:
    with lab() as place:
        made = _connections(situation, address)
        _laid_out(place, made, TASKS, situation.name, begun=True)
        return _figure(f"engine: {situation.name}", _engine_percent(place, watched))


def _idle(watched: float) -> Figure:
    with lab() as place:
        return _figure("engine: no batch at all", _engine_percent(place, watched))


def _engine_percent(place: Lab, watched: float) -> float:
    with _engine(place) as pid:
        _until(lambda: _is_telling(place))
        return _percent(pid, watched)


def _until(condition: Callable[[], bool]) -> None:
    """However long a busy machine takes to start a process."""
    while not condition():
        time.sleep(_LOOK_SECONDS)


def _is_telling(place: Lab) -> bool:
    with place.services.database.read() as c:
        return read_engine(c) is not None


def _is_analyzing(place: Lab) -> bool:
    with place.services.database.read() as c:
        return any(one.status is BatchStatus.ANALYZING for one in batches.active_batches(c))


def _command(address: str, watched: float) -> Figure:
    """`docstage run` at a terminal, without the engine that it has beside it."""
    with lab() as place:
        (place.documents / "letter.txt").write_text("A letter.", encoding="utf-8")
        words = ["run", str(place.documents), "--prompt", "Who?", "--yes", "--model", "openai-compatible:m"]
        words += ["--base-url", f"openai-compatible={address}/slow/v1"]
        leader, follower = pty.openpty()
        command = [sys.executable, "-c", "from docstage.cli.main import main; main()", *words]
        environment = os.environ | place.environment
        process = Popen(command, stdin=follower, stdout=follower, stderr=follower, cwd=ROOT, env=environment)
        os.close(follower)
        reader = Thread(target=_read_all, args=(leader,))
        reader.start()
        try:
            _until(lambda: _is_analyzing(place))
            percent = _percent(process.pid, watched, settling=4 * _SETTLING_SECONDS)
        finally:
            process.terminate()
            process.wait()
            reader.join()
            os.close(leader)
    return _figure("docstage run: waiting for a slow model", percent)


def _read_all(terminal: int) -> None:
    with suppress(OSError):  # that is how a terminal says that nobody writes to it any more
        while os.read(terminal, 65_536):
            continue


def _figure(name: str, percent: float) -> Figure:
    return Figure(name, percent, "% of a core", mark=at_most(percent, MOST_PERCENT, f"≤ {MOST_PERCENT:g} %"))


def _percent(pid: int, watched: float, settling: float = _SETTLING_SECONDS) -> float:
    time.sleep(settling)
    before = cpu_seconds(pid)
    time.sleep(watched)
    return 100 * (cpu_seconds(pid) - before) / watched


def _beside_faulty() -> list[Figure]:
    with serving(SERVER, "--delay", 0.05) as (address, _):
        alone = _good_seconds(address, faulty=0)
        beside = _good_seconds(address, faulty=FAULTY_LANES)
    mark = at_least(alone / beside, 0.9, "≥ 0.9 × alone")
    tasks = GOOD_LANES * GOOD_TASKS
    name = f"{GOOD_LANES} good connections beside {FAULTY_LANES} faulty ones"
    return [Figure(name, tasks / beside, "calls/s", tasks / alone, mark)]


def _good_seconds(address: str, faulty: int) -> float:
    """How long good connections take for their batch."""
    good = Situation("good", ["well"] * GOOD_LANES, {"concurrency": 4})
    kinds = [*FAULTS, "nobody"]
    bad = Situation("faulty", [kinds[n % len(kinds)] for n in range(faulty)], {"concurrency": 4})
    with lab() as place:
        if faulty:
            _laid_out(place, _connections(bad, address), TASKS, bad.name, begun=True)
        prepared = _laid_out(place, _connections(good, address), GOOD_TASKS, good.name, begun=False)
        with _engine(place):
            _until(lambda: _is_telling(place))
            time.sleep(_SETTLING_SECONDS)  # the faulty ones fail already
            prepared.act(Action.RUN)
            return _seconds(prepared, GOOD_LANES * GOOD_TASKS)


def _seconds(prepared: Prepared, tasks: int) -> float:
    begun = time.monotonic()
    while True:
        with prepared.services.database.read() as c:
            batch = batches.get_batch(c, prepared.batch_id)
            done = runs.totals(c, [prepared.run_id])[prepared.run_id].completed
        if batch.status is not BatchStatus.ANALYZING:
            break
        time.sleep(_LOOK_SECONDS)
    if done != tasks:
        raise RuntimeError(f"{done} of {tasks} tasks were completed: {batch.status_reason}")
    return time.monotonic() - begun


def _connections(situation: Situation, address: str) -> list[ConnectionInput]:
    return [
        ConnectionInput(
            name=f"{situation.name} {number}",
            provider="openai-compatible",
            model="mock",
            base_url="http://127.0.0.1:1/v1" if path == "nobody" else f"{address}/{path}/v1",
            timeout=600.0,
            limits=Limits(**situation.limits),
        )
        for number, path in enumerate(situation.paths)
    ]


def _laid_out(place: Lab, made: Sequence[ConnectionInput], tasks: int, name: str, *, begun: bool) -> Prepared:
    prepared = place.save_with(made, name=name)
    prepared.stage_with(tasks, with_contents=True)
    prepared.lay_out(begun=begun)
    return prepared


@contextmanager
def _engine(place: Lab) -> Iterator[int]:
    """An engine at work; yields its process id."""
    engine = start(ENGINE, environment=place.environment | {"DOCSTAGE_STOP_GRACE": "0.1"})
    try:
        if math.isnan(cpu_seconds(engine.process.pid)):
            raise RuntimeError("What a process costs is only known on Linux.")
        yield engine.process.pid
    finally:
        engine.process.terminate()
        engine.finish()
