"""Ollama is asked by its own API, with a context that fits."""

import base64

import pytest
from tests.models.ollama_server import OllamaServer
from tests.models.stub import Stub

from docstage.asking.ask import Reach, StoredAnswer, ask
from docstage.asking.question import make_question
from docstage.domain.content import Content, ImagePart
from docstage.domain.room import Room
from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage
from docstage.domain.written import Repair
from docstage.models.factory import create_client
from docstage.models.protocol import ConnectionConfig, ModelClient, ModelFailure, ModelRequest

_SENTENCE = "We agree to deliver 12 pumps to the harbour yard before the end of May. "
_QUESTION = make_question("What is to be delivered?", None, None)


@pytest.fixture
def ollama(stub: Stub) -> OllamaServer:
    """The server behind the stub."""
    server = OllamaServer()
    stub.handler = server.handle
    return server


def _client(stub: Stub, path: str = "/v1", provider: str = "ollama", **changes: object) -> ModelClient:
    settings: dict[str, object] = {"base_url": stub.url + path, "timeout": 20.0, "max_output_tokens": 200}
    return create_client(ConnectionConfig(provider, "llama3.2", **settings | changes))  # type: ignore[arg-type]


async def _ask(client: ModelClient, sentences: int) -> StoredAnswer | ModelFailure:
    content = Content(_SENTENCE * sentences)
    reach = Reach(True, 20.0, Room(None, 200))
    try:
        return await ask(client, _QUESTION, "a.txt", content, reach, least=content.text_tokens.least)
    finally:
        await client.close()


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/", "/api"])
async def test_a_long_document_is_read_whole(stub: Stub, ollama: OllamaServer, path: str) -> None:
    """Whichever of its APIs the address names: the context is as large as the document needs."""
    answer = await _ask(_client(stub, path), 1_200)
    assert isinstance(answer, StoredAnswer)
    assert answer.usage is not None
    assert answer.usage.input_tokens > 1_200 * len(_SENTENCE) // 4
    assert (answer.text, answer.served.finish_reason, ollama.contexts) == ("fine", "stop", [32_768])


async def test_by_its_openai_api_it_is_cut_and_fails(stub: Stub, ollama: OllamaServer) -> None:
    """Nobody can say there how large the context shall be: it answers from what is left, and is found out."""
    failure = await _ask(_client(stub, provider="openai-compatible"), 1_200)
    assert isinstance(failure, ModelFailure)
    assert (failure.kind, failure.usage) == (FailureKind.TRUNCATED, Usage(2_050, 0, 3))
    assert ollama.contexts == []


async def test_an_earlier_version_that_cuts_is_found_out(stub: Stub, ollama: OllamaServer) -> None:
    """It does not know that nothing may be cut, and its model takes less than the document."""
    ollama.knows_shift = False
    ollama.model_context = 8_192
    failure = await _ask(_client(stub), 1_200)
    assert isinstance(failure, ModelFailure)
    assert (failure.kind, failure.usage) == (FailureKind.TRUNCATED, Usage(4_098, 0, 3))


async def test_what_the_model_cannot_take_is_an_overflow(stub: Stub, ollama: OllamaServer) -> None:
    """The server refuses it, and it is asked once: its context cannot grow."""
    ollama.model_context = 8_192
    failure = await _ask(_client(stub), 1_200)
    assert isinstance(failure, ModelFailure)
    assert (failure.kind, ollama.contexts) == (FailureKind.CONTEXT_OVERFLOW, [8_192])


async def test_a_context_that_is_too_small_after_all_grows(stub: Stub, ollama: OllamaServer) -> None:
    """A tokenizer that makes twice as many tokens as expected is given more, until it is enough."""
    client = _client(stub)
    content = Content("x" * 100_000)
    answer = await ask(client, _QUESTION, "a.txt", content, Reach(True, 20.0, Room(None, 200)), least=0)
    await client.close()
    assert isinstance(answer, StoredAnswer)
    assert ollama.contexts == [16_384, 32_768]


async def test_the_context_grows_in_few_steps_and_never_shrinks(stub: Stub, ollama: OllamaServer) -> None:
    """A model is loaded anew whenever it changes; what the model takes is asked for once."""
    client = _client(stub)
    for sentences in (1, 400, 20, 390, 1):
        await client.complete(ModelRequest(Content(_SENTENCE * sentences), "Why?"))
    await client.close()
    assert ollama.contexts == [4_096, 16_384, 16_384, 16_384, 16_384]
    assert ollama.shown == 1


async def test_what_is_set_for_the_connection_holds(stub: Stub, ollama: OllamaServer) -> None:
    """Parameters of the model stand among its options, whether they were given there or by themselves."""
    extra = {"num_ctx": 6_000, "options": {"seed": 7}, "top_p": 0.5, "keep_alive": "10m", "think": False}
    client = _client(stub, extra=extra, temperature=0.0)
    await client.complete(ModelRequest(Content("Hello"), "Why?", system="Be brief."))
    assert await client.context_tokens() == 6_000
    await client.close()
    body = ollama.bodies[0]
    assert body["options"] == {
        "num_ctx": 6_000,
        "seed": 7,
        "top_p": 0.5,
        "temperature": 0.0,
        "num_predict": 200,
    }
    assert (body["keep_alive"], body["think"], body["stream"]) == ("10m", False, False)
    assert (body["truncate"], body["shift"]) == (False, False)
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


async def test_an_answer_can_be_mended(stub: Stub, ollama: OllamaServer) -> None:
    """The model is shown what it wrote, and told what is wrong with it."""
    client = _client(stub)
    repair = Repair(1, "{broken", "It is no JSON.")
    await client.complete(ModelRequest(Content("Hello"), "Why?", repair=repair))
    await client.close()
    messages = ollama.bodies[0]["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    assert "It is no JSON." in messages[2]["content"]


async def test_thinking_is_set_as_its_api_has_it(stub: Stub, ollama: OllamaServer) -> None:
    """By the connection's own setting."""
    client = create_client(
        ConnectionConfig("ollama", "qwen3:8b", base_url=stub.url, timeout=20.0, reasoning="off")
    )
    await client.complete(ModelRequest(Content("Hello"), "Why?"))
    await client.close()
    assert ollama.bodies[0]["think"] is False


async def test_schema_and_pictures_go_where_its_api_has_them(stub: Stub, ollama: OllamaServer) -> None:
    """The schema is the format; pictures are a list beside the text."""
    schema = {"type": "object", "properties": {"kind": {"type": "string"}}, "required": ["kind"]}
    client = _client(stub)
    picture = ImagePart("image/png", b"\x89PNG")
    reply = await client.complete(ModelRequest(Content("", (picture,)), "Kind?", schema=schema))
    await client.close()
    assert reply.value == {"kind": "letter"}
    body = ollama.bodies[0]
    assert body["format"]["properties"]["kind"]["type"] == "string"
    assert body["messages"][0]["images"] == [base64.b64encode(picture.data).decode()]
    assert body["messages"][0]["content"].index("<document>") < body["messages"][0]["content"].index("Kind?")


async def test_a_turn_of_repair(stub: Stub, ollama: OllamaServer) -> None:
    """The model is shown its own answer, and there is room for it."""
    client = _client(stub)
    repair = Repair(1, "word " * 6_000, "The answer is not JSON.")
    await client.complete(ModelRequest(Content("Hello"), "Why?", repair=repair))
    await client.close()
    assert [message["role"] for message in ollama.bodies[0]["messages"]] == ["user", "assistant", "user"]
    assert "The answer is not JSON." in ollama.bodies[0]["messages"][-1]["content"]
    assert ollama.contexts == [16_384]


async def test_counts_that_are_missing_prove_nothing(stub: Stub, ollama: OllamaServer) -> None:
    """Early versions told none of a cached prompt: the answer counts, and its tokens are unknown."""
    ollama.counts = False
    answer = await _ask(_client(stub), 50)
    assert isinstance(answer, StoredAnswer)
    assert answer.usage is None


async def test_the_model_is_asked_for_what_it_takes(stub: Stub, ollama: OllamaServer) -> None:
    """By its own API, and the models are listed as before."""
    client = _client(stub)
    assert await client.context_tokens() == 131_072
    assert [one.name for one in await client.models()] == ["llama3.2:latest"]
    await client.close()
    assert ollama.shown == 1
