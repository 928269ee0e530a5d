"""What a killed engine can reach: nothing of the database any more."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy import Engine as SqlEngine

from docstage.analysis.recorder import Recorder
from docstage.store.database import Database
from docstage.store.recording import CallBegun, CallEnded

_compiled: dict[bool, SqlEngine] = {}


class Died(BaseException):
    """What the parts of a killed engine run into. Nothing of the product catches it."""


class MortalDatabase(Database):
    """The database as one engine has it; when that has died, nothing comes through."""

    def __init__(self, url: str) -> None:
        super().__init__(url, pool_size=5)
        share_statements(self)
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


def share_statements(database: Database) -> None:
    """Let it use what others over the same kind of database have compiled: that takes most of a look."""
    first = _compiled.setdefault(database.is_sqlite, database.engine)
    database.engine.dialect, database.engine._compiled_cache = first.dialect, first._compiled_cache


class MortalRecorder(Recorder):
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
