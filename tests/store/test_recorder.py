"""The recorder: what the database refuses costs neither the other answers nor, in silence, its own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from unittest import mock

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError
from tests.support.stores import (
    Staged,
    analyze,
    answered,
    assert_tallies_hold,
    calls_for,
    record_begun,
    table,
)

from docstage.analysis import recorder as module
from docstage.analysis.recorder import MOST_KEPT, Recorder
from docstage.domain.tasks import TaskStatus
from docstage.domain.usage import Usage
from docstage.store import recording
from docstage.store.database import Database
from docstage.store.paging import PageRequest
from docstage.store.recording import CallEnded
from docstage.store.tasks import TaskFilter


@asynccontextmanager
async def _recording(database: Database) -> AsyncIterator[tuple[Recorder, list[CallEnded]]]:
    """A recorder, and the ends that it has recorded."""
    recorded: list[CallEnded] = []
    recorder = Recorder(database, lambda: None)
    with mock.patch.object(module, "RETRY_SECONDS", (0.02,)):
        recorder.start()
        try:
            yield recorder, recorded
        finally:
            await recorder.close(30.0)


@contextmanager
def _refusing(refuses: Callable[[CallEnded], bool]) -> Iterator[None]:
    """The database refuses some ends of calls, for a reason that does not pass."""
    original = recording.record_ended

    def record(c: Connection, ended: Sequence[CallEnded]) -> set[int]:
        if any(refuses(call) for call in ended):
            raise IntegrityError("INSERT", None, Exception("CHECK constraint failed"))
        return original(c, ended)

    with mock.patch.object(module, "record_ended", record):
        yield


def _rows(database: Database, staged: Staged) -> dict[int, tuple[TaskStatus, str | None]]:
    """Status and message of every task."""
    with database.read() as c:
        rows = table(c, staged.run_id, PageRequest(limit=100), TaskFilter()).items
    return {row.id: (TaskStatus[row.status], row.message) for row in rows}


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "poison",
    [
        {"usage": Usage(10**30, 0, 5), "cost": 10**36},
        {"text": "half of a \ud83d pair"},
        {"text": "a \0 within"},
    ],
    ids=["numbers", "half a character", "zero"],
)
async def test_an_answer_that_cannot_be_stored(database: Database, poison: dict[str, Any]) -> None:
    """Its task ends as failed and says so, or the answer can be stored; all others of the group are."""
    staged = analyze(database)
    begun = calls_for(database, staged)
    record_begun(database, begun)
    async with _recording(database) as (recorder, recorded):
        with recorder._changed:  # so that they come as one group
            for number, call in enumerate(begun):
                recorder.end(answered(call, **(poison if number == 3 else {})), recorded.append)
        await _until(lambda: len(recorded) == len(begun) and recorder.trouble is None)
    rows = _rows(database, staged)
    status, message = rows.pop(begun[3].task_id)
    if status is not TaskStatus.COMPLETED:  # databases differ in what they take
        assert status is TaskStatus.FAILED
        assert message is not None
        assert message.startswith("The answer could not be stored")
    assert {status for status, _ in rows.values()} == {TaskStatus.COMPLETED}
    assert_tallies_hold(database)


async def test_what_is_refused_in_every_form_is_kept(database: Database) -> None:
    """The others are recorded, calls go on, it is told as trouble, and recorded once that is possible."""
    staged = analyze(database)
    begun = calls_for(database, staged)
    record_begun(database, begun[:4])
    bad = begun[0].task_id
    async with _recording(database) as (recorder, recorded):
        with _refusing(lambda call: call.call.task_id == bad):
            for call in begun[:4]:
                recorder.end(answered(call), recorded.append)
            await _until(lambda: len(recorded) == 3 and "IntegrityError" in (recorder.trouble or ""))
            assert await recorder.begin(begun[4:6]) == {call.task_id for call in begun[4:6]}
            assert _rows(database, staged)[bad][0] is TaskStatus.RUNNING
        await _until(lambda: len(recorded) == 4 and recorder.trouble is None)
    assert _rows(database, staged)[bad][0] is TaskStatus.COMPLETED
    assert_tallies_hold(database)


async def test_when_much_is_refused_no_call_begins(database: Database) -> None:
    """Then it is not the fault of an answer: nothing more is paid for, and no answer is given up."""
    staged = analyze(database)
    begun = calls_for(database, staged)
    bad, good, later = begun[:MOST_KEPT], begun[MOST_KEPT], begun[MOST_KEPT + 1]
    record_begun(database, [*bad, good])
    async with _recording(database) as (recorder, recorded):
        with _refusing(lambda call: call.call in bad):
            for call in bad:
                recorder.end(answered(call), recorded.append)
            await _until(lambda: f"refuses {MOST_KEPT} of" in (recorder.trouble or ""))
            next_one = asyncio.create_task(recorder.begin([later]))
            await asyncio.sleep(0)
            recorder.end(answered(good), recorded.append)
            await _until(lambda: bool(recorded))
            assert not next_one.done()
        assert await next_one == {later.task_id}
        await _until(lambda: len(recorded) == MOST_KEPT + 1)
    found = _rows(database, staged)
    assert {found[call.task_id][0] for call in [*bad, good]} == {TaskStatus.COMPLETED}
    assert_tallies_hold(database)


async def test_an_engine_that_ends_says_what_it_could_not_record(database: Database) -> None:
    """Its calls are repeated by the next one, and shown as calls of unknown outcome."""
    staged = analyze(database)
    begun = calls_for(database, staged)[:1]
    record_begun(database, begun)
    recorder = Recorder(database, lambda: None)
    recorder.start()
    with _refusing(lambda _call: True):
        recorder.end(answered(begun[0]), lambda _form: None)
        assert not await recorder.close(30.0)
    assert _rows(database, staged)[begun[0].task_id][0] is TaskStatus.RUNNING
