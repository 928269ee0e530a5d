"""The wire client against a real llama.cpp server."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import aiohttp
import pytest
from tests.domain.paragraphs import PARAGRAPHS
from tests.models.schema_cases import CASES
from tests.support.llama import LlamaServer

from docstage.asking.question import at_most_tokens, make_question
from docstage.domain.content import Content
from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage
from docstage.models.diagnose import diagnose
from docstage.models.protocol import ConnectionConfig, ModelFailure, ModelRequest
from docstage.models.schemas.choosing import dialect_of
from docstage.models.schemas.fitting import fit
from docstage.models.wire import WireClient

DOCUMENT = Content("The quick brown fox jumps over the lazy dog. " * 60)
SCHEMA = {
    "type": "object",
    "properties": {"fit": {"type": "boolean"}},
    "required": ["fit"],
    "additionalProperties": False,
}


def config(
    server: LlamaServer, *, api_key: str | None = None, tokens: int = 16, endless: bool = False
) -> ConnectionConfig:
    """A connection to the server; an endless answer goes on until its tokens are used up."""
    extra = {"ignore_eos": True} if endless else {}
    return ConnectionConfig(
        "llamacpp",
        server.model,
        base_url=server.base_url,
        api_key=api_key,
        max_output_tokens=tokens,
        extra=extra,
    )


async def test_second_prompt_is_read_from_the_cache(llama_server: LlamaServer) -> None:
    """Of a document's second prompt, nearly all input tokens come from the server's cache."""
    client = WireClient(config(llama_server, endless=True))
    first = await _cut_off(client, ModelRequest(DOCUMENT, "What is it about?"))
    second = await _cut_off(client, ModelRequest(DOCUMENT, "Who jumps?"))
    await client.close()
    assert first.output_tokens == 16
    assert second.cached_tokens > 0.9 * second.input_tokens


async def _cut_off(client: WireClient, request: ModelRequest) -> Usage:
    """What an endless answer took until it was cut off at its limit."""
    with pytest.raises(ModelFailure) as caught:
        await client.complete(request)
    assert caught.value.kind is FailureKind.CUT_OFF
    assert caught.value.usage is not None
    return caught.value.usage


@pytest.mark.parametrize("reasoning", ["off", "low", "2048"])
async def test_reasoning_is_taken(llama_server: LlamaServer, reasoning: str) -> None:
    """The members that are sent for it are none that the server refuses."""
    client = WireClient(replace(config(llama_server, tokens=200), reasoning=reasoning))
    try:
        reply = await client.complete(ModelRequest(Content("Some text."), "Does it fit?", schema=SCHEMA))
    finally:
        await client.close()
    assert isinstance(reply.value["fit"], bool)


async def _told(client: WireClient, request: ModelRequest) -> Usage:
    """What the server counts, whatever becomes of the answer."""
    try:
        usage = (await client.complete(request)).usage
    except ModelFailure as failure:
        usage = failure.usage
    assert usage is not None
    return usage


async def test_what_it_counts_is_within_the_bounds(llama_server: LlamaServer) -> None:
    """Of every script: no fewer tokens than at least, nor more than at most, with nearly single bytes."""
    client = WireClient(config(llama_server))
    question = make_question("Reply.", None, None)
    try:
        for name, (text, _) in PARAGRAPHS.items():
            counts = Content(text).text_tokens
            told = await _told(client, ModelRequest(Content(text), question.text, document_name=name))
            assert counts.least + question.tokens.least <= told.input_tokens
            assert told.input_tokens <= at_most_tokens(question, counts.most, 0, name)
    finally:
        await client.close()


async def test_structured_answer(llama_server: LlamaServer) -> None:
    """The server is held to the schema, and the answer comes back parsed."""
    client = WireClient(config(llama_server, tokens=200))
    try:
        reply = await client.complete(ModelRequest(Content("Some text."), "Does it fit?", schema=SCHEMA))
    finally:
        await client.close()
    assert isinstance(reply.value["fit"], bool)
    assert reply.served.model == "tiny-random"


async def test_every_schema_becomes_a_grammar(llama_server: LlamaServer) -> None:
    """The server refuses none of them, as it refuses those that are not written for it."""
    dialect = dialect_of("llamacpp", llama_server.model, {})
    schemas = {case.name: fit(case.schema, dialect).schema for case in CASES}
    async with aiohttp.ClientSession() as session:
        refused = {name for name, schema in schemas.items() if await _refuses(session, llama_server, schema)}
        as_written = next(case.schema for case in CASES if case.name == "an anchor")
        assert await _refuses(session, llama_server, as_written)
    assert not refused
    assert None not in schemas.values()


async def _refuses(
    session: aiohttp.ClientSession, server: LlamaServer, schema: dict[str, Any] | None
) -> bool:
    """Whether the server says that it cannot use a schema, before it asks the model."""
    form = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
    body = {"messages": [{"role": "user", "content": "x"}], "max_tokens": 8, "response_format": form}
    async with session.post(f"{server.base_url}/chat/completions", json=body) as response:
        return response.status == 400


async def test_context_overflow(llama_server: LlamaServer) -> None:
    """A document longer than the context is told as that."""
    client = WireClient(config(llama_server))
    with pytest.raises(ModelFailure) as caught:
        await client.complete(ModelRequest(Content("word " * 40_000), "What?"))
    await client.close()
    assert caught.value.kind is FailureKind.CONTEXT_OVERFLOW


async def test_wrong_key(llama_server_with_key: LlamaServer) -> None:
    """A wrong key is told as that, by the client and by the diagnosis."""
    client = WireClient(config(llama_server_with_key, api_key="wrong-key"))
    with pytest.raises(ModelFailure) as caught:
        await client.complete(ModelRequest(Content("x"), "What?"))
    await client.close()
    assert caught.value.kind is FailureKind.AUTH
    right = config(llama_server_with_key, api_key=llama_server_with_key.api_key)
    assert (await diagnose(right)).ok


async def test_killed_server(start_llama_server: Callable[..., LlamaServer]) -> None:
    """A server that dies within a call is a connection failure."""
    server = start_llama_server()
    client = WireClient(config(server, tokens=20_000, endless=True))
    call = asyncio.create_task(client.complete(ModelRequest(DOCUMENT, "What?")))
    # An answer to this one shows that the server is at work; the long call cannot be done yet.
    await client.models()
    server.kill()
    with pytest.raises(ModelFailure) as caught:
        await call
    await client.close()
    assert caught.value.kind is FailureKind.CONNECTION


async def test_diagnosis(llama_server: LlamaServer) -> None:
    """A working connection is found to work, with its context and what the test cost."""
    found = await diagnose(config(llama_server))
    assert found.ok
    assert found.models == ("tiny-random",)
    assert found.context_tokens == 32_768
    assert found.usage is not None
    assert found.usage.output_tokens <= 16
