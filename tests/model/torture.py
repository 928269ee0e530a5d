"""The product against the model, for long: `python -m tests.model.torture --sequences 1000` (`make torture`).

A sequence that fails is told step by step, with the seed that makes it again.
"""

import argparse
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.model.machine import machine_over
from tests.model.places import Place, postgres_places, sqlite_places
from tests.model.world import Tally
from tests.support.postgres import fresh_database, running_postgres

STEPS = 50
AT_A_TIME = 10  # sequences of one seed


def run_sequences(place: Place, number: int, sequences: int, steps: int = STEPS) -> tuple[Tally, int]:
    """Carry out sequences of one seed; returns what was done, and how many there were.

    Raises:
        AssertionError: product and model differ; its notes tell the sequence.
    """
    total = Tally()
    done: list[Sequence[str]] = []
    machine = machine_over(place, total, done)
    options = settings(
        max_examples=sequences,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=False,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        print_blob=False,
    )
    random.seed(number)
    try:
        seed(number)(run_state_machine_as_test)(machine, settings=options)
    except Exception as error:
        error.add_note(f"seed {number}, sequence {len(done)}:\n" + "\n".join(done[-1] if done else ()))
        raise
    return total, len(done)


@contextmanager
def places(kind: str) -> Iterator[Place]:
    """Databases of a kind."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="docstage-model-") as folder:
            yield sqlite_places(Path(folder))
    else:
        with running_postgres() as server, fresh_database(server) as url, postgres_places(url) as place:
            yield place


def main() -> int:
    """Run from the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=1_000, help="on each database")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    options = parser.parse_args()
    failed = 0
    for kind in options.database or ["sqlite", "postgresql"]:
        total, sequences, wrong, begun = Tally(), 0, 0, time.monotonic()
        with places(kind) as place:
            number = options.seed
            while sequences < options.sequences:
                try:
                    done, count = run_sequences(place, number, min(AT_A_TIME, options.sequences - sequences))
                    total.add(done)
                except Exception:
                    wrong, count = wrong + 1, AT_A_TIME
                    print(f"{kind}, seed {number}:\n{traceback.format_exc()}", flush=True)
                sequences, number = sequences + count, number + 1
        failed += wrong
        print(
            f"{kind}: {sequences:,} sequences, {total.steps:,} steps, {total.batches:,} batches, "
            f"{total.runs:,} stagings, {total.calls:,} calls, {total.crashes:,} engines killed, "
            f"{total.refusals:,} refusals; {wrong} seeds with a difference; "
            f"{time.monotonic() - begun:,.0f} s",
            flush=True,
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
