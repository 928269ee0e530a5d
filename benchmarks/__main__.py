"""`python -m benchmarks [NAME ...] [--quick]`: measure, and print the figures with their marks."""

import argparse
import time
from collections.abc import Callable

from benchmarks import (
    analysis,
    answers,
    cache,
    commands,
    layout,
    ocr,
    pages,
    pause,
    reading,
    staging,
    tokens,
    waiting,
)
from benchmarks.support.figures import Figure, Options, show

BENCHMARKS: dict[str, Callable[[Options], list[Figure]]] = {
    "analysis": analysis.measure,
    "layout": layout.measure,
    "reading": reading.measure,
    "staging": staging.measure,
    "pause": pause.measure,
    "cache": cache.measure,
    "answers": answers.measure,
    "pages": pages.measure,
    "waiting": waiting.measure,
    "commands": commands.measure,
    "tokens": tokens.measure,
    "ocr": ocr.measure,
}


def main() -> None:
    """Run the benchmarks that are named, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="smaller and only once")
    parser.add_argument(
        "--profile", action="store_true", help="show where the engine's CPU time goes instead"
    )
    parser.add_argument(
        "--before",
        metavar="REVISION",
        help="compare `reading` with the readers of this revision, whose libraries must be installed",
    )
    given = parser.parse_args()
    unknown = set(given.names) - BENCHMARKS.keys()
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    if given.profile:
        print(analysis.profile())
        return
    for name in given.names or BENCHMARKS:
        begun = time.monotonic()
        figures = BENCHMARKS[name](Options(quick=given.quick, before=given.before))
        print(f"{name} ({time.monotonic() - begun:.0f} s)")
        show(figures)


if __name__ == "__main__":
    main()
