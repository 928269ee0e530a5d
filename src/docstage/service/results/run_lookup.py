"""Which run of a batch is meant, and which document of it."""

from sqlalchemy import Connection

from docstage.domain.errors import NotFound
from docstage.store import batches, documents, runs
from docstage.store.records import Batch, Document, Run


def select_run(c: Connection, batch_id: int, number: int | None) -> tuple[Batch, Run | None]:
    """The batch, and its run of that number or else its current one, None when there is none.

    Raises:
        NotFound: there is no such batch, or it has no run of that number.
    """
    batch = batches.get_batch(c, batch_id)
    if number is not None:
        return batch, runs.find_run(c, batch_id, number)
    return batch, None if batch.run_id is None else runs.get_run(c, batch.run_id)


def select_document(
    c: Connection, batch_id: int, document_id: int, number: int | None
) -> tuple[Run, Document]:
    """A document of the run that is meant. Raises NotFound."""
    _batch, chosen = select_run(c, batch_id, number)
    if chosen is None:
        raise NotFound(f"The batch has no run yet, so there is no document {document_id}.")
    return chosen, documents.get_document(c, chosen.id, document_id)
