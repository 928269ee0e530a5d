"""A batch with results, and what is answered about it."""

from typing import Any

import httpx
from tests.support.apps import Bench, Outcome

from docstage.domain.lifecycle import BatchStatus
from docstage.domain.tasks import FailureKind

PATHS = ["a.txt", "b.txt", "c.txt", "d.txt"]
OUTCOMES = [
    Outcome(
        text='{"kind": "=cmd()", "due": -5, "more": [1]}', value='{"kind": "=cmd()", "due": -5, "more": [1]}'
    ),
    Outcome(text='{"kind": "ä\\nb", "due": 1}', value='{"kind": "ä\\nb", "due": 1}', cost=None),
    Outcome(failure=FailureKind.TIMEOUT, message="@late"),
]


def analysed(bench: Bench) -> str:
    """The address of a batch with three tasks done and one queued."""
    batch_id = bench.batch_in(BatchStatus.ANALYZING, PATHS)
    bench.finish(batch_id, OUTCOMES)
    return f"/api/batches/{batch_id}"


async def answered(client: httpx.AsyncClient, url: str) -> Any:
    """What a good answer has."""
    response = await client.get(url)
    assert response.status_code == 200, response.text
    return response.json()
