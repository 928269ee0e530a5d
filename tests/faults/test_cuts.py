"""Connections to PostgreSQL that are cut at any message: what was answered counts and is not paid twice."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from tests.faults.provider import running_provider
from tests.faults.proxy import cutting
from tests.faults.torture import ill
from tests.support.engines import RESTING, Laboratory, open_services, running_engine
from tests.support.postgres import fresh_database

from docstage.domain.errors import ActionNotAllowed, Unavailable
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import TaskStatus

_DOCUMENTS = 3


async def _do(lab: Laboratory, batch_id: int, action: Action, before: BatchStatus) -> None:
    """Carry out an action as a user does: again, if the answer was an error and nothing had happened."""
    status = before
    while status is before:
        # Refused: it had come through, only the answer was lost.
        with suppress(Unavailable, ActionNotAllowed):
            await lab.act(batch_id, action)
        with suppress(Unavailable):
            status = (await asyncio.to_thread(lab.get, batch_id)).status


async def _rests(lab: Laboratory, batch_id: int, *statuses: BatchStatus) -> None:
    while True:
        with suppress(Unavailable):
            if (await asyncio.to_thread(lab.get, batch_id)).status in statuses:
                return
        await asyncio.sleep(0.01)


async def _live(server: str, place: Path, nth: int) -> bool:
    """A batch's life with one cut; returns whether it came to it."""
    with fresh_database(server) as direct, cutting(direct) as (proxy, url):
        async with running_provider(1, share=0.0, key="") as provider:
            lab = Laboratory(open_services(place / "home", url, give_up_after=60.0), place / "letters")
            lab.write({f"{n:05}.txt": f"DOC-{n} is a letter of 3 May." for n in range(_DOCUMENTS)})
            connection = lab.connection(provider.base_url, concurrency=2)
            batch_id = lab.batch([connection], [lab.prompt("ASK-0: what is it?")])
            async with running_engine(lab.services):
                proxy.cut_at(nth)
                await _do(lab, batch_id, Action.STAGE, BatchStatus.SAVED)
                await _rests(lab, batch_id, BatchStatus.STAGED)
                await _do(lab, batch_id, Action.RUN, BatchStatus.STAGED)
                await _rests(lab, batch_id, *RESTING)
                proxy.cut_at(None)
            statuses = [row.status for row in lab.rows(batch_id)]
            assert statuses == [TaskStatus.COMPLETED.name] * _DOCUMENTS, f"message {nth}"
            assert len(provider.requests) == _DOCUMENTS, f"message {nth}: something was paid for twice"
            assert ill(lab.services.database) == [], f"message {nth}"
            lab.services.database.close()
    return proxy.struck


@pytest.mark.parametrize("nth", [12, 61])
async def test_a_connection_that_is_cut(tmp_path: Path, postgres_url: str, nth: int) -> None:
    """While staging or analysing: the batch ends as if nothing had been."""
    assert await _live(postgres_url, tmp_path, nth)


@pytest.mark.torture
@pytest.mark.timeout(3_600)
async def test_a_connection_that_is_cut_at_every_message(tmp_path: Path, postgres_url: str) -> None:
    """The same for each message of the batch's life."""
    nth = 1
    while await _live(postgres_url, tmp_path / str(nth), nth):
        nth += 1
    print(f"PostgreSQL, cut at each of {nth - 1} messages")
