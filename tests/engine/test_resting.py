"""An engine that waits does little: it glances, rarely, and looks only where something has happened."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection
from tests.support.apps import Hands
from tests.support.engines import open_services, running_engine
from tests.support.leaping import LeapingLoop
from tests.support.waiting import until_true

from docstage.engine import glances
from docstage.engine.engine import TELL_SECONDS
from docstage.engine.glances import QUIET_GLANCES, Glances
from docstage.store import batches
from docstage.store.database import Database
from docstage.store.engines import read_engine

TELLINGS = 5
GLANCES = 3


def _moments(glancing: Glances, seconds: float) -> list[float]:
    """When it glances in so many seconds in which nothing happens, from the first."""
    seen: list[float] = []

    async def rest() -> None:
        now = asyncio.get_running_loop().time
        begun = now()

        def happened() -> bool:
            seen.append(now() - begun)
            return seen[-1] >= seconds

        await glancing.until(happened)

    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        runner.run(rest())
    return seen


def test_glances_become_rare_once_nothing_happens() -> None:
    """A second of quick ones, then ten a second, also from one rest to the next."""
    glancing = Glances()
    begins = QUIET_GLANCES * glances.LOOK_SECONDS
    moments = _moments(glancing, begins)
    assert len(moments) == pytest.approx(QUIET_GLANCES, abs=1)
    assert moments[0] == pytest.approx(glances.LOOK_SECONDS)
    assert len(_moments(glancing, 10.0)) == pytest.approx(10.0 / glances.QUIET_SECONDS, abs=2)


def test_glances_are_quick_again_when_something_has_happened() -> None:
    """Who works with docstage does not wait for an engine that rests."""
    glancing = Glances()
    _moments(glancing, 60.0)
    glancing.hasten()
    assert len(_moments(glancing, 10 * glances.LOOK_SECONDS)) == pytest.approx(10, abs=1)


class _Counts:
    """How often an engine glanced, and looked at the database."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.glances = self.looks = 0
        until, last_event_id = Glances.until, batches.last_event_id

        async def glance(glancing: Glances, has_happened: Callable[[], bool]) -> None:
            def counted() -> bool:
                self.glances += 1
                return has_happened()

            await until(glancing, counted)

        def look(c: Connection) -> int:
            self.looks += 1
            return last_event_id(c)

        monkeypatch.setattr(Glances, "until", glance)
        monkeypatch.setattr(batches, "last_event_id", look)


async def test_an_idle_engine_looks_once_when_it_tells_that_it_lives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it writes of itself is no news to it."""
    clock, counts = Hands(), _Counts(monkeypatch)
    services = open_services(tmp_path / "home", clock=clock)

    async def tell() -> None:
        clock.at += TELL_SECONDS
        await until_true(lambda: _told_at(services.database) == clock.at)
        seen = counts.glances
        await until_true(lambda: counts.glances >= seen + GLANCES)

    async with running_engine(services):
        await tell()
        before = counts.looks
        for _ in range(TELLINGS):
            await tell()
        assert counts.looks - before == TELLINGS
    services.database.close()


def _told_at(database: Database) -> float | None:
    with database.read() as c:
        record = read_engine(c)
    return record.seen_at if record else None
