"""Which run of a batch is meant, and what its parts are called."""

from dataclasses import dataclass

from sqlalchemy import Connection

from docstage.domain.snapshot import RunSnapshot
from docstage.store import batches, runs
from docstage.store.records import Batch, Run


@dataclass(frozen=True, slots=True)
class Names:
    """Names of a run's connections and prompts, as they were when it began."""

    connections: dict[int, str]
    prompts: dict[int, str]

    @classmethod
    def of(cls, snapshot: RunSnapshot) -> "Names":
        """The names in a snapshot."""
        return cls(
            {one.id: one.name for one in snapshot.connections},
            {one.id: one.name for one in snapshot.prompts},
        )


def select_run(c: Connection, batch_id: int, number: int | None) -> tuple[Batch, Run | None]:
    """The batch, and its run of that number or else its current one, None when there is none.

    Raises:
        NotFound: there is no such batch, or it has no run of that number.
    """
    batch = batches.get_batch(c, batch_id)
    if number is not None:
        return batch, runs.find_run(c, batch_id, number)
    return batch, None if batch.run_id is None else runs.get_run(c, batch.run_id)
