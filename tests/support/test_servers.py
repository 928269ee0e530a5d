"""The servers that other tests rely on are real and answer."""

from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import create_engine, text
from tests.support.llama import LlamaServer


async def _complete(server: LlamaServer, key: str | None = None) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    body = {"model": server.model, "max_tokens": 1, "messages": [{"role": "user", "content": "Hello"}]}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{server.base_url}/chat/completions", json=body) as response,
    ):
        return response.status, await response.text()


def test_a_fresh_postgres_database_is_empty_and_real(postgres_database: str) -> None:
    """Each test gets a database of its own on a PostgreSQL server."""
    engine = create_engine(postgres_database)
    with engine.begin() as connection:
        version = connection.execute(text("SHOW server_version_num")).scalar_one()
        connection.execute(text("CREATE TABLE mine (id integer)"))
    engine.dispose()
    assert int(version) >= 180_000


async def test_the_llama_server_answers(llama_server: LlamaServer) -> None:
    """The server without a key completes a chat."""
    status, body = await _complete(llama_server)
    assert status == 200
    assert "tiny-random" in body


async def test_the_llama_server_with_a_key_wants_it(llama_server_with_key: LlamaServer) -> None:
    """The server with a key refuses calls without it."""
    assert (await _complete(llama_server_with_key))[0] == 401
    assert (await _complete(llama_server_with_key, llama_server_with_key.api_key))[0] == 200


async def test_a_killed_llama_server_is_gone(start_llama_server: Callable[..., LlamaServer]) -> None:
    """A test can kill a server of its own."""
    server = start_llama_server(parallel=1)
    server.kill()
    with pytest.raises(aiohttp.ClientConnectionError):
        await _complete(server)


def test_the_corpus_has_documents(corpus: Path) -> None:
    """The folder of test documents is found."""
    assert any(corpus.iterdir())
