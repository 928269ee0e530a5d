"""Real services and a real engine in this process, with what surrounds them in the hands of a test.

Time goes a thousand times slower for the engine than for everybody else, and jumps when a test says so: what
waits for a back-off waits until then, however slow the machine is. Models answer when and what the test says.
Staging can be held. An engine can be given up half-way, as `kill -9` would: nothing of it reaches the
database any more, its locks are gone, and what it had in flight is never heard of again.

The lanes, the recorder, the judge, the staging job and the locks are those of the product.
"""

import asyncio
import logging
import selectors
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

from sqlalchemy import Connection
from sqlalchemy import Engine as SqlEngine
from tests.model.life import Reply
from tests.support.extraction import Extractors
from tests.support.waiting import PATIENCE

from docstage.analysis.recorder import Recorder
from docstage.asking import beside as beside_module
from docstage.domain.served import Served
from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage
from docstage.engine import contexts as contexts_module
from docstage.engine import engine as engine_module
from docstage.engine import glances as glances_module
from docstage.engine import stagings as stagings_module
from docstage.engine.engine import EngineParts, run_engine
from docstage.extraction.extraction_result import Encoded, NotEncoded
from docstage.extraction.pool import ExtractionJob
from docstage.models.protocol import ConnectionConfig, ModelFailure, ModelReply, ModelRequest, OfferedModel
from docstage.secrets import Secrets
from docstage.service.context import Services
from docstage.settings import Settings
from docstage.staging.job import StagingJob
from docstage.store.database import Database
from docstage.store.locks import EngineLocks, engine_locks
from docstage.store.recording import CallBegun, CallEnded

T = TypeVar("T")
SLOWER = 1_000.0
USED = Usage(20, 0, 50)
_LOOK = 0.003 / SLOWER
_LOOKS_BY_ITSELF = 0.05  # seconds; it looks at once when a test waits for it


class Died(BaseException):
    """What the parts of a killed engine run into. Nothing of the product catches it."""


class SlowTime:
    """A clock that goes slowly, and jumps when it is told to."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._ahead = 0.0
        self.wall = 0.0  # what the wall clock was set forwards or back

    def monotonic(self) -> float:
        """Seconds that never go backwards."""
        return 1_000.0 + (time.monotonic() - self._begun) / SLOWER + self._ahead

    def now(self) -> float:
        """Seconds since the epoch."""
        return 1_800_000_000.0 + self.monotonic() + self.wall

    def jump(self, seconds: float) -> None:
        """Let time pass at once."""
        self._ahead += seconds


class _Selector(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return super().select(min(timeout * SLOWER, 60.0) if timeout and timeout > 0 else timeout)


class _Loop(asyncio.SelectorEventLoop):
    """An event loop in slow time."""

    def __init__(self, clock: SlowTime) -> None:
        self._clock = clock
        self.ahead = 0.0  # for a loop that is being given up
        super().__init__(_Selector())

    def time(self) -> float:
        return self._clock.monotonic() + self.ahead


class MortalDatabase(Database):
    """The database as one engine has it; when that has died, nothing comes through."""

    def __init__(self, url: str) -> None:
        super().__init__(url, pool_size=5)
        _share_statements(self)
        self.dead = False
        self._left: int | None = None
        self._after = False
        self._lock = threading.Lock()

    def die_at(self, commits: int, *, after: bool) -> None:
        """Die at this commit from now on, right before it or right after it."""
        with self._lock:
            self._left, self._after = commits, after

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """As in `Database`."""
        self._check()
        with super().read() as c:
            yield c
        self._check()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """As in `Database`."""
        self._check()
        with super().write() as c:
            yield c
            is_last = self._is_last()
            if self.dead or (is_last and not self._after):
                self.dead = True
                raise Died
        if is_last:
            self.dead = True
        self._check()

    def _is_last(self) -> bool:
        with self._lock:
            if self._left is None:
                return False
            self._left -= 1
            return self._left == 0

    def _check(self) -> None:
        if self.dead:
            raise Died


def _share_statements(database: Database) -> None:
    """Let it use what others over the same kind of database have compiled: that takes most of a look."""
    first = _compiled.setdefault(database.is_sqlite, database.engine)
    database.engine.dialect, database.engine._compiled_cache = first.dialect, first._compiled_cache


class _Recorder(Recorder):
    """The recorder, which says whether it has something to do, and ends without a word when killed."""

    def __init__(self, database: Database, on_recorded: Callable[[], None]) -> None:
        self.waiting = 0
        super().__init__(database, on_recorded)

    async def begin(self, calls: Sequence[CallBegun]) -> set[int]:
        self.waiting += 1
        try:
            return await super().begin(calls)
        finally:
            self.waiting -= 1

    def end(self, call: CallEnded, told: Callable[[CallEnded], None]) -> None:
        def recorded(form: CallEnded) -> None:
            self.waiting -= 1
            told(form)

        self.waiting += 1
        super().end(call, recorded)

    def die(self) -> None:
        """Stop, whatever is left."""
        with self._changed:
            self._closing = self._gave_up = True
            self._changed.notify_all()

    def _work(self) -> None:
        try:
            super()._work()
        except Died:
            return


class _Session(engine_module._Session):
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
        assert isinstance(recorder, _Recorder)
        return (
            not recorder.waiting
            and not self._changed.is_set()
            and all(lane.calls.held == lane.in_flight and not lane._loading for lane in lanes)
            and not any(lane._wake.is_set() for lane in lanes)
        )


@dataclass(slots=True, eq=False)
class Call:
    """A call that has reached the model server."""

    document: str
    connection: str
    prompt: str
    engine: "Engine"
    reply: "asyncio.Future[Reply]"
    state: str = "open"  # then `answered` or `gone`

    def answer(self, reply: Reply) -> None:
        """Answer it; if it is gone, nobody hears that."""
        self.engine.soon(lambda: None if self.reply.done() else self.reply.set_result(reply))


@dataclass(slots=True)
class Desk:
    """The model server: holds every call until the test answers it."""

    calls: list[Call] = field(default_factory=list)

    def open(self) -> list[Call]:
        """Calls that wait for their answer, in the order of their keys."""
        waiting = [call for call in list(self.calls) if call.state == "open"]
        return sorted(waiting, key=lambda call: (call.prompt, call.document, call.connection))


class _Client:
    """A model client whose server is the desk."""

    def __init__(self, config: ConnectionConfig, desk: Desk, engine: "Engine") -> None:
        self._config, self._desk, self._engine = config, desk, engine

    async def complete(self, request: ModelRequest) -> ModelReply:
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        name = str(request.document_name)
        call = Call(name, self._config.model, request.prompt, self._engine, future)
        self._desk.calls.append(call)
        try:
            reply = await future
            call.state = "answered"
        except asyncio.CancelledError:
            call.state = "gone"
            raise
        if reply.text is not None:
            return ModelReply(reply.text, usage=USED, served=Served("m", "stop"))
        if reply.failure == "internal":
            raise ZeroDivisionError("a defect of the client")
        wait = 7.0 if reply.failure == "rate_limited" else None
        raise ModelFailure(FailureKind(reply.failure or ""), "as the test says", retry_after=wait)

    async def context_tokens(self) -> int | None:
        """Nobody knows."""
        return None

    async def models(self) -> list[OfferedModel]:
        return []

    async def close(self) -> None:
        return


class _Gate:
    """Where staging waits while it is held."""

    def __init__(self) -> None:
        self.is_closed = False

    async def passed(self) -> None:
        while self.is_closed:
            await asyncio.sleep(_LOOK)


class _Extractors(Extractors):
    """Extraction in threads, which can be held."""

    async def extract(self, job: ExtractionJob) -> Encoded | NotEncoded:
        await _gate.passed()
        return await super().extract(job)


class _Job(StagingJob):
    """The staging job, which can be held before it begins."""

    async def carry_out(self) -> None:
        await _gate.passed()
        await super().carry_out()


def _locks(database: Database) -> EngineLocks:
    """The engine's locks, which a killed one is relieved of: it may be at taking them in another thread."""
    found = engine_locks(database)
    _engines[database].locks = found
    return found


_gate = _Gate()
_engines: dict[Database, "Engine"] = {}
_compiled: dict[bool, SqlEngine] = {}


class Engine:
    """One engine, from its start to its end, in a thread of its own."""

    def __init__(self, url: str, settings: Settings, secrets: Secrets, clock: SlowTime) -> None:
        self.database = MortalDatabase(url)
        self.session: _Session | None = None
        self.locks: EngineLocks | None = None
        self.error: BaseException | None = None
        self._parts = EngineParts(self.database, settings, secrets, clock)
        self._loop = _Loop(clock)
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
                assert isinstance(recorder, _Recorder)
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


class Rig:
    """Services over an empty database, and at most one engine."""

    def __init__(self, url: str, home: Path) -> None:
        self.clock = SlowTime()
        self.desk = Desk()
        self.documents = home / "documents"
        self.documents.mkdir(parents=True)
        self.engine: Engine | None = None
        self._latest: Engine | None = None
        self.url = url
        settings = Settings(
            home=home / "home", database=url, workers=1, max_attempts=3, give_up_after=1e9, stop_grace=3.0
        )
        secrets = Secrets(settings.key_file, self.clock)
        self.services = Services(Database(url), settings, secrets, self.clock)
        _share_statements(self.services.database)
        self._patches = ExitStack()
        self._patch()

    def _patch(self) -> None:
        enter = self._patches.enter_context
        enter(mock.patch.multiple(engine_module, Recorder=_Recorder, _Session=_Session, engine_locks=_locks))
        for name in ("LOCK_SECONDS", "TROUBLE_SECONDS"):
            enter(mock.patch.object(engine_module, name, _LOOK))
        for name in ("LOOK_SECONDS", "QUIET_SECONDS"):
            enter(mock.patch.object(glances_module, name, _LOOK))
        for module in (beside_module, contexts_module):
            enter(mock.patch.object(module, "create_client", self._client))
        enter(mock.patch.multiple(stagings_module, ExtractionPool=_Extractors, StagingJob=_Job))
        # What a dying engine says of its trouble is of no interest.
        enter(mock.patch.object(logging.getLogger("docstage"), "disabled", True))
        level = logging.root.manager.disable
        logging.disable(logging.CRITICAL)
        self._patches.callback(logging.disable, level)
        _gate.is_closed = False

    def _client(self, config: ConnectionConfig) -> _Client:
        assert self._latest is not None
        return _Client(config, self.desk, self._latest)

    @property
    def holds_staging(self) -> bool:
        """Whether staging waits."""
        return _gate.is_closed

    @holds_staging.setter
    def holds_staging(self, holds: bool) -> None:
        _gate.is_closed = holds

    def start(self) -> None:
        """Start an engine."""
        assert self.engine is None
        services = self.services
        self.engine = self._latest = Engine(self.url, services.settings, services.secrets, self.clock)
        self.engine.begin()

    def kill(self) -> None:
        """Kill the engine."""
        engine, self.engine = self.engine, None
        assert engine is not None
        engine.kill()

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.jump(seconds)
        if self.engine:
            self.engine.poke()

    def close(self) -> None:
        """End everything."""
        try:
            if self.engine:
                self.kill()
        finally:
            self.services.database.close()
            self._patches.close()
