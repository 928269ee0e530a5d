"""The life of a batch with a real engine and calls in flight."""

from collections.abc import Callable

import pytest
from tests.faults.chat import ChatServer
from tests.support.engines import RESTING, Laboratory, on_both, running_engine

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import AttemptOutcome, TaskStatus
from docstage.simulator.kinds import Fault
from docstage.simulator.profile import Latency, Profile

pytestmark = on_both
ALL = 1_000


async def test_a_batch_is_staged_and_completed(lab: Laboratory, simulator: Callable[..., str]) -> None:
    """Every document is asked every prompt by every connection, and each answer is kept once."""
    url = simulator()
    batch_id = await lab.staged([lab.connection(url), lab.connection(url)], [lab.prompt(), lab.prompt()])
    assert lab.tally(batch_id).queued == 16
    done = await lab.run(batch_id)
    assert done.status is BatchStatus.COMPLETED
    rows = lab.rows(batch_id)
    assert len(rows) == 16
    assert all(row.text and row.status == TaskStatus.COMPLETED.name for row in rows)
    assert lab.tally(batch_id).completed == 16


async def _calling(lab: Laboratory, chat: ChatServer, concurrency: int) -> int:
    """A batch that is analysed; its calls wait for the test to let them through."""
    connection = lab.connection(chat.base_url, concurrency=concurrency)
    batch_id = await lab.staged([connection], [lab.prompt("ASK-0: what is this about?")])
    await lab.act(batch_id, Action.RUN)
    return batch_id


async def test_pause_lets_calls_in_flight_finish_and_starts_none(lab: Laboratory, chat: ChatServer) -> None:
    """After a pause the calls in flight count, nothing else is called, and resume does the rest."""
    batch_id = await _calling(lab, chat, 2)
    await lab.until_true(lambda: lab.tally(batch_id).running == 2)
    await lab.act(batch_id, Action.PAUSE)
    chat.let_through(ALL)
    await lab.until_true(lambda: lab.tally(batch_id).running == 0)
    assert (lab.tally(batch_id).completed, lab.tally(batch_id).queued) == (2, 2)
    assert lab.get(batch_id).status is BatchStatus.PAUSED
    await lab.act(batch_id, Action.RESUME)
    assert (await lab.until(batch_id, *RESTING)).status is BatchStatus.COMPLETED
    assert [row.attempts for row in lab.rows(batch_id)] == [1, 1, 1, 1]


async def test_resume_while_calls_are_in_flight_calls_nothing_twice(
    lab: Laboratory, chat: ChatServer
) -> None:
    """Pause and resume at once, with calls in flight: every task is called once."""
    batch_id = await _calling(lab, chat, 2)
    await lab.until_true(lambda: lab.tally(batch_id).running == 2)
    for action in (Action.PAUSE, Action.RESUME, Action.PAUSE, Action.RESUME):
        await lab.act(batch_id, action)
    chat.let_through(ALL)
    assert (await lab.until(batch_id, *RESTING)).status is BatchStatus.COMPLETED
    assert [row.attempts for row in lab.rows(batch_id)] == [1, 1, 1, 1]


async def test_cancel_drops_calls_and_keeps_finished_results(lab: Laboratory, chat: ChatServer) -> None:
    """After a cancel the batch is FAILED, finished results stay, and retry does the rest."""
    chat.let_through(1)
    batch_id = await _calling(lab, chat, 1)
    await lab.until_true(lambda: lab.tally(batch_id).completed == 1 and lab.tally(batch_id).running == 1)
    cancelled = await lab.act(batch_id, Action.CANCEL, reason="wrong folder")
    assert (cancelled.status, cancelled.status_reason) == (BatchStatus.FAILED, "cancelled: wrong folder")
    assert (lab.tally(batch_id).completed, lab.tally(batch_id).cancelled) == (1, 3)
    dropped = next(
        row for row in lab.rows(batch_id) if row.status == TaskStatus.CANCELLED.name and row.attempts
    )
    await lab.until_true(lambda: lab.attempts(dropped.id)[0].outcome == AttemptOutcome.DROPPED)
    await lab.act(batch_id, Action.RETRY)
    chat.let_through(ALL)
    assert (await lab.until(batch_id, *RESTING)).status is BatchStatus.COMPLETED
    assert lab.tally(batch_id).completed == 4


async def test_cancel_and_retry_at_once(
    lab: Laboratory, chat: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two looks of the engine: what was in flight is called anew, and all is done in the end."""
    batch_id = await _calling(lab, chat, 2)
    await lab.until_true(lambda: lab.tally(batch_id).running == 2)
    monkeypatch.setattr("docstage.engine.glances.LOOK_SECONDS", 0.3)
    await lab.act(batch_id, Action.CANCEL)
    await lab.act(batch_id, Action.RETRY)
    chat.let_through(ALL)
    assert (await lab.until(batch_id, *RESTING)).status is BatchStatus.COMPLETED
    assert (lab.tally(batch_id).completed, lab.tally(batch_id).queued) == (4, 0)
    attempts = sorted(row.attempts for row in lab.rows(batch_id))
    # Until the engine looks, the freed places may have gone to the others; these are called anew then, too.
    assert attempts[2:] == [2, 2]
    assert set(attempts[:2]) <= {1, 2}


async def test_reset_and_restage_begin_with_empty_results(
    lab: Laboratory, simulator: Callable[..., str]
) -> None:
    """Reset closes the run; restage begins the next one, and a rerun goes on to analysis by itself."""
    batch_id = await lab.staged([lab.connection(simulator())], [lab.prompt()])
    await lab.run(batch_id)
    assert (await lab.act(batch_id, Action.RESTAGE)).status is BatchStatus.STAGING
    await lab.until(batch_id, BatchStatus.STAGED)
    assert (lab.tally(batch_id).queued, lab.tally(batch_id).completed) == (4, 0)
    assert (await lab.run(batch_id)).status is BatchStatus.COMPLETED
    await lab.act(batch_id, Action.RERUN)
    assert (await lab.until(batch_id, *RESTING)).status is BatchStatus.COMPLETED
    assert lab.get(batch_id).runs == 3
    assert (await lab.act(batch_id, Action.RESET)).run_id is None
    names = [event.action for event in lab.events(batch_id)]
    assert names == [
        *("save", "stage", "staged", "run", "completed"),
        *("restage", "staged", "run", "completed"),
        *("rerun", "staged", "run", "completed", "reset"),
    ]


@pytest.mark.parametrize("again", [Action.STAGE, Action.RESTAGE])
async def test_cancel_while_staging(lab: Laboratory, simulator: Callable[..., str], again: Action) -> None:
    """A cancelled staging is FAILED_STAGING, and can be staged and restaged again, as a new run."""
    batch_id = lab.batch([lab.connection(simulator())], [lab.prompt()])
    await lab.act(batch_id, Action.STAGE)
    assert (await lab.act(batch_id, Action.CANCEL)).status is BatchStatus.FAILED_STAGING
    await lab.act(batch_id, again)
    assert (await lab.until(batch_id, BatchStatus.STAGED)).runs == 2


async def test_staging_without_usable_documents_fails_with_the_reason(
    lab: Laboratory, simulator: Callable[..., str]
) -> None:
    """A folder without usable documents ends in FAILED_STAGING that says what is there."""
    for file in lab.folder.iterdir():
        file.write_bytes(b"")
    batch_id = lab.batch([lab.connection(simulator())], [lab.prompt()])
    await lab.act(batch_id, Action.STAGE)
    failed = await lab.until(batch_id, BatchStatus.FAILED_STAGING)
    assert failed.status_reason == "No document can be used: 4 empty. See the documents for details."


async def test_a_missing_folder_fails_staging(lab: Laboratory, simulator: Callable[..., str]) -> None:
    """A folder that is gone is named in the reason."""
    batch_id = lab.batch([lab.connection(simulator())], [lab.prompt()])
    lab.folder.rename(lab.folder.with_name("elsewhere"))
    await lab.act(batch_id, Action.STAGE)
    failed = await lab.until(batch_id, BatchStatus.FAILED_STAGING)
    assert "Folder 'folder" in (failed.status_reason or "")


async def test_an_engine_that_starts_goes_on_with_what_is_active(
    laboratory: Laboratory, chat: ChatServer
) -> None:
    """A batch goes on through three engines: staged by one, half analysed by the next, ended by the last."""
    async with running_engine(laboratory.services):
        connection = laboratory.connection(chat.base_url, concurrency=1)
        batch_id = await laboratory.staged([connection], [laboratory.prompt("ASK-0: what is this about?")])
    await laboratory.act(batch_id, Action.RUN)
    chat.let_through(1)
    async with running_engine(laboratory.services):
        await laboratory.until_true(lambda: laboratory.tally(batch_id).completed == 1)
    assert laboratory.get(batch_id).status is BatchStatus.ANALYZING
    assert laboratory.tally(batch_id).running == 0
    chat.let_through(ALL)
    async with running_engine(laboratory.services):
        await laboratory.until(batch_id, BatchStatus.COMPLETED)
    rows = laboratory.rows(batch_id)
    assert all(row.status == TaskStatus.COMPLETED.name for row in rows)


async def test_some_failures_leave_the_batch_completed(
    lab: Laboratory, simulator: Callable[..., str]
) -> None:
    """Faults are retried; what fails for good is counted and explained, and the rest is there."""
    faults = {Fault.SERVER_ERROR: 0.2, Fault.RATE_LIMITED: 0.1, Fault.REFUSAL: 0.3, Fault.BROKEN_JSON: 0.1}
    profile = Profile(latency=Latency(median=0.0), error_rates=faults, seed=3)
    batch_id = await lab.staged(
        [lab.connection(simulator(profile))], [lab.prompt("What?"), lab.prompt("When?"), lab.prompt("Who?")]
    )
    done = await lab.run(batch_id)
    total = lab.tally(batch_id)
    assert done.status is BatchStatus.COMPLETED
    assert total.completed + total.failed == 12
    assert total.failed == 0 or "refusal" in (done.status_reason or "")
