"""How long it takes to lay out the task matrix, and how the API answers meanwhile."""

import json

from benchmarks.support.asking import Asker, answer_figures
from benchmarks.support.figures import Figure, Options, at_most
from benchmarks.support.lab import Prepared, lab
from benchmarks.support.processes import Spent, serving, start

LANES = 2
PROMPTS = 5


def measure(options: Options) -> list[Figure]:
    """100,000 tasks, and a million unless it has to be quick."""
    figures = _layout(100_000)
    return figures if options.quick else figures + _layout(1_000_000)


def _layout(tasks: int) -> list[Figure]:
    with lab() as place:
        prepared = place.save_batch("http://127.0.0.1:9/v1", lanes=LANES, asked=PROMPTS)
        prepared.stage_with(tasks // (LANES * PROMPTS), with_contents=False)
        with serving("benchmarks.support.web", environment=place.environment) as (address, _):
            asker = Asker(address)
            spent, times = _while_laying_out(prepared, asker, place.environment)
            paths = _paths(prepared)
            after = {path: asker.times(path, 50) for path in paths}
            asker.close()
    seconds = json.loads(spent.output)["seconds"]
    scale = tasks / 1_000_000
    name = f"{tasks:,} tasks"
    figures = [
        Figure(f"{name}: layout", seconds, "s", mark=at_most(seconds, 10 * scale, f"< {10 * scale:g} s")),
        Figure(f"{name}: CPU of the process", spent.cpu, "s"),
        Figure(f"{name}: peak memory", spent.peak_mb, "MB", mark=at_most(spent.peak_mb, 400, "< 400 MB")),
    ]
    for when, answers in (("meanwhile", times), ("afterwards", after)):
        for path, taken in answers.items():
            figures += answer_figures(f"{name}: {path.rpartition('/')[2].split('?')[0]} {when}", taken)
    return figures


def _paths(prepared: Prepared) -> tuple[str, str]:
    batch = f"/api/batches/{prepared.batch_id}"
    return f"{batch}/progress", f"{batch}/tasks"


def _while_laying_out(
    prepared: Prepared, asker: Asker, environment: dict[str, str]
) -> tuple[Spent, dict[str, list[float]]]:
    for path in _paths(prepared):
        asker.get(path)  # the first answer of a process loads what all later ones use
    job = start("benchmarks.support.staging_run", environment=environment)
    times = asker.times_while(lambda: not job.has_ended, *_paths(prepared))
    return job.finish(), times
