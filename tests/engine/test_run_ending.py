"""What a batch says when it has ended."""

import pytest
from tests.support.apps import Bench, Outcome

from docstage.domain.lifecycle import BatchStatus
from docstage.engine.run_ending import Ending, RunEnder
from docstage.store import batches, library
from docstage.store.tables import connection

PATHS = ["a.txt", "b.txt"]


@pytest.mark.parametrize(("asked", "told"), [("small-1-2026-05-01", False), ("small-2", True)])
def test_another_model_is_told_with_the_batch(either: Bench, asked: str, told: bool) -> None:
    """Whoever reads that it is COMPLETED reads who answered; a date makes no other model."""
    connection_id = either.make_members()["connection_ids"][0]
    with either.database.write() as c:
        values = {"provider": "openai-compatible", "model": asked, "base_url": "http://127.0.0.1:1/v1"}
        library.update_row(c, connection, connection_id, values)
    batch_id = either.batch_in(BatchStatus.ANALYZING, PATHS)
    either.finish(batch_id, [Outcome("One"), Outcome("Two")])
    ending = RunEnder(either.database, either.services.clock).finish(batch_id, either.run_id(batch_id))
    assert ending is Ending.ENDED
    with either.database.read() as c:
        batch = batches.get_batch(c, batch_id)
    words = "Small asked small-2, and small-1 answered 2 times."
    assert (batch.status, batch.status_reason) == (BatchStatus.COMPLETED, words if told else None)
