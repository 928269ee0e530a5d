"""Disks and databases that fail: the error is clear, nothing is corrupt, and work goes on by itself."""

import asyncio
import random
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool
from tests.faults.disk import FailingDisk, When, filled, limited, small_disk
from tests.faults.provider import Provider, running_provider
from tests.faults.torture import ill
from tests.support.engines import RESTING, Laboratory, open_services, running_engine
from tests.support.postgres import fresh_database

from docstage.api.app import create_app
from docstage.clock import SystemClock
from docstage.domain.errors import DocstageError, Unavailable
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import TaskStatus
from docstage.service.context import Services
from docstage.service.folders.uploads import receive_file
from docstage.service.system.health import check_ready, doctor
from docstage.store.engines import read_engine, write_engine
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


def _why_not_ready(services: Services) -> str:
    try:
        check_ready(services)
    except DocstageError as error:
        return error.detail
    return ""


def _is_ready(services: Services) -> bool:
    return not _why_not_ready(services)


class Template:
    """The files of a database with a batch in some status, to begin with again and again."""

    def __init__(self, place: Path, batch_id: int) -> None:
        self._place = place
        self.batch_id = batch_id

    def copy(self, to: Path) -> Laboratory:
        """A laboratory over a copy."""
        shutil.copytree(self._place / "home", to / "home")
        return Laboratory(open_services(to / "home", give_up_after=60.0), self._place / "letters")


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
        assert [row.status for row in rows] == [TaskStatus.COMPLETED.name] * DOCUMENTS * PROMPTS, told
        assert all(row.text for row in rows), told
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


# The same on PostgreSQL, with a new database for each life


async def _live_on_postgres(
    server: str, place: Path, begin: BatchStatus, when: When | None, nth: int
) -> bool:
    """A batch's life with one error, or under a server that cuts all sessions again and again."""
    with fresh_database(server) as url:
        async with running_provider(1, share=0.0, key="") as provider:
            lab = Laboratory(open_services(place / "home", url, give_up_after=60.0), place / "letters")
            documents = DOCUMENTS if when else 20
            batch_id = _saved(lab, provider, documents)
            disk = None
            async with running_engine(lab.services):
                if when and begin is BatchStatus.SAVED:
                    disk = FailingDisk(lab.services.database, when, nth)
                await _ask(lab, batch_id, Action.STAGE, BatchStatus.SAVED)
                await _in(lab, batch_id, BatchStatus.STAGED)
                if when and disk is None:
                    disk = FailingDisk(lab.services.database, when, nth)
                await _ask(lab, batch_id, Action.RUN, BatchStatus.STAGED)
                if when is None:
                    cuts = asyncio.create_task(_cut_again_and_again(url))
                    await _true(lambda: len(provider.requests) == documents * PROMPTS)
                    cuts.cancel()
                    await asyncio.gather(cuts, return_exceptions=True)
                ended = await _in(lab, batch_id, *RESTING)
            told = f"{when}, number {nth}: {ended}"
            rows = lab.rows(batch_id)
            assert [row.status for row in rows] == [TaskStatus.COMPLETED.name] * documents * PROMPTS, told
            assert all(row.text for row in rows), told
            assert len(provider.requests) == documents * PROMPTS, f"{told}: something was paid for twice"
            assert ill(lab.services.database) == [], told
            lab.services.database.close()
    shutil.rmtree(place)
    return disk is not None and disk.struck


async def _cut_again_and_again(url: str) -> None:
    """End every session of the database, as an administrator or a restart does."""
    cut = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)

    def strike() -> None:
        with engine.connect() as connection:
            connection.execute(cut)

    while True:
        await asyncio.to_thread(strike)
        await asyncio.sleep(0.05)


async def test_sessions_that_are_cut(tmp_path: Path, postgres_url: str) -> None:
    """Those of the engine and of its lock: it goes on, every answer is kept, none is paid for twice."""
    await _live_on_postgres(postgres_url, tmp_path / "life", BatchStatus.STAGED, None, 0)


@pytest.mark.parametrize("when", When)
async def test_an_error_of_postgres(tmp_path: Path, postgres_url: str, when: When) -> None:
    """A full disk at a write or commit, and a commit whose answer is lost with its connection."""
    assert await _live_on_postgres(postgres_url, tmp_path / "life", BatchStatus.STAGED, when, 5)


@pytest.mark.torture
@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("begin", [BatchStatus.SAVED, BatchStatus.STAGED])
@pytest.mark.parametrize("when", When)
async def test_an_error_of_postgres_at_every_write(
    tmp_path: Path, postgres_url: str, when: When, begin: BatchStatus
) -> None:
    """The same for each write and commit of the batch's life."""
    nth = 1
    while await _live_on_postgres(postgres_url, tmp_path / "life", begin, when, nth):
        nth += 1
    print(f"PostgreSQL, {when}, from {begin}: {nth} lives")


_LIMITS = {
    "may only be read": "ALTER DATABASE {name} SET default_transaction_read_only = on",
    "takes no more connections": "ALTER ROLE {owner} CONNECTION LIMIT 0",
}
_NO_LIMITS = (
    "ALTER DATABASE {name} RESET default_transaction_read_only",
    "ALTER ROLE {owner} CONNECTION LIMIT -1",
)


class _Owner:
    """A user of a PostgreSQL server who owns a database, and what the administrator does to it."""

    def __init__(self, server: str) -> None:
        self.name = f"owner_{uuid4().hex}"
        self.database = ""
        self._admin = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)

    def carry_out(self, *statements: str) -> None:
        with self._admin.connect() as connection:
            for statement in statements:
                connection.execute(text(statement.format(owner=self.name, name=self.database)))


@pytest.fixture
def owner(postgres_url: str) -> Iterator[_Owner]:
    """The owner of an empty database."""
    one = _Owner(postgres_url)
    one.carry_out("CREATE ROLE {owner} LOGIN")
    with fresh_database(postgres_url) as url:
        one.database = make_url(url).database or ""
        one.carry_out("ALTER DATABASE {name} OWNER TO {owner}")
        yield one
    one.carry_out("DROP ROLE {owner}")


_CUT = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = '{name}' AND pid <> pg_backend_pid()"
)


@pytest.mark.parametrize("words", _LIMITS)
async def test_a_postgres_that_takes_nothing(
    tmp_path: Path, postgres_url: str, owner: _Owner, words: str
) -> None:
    """It may only be read, or has no connection left: told as such, and work goes on by itself."""
    url = make_url(postgres_url).set(username=owner.name, database=owner.database)
    services = open_services(tmp_path / "home", url.render_as_string(hide_password=False))
    lab = Laboratory(services, tmp_path / "letters")
    async with running_provider(1, share=0.0, key="", length=20_000) as provider:
        batch_id = _saved(lab, provider, 20)
        async with running_engine(services):
            await lab.act(batch_id, Action.STAGE)
            await _in(lab, batch_id, BatchStatus.STAGED)
            await lab.act(batch_id, Action.RUN)
            await _true(lambda: bool(provider.requests))
            await asyncio.to_thread(owner.carry_out, _LIMITS[words], _CUT)
            await _true(lambda: words in _why_not_ready(services))
            await asyncio.to_thread(owner.carry_out, *_NO_LIMITS, _CUT)
            await _in(lab, batch_id, *RESTING)
            await _true(lambda: _is_ready(services))
        assert [row.status for row in lab.rows(batch_id)] == [TaskStatus.COMPLETED.name] * 20 * PROMPTS
        assert len(provider.requests) == 20 * PROMPTS
        assert ill(services.database) == []
    services.database.close()


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
        assert [row.status for row in lab.rows(batch_id)] == [TaskStatus.COMPLETED.name] * 20 * PROMPTS
        assert len(provider.requests) == 20 * PROMPTS
        assert ill(services.database) == []
        services.database.close()


def _noise(seed: int) -> str:
    """Text that no compression makes much smaller."""
    return " ".join(f"{random.Random(f'{seed} {n}').getrandbits(64):x}" for n in range(3_000))


async def _chunks() -> AsyncIterator[bytes]:
    yield bytes(300_000)


async def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    """While staging, analysing and uploading: told which one, nothing corrupt, and work goes on by itself."""
    with small_disk(tmp_path / "disk", 12) as disk:
        async with running_provider(1, share=0.0, key="", length=20_000) as provider:
            services = open_services(disk / "home", give_up_after=60.0)
            lab = Laboratory(services, tmp_path / "letters")
            batch_id = _saved(lab, provider, 20)
            lab.write({f"{n:05}.txt": f"DOC-{n} {_noise(n)}" for n in range(20)})
            async with running_engine(services):
                with filled(disk):
                    # The log that SQLite writes ahead may have room for that still.
                    with suppress(Unavailable):
                        await lab.act(batch_id, Action.STAGE)
                    await _true(lambda: f"{disk / 'home'} is full" in _why_not_ready(services))
                    with pytest.raises(Unavailable, match="No space left"):
                        await receive_file(services, "letters", "one.bin", _chunks())
                await _ask(lab, batch_id, Action.STAGE, BatchStatus.SAVED)
                await _in(lab, batch_id, BatchStatus.STAGED)
                await _true(lambda: _is_ready(services))
                await _ask(lab, batch_id, Action.RUN, BatchStatus.STAGED)
                await _true(lambda: bool(provider.requests))
                with filled(disk):
                    await _true(lambda: "is full" in _why_not_ready(services))
                await _in(lab, batch_id, *RESTING)
                await _true(lambda: _is_ready(services))
            assert [row.status for row in lab.rows(batch_id)] == [TaskStatus.COMPLETED.name] * 20 * PROMPTS
            assert len(provider.requests) == 20 * PROMPTS
            with services.database.read() as c:
                assert c.execute(text("PRAGMA integrity_check")).scalars().all() == ["ok"]
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
            last = read_engine(c)
            assert last is not None
            write_engine(c, replace(last, state={}))
        assert not check_ready(services).running
        services.database.close()


async def _answers(services: Services, batch_id: int) -> None:
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8640") as client:
        paths = [f"/api/batches/{batch_id}{path}" for path in _PATHS]
        for path in (*paths, "/api/batches", "/api/spending", "/api/doctor", "/metrics", "/readyz"):
            answer = await client.get(path)
            assert answer.status_code == 200, f"{path}: {answer.text}"
