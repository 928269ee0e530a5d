"""The settings `keep_runs` and `keep_days`: earlier runs that are deleted by themselves."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from docstage.clock import Clock
from docstage.settings import Settings
from docstage.store import batches, library, purging
from docstage.store.database import Database
from docstage.store.purging import OldRun
from docstage.store.tables import batch

DAY = 86_400.0


def apply_rules(database: Database, settings: Settings, clock: Clock) -> Iterator[None]:
    """Take runs from their batches that the settings do not keep, a batch at a time.

    Never the current run of a batch, nor one that is at work. Their rows are then deleted by whoever sweeps.

    Raises:
        Unavailable: the database does not answer.
    """
    for runs, why in _too_many(database, settings, clock):
        for batch_id, some in groupby(runs, key=lambda run: run.batch_id):
            doom(database, batch_id, list(some), clock.now(), actor="engine", why=why)
            yield


def doom(
    database: Database, batch_id: int, runs: Sequence[OldRun], at: float, *, actor: str, why: str
) -> int:
    """Take earlier runs from a batch and log it; returns how many there were still.

    Args:
        why: what the log says behind the number of runs.
    """
    with database.write() as c:
        library.lock_row(c, batch, batch_id)
        current = batches.find_batch(c, batch_id)
        if current is None:
            return 0
        there = {run.id for run in purging.earlier_runs(c, batch_id=batch_id)}
        gone = [run.id for run in runs if run.id in there]
        purging.doom_runs(c, gone, at)
        if gone:
            number = "1 run was" if len(gone) == 1 else f"{len(gone):,} runs were"
            batches.log_purge(c, current, f"{number} deleted{why}", actor, at)
    return len(gone)


def _too_many(database: Database, settings: Settings, clock: Clock) -> Iterator[tuple[Sequence[OldRun], str]]:
    if settings.keep_runs:
        with database.read() as c:
            beyond = purging.earlier_runs(c, beyond=settings.keep_runs)
        yield beyond, f": keep_runs is {settings.keep_runs}"
    if settings.keep_days:
        with database.read() as c:
            old = purging.earlier_runs(c, closed_before=clock.now() - settings.keep_days * DAY)
        yield old, f": keep_days is {settings.keep_days}"
