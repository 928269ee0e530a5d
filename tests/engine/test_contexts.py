"""What a model takes is found out when a batch is staged, and never keeps it from being staged."""

from pathlib import Path

import pytest
from aiohttp import web
from tests.models.stub import running_stub
from tests.support.engines import Laboratory, open_services

from docstage.domain.lifecycle import Action
from docstage.engine import contexts
from docstage.engine.contexts import Contexts
from docstage.store import library, runs
from docstage.store.records import ConnectionRecord, Run
from docstage.store.tables import connection


@pytest.fixture
def lab(tmp_path: Path) -> Laboratory:
    """A letter."""
    made = Laboratory(open_services(tmp_path / "home"), tmp_path / "documents")
    made.write({"a.txt": "A letter."})
    return made


async def _run(lab: Laboratory, connection_id: int) -> Run:
    batch_id = lab.batch([connection_id], [lab.prompt()])
    run_id = (await lab.act(batch_id, Action.STAGE)).run_id
    assert run_id is not None
    with lab.services.database.read() as c:
        return runs.get_run(c, run_id)


def _connection(lab: Laboratory, url: str, **values: object) -> int:
    connection_id = lab.connection(None)
    changed = {"provider": "vllm", "model": "m", "base_url": f"{url}/v1", **values}
    with lab.services.database.write() as c:
        library.update_row(c, connection, connection_id, changed)  # type: ignore[arg-type]
    return connection_id


def _kept(lab: Laboratory, connection_id: int) -> ConnectionRecord:
    with lab.services.database.read() as c:
        return library.get_connection(c, connection_id)


def _contexts(lab: Laboratory) -> Contexts:
    return Contexts(lab.services.database, lab.services.secrets, lab.services.clock)


async def test_the_server_is_asked(lab: Laboratory) -> None:
    """What it says is kept with the connection; what the user says comes first."""
    async with running_stub() as stub:
        stub.answers({"data": [{"id": "m", "max_model_len": 16_384}]})
        asked = _connection(lab, stub.url)
        told = _connection(lab, stub.url, context_tokens=2_048)
        for connection_id in (asked, told):
            await _contexts(lab).learn(await _run(lab, connection_id))
        assert len(stub.requests) == 1
    assert _kept(lab, asked).room(_kept(lab, asked)).context_tokens == 16_384
    assert _kept(lab, told).room(_kept(lab, told)).context_tokens == 2_048
    assert _kept(lab, told).known_context_tokens is None


async def test_servers_that_say_nothing_are_no_trouble(
    lab: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out of reach, without an answer, or unable to be called at all: what was known stays."""
    monkeypatch.setattr(contexts, "ASK_SECONDS", 0.05)

    async def hang(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPServiceUnavailable

    async with running_stub() as stub:
        stub.handler = hang
        busy = _connection(lab, stub.url, known_context_tokens=4_096)
        away = _connection(lab, "http://127.0.0.1:1")
        sealed = _connection(lab, stub.url, secret_ref="env:NOT_ALLOWED_HERE")
        for connection_id in (busy, away, sealed):
            await _contexts(lab).learn(await _run(lab, connection_id))
    assert _kept(lab, busy).known_context_tokens == 4_096
    assert _kept(lab, away).known_context_tokens is None


async def test_another_model_is_another_context(lab: Laboratory) -> None:
    """A connection that was changed while its server was asked keeps nothing of the answer."""
    connection_id = _connection(lab, "http://127.0.0.1:1")
    before = _kept(lab, connection_id)
    with lab.services.database.write() as c:
        library.update_row(c, connection, connection_id, {"model": "other"})
        library.keep_context(c, before, 8_192, 1.0)
    after = _kept(lab, connection_id)
    assert after.known_context_tokens is None
    assert after.room(before).context_tokens is None
