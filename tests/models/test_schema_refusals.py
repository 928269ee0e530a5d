"""Servers that refuse a schema all the same: the same question is asked once more with it in the prompt.

The words are those of public reports: OpenAI's and Azure's API, Anthropic's ("Schema is too complex",
"compiled grammar is too large"), Gemini's ("too many states"), Bedrock's ValidationException, Groq's,
Together's and OpenRouter's for models without schemas, Ollama's (500), vLLM's (xgrammar, llguidance),
llama.cpp's and LM Studio's.
"""

from typing import Any

import pytest
from aiohttp import web
from tests.models.shapes import MODELS, success
from tests.models.stub import Stub
from tests.support.waiting import PATIENCE

from docstage.domain.content import Content
from docstage.domain.tasks import FailureKind
from docstage.models.factory import create_client
from docstage.models.protocol import ConnectionConfig, ModelClient, ModelFailure, ModelReply, ModelRequest

SCHEMA = {
    "type": "object",
    "properties": {"total": {"type": "number"}},
    "required": ["total"],
    "additionalProperties": False,
}
REQUEST = ModelRequest(Content("A document."), "What is the total?", schema=SCHEMA)
GOOD = '{"total": 3}'


@pytest.fixture(autouse=True)
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS credentials with which requests are signed."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK", raising=False)


def client_of(provider: str, stub: Stub) -> ModelClient:
    """A client of the provider at the stub."""
    extra = {"region": "eu-central-1"} if provider == "bedrock" else {}
    key = None if provider == "bedrock" else "sk-test-secret-key"
    model = MODELS.get(provider, "some-model")
    common: dict[str, Any] = {
        "base_url": stub.url,
        "api_key": key,
        "timeout": PATIENCE,
        "context_tokens": 8_192,
    }
    return create_client(ConnectionConfig(provider, model, extra=extra, **common))


async def ask(client: ModelClient) -> ModelReply | ModelFailure:
    """What comes of one question."""
    try:
        return await client.complete(REQUEST)
    except ModelFailure as failure:
        return failure


def carries_form(body: dict[str, Any]) -> bool:
    """Whether a request asks for a form of the answer beside the prompt."""
    form = {"response_format", "output_config", "outputConfig", "provider", "format"} & body.keys()
    return bool(form) or "responseMimeType" in body.get("generationConfig", {})


def refuses_forms(stub: Stub, provider: str, status: int, message: str, answer: str = GOOD) -> None:
    """From now on the stub refuses every form of answers, and answers other requests."""

    async def handle(_request: web.Request) -> web.StreamResponse:
        if carries_form(stub.requests[-1][3]):
            body = {"error": {"message": message, "code": status}, "message": message}
            headers = {"x-amzn-ErrorType": "ValidationException"} if provider == "bedrock" else {}
            return web.json_response(body, status=status, headers=headers)
        return web.json_response(success(provider, answer))

    stub.handler = handle


REFUSALS = (
    ("openai", 400, "Invalid schema for response_format 'answer': In context=(), 'x' is not permitted."),
    (
        "azure",
        400,
        "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.",
    ),
    ("anthropic", 400, "output_config.format.schema: Schema is too complex."),
    ("anthropic", 400, "The compiled grammar is too large."),
    ("anthropic", 400, "'claude-sonnet-4-6' does not support output format."),
    ("google", 400, "The specified schema produces a constraint that has too many states for serving."),
    ("google", 400, "Request contains an invalid argument."),
    ("bedrock", 400, "This model doesn't support the outputConfig field."),
    ("mistral", 422, "Input should be a valid schema"),
    ("groq", 400, "This model does not support response format `json_object`."),
    ("together", 400, "JSON mode is not supported for this model"),
    ("openrouter", 404, "No endpoints found that can handle the requested parameters."),
    ("deepseek", 400, "This response_format type is unavailable now"),
    ("ollama", 500, "invalid JSON schema in format"),
    ("vllm", 400, "The provided JSON schema contains features not supported by xgrammar."),
    ("vllm", 400, 'Grammar error: Unimplemented keys: ["propertyNames"]'),
    ("llamacpp", 400, "JSON schema error at #/properties/a: schema must be an object"),
    ("llamacpp", 500, "Failed to initialize samplers: failed to parse grammar"),
    ("lmstudio", 400, "'response_format.type' must be 'json_schema' or 'text'"),
    ("openai-compatible", 400, "请求参数错误"),
)


@pytest.mark.parametrize(("provider", "status", "message"), REFUSALS)
async def test_a_refused_schema_is_asked_for_in_words(
    stub: Stub, provider: str, status: int, message: str
) -> None:
    """The first task is answered, and says so; from then on no request is refused."""
    refuses_forms(stub, provider, status, message)
    client = client_of(provider, stub)
    first, second = await ask(client), await ask(client)
    await client.close()
    assert isinstance(first, ModelReply)
    assert isinstance(second, ModelReply)
    assert (first.value, second.value) == ({"total": 3}, {"total": 3})
    assert first.note is not None
    assert "put into the prompt" in first.note
    assert second.note is None
    assert [carries_form(request[3]) for request in stub.requests] == [True, False, False]


async def test_a_refusal_within_an_answer_is_one(stub: Stub) -> None:
    """Gateways such as OpenRouter put a host's error into an answer of status 200."""

    async def handle(_request: web.Request) -> web.StreamResponse:
        if carries_form(stub.requests[-1][3]):
            return web.json_response({"error": {"code": 400, "message": "Provider returned error"}})
        return web.json_response(success("openrouter", GOOD))

    stub.handler = handle
    client = client_of("openrouter", stub)
    reply = await ask(client)
    await client.close()
    assert isinstance(reply, ModelReply)
    assert reply.value == {"total": 3}


async def test_a_server_that_fails_on_a_schema_without_a_word_is_found(stub: Stub) -> None:
    """Gemini answers some schemas with "An internal error has occurred" (500), again and again."""
    refuses_forms(stub, "google", 500, "An internal error has occurred.")
    client = client_of("google", stub)
    first, second, third = await ask(client), await ask(client), await ask(client)
    await client.close()
    assert isinstance(first, ModelFailure)
    assert first.kind is FailureKind.OVERLOADED
    assert isinstance(second, ModelReply)
    assert isinstance(third, ModelReply)
    assert [carries_form(request[3]) for request in stub.requests] == [True, True, False, False]


async def test_a_server_that_fails_after_answers_is_in_trouble(stub: Stub) -> None:
    """A schema that brought an answer is not suspected, however often the server fails afterwards."""
    stub.answers(success("openai", GOOD))
    client = client_of("openai", stub)
    await ask(client)
    stub.answers({"error": {"message": "The server had an error."}}, status=500)
    failures = [await ask(client) for _ in range(4)]
    await client.close()
    assert all(isinstance(one, ModelFailure) and one.status_code == 500 for one in failures)
    assert len(stub.requests) == 5


async def test_one_of_several_hosts_may_refuse_what_others_take(stub: Stub) -> None:
    """A router asks now this one, now that one: the question that one refuses is answered all the same."""
    stub.answers(success("openrouter", GOOD))
    client = client_of("openrouter", stub)
    first = await ask(client)
    refuses_forms(stub, "openrouter", 400, "Provider returned error: json_schema is not supported")
    second = await ask(client)
    await client.close()
    assert isinstance(first, ModelReply)
    assert isinstance(second, ModelReply)
    assert (first.note, second.value) == (None, {"total": 3})


async def test_a_server_in_trouble_is_not_asked_for_more(stub: Stub) -> None:
    """One that fails without the schema too is suspected once."""
    stub.answers({"error": {"message": "The server had an error."}}, status=500)
    client = client_of("openai", stub)
    for _ in range(4):
        await ask(client)
    await client.close()
    assert len(stub.requests) == 5


async def test_an_answer_in_words_that_breaks_the_schema_is_a_bad_answer(stub: Stub) -> None:
    """That the server took the question shows that the schema was what it refused."""
    refuses_forms(stub, "openai", 400, "Invalid schema.", answer='{"total": "three"}')
    client = client_of("openai", stub)
    first, second = await ask(client), await ask(client)
    await client.close()
    assert isinstance(first, ModelFailure)
    assert isinstance(second, ModelFailure)
    assert {first.kind, second.kind} == {FailureKind.BAD_ANSWER}
    assert len(stub.requests) == 3


async def test_another_fault_is_not_blamed_on_the_schema(stub: Stub) -> None:
    """What is refused without the schema too is told as it is, and not asked a second time again."""
    stub.answers({"error": {"message": "Unsupported value: 'temperature'."}}, status=400)
    client = client_of("openai", stub)
    first, second = await ask(client), await ask(client)
    await client.close()
    assert isinstance(first, ModelFailure)
    assert isinstance(second, ModelFailure)
    assert (first.kind, first.may_be_billed) == (FailureKind.BAD_REQUEST, False)
    assert "temperature" in first.message
    assert [carries_form(request[3]) for request in stub.requests] == [True, False, True]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "Incorrect API key provided for schema access"),
        (402, "Insufficient balance"),
        (429, "Rate limit reached"),
        (503, "The server is overloaded"),
        (413, "Request too large"),
        (404, "The model `x` does not exist"),
    ],
)
async def test_other_failures_are_not_asked_twice(stub: Stub, status: int, message: str) -> None:
    """One request each: what is wrong with them is not the schema."""
    stub.answers({"error": {"message": message}}, status=status)
    client = client_of("openai", stub)
    failure = await ask(client)
    await client.close()
    assert isinstance(failure, ModelFailure)
    assert failure.status_code == status
    assert len(stub.requests) == 1


@pytest.mark.parametrize("member", ["response_format", "grammar", "guided_json"])
async def test_a_connection_with_its_own_form_keeps_it(stub: Stub, member: str) -> None:
    """What `extra` says of answers is sent as it is; the schema goes into the prompt."""
    stub.answers(success("vllm", GOOD))
    extra = {member: {"type": "text"}}
    config = ConnectionConfig("vllm", "some-model", base_url=stub.url, timeout=PATIENCE, extra=extra)
    client = create_client(config)
    reply = await client.complete(REQUEST)
    await client.close()
    body = stub.requests[0][3]
    assert body[member] == {"type": "text"}
    assert body.keys() & {"response_format"} == {member} & {"response_format"}
    assert "JSON Schema" in body["messages"][-1]["content"]
    assert reply.value == {"total": 3}


async def test_hosts_that_the_user_prefers_are_kept(stub: Stub) -> None:
    """OpenRouter is told both whom to ask and that the host must hold to the schema."""
    stub.answers(success("openrouter", GOOD))
    extra = {"provider": {"order": ["one"]}}
    config = ConnectionConfig("openrouter", "some-model", base_url=stub.url, api_key="k" * 20, extra=extra)
    client = create_client(config)
    await client.complete(REQUEST)
    await client.close()
    assert stub.requests[0][3]["provider"] == {"require_parameters": True, "order": ["one"]}
