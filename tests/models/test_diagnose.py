"""The test of a connection, and the search for servers."""

import socket
from typing import Any

import pytest
from aiohttp import web
from tests.models.stub import Stub, completion
from tests.support.waiting import PATIENCE

from docstage.domain.tasks import FailureKind
from docstage.models.detect import DetectedServer, detect_keys, detect_local
from docstage.models.diagnose import Diagnosis, diagnose
from docstage.models.protocol import ConnectionConfig

MODELS = {"data": [{"id": "llama3.2:3b", "max_model_len": 4096}, {"id": "qwen3:8b"}]}


def serve(stub: Stub, answer: Any, status: int = 200, models: Any = MODELS) -> None:
    """Offer models, and answer every call alike."""

    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/models"):
            return web.json_response(models, status=200 if models else 404)
        return web.json_response(answer, status=status)

    stub.handler = handler


async def examine(stub: Stub, model: str = "llama3.2:3b", **changes: Any) -> Diagnosis:
    """The diagnosis of a connection to the stub."""
    return await diagnose(ConnectionConfig("vllm", model, base_url=f"{stub.url}/v1", **changes))


@pytest.mark.parametrize(
    "answer", [completion("OK"), completion("%&$"), completion("", finish_reason="length")]
)
async def test_any_answer_shows_that_it_works(stub: Stub, answer: Any) -> None:
    """Nonsense, and an answer cut off before its first word, are answers too."""
    serve(stub, answer)
    found = await examine(stub)
    assert found.ok
    assert found.latency_ms is not None
    assert found.context_tokens == 4096
    assert stub.requests[-1][3]["max_tokens"] == 16


async def test_a_server_that_never_says_how_answers_end_is_told(stub: Stub) -> None:
    """Every answer of a batch would fail: better to know it before."""
    serve(stub, completion("OK", finish_reason=None))
    found = await examine(stub)
    assert (found.ok, found.kind, found.billed) == (False, FailureKind.BAD_ANSWER, True)
    assert "did not say how the answer ended" in found.message
    assert "tells finish_reason" in found.message


async def test_unknown_model_suggests_close_ones(stub: Stub) -> None:
    """A mistyped model is answered with what the server offers."""
    serve(stub, {"error": {"message": "model 'lama3.2' not found"}}, 404)
    found = await examine(stub, "lama3.2")
    assert (found.ok, found.kind) == (False, FailureKind.UNKNOWN_MODEL)
    assert "Did you mean llama3.2:3b" in found.message


async def test_unlisted_model_that_answers_works(stub: Stub) -> None:
    """Servers take names that they do not list; the difference is told."""
    serve(stub, completion())
    found = await examine(stub, "qwen3")
    assert found.ok
    assert "does not list it by that name. Did you mean qwen3:8b" in found.message


async def test_server_without_a_list_works(stub: Stub) -> None:
    """Listing models is not required."""
    serve(stub, completion(), models=None)
    found = await examine(stub)
    assert found.ok
    assert found.models == ()


async def test_wrong_path(stub: Stub) -> None:
    """A 404 is explained."""
    serve(stub, {"error": "not found"}, 404, models=None)
    found = await examine(stub)
    assert found.kind is FailureKind.BAD_REQUEST
    assert "usually ends in /v1" in found.message


async def test_wrong_key(stub: Stub) -> None:
    """A refused key ends the test at once."""
    stub.answers({"error": {"message": "bad key"}}, 401)
    found = await examine(stub)
    assert found.kind is FailureKind.AUTH
    assert len(stub.requests) == 1


async def test_nothing_listens_tells_how_to_start() -> None:
    """For a local server, the message says how it is started."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
        found = await diagnose(ConnectionConfig("ollama", "m", base_url=url))
    assert found.kind is FailureKind.CONNECTION
    assert "`ollama serve`" in found.message


@pytest.mark.parametrize(
    ("config", "kind", "words"),
    [
        (ConnectionConfig("openai", "gpt-4o"), FailureKind.AUTH, "OPENAI_API_KEY"),
        (ConnectionConfig("openai-compatible", "m"), FailureKind.BAD_REQUEST, "needs a base URL"),
        (ConnectionConfig("nobody", "m"), FailureKind.BAD_REQUEST, "There is no provider"),
    ],
)
async def test_incomplete_connections(config: ConnectionConfig, kind: FailureKind, words: str) -> None:
    """What is missing is said before anything is sent."""
    found = await diagnose(config)
    assert found.kind is kind
    assert words in found.message


async def test_local_servers_are_found(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model server is found by its list of models; other services and closed ports are passed over."""
    monkeypatch.setattr("docstage.models.detect.PROBE_SECONDS", PATIENCE)
    serve(stub, completion())
    found = await detect_local({"ollama": f"{stub.url}/v1", "vllm": "http://127.0.0.1:1/v1"})
    assert found == [DetectedServer("ollama", f"{stub.url}/v1", ("llama3.2:3b", "qwen3:8b"))]
    stub.answers_text("<html>another service</html>")
    assert await detect_local({"llamacpp": f"{stub.url}/v1"}) == []


def test_keys_are_found_by_name_only() -> None:
    """The names of variables are told, their values are not; empty ones do not count."""
    environ = {"OPENAI_API_KEY": "sk-secret", "GROQ_API_KEY": "", "HOME": "/root"}
    assert detect_keys(environ) == ["OPENAI_API_KEY"]
