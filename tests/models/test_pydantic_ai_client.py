"""The client of Anthropic, Google, Bedrock and Azure: what it sends, and what it makes of answers."""

import asyncio
import json
import socket
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web
from tests.models.shapes import MODELS, error, success
from tests.models.stub import Stub
from tests.support.waiting import PATIENCE

from docstage.domain.content import Content, ImagePart
from docstage.domain.errors import InvalidInput
from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage
from docstage.domain.written import Repair
from docstage.models.factory import create_client
from docstage.models.protocol import ConnectionConfig, ModelFailure, ModelReply, ModelRequest

KEY = "sk-test-secret-key"
AWS_SECRET = "aws-test-secret-key"
SCHEMA = {
    "type": "object",
    "properties": {"total": {"type": "number"}},
    "required": ["total"],
    "additionalProperties": False,
}
DOCUMENT = "<document>\nA document.\n</document>"
REQUEST = ModelRequest(Content("A document."), "What is it?", system="Be brief.")
PICTURED = ModelRequest(Content("A document.", (ImagePart("image/png", b"png"),)), "What is it?")
ASKING = ModelRequest(Content("A document."), "What is the total?", schema=SCHEMA)
PROVIDERS = tuple(MODELS)


@pytest.fixture(autouse=True)
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS credentials with which requests are signed: a Bedrock key is sent over TLS only."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", AWS_SECRET)
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK", raising=False)


def config(provider: str, url: str, **changes: Any) -> ConnectionConfig:
    """A connection to the stub."""
    extra = {"region": "eu-central-1"} if provider == "bedrock" else {}
    settings: dict[str, Any] = {
        "api_key": None if provider == "bedrock" else KEY,
        "max_output_tokens": 99,
        "timeout": PATIENCE,
        "extra": extra,
    }
    return ConnectionConfig(provider, base_url=url, **({"model": MODELS[provider]} | settings | changes))


async def ask(provider: str, url: str, request: ModelRequest = REQUEST, **changes: Any) -> ModelReply:
    """The reply to one request by a client of its own."""
    client = create_client(config(provider, url, **changes))
    try:
        return await client.complete(request)
    finally:
        await client.close()


async def fail(provider: str, url: str, request: ModelRequest = REQUEST, **changes: Any) -> ModelFailure:
    """The failure of one request by a client of its own."""
    with pytest.raises(ModelFailure) as caught:
        await ask(provider, url, request, **changes)
    shown = caught.value.message + repr(caught.value)
    assert KEY not in shown
    assert AWS_SECRET not in shown
    assert len(caught.value.message) <= 500
    return caught.value


async def test_no_part_of_a_key_shows(stub: Stub) -> None:
    """Wherever a message is cut."""
    client = create_client(config("anthropic", stub.url))
    for padding in range(400, 520, 5):
        stub.answers({"error": {"type": "api_error", "message": "x" * padding + KEY * 3}}, status=400)
        with pytest.raises(ModelFailure) as caught:
            await client.complete(REQUEST)
        assert "sk-t" not in caught.value.message
    await client.close()


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_reply(stub: Stub, provider: str) -> None:
    """Text, tokens with the cached ones among the input, and the reason to stop are carried over."""
    stub.answers(success(provider, "fine"))
    reply = await ask(provider, stub.url)
    assert (reply.text, reply.value, reply.served.finish_reason) == ("fine", None, "stop")
    assert reply.usage == Usage(100, 64 if provider == "azure" else 90, 7)
    assert len(stub.requests) == 1


async def test_anthropic_request(stub: Stub) -> None:
    """The document is marked for the cache where it is asked for, the output limited, nothing streamed."""
    stub.answers(success("anthropic", "fine"))
    await ask("anthropic", stub.url, replace(REQUEST, cached=True), temperature=0.5)
    ((_, path, headers, body),) = stub.requests
    assert path == "/v1/messages"
    assert KEY in headers.get("x-api-key", "") + headers.get("authorization", "")
    assert (body["max_tokens"], body["temperature"], body["system"]) == (99, 0.5, "Be brief.")
    assert not body.get("stream")
    document, prompt = body["messages"][0]["content"]
    assert (document["text"], prompt["text"]) == (DOCUMENT, "What is it?")
    assert document["cache_control"]["type"] == "ephemeral"
    assert "cache_control" not in prompt


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_document_that_is_asked_once_is_not_cached(stub: Stub, provider: str) -> None:
    """A write to the cache costs more than the input: nothing in the request asks for one."""
    stub.answers(success(provider, "fine"))
    await ask(provider, stub.url)
    sent = str(stub.requests[0][3])
    assert "cache_control" not in sent
    assert "cachePoint" not in sent


# Anthropic and Amazon tell what was read from the cache, and written to it, beside the input that was not.
@pytest.mark.parametrize(
    ("provider", "told", "usage"),
    [
        (
            "anthropic",
            {
                "input_tokens": 10,
                "cache_read_input_tokens": 30,
                "cache_creation_input_tokens": 60,
                "output_tokens": 7,
            },
            Usage(100, 30, 7, 60),
        ),
        (
            "anthropic",
            {
                "input_tokens": 10,
                "cache_read_input_tokens": 0,
                "cache_creation_input_tokens": 90,
                "cache_creation": {"ephemeral_5m_input_tokens": 50, "ephemeral_1h_input_tokens": 40},
                "output_tokens": 7,
            },
            Usage(100, 0, 7, 90, hour_write_tokens=40),
        ),
        (
            "bedrock",
            {
                "inputTokens": 10,
                "outputTokens": 7,
                "totalTokens": 107,
                "cacheReadInputTokens": 30,
                "cacheWriteInputTokens": 60,
            },
            Usage(100, 30, 7, 60),
        ),
        (
            "azure",
            {
                "prompt_tokens": 100,
                "completion_tokens": 7,
                "total_tokens": 107,
                "prompt_tokens_details": {"cached_tokens": 30},
                "completion_tokens_details": {"reasoning_tokens": 4},
            },
            Usage(100, 30, 7, 0, 4),
        ),
    ],
)
async def test_caches_and_reasoning_are_read(
    stub: Stub, provider: str, told: dict[str, Any], usage: Usage
) -> None:
    """All of the input, with its parts that are billed apart."""
    stub.answers(success(provider, "fine") | {"usage": told})
    assert (await ask(provider, stub.url)).usage == usage


async def test_headers_of_the_environment_stay_at_home(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anthropic's library would add them to calls of any address; those of the connection are sent."""
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Gateway: of-the-operator")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "of-the-operator")
    stub.answers(success("anthropic", "Fine."))
    await ask("anthropic", stub.url, headers={"X-Team": "blue"})
    _, _, headers, _ = stub.requests[0]
    assert "of-the-operator" not in str(headers)
    assert headers["x-team"] == "blue"


async def test_google_request(stub: Stub) -> None:
    """The document comes first, and the output is limited."""
    stub.answers(success("google", "fine"))
    await ask("google", stub.url)
    ((_, path, headers, body),) = stub.requests
    assert path == "/v1beta/models/gemini-2.5-flash:generateContent"
    assert headers["x-goog-api-key"] == KEY
    assert body["generationConfig"]["maxOutputTokens"] == 99 + 8_192  # it reasons by itself
    assert [part["text"] for part in body["contents"][0]["parts"]] == [DOCUMENT, "What is it?"]


async def test_bedrock_request(stub: Stub) -> None:
    """A cache point stands after the document, and the output is limited."""
    stub.answers(success("bedrock", "fine"))
    await ask("bedrock", stub.url, replace(REQUEST, cached=True))
    ((_, path, headers, body),) = stub.requests
    assert path.startswith("/model/us.anthropic.claude-sonnet-4-5")
    assert path.endswith("/converse")
    assert "/eu-central-1/bedrock/" in headers["authorization"]
    assert body["inferenceConfig"] == {"maxTokens": 99}
    document, mark, prompt = body["messages"][0]["content"]
    assert (document["text"], prompt["text"]) == (DOCUMENT, "What is it?")
    assert mark["cachePoint"]["type"] == "default"


@pytest.mark.parametrize(
    ("version", "path"),
    [
        (None, "/openai/v1/chat/completions"),
        ("2024-10-21", "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21"),
    ],
)
async def test_azure_request(stub: Stub, version: str | None, path: str) -> None:
    """Both of Azure's addresses are spoken to: version 1, and the one with a dated version."""
    stub.answers(success("azure", "fine"))
    await ask("azure", stub.url, extra={"api_version": version})
    ((_, sent_path, headers, body),) = stub.requests
    assert sent_path == path
    assert headers["api-key"] == KEY
    assert body["max_completion_tokens"] == 99
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_extra_members_are_sent(stub: Stub, provider: str) -> None:
    """They are no words that nobody reads: each provider gets them, beside what docstage sets."""
    stub.answers(success(provider, "fine"))
    limits = {"topK": 5, "maxOutputTokens": 7_777, "max_tokens": 7_777}
    extra = {"region": "eu-central-1", "top_k": 7, "generationConfig": limits, "model": "dearer"}
    await ask(provider, stub.url, reasoning="low" if provider != "google" else None, extra=extra)
    body = stub.requests[0][3]
    fields = body.get("additionalModelRequestFields", body)
    assert fields["top_k"] == 7
    assert not any(word in json.dumps(body) for word in ("eu-central-1", "7777", "dearer"))
    if provider == "bedrock":
        assert fields["thinking"]["budget_tokens"] == 2_048
    if provider == "google":
        assert (body["generationConfig"]["topK"], body["generationConfig"]["maxOutputTokens"]) == (5, 8_291)


async def test_bedrock_is_asked_for_a_service_tier(stub: Stub) -> None:
    """It stands beside the members that are a model's own."""
    stub.answers(success("bedrock", "fine"))
    extra = {"region": "eu-central-1", "serviceTier": {"type": "flex"}}
    await ask("bedrock", stub.url, extra=extra)
    body = stub.requests[0][3]
    assert body["serviceTier"] == {"type": "flex"}
    assert "additionalModelRequestFields" not in body


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_images_are_sent(stub: Stub, provider: str) -> None:
    """Images travel as base64 between the document's text and the prompt."""
    stub.answers(success(provider, "fine"))
    await ask(provider, stub.url, PICTURED)
    sent = json.dumps(stub.requests[0][3])
    assert sent.index("A document.") < sent.index("cG5n") < sent.index("What is it?")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_schema_is_sent_natively(stub: Stub, provider: str) -> None:
    """Models that take a schema get it as such; the answer comes back parsed."""
    stub.answers(success(provider, '{"total": 3}'))
    assert (await ask(provider, stub.url, ASKING)).value == {"total": 3}
    body = stub.requests[0][3]
    assert "total" in json.dumps({key: body[key] for key in body if key not in ("messages", "contents")})


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_open_schema_goes_into_the_prompt(stub: Stub, provider: str) -> None:
    """A schema with members of any name, which native modes drop, is put into words and still checked."""
    schema = {"type": "object", "additionalProperties": {"type": "number"}}
    stub.answers(success(provider, '{"any": "x"}'))
    failure = await fail(provider, stub.url, ModelRequest(Content("x"), "What?", schema=schema))
    assert failure.kind is FailureKind.BAD_ANSWER
    assert "At any" in failure.message
    assert failure.usage is not None
    body = stub.requests[0][3]
    assert "additionalProperties" in json.dumps(body.get("messages") or body.get("contents"))


ENDINGS: dict[str, list[str | None]] = {
    "anthropic": ["max_tokens", "model_context_window_exceeded", "refusal", "a word of tomorrow", None],
    "google": ["MAX_TOKENS", "SAFETY", "OTHER", "MALFORMED_FUNCTION_CALL", "A_WORD_OF_TOMORROW", None],
    "bedrock": ["max_tokens", "guardrail_intervened", "malformed_model_output", "a word of tomorrow"],
    "azure": ["length", "content_filter", "a word of tomorrow", None],
}
_WHERE = {"anthropic": "stop_reason", "google": "finishReason", "bedrock": "stopReason"}


def _ended(provider: str, word: str | None) -> dict[str, Any]:
    body = success(provider, '{"total": 3}')
    place = {"google": "candidates", "azure": "choices"}.get(provider)
    (body[place][0] if place else body)[_WHERE.get(provider, "finish_reason")] = word
    return body


@pytest.mark.filterwarnings("ignore:A_WORD_OF_TOMORROW")
@pytest.mark.parametrize(("provider", "word"), [(one, word) for one in PROVIDERS for word in ENDINGS[one]])
async def test_only_known_good_endings_make_a_reply(stub: Stub, provider: str, word: str | None) -> None:
    """What the library makes of other words does not hide them, also where the text would pass."""
    stub.answers(_ended(provider, word))
    failure = await fail(provider, stub.url, ASKING)
    cut = {"max_tokens", "MAX_TOKENS", "length", "model_context_window_exceeded"}
    refused = {"refusal", "SAFETY", "guardrail_intervened", "content_filter"}
    busy = {"OTHER", "MALFORMED_FUNCTION_CALL", "malformed_model_output"}
    kinds = ((cut, FailureKind.CUT_OFF), (refused, FailureKind.REFUSAL), (busy, FailureKind.OVERLOADED))
    assert failure.kind is next((kind for words, kind in kinds if word in words), FailureKind.BAD_ANSWER)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_turn_of_repair(stub: Stub, provider: str) -> None:
    """Every provider gets its own answer back, and then what was wrong with it."""
    stub.answers(success(provider, '{"total": 3}'))
    repair = Repair(1, "It is three.", "The answer is not JSON.")
    assert (await ask(provider, stub.url, replace(ASKING, repair=repair))).value == {"total": 3}
    body = stub.requests[0][3]
    turns = body.get("messages") or body["contents"]
    roles = [turn["role"] for turn in turns if turn["role"] != "system"]
    assert roles == ["user", "model" if provider == "google" else "assistant", "user"]
    assert "It is three." in json.dumps(turns[-2])
    assert "The answer is not JSON." in json.dumps(turns[-1])


async def test_a_turn_that_anthropic_paused_is_not_whole(stub: Stub) -> None:
    """The library takes it for one that stopped."""
    stub.answers(_ended("anthropic", "pause_turn"))
    failure = await fail("anthropic", stub.url)
    assert failure.kind is FailureKind.CUT_OFF
    assert failure.written.text == '{"total": 3}'


async def test_thoughts_and_arguments_of_tools_are_read(stub: Stub) -> None:
    """Thoughts are kept apart, and what a tool was called with may be the answer."""
    body = success("anthropic", "")
    body["content"] = [
        {"type": "thinking", "thinking": "Hm.", "signature": "x"},
        {"type": "tool_use", "id": "1", "name": "answer", "input": {"total": 3}},
    ]
    stub.answers(body | {"stop_reason": "tool_use"})
    reply = await ask("anthropic", stub.url, ASKING)
    assert (reply.value, reply.thoughts) == ({"total": 3}, "Hm.")


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("text", ["{}", '{"error": {}}', "[]", "<html>"])
async def test_malformed_success(stub: Stub, provider: str, text: str) -> None:
    """A status of 200 without an answer is a failure, whatever the library makes of it."""
    stub.answers_text(text, content_type="application/json")
    assert (await fail(provider, stub.url)).kind is FailureKind.BAD_ANSWER


ERRORS = [
    ("anthropic", 401, "authentication_error", "invalid x-api-key", "auth"),
    ("anthropic", 404, "not_found_error", "model: claude-x", "unknown_model"),
    (
        "anthropic",
        400,
        "invalid_request_error",
        "prompt is too long: 9 tokens > 8 maximum",
        "context_overflow",
    ),
    ("anthropic", 400, "invalid_request_error", "Your credit balance is too low", "quota"),
    ("anthropic", 429, "rate_limit_error", "slow down", "rate_limited"),
    ("anthropic", 500, "api_error", "oops", "overloaded"),
    ("anthropic", 529, "overloaded_error", "Overloaded", "overloaded"),
    ("google", 400, "INVALID_ARGUMENT", "temperature is wrong", "bad_request"),
    ("google", 400, "INVALID_ARGUMENT", "The input token count (9) exceeds", "context_overflow"),
    ("google", 403, "PERMISSION_DENIED", "key not valid", "auth"),
    ("google", 404, "NOT_FOUND", "models/x is not found", "unknown_model"),
    ("google", 429, "RESOURCE_EXHAUSTED", "slow down", "rate_limited"),
    ("google", 503, "UNAVAILABLE", "The model is overloaded.", "overloaded"),
    ("bedrock", 400, "ValidationException", "temperature is wrong", "bad_request"),
    ("bedrock", 400, "ValidationException", "Input is too long for requested model.", "context_overflow"),
    ("bedrock", 400, "ValidationException", "The provided model identifier is invalid.", "unknown_model"),
    ("bedrock", 403, "AccessDeniedException", "no access", "auth"),
    ("bedrock", 429, "ThrottlingException", "slow down", "rate_limited"),
    ("bedrock", 503, "ServiceUnavailableException", "busy", "overloaded"),
    ("azure", 401, "401", "Access denied", "auth"),
    ("azure", 404, "DeploymentNotFound", "The API deployment does not exist", "unknown_model"),
    ("azure", 400, "context_length_exceeded", "maximum context length", "context_overflow"),
    ("azure", 429, "429", "slow down", "rate_limited"),
    ("azure", 429, "insufficient_quota", "no quota", "quota"),
]


@pytest.mark.parametrize(("provider", "status", "code", "message", "kind"), ERRORS)
async def test_errors(stub: Stub, provider: str, status: int, code: str, message: str, kind: str) -> None:
    """Each documented error gets its kind, keeps the provider's words, and is not retried by the SDK."""
    # With Bedrock, only a signature goes out, so that no key can come back.
    echo = "" if provider == "bedrock" else KEY
    body, headers = error(provider, code, f"{message} {echo}".strip())
    stub.answers(body, status, headers | {"Retry-After": "7"})
    failure = await fail(provider, stub.url)
    assert failure.kind == FailureKind(kind)
    assert failure.status_code == status
    assert message in failure.message
    assert len(stub.requests) == 1
    if status == 429:
        assert failure.retry_after == 7.0


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_nothing_listens(provider: str) -> None:
    """A refused connection is told as that."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        failure = await fail(provider, f"http://127.0.0.1:{free.getsockname()[1]}")
    assert failure.kind is FailureKind.CONNECTION


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_timeout(stub: Stub, provider: str) -> None:
    """A provider that does not answer in time is given up."""
    released = asyncio.Event()

    async def hang(_request: web.Request) -> web.StreamResponse:
        await released.wait()
        return web.Response()

    stub.handler = hang
    failure = await fail(provider, stub.url, timeout=0.3)
    released.set()
    assert failure.kind is FailureKind.TIMEOUT
    assert "0.3 s" in failure.message


async def test_withheld_answers_are_refusals(stub: Stub) -> None:
    """An answer that the provider's filter withheld is a refusal."""
    answer = success("google", "")
    answer["candidates"] = [{"finishReason": "SAFETY", "index": 0}]
    stub.answers(answer)
    assert (await fail("google", stub.url)).kind is FailureKind.REFUSAL
    body, _ = error("azure", "content_filter", "The prompt was filtered.")
    stub.answers(body, 400)
    assert (await fail("azure", stub.url)).kind is FailureKind.REFUSAL


@pytest.mark.parametrize(
    ("provider", "body", "expected"),
    [
        ("anthropic", {"data": [{"id": "b", "type": "model"}, {"id": "a", "type": "model"}]}, ["a", "b"]),
        ("google", {"models": [{"name": "models/gemini-x", "inputTokenLimit": 9}]}, ["gemini-x"]),
        ("bedrock", {"modelSummaries": [{"modelId": "a"}]}, ["a"]),
        ("azure", {"object": "list", "data": [{"id": "a", "object": "model"}]}, ["a"]),
    ],
)
async def test_models(stub: Stub, provider: str, body: Any, expected: list[str]) -> None:
    """What the provider offers is listed by name."""
    stub.answers(body)
    client = create_client(config(provider, stub.url))
    offers = await client.models()
    await client.close()
    assert [offer.name for offer in offers] == expected
    assert KEY not in repr(client)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_models_with_a_wrong_key(stub: Stub, provider: str) -> None:
    """A list that is refused is a failure of the same kind as a refused call."""
    codes = {"anthropic": "authentication_error", "google": "UNAUTHENTICATED", "azure": "401"}
    body, headers = error(provider, codes.get(provider, "UnrecognizedClientException"), "no")
    stub.answers(body, 401, headers)
    client = create_client(config(provider, stub.url))
    with pytest.raises(ModelFailure) as caught:
        await client.models()
    await client.close()
    assert caught.value.kind is FailureKind.AUTH


def test_incomplete_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a provider cannot do without is asked for before anything is sent."""
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    with pytest.raises(InvalidInput, match="region"):
        create_client(ConnectionConfig("bedrock", "m"))
    with pytest.raises(InvalidInput, match="base URL"):
        create_client(ConnectionConfig("azure", "m"))
