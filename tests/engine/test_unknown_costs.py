"""What calls cost whose outcome nobody knows: shown as unknown everywhere, and held against the budget."""

import asyncio

import pytest
from tests.faults.chat import ChatServer
from tests.support.engines import Laboratory

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.service.batches import batches
from docstage.service.results import results
from docstage.service.system.spending import Period, spending
from docstage.store import batches as store_batches

PRICES = {"input": 1_000.0, "output": 1_000.0}


async def _cancelled_in_flight(lab: Laboratory, chat: ChatServer, calls: int, **changes: object) -> int:
    number = lab.connection(chat.base_url, concurrency=calls, max_output_tokens=60, **changes)
    batch_id = await lab.staged([number], [lab.prompt("ASK-0: what is it?")])
    await lab.act(batch_id, Action.RUN)
    await lab.until_true(lambda: len(chat.calls) == calls)  # one that has not left yet costs nothing
    await lab.act(batch_id, Action.CANCEL)
    await lab.until_true(lambda: lab.tally(batch_id).calls == calls)
    return batch_id


async def test_cancelled_calls_are_of_unknown_cost(lab: Laboratory, chat: ChatServer) -> None:
    """In the batch, its progress, its run, the attempts and the spending; each with what it is at most."""
    batch_id = await _cancelled_in_flight(lab, chat, 2, prices=PRICES)
    batch = await asyncio.to_thread(batches.get_batch, lab.services, batch_id)
    progress = await asyncio.to_thread(results.progress, lab.services, batch_id)
    (run,) = await asyncio.to_thread(results.list_runs, lab.services, batch_id)
    spent = (await asyncio.to_thread(spending, lab.services, Period())).total
    assert 0.12 < batch.progress.possible_cost < 6.0  # the longest answers, and all that may be put in
    for sums in (batch.progress, progress, run, spent, progress.cells[0]):
        assert (sums.cost, sums.unpriced_calls) == (None, 2)
        assert sums.possible_cost == pytest.approx(batch.progress.possible_cost)
    begun = [row for row in lab.rows(batch_id) if row.attempts]
    for row in begun:
        (attempt,) = lab.attempts(row.id)
        assert (attempt.outcome, attempt.cost) == ("dropped", None)
        assert (attempt.possible_cost or 0) > 0


async def test_cancelled_calls_of_a_free_model_cost_nothing(lab: Laboratory, chat: ChatServer) -> None:
    """Where no call costs anything, none is of unknown cost."""
    free = {"input": 0.0, "output": 0.0}
    batch_id = await _cancelled_in_flight(lab, chat, 2, prices=free)
    tally = lab.tally(batch_id)
    assert (tally.cost, tally.unpriced_calls, tally.possible_cost) == (0, 0, 0)


async def test_the_budget_counts_what_may_have_been_spent(lab: Laboratory, chat: ChatServer) -> None:
    """After a cancel the budget has room only for what the cancelled calls cannot have cost."""
    batch_id = await _cancelled_in_flight(lab, chat, 1, prices=PRICES)
    possible = lab.tally(batch_id).possible_cost
    with lab.services.database.write() as c:
        store_batches.update_batch(c, batch_id, {"budget": possible + possible // 2})
    await lab.act(batch_id, Action.RETRY)
    paused = await lab.until(batch_id, BatchStatus.PAUSED, BatchStatus.COMPLETED)
    assert paused.status is BatchStatus.PAUSED
    assert "possibly spent" in (paused.status_reason or "")
    assert lab.tally(batch_id).calls == 1
