"""How long the web process takes to answer about a large batch, and what memory it needs for that."""

from benchmarks.support.asking import Asker, answer_figures
from benchmarks.support.figures import Figure, Options
from benchmarks.support.lab import lab
from benchmarks.support.processes import peak_mb, serving

TASKS = 100_000
PAGES_DOWN = 50


def measure(options: Options) -> list[Figure]:
    """A COMPLETED batch of 100,000 tasks with answers."""
    repeats = 20 if options.quick else 100
    with lab() as place:
        prepared = place.save_batch("http://127.0.0.1:9/v1", lanes=2, asked=5)
        prepared.stage_with(TASKS // 10, with_contents=False)
        prepared.lay_out()
        prepared.complete()
        with serving("benchmarks.support.web", environment=place.environment) as (address, pid):
            asker = Asker(address)
            figures = _ask(asker, f"/api/batches/{prepared.batch_id}", repeats)
            asker.close()
            memory = peak_mb(pid)
    return [*figures, Figure("peak memory of the web process", memory, "MB")]


def _ask(asker: Asker, batch: str, repeats: int) -> list[Figure]:
    asker.get(f"{batch}/progress")  # the first answer of a process loads what all later ones use
    tasks = f"{batch}/tasks"
    cursor = _cursor_far_down(asker, tasks)
    asked = {
        "progress": asker.times(f"{batch}/progress", repeats),
        "first results page": asker.times(tasks, repeats),
        f"results page {PAGES_DOWN}": asker.times(tasks, repeats, cursor=cursor),
        "results of one connection": asker.times(tasks, repeats, connection_id=1),
        "results by document": asker.times(tasks, repeats, sort="document"),
        "failed tasks": asker.times(tasks, repeats, status="FAILED"),
        "choices with their counts": asker.times(f"{tasks}/facets", repeats),
        "choices within a search": asker.times(f"{tasks}/facets", max(3, repeats // 10), search="7"),
        "list of batches": asker.times("/api/batches", repeats),
    }
    return [figure for what, taken in asked.items() for figure in answer_figures(what, taken)]


def _cursor_far_down(asker: Asker, path: str) -> str:
    cursor = None
    for _ in range(PAGES_DOWN):
        page, _milliseconds = asker.get(path, **({"cursor": cursor} if cursor else {}))
        cursor = page["next"]
    return str(cursor)
