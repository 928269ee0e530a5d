"""kill -9 at random moments of a batch's life, and what must hold afterwards.

`python -m tests.faults.torture --moments 200` (`make torture`) prints a table of what was killed when, and
what came of it. The same seed draws the same delays and targets, not the same moments in the work.
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from tests.faults.chat import running_chat
from tests.faults.life import Ending, Life, ending, recorded_calls, write_documents
from tests.faults.processes import Docstage, docstage, has_ended, kill, load, waited
from tests.support.postgres import fresh_database, running_postgres
from tests.support.waiting import until

from docstage.domain.lifecycle import ACTIVE, BatchStatus
from docstage.domain.tasks import AttemptOutcome
from docstage.secrets import Secrets
from docstage.service.context import Services
from docstage.service.system.deep_checks import deep_checks
from docstage.settings import Settings
from docstage.store.database import Database
from docstage.store.engines import read_engine
from docstage.store.migrate import upgrade
from docstage.store.tables import attempt, batch, document, event, result

TARGETS = ("engine", "engine", "web", "both", "worker")
MOST_SECONDS = 3.0  # from a restart until work goes on
_SPREAD = (0.1, 1.6)  # seconds between two kills


@dataclass(slots=True)
class Moment:
    """One kill.

    Attributes:
        target: what was killed.
        status: of the batch at that moment; `-` before it was made.
        asked: the action that the script had asked for last.
        in_flight: calls without an end in the database, if an engine was killed.
        seconds: from the restart until work went on.
        waited: of these, the seconds in which the new process wanted to run and other programs had the cores.
        load: processes a core that wanted to run at that time.
    """

    target: str
    status: str
    asked: str
    in_flight: int = 0
    seconds: float = 0.0
    waited: float = 0.0
    load: float = 1.0

    @property
    def own_seconds(self) -> float:
        """What the restart took by itself, however busy the machine was with other things."""
        return self.seconds - self.waited


@dataclass(slots=True)
class Outcome:
    """What one life came to.

    Attributes:
        repeated: calls that were answered although the task had been answered before.
        unknown: attempts whose outcome nobody knows.
        lost: results that had been committed at a kill and were gone or another afterwards.
        wrong: everything else that must not be, in words.
    """

    moments: list[Moment] = field(default_factory=list)
    repeated: int = 0
    unknown: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list)


class Killer:
    """Kills and restarts processes while the life goes on."""

    def __init__(self, app: Docstage, database: Database, seed: int, life: Life) -> None:
        self._app = app
        self._database = database
        self._random = random.Random(seed)
        self._life = life
        self._results: dict[int, str] = {}
        self.outcome = Outcome()

    def kill_until(self, over: threading.Event, most: int) -> None:
        """Kill again and again, until the life is over."""
        while len(self.outcome.moments) < most and not over.wait(self._random.uniform(*_SPREAD)):
            target = self._random.choice(TARGETS)
            if target == "worker" and not self._app.workers():
                target = "engine"
            moment = Moment(target, self._status(), self._life.asked)
            self._kill(moment)
            self.outcome.moments.append(moment)

    def look(self) -> None:
        """See that no committed result has gone, and that every invariant holds."""
        with self._database.read() as c:
            now = {row.task_id: row.text for row in c.execute(select(result.c.task_id, result.c.text))}
        gone = [number for number, text in self._results.items() if now.get(number) != text]
        self.outcome.lost += len(gone)
        self._results = now
        self.outcome.wrong += ill(self._database)

    def _kill(self, moment: Moment) -> None:
        before = self._marks()
        if moment.target == "worker":
            for pid in self._app.workers()[:1]:
                kill(pid)
            begun = time.monotonic()
            self._wait("work after a worker's death", before, set())
        elif moment.target == "web":
            self._app.kill_web()
            begun = time.monotonic()
            self._app.start()
            until(self._app.is_up, "the web process is up again")
            moment.waited = waited(self._app.web)
        else:
            begun = self._kill_engine(moment, before)
        moment.seconds = time.monotonic() - begun
        moment.load = load()
        self.look()

    def _kill_engine(self, moment: Moment, before: tuple[int, ...]) -> float:
        """Kill the engine that works, or all and the web process; returns when its successor was started."""
        if moment.target == "both":
            engines = self._app.engines()
            self._app.kill_web()
        else:
            # Where one stands by, only the one that works: the other takes over.
            engines = [pid for pid in self._app.engines() if pid == self._working()] or self._app.engines()
        for pid in engines:
            kill(pid)
        until(lambda: all(has_ended(pid) for pid in engines), "the engines have ended")
        begun = time.monotonic()
        moment.in_flight = self._in_flight()
        self.look()
        if moment.target == "both":
            begun = time.monotonic()
            self._app.start()
        until(lambda: set(self._app.engines()) - set(engines), "another engine")
        if moment.target == "both":
            moment.waited = waited(self._app.web)
        else:  # the supervisor waits longer and longer for an engine that dies at once
            begun = time.monotonic()
        self._wait("work after an engine's death", before, set(engines))
        working = self._working()
        moment.waited += waited(working) if working else 0.0
        return begun

    def _wait(self, what: str, before: tuple[int, ...], dead: set[int]) -> None:
        """Wait until work goes on: something was recorded, or the new engine has nothing to do."""

        def goes_on() -> bool:
            working = self._working()
            if working is None or working in dead:
                return False
            return self._marks() != before or BatchStatus(self._status()) not in ACTIVE

        until(lambda: self._status() == "-" or goes_on(), what)

    # What it looks at

    def _status(self) -> str:
        with self._database.read() as c:
            return str(c.execute(select(batch.c.status)).scalar() or "-")

    def _working(self) -> int | None:
        with self._database.read() as c:
            engine = read_engine(c)
        return engine.pid if engine and not engine.state.get("ended") else None

    def _in_flight(self) -> int:
        open_calls = attempt.c.outcome == str(AttemptOutcome.IN_FLIGHT)
        with self._database.read() as c:
            return int(c.execute(select(func.count()).select_from(attempt).where(open_calls)).scalar_one())

    def _marks(self) -> tuple[int, ...]:
        """What grows while work goes on: events, attempts, encoded documents."""
        settled = select(func.count()).select_from(document).where(document.c.status != "PENDING")
        with self._database.read() as c:
            return tuple(
                int(c.execute(one).scalar_one() or 0)
                for one in (
                    select(func.max(event.c.id)),
                    select(func.count()).select_from(attempt),
                    select(func.count()).select_from(attempt).where(attempt.c.finished_at.is_not(None)),
                    settled,
                )
            )


def ill(database: Database) -> list[str]:
    """What the deep check finds."""
    settings = Settings(home=Path("/nowhere"))
    services = Services(database, settings, Secrets(settings.key_file, _CLOCK), _CLOCK)
    return [f"{check.name}: {check.message}" for check in deep_checks(services) if not check.ok]


class _Clock:
    now = staticmethod(time.time)
    monotonic = staticmethod(time.monotonic)


_CLOCK = _Clock()


def live(home: Path, url: str, seed: int, most: int) -> tuple[Outcome, Ending]:
    """One life with at most so many kills; 0 leaves it in peace."""
    database = Database(url or str(home / "home" / "docstage.db"))
    upgrade(database)
    folder = home / "letters"
    write_documents(folder)
    over = threading.Event()
    with running_chat() as chat, docstage(home / "home", url) as app, ThreadPoolExecutor(1) as pool:
        app.start()
        until(app.is_up, "the web process is up")
        life = Life(database, chat, folder, app.address)
        killer = Killer(app, database, seed, life)
        script = pool.submit(life.live)
        script.add_done_callback(lambda _: over.set())
        try:
            killer.kill_until(over, most)
            script.result()
        finally:
            over.set()
        outcome = killer.outcome
        killer.look()
        for calls in recorded_calls(database, folder):
            asked, answered = chat.asked(calls.run)[calls.key], chat.answered(calls.run)[calls.key]
            outcome.unknown += calls.unknown
            outcome.repeated += max(0, answered - 1)
            if asked > len(calls.outcomes):
                outcome.wrong.append(f"{calls}: {asked} calls left, more than are recorded")
            if answered > 1 + calls.unknown + calls.given_up:
                outcome.wrong.append(f"{calls}: answered {answered} times without a trace")
        ended = ending(database)
    database.close()
    return outcome, ended


def judge(outcome: Outcome, ended: Ending, expected: Ending) -> list[str]:
    """What must not be after a life, in words; but how long it took is for `slow` to say."""
    wrong = list(outcome.wrong)
    in_flight = sum(moment.in_flight for moment in outcome.moments)
    if outcome.lost:
        wrong.append(f"{outcome.lost} finished results were lost")
    if outcome.unknown > in_flight:
        wrong.append(f"{outcome.unknown} calls of unknown outcome, but only {in_flight} were in flight")
    for name in Ending.__slots__:
        got, wanted = getattr(ended, name), getattr(expected, name)
        if got != wanted:
            wrong.append(f"{name} differ from an uninterrupted life: {_difference(got, wanted)}")
    return wrong


def slow(outcome: Outcome) -> list[str]:
    """Where work went on later than it may, in words; asked only of the long run, which has the machine."""
    late = [one for one in outcome.moments if one.seconds > MOST_SECONDS]
    return [f"{one.seconds:.1f} s until work went on: {one}" for one in late]


@contextmanager
def in_time(most: float) -> Iterator[None]:
    """What is done meanwhile may take so many seconds; for tests that are marked `torture`."""
    begun = time.monotonic()
    yield
    seconds = time.monotonic() - begun
    print(f"took {seconds:.1f} s")
    assert seconds <= most, seconds


def _difference(got: object, wanted: object) -> str:
    if isinstance(got, dict) and isinstance(wanted, dict):
        keys = [key for key in got.keys() | wanted.keys() if got.get(key) != wanted.get(key)]
        return "; ".join(f"{key}: {got.get(key)} instead of {wanted.get(key)}" for key in keys[:5])
    return f"{got} instead of {wanted}"


# The long run


@contextmanager
def _databases(kind: str) -> Iterator[str]:
    """A server for the whole run where one is needed."""
    if kind == "sqlite":
        yield ""
    else:
        with running_postgres() as url:
            yield url


@contextmanager
def _place(server: str) -> Iterator[tuple[Path, str]]:
    home = Path(tempfile.mkdtemp(prefix="docstage-torture-"))
    try:
        if server:
            with fresh_database(server) as url:
                yield home, url
        else:
            yield home, ""
    finally:
        shutil.rmtree(home, ignore_errors=True)


@dataclass(slots=True)
class Record:
    """What the lives on one kind of database came to, so far."""

    kind: str
    lives: int = 0
    total: Outcome = field(default_factory=Outcome)

    def add(self, seed: int, outcome: Outcome, wrong: Sequence[str]) -> None:
        """Add a life, and tell of it."""
        self.lives += 1
        self.total.moments += outcome.moments
        self.total.repeated += outcome.repeated
        self.total.unknown += outcome.unknown
        self.total.lost += outcome.lost
        self.total.wrong += [f"{self.kind}, seed {seed}: {one}" for one in wrong]
        kills = f"{len(outcome.moments)} kills, {len(self.total.moments)} so far"
        print(f"{self.kind} seed {seed}: {kills}, {len(wrong)} wrong", flush=True)
        for one in wrong:
            print(f"  {one}", flush=True)


def _torture(record: Record, moments: int, seed: int) -> None:
    """Lives until there were so many moments."""
    with _databases(record.kind) as server:
        with _place(server) as (home, url):
            _, expected = live(home, url, 0, 0)
        while (left := moments - len(record.total.moments)) > 0:
            seed += 1
            with _place(server) as (home, url):
                try:
                    outcome, ended = live(home, url, seed, left)
                    wrong = judge(outcome, ended, expected) + slow(outcome)
                except Exception:
                    outcome, wrong = Outcome([Moment("?", "-", "?")]), [traceback.format_exc()]
                    wrong.append((home / "home" / "processes.log").read_text()[-4_000:])
            record.add(seed, outcome, wrong)


def _print_table(record: Record) -> None:
    moments, total = record.total.moments, record.total
    print(f"\n{record.kind}: {len(moments)} kills in {record.lives} lives")
    columns = (
        f"{'times':>5} {'in flight':>9} {'median s':>8} {'most s':>7} {'most own':>8} {'load a core':>11}"
    )
    print(f"{'killed':8} {'after':8} {'status':16} {columns}")
    for kind in sorted({(one.target, one.asked, one.status) for one in moments}):
        mine = [one for one in moments if (one.target, one.asked, one.status) == kind]
        seconds = sorted(one.seconds for one in mine)
        in_flight = sum(one.in_flight for one in mine)
        load = sum(one.load for one in mine) / len(mine)
        own = max(one.own_seconds for one in mine)
        took = f"{seconds[len(seconds) // 2]:8.2f} {seconds[-1]:7.2f} {own:8.2f}"
        target, asked, status = kind
        print(f"{target:8} {asked:8} {status:16} {len(mine):5} {in_flight:9} {took} {load:11.1f}")
    in_flight = sum(one.in_flight for one in moments)
    print(f"calls in flight at the kills {in_flight}, shown as unknown {total.unknown}")
    print(f"calls answered twice {total.repeated}, finished results lost {total.lost}")
    print(f"other things wrong: {len(total.wrong)}", flush=True)


def main() -> int:
    """Run from the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--moments", type=int, default=200, help="kills on each database")
    parser.add_argument("--seed", type=int, default=1_000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    options = parser.parse_args()
    # Ends like Ctrl-C: what was started is ended too, and what was seen until then is told.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    records = [Record(kind) for kind in options.database or ["sqlite", "postgresql"]]
    try:
        for record in records:
            _torture(record, options.moments, options.seed)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    for record in records:
        _print_table(record)
    return 1 if any(record.total.wrong for record in records) else 0


if __name__ == "__main__":
    sys.exit(main())
