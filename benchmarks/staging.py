"""What staging costs above the bare extractors, and what staging again costs."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.support import copies
from benchmarks.support.figures import Figure, Options, at_least, at_most
from benchmarks.support.lab import lab
from benchmarks.support.processes import run, start
from docstage.domain.lifecycle import Action

PROCESSES = 2
Fill = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Used:
    """Wall-clock and CPU seconds, children included."""

    seconds: float
    cpu: float


def measure(options: Options) -> list[Figure]:
    """Mixed documents, PDF alone, and unchanged documents."""
    documents = 200 if options.quick else 1_000
    unchanged = 2_000 if options.quick else 10_000
    return _mixed(documents) + _pdf(documents) + _unchanged(unchanged)


def _mixed(count: int) -> list[Figure]:
    bare, first, again = _compare(
        "extract", lambda folder: copies.copy_many(copies.originals(), count, folder)
    )
    name = f"{count:,} mixed documents"
    times = first.seconds / again.seconds
    return [
        Figure(f"{name}: staging, against bare extractors", first.seconds, "s", bare.seconds),
        Figure("the same: CPU", first.cpu, "s", bare.cpu),
        Figure("the same: cores busy", first.cpu / first.seconds, "cores"),
        Figure("the same: staged again", again.seconds, "s"),
        Figure("the same: times as fast as at first", times, "x", mark=at_least(times, 50, "≥ 50 x")),
    ]


def _pdf(count: int) -> list[Figure]:
    bare, first, _ = _compare(
        "pdfium", lambda folder: copies.copy_many(copies.pdfs_with_text(), count, folder)
    )
    speed, bare_speed = count / first.seconds, count / bare.seconds
    mark = at_least(speed / bare_speed, 0.8, "≥ 0.8 × bare pypdfium2")
    return [
        Figure(f"{count:,} PDFs: staging, against pypdfium2", speed, "files/s", bare_speed, mark),
        Figure("the same: CPU", first.cpu, "s", bare.cpu),
    ]


def _unchanged(count: int) -> list[Figure]:
    _, first, again = _compare(None, lambda folder: copies.write_letters(count, folder))
    most = 2.0 * count / 10_000
    return [
        Figure(f"{count:,} small texts: staging", first.seconds, "s"),
        Figure(
            "the same: staged again", again.seconds, "s", mark=at_most(again.seconds, most, f"< {most:g} s")
        ),
        Figure("the same: CPU of staging again", again.cpu, "s"),
    ]


def _compare(bare_kind: str | None, fill: Fill) -> tuple[Used, Used, Used]:
    """What the bare extractors need for the documents, what staging them needs, and staging them again."""
    with lab() as place:
        fill(place.documents)
        bare = _bare(bare_kind, place.documents) if bare_kind else Used(0.0, 0.0)
        prepared = place.save_batch("http://127.0.0.1:9/v1")
        prepared.act(Action.STAGE)
        first = _stage(place.environment)
        prepared.act(Action.RESTAGE)
        return bare, first, _stage(place.environment)


def _bare(kind: str, folder: Path) -> Used:
    begun = time.monotonic()
    parts = [
        start("benchmarks.support.bare_extract", kind, folder, part, PROCESSES) for part in range(PROCESSES)
    ]
    spent = [part.finish() for part in parts]
    return Used(time.monotonic() - begun, sum(one.cpu for one in spent))


def _stage(environment: dict[str, str]) -> Used:
    spent = run("benchmarks.support.staging_run", environment=environment)
    return Used(json.loads(spent.output)["seconds"], spent.cpu)
