"""The product against the model, for long: `python -m tests.model.torture --sequences 1000` (`make torture`).

A sequence that fails is told step by step, with the seed that makes it again.
"""

import argparse
import random
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.stateful import run_state_machine_as_test
from tests.model.machine import machine_over
from tests.model.places import Place, postgres_places, sqlite_places
from tests.model.tally import Tally
from tests.support.postgres import fresh_database, running_postgres

STEPS = 50
AT_A_TIME = 50  # sequences of one seed; the first takes the first choice everywhere


class Independent(HypothesisProvider):
    """Draws every sequence by itself.

    By itself Hypothesis begins with short sequences and goes on with variations of what it has seen, most of
    which differ in a step or two. That finds boundary values of pure functions; steps of a system in time it
    repeats rather than explores.
    """


AVAILABLE_PROVIDERS["independent"] = f"{__name__}.{Independent.__name__}"


@dataclass(frozen=True, slots=True)
class Lives:
    """What came of sequences of one seed.

    Attributes:
        sequences: how many there were.
        difference: that of the last one, which ended them; its notes tell the sequence.
    """

    total: Tally
    sequences: int
    difference: BaseException | None = None


def run_sequences(place: Place, number: int, sequences: int, steps: int = STEPS) -> Lives:
    """Carry out sequences of one seed, up to the first that differs."""
    total = Tally()
    done: list[Sequence[str]] = []
    machine = machine_over(place, total, done)
    options = settings(
        max_examples=sequences,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=False,
        backend="independent",
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
        if not machine.differences:
            raise
        nth, first = machine.differences[0]
        first.add_note(f"seed {number}, sequence {nth}; in the end: {type(error).__name__}")
        return Lives(total, nth, first)
    return Lives(total, len(done))


@contextmanager
def places(kind: str) -> Iterator[Place]:
    """Databases of a kind."""
    if kind == "sqlite":
        yield sqlite_places()
    else:
        with running_postgres() as server, fresh_database(server) as url, postgres_places(url) as place:
            yield place


@dataclass(slots=True)
class Record:
    """What was done on one kind of database so far.

    Attributes:
        wrong: seeds with a difference.
        seconds: how long it took.
    """

    kind: str
    total: Tally = field(default_factory=Tally)
    sequences: int = 0
    wrong: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        done = self.total
        return (
            f"{self.kind}: {self.sequences:,} sequences, {done.steps:,} steps, {done.batches:,} batches, "
            f"{done.runs:,} stagings, {done.calls:,} calls, {done.crashes:,} engines killed, "
            f"{done.refusals:,} refusals; {self.wrong} seeds with a difference; {self.seconds:,.0f} s"
        )


def _torture(record: Record, sequences: int, number: int) -> None:
    """Carry out so many sequences, of this seed and the following."""
    begun = time.monotonic()
    with places(record.kind) as place:
        while record.sequences < sequences:
            done = run_sequences(place, number, min(AT_A_TIME, sequences - record.sequences))
            record.total.add(done.total)
            if done.difference:
                record.wrong += 1
                told = "".join(traceback.format_exception(done.difference))
                print(f"{record.kind}, seed {number}:\n{told}", flush=True)
            number += 1
            record.sequences += done.sequences
            record.seconds = time.monotonic() - begun
            print(record, flush=True)


def main() -> int:
    """Run from the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=1_000, help="on each database")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    options = parser.parse_args()
    # Ends like Ctrl-C: what was seen until then is told.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    records = [Record(kind) for kind in options.database or ["sqlite", "postgresql"]]
    try:
        for record in records:
            _torture(record, options.sequences, options.seed)
    except KeyboardInterrupt:
        print("interrupted:\n" + "\n".join(str(record) for record in records), flush=True)
    return 1 if any(record.wrong for record in records) else 0


if __name__ == "__main__":
    sys.exit(main())
