"""Servers that a process keeps beside itself: started once, shared, started anew, and never left behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import aiohttp
import pytest
from tests.support.llama import is_gone, local_models_of
from tests.support.waiting import PATIENCE, until, until_true

from docstage.asking.beside import Beside
from docstage.domain.content import Content
from docstage.domain.tasks import FailureKind
from docstage.models.protocol import ConnectionConfig, ModelFailure, ModelRequest
from docstage.settings import Settings

YES_OR_NO = {
    "type": "object",
    "properties": {"fit": {"type": "boolean"}},
    "required": ["fit"],
    "additionalProperties": False,
}
QUESTION = ModelRequest(Content("A short letter."), "Does it fit?", schema=YES_OR_NO)


@pytest.fixture
def half_model(tiny_model: Path, tmp_path: Path) -> Path:
    """A file that was not loaded to its end."""
    half = tmp_path / "half.gguf"
    half.write_bytes(tiny_model.read_bytes()[:-100_000])
    return half


@pytest.fixture
async def beside(tmp_path: Path) -> AsyncIterator[Beside]:
    """Servers beside this process, which end with the test."""
    made = Beside(Settings(home=tmp_path / "home"))
    yield made
    await made.stop()


def _connection(tiny_model: Path) -> ConnectionConfig:
    return ConnectionConfig("local", str(tiny_model), timeout=PATIENCE, max_output_tokens=50)


def _models() -> list[int]:
    return local_models_of(os.getpid())


@pytest.mark.parametrize("provider", ["simulated", "local"])
async def test_one_server_is_enough_for_all(beside: Beside, tiny_model: Path, provider: str) -> None:
    """Of all who ask at once the first starts it; it ends when the last one leaves, and comes again."""
    model = str(tiny_model) if provider == "local" else "simulated-small"
    config = ConnectionConfig(provider, model, timeout=PATIENCE)
    first, second = await beside.client(config), await beside.client(config)
    answers = await asyncio.gather(*(one.complete(QUESTION) for one in (first, second, first, second)))
    assert all(isinstance(answer.value["fit"], bool) for answer in answers)
    assert len(beside._servers) == 1
    await first.close()
    assert isinstance((await second.complete(QUESTION)).value["fit"], bool)
    (server,) = beside._servers.values()
    process = server._process
    assert process is not None
    await second.close()
    assert is_gone(process.pid)
    third = await beside.client(config)
    assert isinstance((await third.complete(QUESTION)).value["fit"], bool)
    await third.close()


async def test_a_killed_model_comes_again(beside: Beside, tiny_model: Path) -> None:
    """Calls in flight fail as cut, which is tried again; the next call starts it anew."""
    client = await beside.client(_connection(tiny_model))
    await client.complete(QUESTION)
    for number in (signal.SIGKILL, signal.SIGTERM):
        (pid,) = _models()
        os.kill(pid, number)
        await until_true(partial(is_gone, pid))
        outcomes = [await _outcome(client.complete(QUESTION)) for _ in range(3)]
        assert outcomes[-1] is None
        assert set(outcomes) <= {None, FailureKind.CONNECTION}
    await client.close()


async def _outcome(call: object) -> FailureKind | None:
    try:
        await call  # type: ignore[misc]
    except ModelFailure as failure:
        return failure.kind
    return None


async def test_who_gives_up_takes_it_from_nobody(beside: Beside, tiny_model: Path) -> None:
    """A call that is cancelled while the model is loaded leaves the start to the others."""
    client = await beside.client(_connection(tiny_model))
    impatient = asyncio.create_task(client.complete(QUESTION))
    patient = asyncio.create_task(client.complete(QUESTION))
    (server,) = beside._servers.values()
    await until_true(lambda: server._starting is not None)
    impatient.cancel()
    assert isinstance((await patient).value["fit"], bool)
    assert impatient.cancelled()
    await client.close()


async def test_it_may_stay_for_the_next(tmp_path: Path, tiny_model: Path) -> None:
    """Whoever tries a prompt tries again: then the same process answers. It ends when that is over."""
    beside = Beside(Settings(home=tmp_path / "home"), linger=PATIENCE)
    for _ in range(2):
        client = await beside.client(_connection(tiny_model))
        await client.complete(QUESTION)
        await client.close()
        assert len(_models()) == 1
    await beside.stop()
    assert _models() == []
    beside.linger = 0.01
    client = await beside.client(_connection(tiny_model))
    await client.complete(QUESTION)
    await client.close()
    await until_true(lambda: not _models())
    await beside.stop()


async def test_nobody_else_can_ask_it(beside: Beside, tiny_model: Path) -> None:
    """Other users of the computer reach the port, but have not got the key."""
    client = await beside.client(_connection(tiny_model))
    await client.complete(QUESTION)
    (server,) = beside._servers.values()
    address, key = await server.reach()
    assert address.startswith("http://127.0.0.1:")
    asked = {"messages": [{"role": "user", "content": "?"}], "max_tokens": 1}
    async with aiohttp.ClientSession() as session:
        for header, status in ({}, 401), ({"Authorization": "Bearer guessed"}, 401):
            async with session.post(f"{address}/v1/chat/completions", json=asked, headers=header) as answer:
                assert answer.status == status
        right = {"Authorization": f"Bearer {key}"}
        async with session.post(f"{address}/v1/chat/completions", json=asked, headers=right) as answer:
            assert answer.status == 200
    await client.close()


async def test_what_cannot_be_loaded_needs_a_person(
    beside: Beside, tmp_path: Path, half_model: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is not whole, or has gone, is told as that; too little memory may be there again later."""
    for path, words in (
        (half_model, "llama.cpp cannot load the model"),
        (tmp_path / "gone.gguf", "does not exist"),
    ):
        client = await beside.client(_connection(path))
        with pytest.raises(ModelFailure, match=words) as caught:
            await client.complete(QUESTION)
        assert (caught.value.kind, caught.value.sent) == (FailureKind.UNKNOWN_MODEL, False)
        assert not caught.value.may_be_billed
        await client.close()
    monkeypatch.setattr("docstage.local_model.models.available_memory", lambda: 1_000_000)
    client = await beside.client(_connection(tiny_model))
    with pytest.raises(ModelFailure, match="not enough memory") as caught:
        await client.complete(QUESTION)
    assert caught.value.kind is FailureKind.CONNECTION
    await client.close()
    assert _models() == []


async def test_files_lie_where_files_may(tmp_path: Path, tiny_model: Path) -> None:
    """A model outside the allowed roots is not loaded, also where a link leads there."""
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    (allowed / "link.gguf").symlink_to(tiny_model)
    beside = Beside(Settings(home=tmp_path / "home", allowed_roots=(str(allowed),)))
    for path in (tiny_model, allowed / "link.gguf"):
        client = await beside.client(_connection(path))
        with pytest.raises(ModelFailure, match="outside the folders that may be used"):
            await client.complete(QUESTION)
        await client.close()


@pytest.mark.parametrize("at_once", [True, False])
def test_it_ends_with_its_starter(tiny_model: Path, *, at_once: bool) -> None:
    """However that ends, since the system closes the pipe: while the model is loaded, and later."""
    order = {"path": str(tiny_model), "name": "tiny", "context": 2_048, "slots": 1, "threads": 1, "key": "k"}
    process = subprocess.Popen(
        [sys.executable, "-m", "docstage.local_model"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(order).encode() + b"\n")
    process.stdin.flush()
    if not at_once:
        assert process.stdout.readline().startswith(b"http://127.0.0.1:")
    process.stdin.close()
    until(lambda: process.poll() is not None)
    process.stdout.close()
