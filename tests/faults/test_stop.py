"""Ctrl-C and SIGTERM: an end in time, what arrives until then is recorded, and no try is used up.

In time means within some seconds, which only `make torture` asks: it has the machine for itself.
"""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from tests.faults.chat import ChatServer
from tests.faults.engines import Bed, bed
from tests.faults.life import CONCURRENCY, TASKS, recorded_calls
from tests.faults.processes import COMMAND, free_port
from tests.faults.torture import ill, in_time
from tests.support.waiting import PATIENCE, until

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import AttemptOutcome, TaskStatus
from docstage.store.tables import task

MOST_SECONDS = 10.0
_SHORT, _USUAL = 3.0, 7.0


def _ways(quick: signal.Signals) -> list[object]:
    """Both signals with a short grace and the usual one, in time; and one that takes its time."""
    every = [(number, grace) for number in (signal.SIGTERM, signal.SIGINT) for grace in (_SHORT, _USUAL)]
    in_time = [pytest.param(*one, True, marks=pytest.mark.torture) for one in every]
    return [pytest.param(quick, _SHORT, False), *in_time]


_TIMED = [False, pytest.param(True, marks=pytest.mark.torture)]


def _command(test_bed: Bed, *words: str, timed: bool) -> tuple[str, ...]:
    """A command of docstage: as users have it, or one that may take its time and tells when it ends."""
    if timed:
        return (*COMMAND, *words)
    return (sys.executable, "-m", "tests.faults.patient", str(_mark(test_bed)), *words)


def _mark(test_bed: Bed) -> Path:
    return test_bed.lab.services.settings.home / "ends"


@contextmanager
def _calling(test_bed: Bed, *words: str, timed: bool) -> Iterator["_Stopped"]:
    """A process whose engine has as many calls in flight as it may; all of them hang."""
    test_bed.chat.let_through(0)
    with test_bed.process(*_command(test_bed, *words, timed=timed)) as process:
        if test_bed.status is BatchStatus.SAVED:
            test_bed.act(Action.STAGE)
        test_bed.until(BatchStatus.STAGED, BatchStatus.ANALYZING)
        if test_bed.status is BatchStatus.STAGED:
            test_bed.act(Action.RUN)
        until(lambda: test_bed.lab.tally(test_bed.batch_id).running == CONCURRENCY, "calls in flight")
        until(lambda: len(test_bed.chat.calls) == CONCURRENCY, "calls have reached the server")
        yield _Stopped(test_bed, process, timed=timed)


class _Stopped:
    """A process that is told to stop, and then two of its calls are answered."""

    def __init__(self, test_bed: Bed, process: "subprocess.Popen[bytes]", *, timed: bool) -> None:
        self._bed = test_bed
        self._process = process
        self._timed = timed

    def stop(self, number: signal.Signals) -> int:
        """Send the signal and return the exit code, which must come in time if that is asked."""
        with in_time(MOST_SECONDS) if self._timed else nullcontext():
            return self.end(number)

    def end(self, number: signal.Signals) -> int:
        """The same, however long it takes."""
        self._process.send_signal(number)
        if self._timed:
            self._bed.chat.seconds = 0.5  # so that the answers come when it has begun to end
        else:
            until(_mark(self._bed).exists, "the engine has begun to end")
        self._bed.chat.let_through(2)
        return self._process.wait(PATIENCE)


def _check(test_bed: Bed) -> None:
    """What was answered is recorded; the others wait, untried; and the next engine ends the batch."""
    lab, batch_id = test_bed.lab, test_bed.batch_id
    assert ill(lab.services.database) == []
    rows = [row for row in lab.rows(batch_id) if row.attempts]
    assert len(rows) == CONCURRENCY
    statuses = sorted(row.status for row in rows)
    with lab.services.database.read() as c:
        assert set(c.execute(select(task.c.tries)).scalars()) == {0}
    assert statuses == ["COMPLETED", "COMPLETED", "QUEUED", "QUEUED"]
    for row in rows:
        (call,) = lab.attempts(row.id)
        done = row.status == TaskStatus.COMPLETED.name
        assert call.outcome == (AttemptOutcome.COMPLETED if done else AttemptOutcome.DROPPED)
    test_bed.chat.seconds = 0.03
    test_bed.chat.let_through(TASKS)
    with test_bed.process():
        if test_bed.status is BatchStatus.PAUSED:
            test_bed.act(Action.RESUME)
        test_bed.until(BatchStatus.COMPLETED)
    assert lab.tally(batch_id).completed == TASKS - 2
    again = [one for one in recorded_calls(lab.services.database, lab.folder) if one.given_up]
    assert [one.outcomes[0] for one in again] == [AttemptOutcome.DROPPED] * 2
    assert ill(lab.services.database) == []


@pytest.mark.parametrize(("number", "grace", "timed"), _ways(signal.SIGTERM))
def test_the_engine_stops_in_time(
    tmp_path: Path, chat: ChatServer, number: signal.Signals, grace: float, *, timed: bool
) -> None:
    """`docstage engine` gives calls in flight their time, and ends with those that hang given up."""
    with bed(tmp_path, "", chat, stop_grace=grace) as one:
        with _calling(one, "engine", timed=timed) as stopped:
            assert stopped.stop(number) == 0
        _check(one)


@pytest.mark.torture
def test_the_engine_stops_in_time_on_postgresql(
    tmp_path: Path, chat: ChatServer, postgres_database: str
) -> None:
    """The same with the other database."""
    with bed(tmp_path, postgres_database, chat, stop_grace=_SHORT) as one:
        with _calling(one, "engine", timed=True) as stopped:
            assert stopped.stop(signal.SIGTERM) == 0
        _check(one)


@pytest.mark.parametrize(("number", "grace", "timed"), _ways(signal.SIGTERM))
def test_serve_stops_in_time_with_a_request_that_hangs(
    tmp_path: Path, chat: ChatServer, number: signal.Signals, grace: float, *, timed: bool
) -> None:
    """The engine ends while the web server waits for a request whose body never comes."""
    port = free_port()
    with bed(tmp_path, "", chat, stop_grace=grace) as one:
        with _calling(one, "serve", "--port", str(port), timed=timed) as stopped, _hanging(port):
            assert stopped.stop(number) == 0
        _check(one)


@pytest.mark.parametrize("timed", _TIMED)
def test_serve_lets_calls_end_when_nothing_else_keeps_it(
    tmp_path: Path, chat: ChatServer, *, timed: bool
) -> None:
    """One signal is one: the engine has its grace, however soon the web server has ended."""
    with bed(tmp_path, "", chat, stop_grace=_SHORT) as one:
        with _calling(one, "serve", "--port", "0", timed=timed) as stopped:
            assert stopped.stop(signal.SIGTERM) == 0
        _check(one)


@pytest.mark.parametrize("timed", _TIMED)
def test_serve_stops_in_time_while_it_still_starts(tmp_path: Path, chat: ChatServer, *, timed: bool) -> None:
    """Work goes on before the pages are ready; a signal ends both then too, and calls have their grace."""
    with bed(tmp_path, "", chat, stop_grace=_SHORT) as one:
        with one.process():
            one.act(Action.STAGE)
            one.until(BatchStatus.STAGED)
        one.act(Action.RUN)
        with _calling(one, "serve", "--port", "0", timed=timed) as stopped:
            assert stopped.stop(signal.SIGTERM) == 0
        _check(one)


@pytest.mark.parametrize("timed", _TIMED)
def test_serve_stops_in_time_with_open_streams(tmp_path: Path, chat: ChatServer, *, timed: bool) -> None:
    """Pages that listen to the stream of events keep nothing, beside a provider that does not answer."""
    port = free_port()
    with bed(tmp_path, "", chat, stop_grace=_USUAL if timed else _SHORT) as one:
        with _calling(one, "serve", "--port", str(port), timed=timed) as stopped, ExitStack() as streams:
            for _ in range(3):
                address = f"http://127.0.0.1:{port}/api/stream"
                answer = streams.enter_context(httpx.stream("GET", address, timeout=PATIENCE))
                assert answer.status_code == 200
            assert stopped.stop(signal.SIGTERM) == 0
        _check(one)


@pytest.mark.parametrize("timed", _TIMED)
@pytest.mark.parametrize("words", [("engine",), ("serve", "--port", "0")], ids=["engine", "serve"])
def test_a_database_that_is_held_by_another_keeps_no_process(
    tmp_path: Path, chat: ChatServer, words: tuple[str, ...], *, timed: bool
) -> None:
    """Nothing can be written while another program has the database: the end is in time, as after a crash."""
    with bed(tmp_path, "", chat, stop_grace=0.5) as one:
        database = one.lab.services.database
        with _calling(one, *words, timed=True) as stopped, database.write():
            end = stopped.stop if timed else stopped.end
            assert end(signal.SIGTERM) in {0, 1}
        assert ill(database) == []
        chat.let_through(TASKS)
        with one.process():
            one.until(BatchStatus.COMPLETED)
        assert ill(database) == []
        assert one.lab.tally(one.batch_id).completed == TASKS - 2


@contextmanager
def _hanging(port: int) -> Iterator[None]:
    with socket.create_connection(("127.0.0.1", port)) as client:
        head = "POST /api/folders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        client.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        yield


@pytest.mark.parametrize(("number", "grace", "timed"), _ways(signal.SIGINT))
def test_a_command_that_waits_stops_in_time(
    tmp_path: Path, chat: ChatServer, number: signal.Signals, grace: float, *, timed: bool
) -> None:
    """`--wait`, as in `run`: the batch is paused, its calls have their time, and no engine is left."""
    with bed(tmp_path, "", chat, stop_grace=grace) as one:
        with one.process():
            one.act(Action.STAGE)
            one.until(BatchStatus.STAGED)
        chat.let_through(0)
        words = _command(one, "batch", "run", str(one.batch_id), "--wait", timed=timed)
        with one.process(*words) as process:
            until(lambda: len(chat.calls) == CONCURRENCY, "calls have reached the server")
            assert _Stopped(one, process, timed=timed).stop(number) == 130
        assert one.status is BatchStatus.PAUSED
        _check(one)
