"""Ctrl-C and SIGTERM: an end in time, what arrives until then is recorded, and no try is used up."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from tests.faults.chat import ChatServer
from tests.faults.engines import Bed, bed
from tests.faults.life import CONCURRENCY, TASKS, recorded_calls
from tests.faults.processes import COMMAND, free_port, until
from tests.faults.torture import ill

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import AttemptOutcome, TaskStatus
from docstage.store.tables import task

MOST_SECONDS = 10.0
_SHORT, _USUAL = 2.0, 7.0


def _ways(quick: signal.Signals) -> list[object]:
    """Both signals with a short grace and the usual one; all but the quick one only in the long run."""
    return [
        pytest.param(number, grace, marks=() if (number, grace) == (quick, _SHORT) else pytest.mark.torture)
        for number in (signal.SIGTERM, signal.SIGINT)
        for grace in (_SHORT, _USUAL)
    ]


@contextmanager
def _calling(test_bed: Bed, *words: str) -> Iterator["_Stopped"]:
    """A process whose engine has as many calls in flight as it may; all of them hang."""
    test_bed.chat.let_through(0)
    with test_bed.process(*words) as process:
        if test_bed.status is BatchStatus.SAVED:
            test_bed.act(Action.STAGE)
        test_bed.until(BatchStatus.STAGED, BatchStatus.ANALYZING)
        if test_bed.status is BatchStatus.STAGED:
            test_bed.act(Action.RUN)
        until(lambda: test_bed.lab.tally(test_bed.batch_id).running == CONCURRENCY, "calls in flight")
        until(lambda: len(test_bed.chat.calls) == CONCURRENCY, "calls have reached the server")
        yield _Stopped(test_bed, process)


class _Stopped:
    """A process that is told to stop, and then two of its calls are answered."""

    def __init__(self, test_bed: Bed, process: "subprocess.Popen[bytes]") -> None:
        self._bed = test_bed
        self._process = process

    def stop(self, number: signal.Signals) -> int:
        """Send the signal and return the exit code."""
        begun = time.monotonic()
        self._bed.chat.seconds = 0.5  # so that the answers come when it has begun to end
        self._process.send_signal(number)
        self._bed.chat.let_through(2)
        code = self._process.wait(30)
        seconds = time.monotonic() - begun
        print(f"stopped in {seconds:.1f} s")
        assert seconds <= MOST_SECONDS, seconds
        return code


def _check(test_bed: Bed) -> None:
    """What was answered is recorded; the others wait, untried; and the next engine ends the batch."""
    lab, batch_id = test_bed.lab, test_bed.batch_id
    assert ill(lab.services.database) == []
    rows = [row for row in lab.rows(batch_id) if row["attempts"]]
    assert len(rows) == CONCURRENCY
    statuses = sorted(row["status"] for row in rows)
    with lab.services.database.read() as c:
        assert set(c.execute(select(task.c.tries)).scalars()) == {0}
    assert statuses == [TaskStatus.QUEUED, TaskStatus.QUEUED, TaskStatus.COMPLETED, TaskStatus.COMPLETED]
    for row in rows:
        (call,) = lab.attempts(row["id"])
        done = row["status"] == TaskStatus.COMPLETED
        assert call["outcome"] == (AttemptOutcome.COMPLETED if done else AttemptOutcome.DROPPED)
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


@pytest.mark.parametrize(("number", "grace"), _ways(signal.SIGTERM))
def test_the_engine_stops_in_time(
    tmp_path: Path, chat: ChatServer, number: signal.Signals, grace: float
) -> None:
    """`docstage engine` gives calls in flight their time, and ends with those that hang given up."""
    with bed(tmp_path, "", chat, stop_grace=grace) as one:
        with _calling(one, *COMMAND, "engine") as stopped:
            assert stopped.stop(number) == 0
        _check(one)


@pytest.mark.torture
def test_the_engine_stops_in_time_on_postgresql(
    tmp_path: Path, chat: ChatServer, postgres_database: str
) -> None:
    """The same with the other database."""
    with bed(tmp_path, postgres_database, chat, stop_grace=2.0) as one:
        with _calling(one, *COMMAND, "engine") as stopped:
            assert stopped.stop(signal.SIGTERM) == 0
        _check(one)


@pytest.mark.parametrize(("number", "grace"), _ways(signal.SIGTERM))
def test_serve_stops_in_time_with_a_request_that_hangs(
    tmp_path: Path, chat: ChatServer, number: signal.Signals, grace: float
) -> None:
    """The engine ends while the web server waits for a request whose body never comes."""
    port = free_port()
    with bed(tmp_path, "", chat, stop_grace=grace) as one:
        with _calling(one, *COMMAND, "serve", "--port", str(port)) as stopped, _hanging(port):
            assert stopped.stop(number) == 0
        _check(one)


def test_serve_lets_calls_end_when_nothing_else_keeps_it(tmp_path: Path, chat: ChatServer) -> None:
    """One signal is one: the engine has its grace, however soon the web server has ended."""
    with bed(tmp_path, "", chat, stop_grace=_SHORT) as one:
        with _calling(one, *COMMAND, "serve", "--port", "0") as stopped:
            assert stopped.stop(signal.SIGTERM) == 0
        _check(one)


def test_serve_stops_in_time_while_it_still_starts(tmp_path: Path, chat: ChatServer) -> None:
    """Work goes on before the pages are ready; a signal ends both then too, and calls have their grace."""
    with bed(tmp_path, "", chat, stop_grace=_SHORT) as one:
        with one.process():
            one.act(Action.STAGE)
            one.until(BatchStatus.STAGED)
        one.act(Action.RUN)
        with _calling(one, *COMMAND, "serve", "--port", "0") as stopped:
            assert stopped.stop(signal.SIGTERM) == 0
        _check(one)


@pytest.mark.parametrize("grace", [_SHORT, pytest.param(_USUAL, marks=pytest.mark.torture)])
def test_serve_stops_in_time_with_open_streams(tmp_path: Path, chat: ChatServer, grace: float) -> None:
    """Pages that listen to the stream of events keep nothing, beside a provider that does not answer."""
    port = free_port()
    with bed(tmp_path, "", chat, stop_grace=grace) as one:
        with _calling(one, *COMMAND, "serve", "--port", str(port)) as stopped, ExitStack() as streams:
            for _ in range(3):
                address = f"http://127.0.0.1:{port}/api/stream"
                answer = streams.enter_context(httpx.stream("GET", address, timeout=30))
                assert answer.status_code == 200
            assert stopped.stop(signal.SIGTERM) == 0
        _check(one)


@pytest.mark.parametrize("words", [("engine",), ("serve", "--port", "0")], ids=["engine", "serve"])
def test_a_database_that_is_held_by_another_keeps_no_process(
    tmp_path: Path, chat: ChatServer, words: tuple[str, ...]
) -> None:
    """Nothing can be written while another program has the database: the end is in time, as after a crash."""
    with bed(tmp_path, "", chat, stop_grace=0.5) as one:
        database = one.lab.services.database
        with _calling(one, *COMMAND, *words) as stopped, database.write():
            assert stopped.stop(signal.SIGTERM) in {0, 1}
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


@pytest.mark.parametrize(("number", "grace"), _ways(signal.SIGINT))
def test_a_command_that_waits_stops_in_time(
    tmp_path: Path, chat: ChatServer, number: signal.Signals, grace: float
) -> None:
    """`--wait`, as in `run`: the batch is paused, its calls have their time, and no engine is left."""
    with bed(tmp_path, "", chat, stop_grace=grace) as one:
        with one.process():
            one.act(Action.STAGE)
            one.until(BatchStatus.STAGED)
        chat.let_through(0)
        with one.process(*COMMAND, "batch", "run", str(one.batch_id), "--wait") as process:
            until(lambda: len(chat.calls) == CONCURRENCY, "calls have reached the server")
            assert _Stopped(one, process).stop(number) == 130
        assert one.status is BatchStatus.PAUSED
        _check(one)
