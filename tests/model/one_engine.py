"""A real engine in a thread of this process, which can be asked, stopped and killed.

The lanes, the recorder, the judge, the staging job and the locks are those of the product. Staging can be
held. An engine can be given up half-way, as `kill -9` would: nothing of it reaches the database any more, its
locks are gone, and what it had in flight is never heard of again.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from tests.model.mortal import Died, MortalDatabase, MortalRecorder
from tests.model.slow_time import SLOWER, Loop, SlowTime
from tests.support.extraction import Extractors
from tests.support.waiting import PATIENCE

from docstage.engine import engine as engine_module
from docstage.engine.engine import EngineParts, run_engine
from docstage.extraction.extraction_result import Encoded, NotEncoded
from docstage.extraction.pool import ExtractionJob
from docstage.secrets import Secrets
from docstage.settings import Settings
from docstage.staging.job import StagingJob
from docstage.store.database import Database
from docstage.store.locks import EngineLocks, engine_locks

T = TypeVar("T")
LOOK = 0.003 / SLOWER
_LOOKS_BY_ITSELF = 0.05  # seconds; it looks at once when a test waits for it


class Session(engine_module._Session):
    """The engine's session, which counts its looks at the database."""

    def __init__(self, parts: EngineParts, locks: Any) -> None:
        super().__init__(parts, locks)
        self.looks = 0
        self.wanted = asyncio.Event()
        current = _engines[parts.database]
        current.session = self

    async def _look(self) -> None:
        await super()._look()
        self.looks += 1
        # A look costs more than all else that an engine at rest does.
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOKS_BY_ITSELF / SLOWER):
                await self.wanted.wait()
        self.wanted.clear()

    def _has_news(self) -> bool:
        super()._has_news()
        return True  # its looks are counted, so it looks also when there is nothing to see

    def is_quiet(self) -> bool:
        """Whether nothing is under way but calls that wait for their answers, as far as its last look saw."""
        lanes = [lane for _, lane in self._lanes.numbered()]
        recorder = self._recorder
        assert isinstance(recorder, MortalRecorder)
        return (
            not recorder.waiting
            and not self._changed.is_set()
            and all(lane.calls.held == lane.in_flight and not lane._loading for lane in lanes)
            and not any(lane._wake.is_set() for lane in lanes)
        )


class Gate:
    """Where staging waits while it is held."""

    def __init__(self) -> None:
        self.is_closed = False

    async def passed(self) -> None:
        while self.is_closed:
            await asyncio.sleep(LOOK)


class HeldExtractors(Extractors):
    """Extraction in threads, which can be held."""

    async def extract(self, job: ExtractionJob) -> Encoded | NotEncoded:
        await gate.passed()
        return await super().extract(job)


class HeldJob(StagingJob):
    """The staging job, which can be held before it begins."""

    async def carry_out(self) -> None:
        await gate.passed()
        await super().carry_out()


def locks_of(database: Database) -> EngineLocks:
    """The engine's locks, which a killed one is relieved of: it may be at taking them in another thread."""
    found = engine_locks(database)
    _engines[database].locks = found
    return found


gate = Gate()
_engines: dict[Database, "Engine"] = {}


class Engine:
    """One engine, from its start to its end, in a thread of its own."""

    def __init__(self, url: str, settings: Settings, secrets: Secrets, clock: SlowTime) -> None:
        self.database = MortalDatabase(url)
        self.session: Session | None = None
        self.locks: EngineLocks | None = None
        self.error: BaseException | None = None
        self._parts = EngineParts(self.database, settings, secrets, clock)
        self._loop = Loop(clock)
        self._stop: asyncio.Event | None = None
        self._main: asyncio.Task[None] | None = None
        _engines[self.database] = self
        self._thread = threading.Thread(target=self._run, name="engine")

    def begin(self) -> None:
        """Start; whoever is asked by it must know it before."""
        self._thread.start()

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it is left."""
        return not self._thread.is_alive()

    def soon(self, what: Callable[[], object]) -> None:
        """Have something done in its loop, unless it has ended."""
        if not self._loop.is_closed():
            try:
                self._loop.call_soon_threadsafe(what)
            except RuntimeError:  # it was closed meanwhile
                return

    def ask(self, what: Callable[[], T], otherwise: T) -> T:
        """What something in its loop says; another answer if it has ended meanwhile."""
        answered = threading.Event()
        found: list[T] = []

        def carry_out() -> None:
            found.append(what())
            answered.set()

        self.soon(carry_out)
        while not answered.wait(0.05):
            if self.has_ended:
                return otherwise
        return found[0]

    def quiet_after(self) -> int | None:
        """How often it has looked at the database, if nothing is under way; else None."""
        session = self.session
        if session is None:
            return None

        def tell() -> int | None:
            session.wanted.set()
            return session.looks if session.is_quiet() else None

        return self.ask(tell, None)

    def poke(self) -> None:
        """Let it see that time has jumped."""
        self.soon(lambda: None)

    def stop(self) -> None:
        """Stop it as SIGTERM does; `pass_time` ends the grace of calls that nobody answers."""

        def set_stop() -> None:
            if self._stop:
                self._stop.set()

        self.soon(set_stop)

    def pass_time(self, seconds: float) -> None:
        """Let time pass for this engine alone."""

        def jump() -> None:
            self._loop.ahead += seconds

        self.soon(jump)

    def kill(self) -> None:
        """Give it up half-way, and wait until nothing of it is left."""
        self.database.dead = True
        self.soon(lambda: self._main and self._main.cancel())
        deadline = time.monotonic() + PATIENCE
        while not self.has_ended:
            if self.session is not None:
                recorder = self.session._recorder
                assert isinstance(recorder, MortalRecorder)
                recorder.die()
            self.pass_time(10.0)
            self._thread.join(0.001)
            assert time.monotonic() < deadline, "the killed engine is still there"
        self.release()

    def release(self) -> None:
        """Close what it leaves behind."""
        self._thread.join()
        if self.locks is not None:
            self.locks.release()
        _engines.pop(self.database, None)
        self.database.close()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                runner.run(self._work())
            except (Died, asyncio.CancelledError) as error:
                if not self.database.dead:
                    self.error = error
            except BaseException as error:
                if not self.database.dead:
                    self.error = error

    async def _work(self) -> None:
        self._stop = asyncio.Event()
        self._main = asyncio.create_task(run_engine(self._parts, self._stop))
        await self._main
