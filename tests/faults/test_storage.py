"""Disks and databases that fail: the error is clear, nothing is corrupt, and work goes on by itself."""

import asyncio
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from tests.faults.disk import FailingDisk, When, limited
from tests.faults.provider import Provider, running_provider
from tests.faults.torture import ill
from tests.support.engines import RESTING, Laboratory, open_services, running_engine

from docstage.api.app import create_app
from docstage.clock import SystemClock
from docstage.domain.errors import DocstageError, Unavailable
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import TaskStatus
from docstage.service.context import Services
from docstage.service.health import check_ready, doctor
from docstage.store.engines import write_engine
from docstage.store.tables import CONTENT_SCHEMA

DOCUMENTS = 3
PROMPTS = 2


def _saved(lab: Laboratory, provider: Provider, documents: int = DOCUMENTS) -> int:
    lab.write({f"{n:05}.txt": f"DOC-{n} is a letter of 3 May." for n in range(documents)})
    connection = lab.connection(provider.base_url, concurrency=2)
    return lab.batch([connection], [lab.prompt(f"ASK-{n}: what is it?") for n in range(PROMPTS)])


async def _in(lab: Laboratory, batch_id: int, *statuses: BatchStatus) -> BatchStatus:
    """The batch's status once it is one of these; the test's timeout ends a wait that is in vain."""
    while True:
        with suppress(Unavailable):
            found = await asyncio.to_thread(lab.get, batch_id)
            if found.status in statuses:
                return found.status
        await asyncio.sleep(0.01)


async def _true(condition: Callable[[], bool]) -> None:
    while not await asyncio.to_thread(condition):
        await asyncio.sleep(0.02)


async def _ask(lab: Laboratory, batch_id: int, action: Action, before: BatchStatus) -> None:
    """Ask for an action as a user does: again, if the answer was an error and nothing had happened."""
    while lab.get(batch_id).status is before:
        with suppress(Unavailable):
            await lab.act(batch_id, action)


def _is_ready(services: Services) -> bool:
    try:
        check_ready(services)
    except DocstageError:
        return False
    return True


class Template:
    """The files of a database with a batch in some status, to begin with again and again."""

    def __init__(self, place: Path, batch_id: int) -> None:
        self._place = place
        self.batch_id = batch_id

    def copy(self, to: Path) -> Laboratory:
        """A laboratory over a copy."""
        shutil.copytree(self._place / "home", to / "home")
        return Laboratory(open_services(to / "home", hold_after=60.0), self._place / "letters")


async def _template(place: Path, provider: Provider, status: BatchStatus) -> Template:
    services = open_services(place / "home")
    lab = Laboratory(services, place / "letters")
    batch_id = _saved(lab, provider)
    if status is BatchStatus.STAGED:
        async with running_engine(services):
            await lab.act(batch_id, Action.STAGE)
            await _in(lab, batch_id, status)
    services.database.close()
    return Template(place, batch_id)


async def _live(template: Template, place: Path, provider: Provider, when: When, nth: int) -> bool:
    """A batch's life with one error; returns whether it came to it."""
    lab = template.copy(place)
    provider.requests.clear()
    disk = FailingDisk(lab.services.database, when, nth)
    async with running_engine(lab.services):
        if lab.get(template.batch_id).status is BatchStatus.SAVED:
            await _ask(lab, template.batch_id, Action.STAGE, BatchStatus.SAVED)
            ended = await _in(lab, template.batch_id, BatchStatus.STAGED, BatchStatus.FAILED_STAGING)
            assert ended is BatchStatus.STAGED, (when, nth, lab.get(template.batch_id))
        else:
            await _ask(lab, template.batch_id, Action.RUN, BatchStatus.STAGED)
            await _in(lab, template.batch_id, *RESTING)
    told = f"{when}, number {nth}: {lab.get(template.batch_id)}"
    if provider.requests:
        rows = lab.rows(template.batch_id)
        assert [row["status"] for row in rows] == [TaskStatus.COMPLETED] * DOCUMENTS * PROMPTS, told
        assert all(row["text"] for row in rows), told
        keys = [one.key for one in provider.requests]
        assert len(keys) == len(set(keys)), f"{told}: something was paid for twice"
    else:
        assert lab.tally(template.batch_id).queued == DOCUMENTS * PROMPTS, told
    assert ill(lab.services.database) == [], told
    lab.services.database.close()
    shutil.rmtree(place)
    return disk.struck


async def _at_every(tmp_path: Path, begin: BatchStatus, when: When, step: int) -> int:
    """Lives with an error at the first, the (1 + step)th, ... write, until there are no more writes."""
    async with running_provider(1, share=0.0, key="") as provider:
        template = await _template(tmp_path / "template", provider, begin)
        nth = 1
        while await _live(template, tmp_path / "life", provider, when, nth):
            nth += step
    return nth


@pytest.mark.parametrize("when", When)
async def test_an_error_while_analysing(tmp_path: Path, when: When) -> None:
    """One write or commit fails: every answer is kept, none is paid for twice, and the batch completes."""
    assert await _at_every(tmp_path, BatchStatus.STAGED, when, 7) > 7


@pytest.mark.parametrize("when", When)
async def test_an_error_while_staging(tmp_path: Path, when: When) -> None:
    """One write or commit fails: the batch is STAGED, with every document and task once."""
    assert await _at_every(tmp_path, BatchStatus.SAVED, when, 4) > 4


@pytest.mark.torture
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("begin", [BatchStatus.SAVED, BatchStatus.STAGED])
@pytest.mark.parametrize("when", When)
async def test_an_error_at_every_write(tmp_path: Path, when: When, begin: BatchStatus) -> None:
    """The same for each write and commit of the batch's life."""
    lives = await _at_every(tmp_path, begin, when, 1)
    print(f"{when}, from {begin}: {lives} lives")


# A disk that is full, or may only be read


@pytest.mark.parametrize(
    "pragmas",
    [("main.max_page_count = 1", f"{CONTENT_SCHEMA}.max_page_count = 1"), ("query_only = ON",)],
    ids=["full", "read-only"],
)
async def test_a_database_that_takes_nothing(tmp_path: Path, pragmas: tuple[str, ...]) -> None:
    """Readiness turns false with the reason, no call leaves, and work goes on when there is room again."""
    async with running_provider(1, share=0.0, key="", length=20_000) as provider:
        services = open_services(tmp_path / "home")
        lab = Laboratory(services, tmp_path / "letters")
        batch_id = _saved(lab, provider, 20)
        async with running_engine(services):
            await lab.act(batch_id, Action.STAGE)
            await _in(lab, batch_id, BatchStatus.STAGED)
            await lab.act(batch_id, Action.RUN)
            await _true(lambda: bool(provider.requests))
            with limited(services.database, *pragmas):
                await _true(lambda: not _is_ready(services))
                told = {check.name: check.message for check in doctor(services) if not check.ok}
                assert told.keys() & {"database", "engine"}, told
                assert any("is full" in words or "may only be read" in words for words in told.values()), told
                assert lab.get(batch_id).status is BatchStatus.ANALYZING
            await _in(lab, batch_id, *RESTING)
            await _true(lambda: _is_ready(services))
        assert [row["status"] for row in lab.rows(batch_id)] == [TaskStatus.COMPLETED] * 20 * PROMPTS
        assert len(provider.requests) == 20 * PROMPTS
        assert ill(services.database) == []
        services.database.close()


# A clock that is set back


class _Turned(SystemClock):
    """The machine's clock, set back."""

    def __init__(self) -> None:
        self.back = 0.0

    def now(self) -> float:
        """Seconds since the epoch, as far as this clock knows."""
        return super().now() - self.back


_PATHS = ("", "/progress", "/pace", "/tasks", "/documents", "/events", "/runs", "/estimate", "/failures")


async def test_a_clock_set_back_by_an_hour(tmp_path: Path) -> None:
    """While staging and while analysing: nothing waits for the hour to pass, and every page answers."""
    clock = _Turned()
    async with running_provider(1, share=0.0, key="") as provider:
        services = replace(open_services(tmp_path / "home"), clock=clock)
        lab = Laboratory(services, tmp_path / "letters")
        batch_id = _saved(lab, provider, 30)
        async with running_engine(services):
            await lab.act(batch_id, Action.STAGE)
            await _true(lambda: lab.get(batch_id).run_id is not None)
            clock.back = 3_600.0
            await _in(lab, batch_id, BatchStatus.STAGED)
            clock.back = 0.0
            await lab.act(batch_id, Action.RUN)
            await _true(lambda: lab.tally(batch_id).completed > 0)
            clock.back = 3_600.0
            await _answers(services, batch_id)
            await _in(lab, batch_id, BatchStatus.COMPLETED)
            await _answers(services, batch_id)
            await _true(lambda: check_ready(services).running)
        assert ill(services.database) == []
        clock.back = 7_200.0
        with services.database.write() as c:  # as if it had died before the clock was set back
            write_engine(c, {"state": {}})
        assert not check_ready(services).running
        services.database.close()


async def _answers(services: Services, batch_id: int) -> None:
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8640") as client:
        paths = [f"/api/batches/{batch_id}{path}" for path in _PATHS]
        for path in (*paths, "/api/batches", "/api/spending", "/api/doctor", "/metrics", "/readyz"):
            answer = await client.get(path)
            assert answer.status_code == 200, f"{path}: {answer.text}"
