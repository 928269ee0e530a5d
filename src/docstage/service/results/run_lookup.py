"""Which run of a batch is meant."""

from sqlalchemy import Connection

from docstage.store import batches, runs
from docstage.store.records import Batch, Run


def select_run(c: Connection, batch_id: int, number: int | None) -> tuple[Batch, Run | None]:
    """The batch, and its run of that number or else its current one, None when there is none.

    Raises:
        NotFound: there is no such batch, or it has no run of that number.
    """
    batch = batches.get_batch(c, batch_id)
    if number is not None:
        return batch, runs.find_run(c, batch_id, number)
    return batch, None if batch.run_id is None else runs.get_run(c, batch.run_id)
