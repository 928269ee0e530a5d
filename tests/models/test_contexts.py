"""How many tokens a model takes is asked of its server, in the words of each."""

from typing import Any

import pytest
from aiohttp import web
from tests.models.stub import Stub

from docstage.models.contexts import listed_context
from docstage.models.factory import create_client
from docstage.models.protocol import ConnectionConfig

# Shapes as the servers' documentation and answers show them.
_LLAMA_PROPS = {"default_generation_settings": {"n_ctx": 4_096, "params": {}}, "total_slots": 2}
_LLAMA_MODELS = {"data": [{"id": "m", "meta": {"n_ctx": 8_192, "n_ctx_train": 131_072}}]}
_VLLM = {"object": "list", "data": [{"id": "m", "owned_by": "vllm", "max_model_len": 16_384}]}
_ROUTED = {"data": [{"id": "a/m", "context_length": 131_072, "top_provider": {"context_length": 65_536}}]}
_LOADED = {"id": "m", "state": "loaded", "max_context_length": 131_072, "loaded_context_length": 4_096}
_NOT_LOADED = {"id": "m", "state": "not-loaded", "max_context_length": 131_072}


async def _asked(stub: Stub, provider: str, answers: dict[str, Any], model: str = "m") -> int | None:
    async def handle(request: web.Request) -> web.StreamResponse:
        answer = answers.get(request.path)
        return web.Response(status=404) if answer is None else web.json_response(answer)

    stub.handler = handle
    config = ConnectionConfig(provider, model, base_url=f"{stub.url}/v1", api_key="sk-none", timeout=20.0)
    client = create_client(config)
    try:
        return await client.context_tokens()
    finally:
        await client.close()


@pytest.mark.parametrize(
    ("provider", "answers", "tokens"),
    [
        ("llamacpp", {"/props": _LLAMA_PROPS, "/v1/models": _LLAMA_MODELS}, 4_096),  # of each slot
        ("openai-compatible", {"/v1/models": _LLAMA_MODELS}, 8_192),
        ("openai-compatible", {"/props": {"else": 1}, "/v1/models": _VLLM}, 16_384),
        ("vllm", {"/v1/models": _VLLM}, 16_384),
        ("together", {"/v1/models": [{"id": "m", "context_length": 32_768}]}, 32_768),
        ("groq", {"/v1/models": {"data": [{"id": "m", "context_window": 131_072}]}}, 131_072),
        ("mistral", {"/v1/models": {"data": [{"id": "m", "max_context_length": 262_144}]}}, 262_144),
        ("lmstudio", {"/api/v0/models": {"data": [_LOADED]}}, 4_096),
        ("lmstudio", {"/api/v0/models": {"data": [_NOT_LOADED]}}, None),
        ("lmstudio", {"/v1/models": {"data": [_LOADED]}}, None),
        ("ollama", {"/api/show": {"model_info": {"qwen2.context_length": 40_960}}}, 40_960),
        ("ollama", {"/api/show": {"model_info": None}}, None),
        ("openai", {"/v1/models": {"data": [{"id": "m"}]}}, None),
        ("vllm", {"/v1/models": {"data": [{"id": "other", "max_model_len": 9}, {"id": "third"}]}}, None),
        ("vllm", {"/v1/models": {"data": [{"id": "the-only-one", "max_model_len": 9}]}}, 9),
        ("vllm", {"/v1/models": {"data": [{"id": "m", "max_model_len": True}]}}, None),
        ("vllm", {"/v1/models": "nonsense"}, None),
        ("vllm", {}, None),
    ],
)
async def test_what_servers_say(
    stub: Stub, provider: str, answers: dict[str, Any], tokens: int | None
) -> None:
    """The context that a call really has comes before what the model was made for; nonsense is nothing."""
    assert await _asked(stub, provider, answers) == tokens


async def test_the_smaller_one_of_a_router_holds(stub: Stub) -> None:
    """Its provider may give a model less than it was made for."""
    assert await _asked(stub, "openrouter", {"/v1/models": _ROUTED}, "a/m") == 65_536


@pytest.mark.parametrize(
    ("provider", "model", "address", "known"),
    [
        ("anthropic", "claude-sonnet-4-5", None, True),
        ("openai", "gpt-4o", "https://api.openai.com/v1", True),
        ("openai", "gpt-4o", "https://elsewhere.example/v1", False),
        ("openai", "no-such-model", None, False),
        ("vllm", "gpt-4o", None, False),
    ],
)
def test_what_the_price_list_says(provider: str, model: str, address: str | None, known: bool) -> None:
    """It holds at the provider's own address, whatever a server elsewhere calls its models."""
    found = listed_context(provider, model, address)
    assert (found is not None and found >= 100_000) is known
