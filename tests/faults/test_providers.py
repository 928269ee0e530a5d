"""Providers that fail: every task ends or waits for a stated reason, and nobody is stormed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from tests.faults.provider import FATAL, KINDS, Fault, Key, Provider, Request, error
from tests.faults.rough import CONCURRENCY, KEY, SCHEMA, ended_tasks, laboratory, live_through, storms
from tests.faults.torture import ill
from tests.support.engines import RESTING, Laboratory

from docstage.analysis.streams import FIRST_CALLS
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import FailureKind, TaskStatus
from docstage.service.results.results import failures, progress
from docstage.store.records import Batch


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Laboratory]:
    """A laboratory with a running engine."""
    async with laboratory(tmp_path) as made:
        yield made


class EachOnce(Provider):
    """Meets the first call for each document with another fault, if it has one for it."""

    faults = tuple(Fault)

    def fatal(self, key: Key) -> Fault | None:
        """The fault that the document always meets."""
        fault = self.faults[key[0]] if key[0] < len(self.faults) else None
        return fault if fault in FATAL else None

    def fault(self, key: Key, nth: int) -> Fault | None:
        """The fault that this call meets."""
        fault = self.faults[key[0]] if key[0] < len(self.faults) else None
        return fault if nth == 1 or fault in FATAL else None


class Poisoned(Provider):
    """Always breaks on one document, and answers all others."""

    document = 17

    def fault(self, key: Key, nth: int) -> Fault | None:
        """Whether the call is for that document."""
        return Fault.SERVER_ERROR if key[0] == self.document else None


@asynccontextmanager
async def _serving(provider: Provider) -> AsyncIterator[Provider]:
    await provider.start()
    try:
        yield provider
    finally:
        await provider.stop()


async def _staged(lab: Laboratory, provider: Provider, documents: int, patience: float = 3.0) -> int:
    lab.write({f"{n:05}.txt": f"DOC-{n} is a letter of 3 May." for n in range(documents)})
    connection = lab.connection(
        provider.base_url, concurrency=CONCURRENCY, timeout=patience, secret_ref=f"env:{KEY}"
    )
    batch_id = lab.batch([connection], [lab.prompt("ASK-0: what is it?", SCHEMA)])
    await lab.act(batch_id, Action.STAGE)
    await _in(lab, batch_id, BatchStatus.STAGED)
    return batch_id


async def _in(lab: Laboratory, batch_id: int, *statuses: BatchStatus) -> Batch:
    """The batch in one of the statuses, however long a busy machine takes: the test's timeout ends it."""
    while (batch := await asyncio.to_thread(lab.get, batch_id)).status not in statuses:
        await asyncio.sleep(0.02)
    return batch


async def _rested(lab: Laboratory, batch_id: int) -> Batch:
    return await _in(lab, batch_id, *RESTING)


async def test_a_fifth_of_the_calls_fails(lab: Laboratory) -> None:
    """With faults of every kind and four troubles of the whole server, every task ends as it must."""
    rough = await live_through(lab, seed=2, documents=36, prompts=8, away=2.0)
    assert rough.wrong == []
    assert len(rough.pauses) >= 2


async def test_each_fault_is_known_and_gone_on_from(lab: Laboratory) -> None:
    """Every fault is recorded as its kind; its task is answered then, or ends with what to do about it."""
    async with _serving(EachOnce(1)) as provider:
        # So long a call is silent; a machine that is as slow would meet another fault.
        batch_id = await _staged(lab, provider, len(Fault), patience=10.0)
        await lab.act(batch_id, Action.RUN)
        assert (await _rested(lab, batch_id)).status is BatchStatus.COMPLETED
    for row in lab.rows(batch_id):
        fault = tuple(Fault)[int(Path(row.document).stem)]
        kinds = [FailureKind(one.failure_kind) for one in lab.attempts(row.id) if one.failure_kind]
        if fault in FATAL:
            assert row.status == TaskStatus.FAILED.name, fault
            assert set(kinds) == {FATAL[fault]}, fault
        else:
            assert row.status == TaskStatus.COMPLETED.name, fault
            assert kinds[0] == KINDS[fault], fault
    groups = {group.kind: group for group in failures(lab.services, batch_id)}
    assert {kind: group.tasks for kind, group in groups.items()} == Counter(FATAL.values())
    assert all(group.way_forward and group.example for group in groups.values())
    assert list(storms(provider)) == []
    assert ill(lab.services.database) == []


async def test_a_long_wait_is_waited_for_and_told(lab: Laboratory) -> None:
    """A provider that asks to come back in an hour is left alone; who pauses and resumes tries at once."""

    class Patient(Provider):
        async def _answer(self, request: web.Request, entry: Request) -> web.StreamResponse:
            if not self.mended_at:
                return error(429, "Come back later.", Retry_After="3600")
            return await super()._answer(request, entry)

    async with _serving(Patient(1, share=0.0, healthy_from=0)) as provider:
        batch_id = await _staged(lab, provider, 20)
        await lab.act(batch_id, Action.RUN)
        while (waits := progress(lab.services, batch_id).waits) is None:
            await asyncio.sleep(0.02)
        assert "the provider asks for it (rate limit)" in waits.words
        assert lab.get(batch_id).status is BatchStatus.ANALYZING
        assert len(provider.requests) <= FIRST_CALLS
        await lab.act(batch_id, Action.PAUSE)
        assert {one.tries for one in ended_tasks(lab, batch_id)} == {0}
        provider.mended_at.append(0.0)
        await lab.act(batch_id, Action.RESUME)
        assert (await _rested(lab, batch_id)).status is BatchStatus.COMPLETED


@pytest.mark.torture
@pytest.mark.timeout(900)
async def test_one_document_of_a_thousand_is_poison(lab: Laboratory) -> None:
    """It ends as FAILED after all of its tries; the 999 others complete."""
    async with _serving(Poisoned(1)) as provider:
        batch_id = await _staged(lab, provider, 1_000)
        await lab.act(batch_id, Action.RUN)
        assert (await _rested(lab, batch_id)).status is BatchStatus.COMPLETED
    ended = ended_tasks(lab, batch_id)
    assert Counter(one.status for one in ended) == {TaskStatus.COMPLETED: 999, TaskStatus.FAILED: 1}
    [poison] = [one for one in ended if one.status is TaskStatus.FAILED]
    assert (poison.key[0], poison.tries) == (Poisoned.document, lab.services.settings.max_attempts)
    assert len(provider.requests) == 999 + lab.services.settings.max_attempts
    assert ill(lab.services.database) == []
