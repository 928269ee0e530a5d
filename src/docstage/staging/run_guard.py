"""The fence of a staging job: it writes only while its run is the one that is being staged."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from docstage.domain.lifecycle import BatchStatus
from docstage.store import batches
from docstage.store.database import Database
from docstage.store.records import Batch


class Superseded(Exception):
    """The batch was cancelled, or something else has become of it. There is nothing left to do."""


@dataclass(frozen=True, slots=True)
class Fence:
    """Lets a job write as long as its batch is STAGING its run."""

    database: Database
    batch_id: int
    run_id: int

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction in which the batch stays as it is.

        Raises:
            Superseded: it is no longer STAGING this run.
        """
        with self.database.write() as c:
            self.batch(c)
            yield c

    def batch(self, c: Connection) -> Batch:
        """The batch, locked. Raises Superseded when it is no longer STAGING this run, or gone."""
        found = batches.locked_batch(c, self.batch_id)
        if found is None or found.status is not BatchStatus.STAGING or found.run_id != self.run_id:
            raise Superseded
        return found
