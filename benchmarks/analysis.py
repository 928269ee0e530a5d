"""How many calls a second are made and durably recorded, against a client that only makes them."""

import os
from dataclasses import dataclass

from sqlalchemy import func, select

from benchmarks.support.figures import Figure, Options, at_least
from benchmarks.support.lab import Prepared, lab
from benchmarks.support.processes import ROOT, Spent, run, serving, start_command
from docstage.store import batches, runs
from docstage.store.tables import attempt

MOCK = "benchmarks.support.mock_server"
ENGINE = "docstage.engine"
PROFILED_ENGINE = "benchmarks.support.profiled_engine"
BARE = "benchmarks.support.bare_client"
# The interpreter of an environment in which flexllm is installed; see docs/benchmarks.md.
FLEXLLM = "DOCSTAGE_BENCH_FLEXLLM"
DELAY = 0.2
MANY = 500


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls that a client made.

    Attributes:
        number: how many.
        seconds: from the first one's beginning until everything was done.
        cpu: seconds of the process, without what it takes to start and to end where that is known.
    """

    number: int
    seconds: float
    cpu: float
    peak_mb: float

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.number / self.seconds

    @property
    def cpu_ms(self) -> float:
        """Milliseconds of CPU a call."""
        return self.cpu * 1_000 / self.number


def measure(options: Options) -> list[Figure]:
    """Without latency, which shows what a task costs, and with latency and many calls in flight."""
    return _without_latency(options) + _with_latency(options)


def analyse(base_url: str, tasks: int, at_once: int) -> Calls:
    """Analyse a batch of small documents with an engine in a process of its own."""
    with lab() as place:
        idle = run(ENGINE, "--until-idle", environment=place.environment)
        prepared = _analyzing(place.save_batch(base_url, concurrency=at_once), tasks)
        spent = run(ENGINE, "--until-idle", environment=place.environment)
        return Calls(tasks, _seconds(prepared, tasks), spent.cpu - idle.cpu, spent.peak_mb)


def profile(tasks: int = 20_000, at_once: int = 64) -> str:
    """Where the engine's CPU time goes, as text."""
    with serving(MOCK) as (base_url, _), lab() as place:
        _analyzing(place.save_batch(base_url, concurrency=at_once), tasks)
        return run(PROFILED_ENGINE, "--until-idle", environment=place.environment).output


def _without_latency(options: Options) -> list[Figure]:
    tasks = 4_000 if options.quick else 12_000
    with serving(MOCK) as (base_url, _):
        bare = options.best(lambda: _bare(base_url, tasks, 64), lambda calls: calls.seconds)
        ours = options.best(lambda: analyse(base_url, tasks, 64), lambda calls: calls.seconds)
        peer = _flexllm(options, base_url, tasks)
    mark = at_least(ours.rate / bare.rate, 0.5, "≥ 0.5 × bare aiohttp")
    figures = [
        Figure("no latency, 64 in flight, against bare aiohttp", ours.rate, "calls/s", bare.rate, mark),
        Figure("the same: CPU a task", ours.cpu_ms, "ms", bare.cpu_ms),
        Figure("the same: peak memory of the engine", ours.peak_mb, "MB", bare.peak_mb),
    ]
    if peer:
        faster = at_least(ours.rate / peer.rate, 1.0, "≥ 1 × flexllm, JSONL")
        figures.append(Figure("the same, against flexllm", ours.rate, "calls/s", peer.rate, faster))
    return figures


def _with_latency(options: Options) -> list[Figure]:
    tasks = 5_000 if options.quick else 20_000
    ideal = MANY / DELAY
    with serving(MOCK, "--delay", DELAY) as (base_url, _):
        bare = options.best(lambda: _bare(base_url, tasks, MANY), lambda calls: calls.seconds)
        ours = options.best(lambda: analyse(base_url, tasks, MANY), lambda calls: calls.seconds)
    mark = at_least(ours.rate / ideal, 0.9, "≥ 0.9 × ideal")
    return [
        Figure("200 ms, 500 in flight, against the ideal", ours.rate, "calls/s", ideal, mark),
        Figure("the same, against bare aiohttp", ours.rate, "calls/s", bare.rate),
        Figure("the same: CPU a task", ours.cpu_ms, "ms", bare.cpu_ms),
        Figure("the same: peak memory of the engine", ours.peak_mb, "MB", bare.peak_mb),
    ]


def _analyzing(prepared: Prepared, tasks: int) -> Prepared:
    prepared.stage_with(tasks, with_contents=True)
    prepared.lay_out()
    return prepared


def _seconds(prepared: Prepared, tasks: int) -> float:
    with prepared.services.database.read() as c:
        batch = batches.get_batch(c, prepared.batch_id)
        total = runs.totals(c, [prepared.run_id])[prepared.run_id]
        begun = c.execute(select(func.min(attempt.c.started_at))).scalar_one()
    if total.completed != tasks or batch.completed_at is None:
        raise RuntimeError(f"{total.completed} of {tasks} tasks were completed: {batch.status_reason}")
    return float(batch.completed_at - begun)


def _bare(base_url: str, number: int, at_once: int) -> Calls:
    return _said(number, run(BARE, base_url, number, at_once))


def _flexllm(options: Options, base_url: str, number: int) -> Calls | None:
    interpreter = os.environ.get(FLEXLLM)
    if not interpreter:
        return None
    script = ROOT / "benchmarks" / "support" / "flexllm_peer.py"
    command = [interpreter, "-W", "ignore", str(script), base_url, str(number), "64"]
    return options.best(lambda: _said(number, start_command(command).finish()), lambda calls: calls.seconds)


def _said(number: int, spent: Spent) -> Calls:
    """The calls of a client that writes as its last line how many seconds they took."""
    return Calls(number, float(spent.output.split()[-1]), spent.cpu, spent.peak_mb)
