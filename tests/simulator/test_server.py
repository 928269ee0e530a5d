"""The simulator speaks the OpenAI chat API over real HTTP, and says that it is no language model."""

import asyncio
import json
from collections.abc import Callable

import aiohttp
import pytest
from tests.simulator.chat import body, call, get, with_schema
from tests.support.simulators import INSTANT

from docstage.domain.content import TOKENS_PER_IMAGE
from docstage.simulator.kinds import Fault
from docstage.simulator.profile import Profile
from docstage.simulator.server import Simulator, serve

Start = Callable[..., str]


async def test_a_completion_has_the_shape_of_openai(simulator: Start) -> None:
    """Identifier, model, choice, finish reason and usage are where clients look for them."""
    reply = await call(simulator(), body())
    assert reply.status == 200
    assert reply.body["object"] == "chat.completion"
    assert reply.body["model"] == "simulated-small"
    assert reply.body["choices"][0]["finish_reason"] == "stop"
    usage = reply.body["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


async def test_it_says_that_it_is_no_language_model(simulator: Start) -> None:
    """Fingerprint, header, model list and front page tell it."""
    url = simulator()
    reply = await call(url, body())
    assert "no-language-model" in reply.body["system_fingerprint"]
    assert reply.headers["X-Docstage-Simulator"] == "no language model"
    models = (await get(f"{url}/models")).body["data"]
    assert {model["owned_by"] for model in models} == {"docstage-simulator"}
    assert "no language model" in (await get(url.removesuffix("/v1"))).text


async def test_health_answers_without_a_key(simulator: Start) -> None:
    """Whoever waits for the server needs no key."""
    url = simulator(Profile(latency=INSTANT, api_key="right"))
    assert (await get(url.removesuffix("/v1") + "/health")).status == 200


async def test_calls_need_the_key_when_there_is_one(simulator: Start) -> None:
    """A missing or wrong key is a 401 in OpenAI's words; the right one passes."""
    url = simulator(Profile(latency=INSTANT, api_key="right"))
    wrong = await call(url, body(), key="wrong")
    assert (wrong.status, wrong.body["error"]["code"]) == (401, "invalid_api_key")
    assert (await get(f"{url}/models", key="wrong")).status == 401
    assert (await call(url, body(), key="right")).status == 200


async def test_an_unknown_model_is_not_found(simulator: Start) -> None:
    """The error is a 404 with OpenAI's code."""
    reply = await call(simulator(), body(model="gpt-9"))
    assert (reply.status, reply.body["error"]["code"]) == (404, "model_not_found")


async def test_a_long_document_overflows_the_context(simulator: Start) -> None:
    """More input tokens than the model takes are refused."""
    reply = await call(simulator(Profile(latency=INSTANT, context_tokens=50)), body())
    assert (reply.status, reply.body["error"]["code"]) == (400, "context_length_exceeded")


@pytest.mark.parametrize(
    "request_body",
    [
        b"{broken",
        b"[]",
        b"[" * 99_999,
        b'{"model": "simulated-small"}',
        b'{"model": "simulated-small", "messages": []}',
    ],
)
async def test_a_body_that_is_no_chat_request_is_refused(simulator: Start, request_body: bytes) -> None:
    """The error is a 400 that says why, never a crash."""
    reply = await call(simulator(), request_body)
    assert reply.status == 400
    assert reply.body["error"]["message"]


async def test_the_same_call_gets_the_same_answer(simulator: Start) -> None:
    """Two servers with one seed agree; another model answers differently."""
    first, second = await call(simulator(), body()), await call(simulator(), body())
    large = await call(simulator(), body(model="simulated-large"))
    assert first.content == second.content
    assert large.content != first.content


async def test_an_answer_is_cut_at_the_output_limit(simulator: Start) -> None:
    """The finish reason says so and the usage keeps the limit."""
    reply = await call(simulator(), body(max_tokens=5))
    assert reply.body["choices"][0]["finish_reason"] == "length"
    assert reply.body["usage"]["completion_tokens"] == 5


async def test_a_stream_brings_the_same_answer_in_pieces(simulator: Start) -> None:
    """Server-sent events with deltas, then the usage, then the end mark."""
    url = simulator()
    whole = await call(url, body())
    streamed = await call(url, body(stream=True, stream_options={"include_usage": True}))
    events = [line.removeprefix("data: ") for line in streamed.text.split("\n\n") if line]
    assert events[-1] == "[DONE]"
    chunks = [json.loads(event) for event in events[:-1]]
    deltas = [choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"]]
    assert "".join(deltas) == whole.content
    assert chunks[-1]["usage"]["completion_tokens"] == whole.body["usage"]["completion_tokens"]


async def test_pictures_are_counted_but_not_read(simulator: Start) -> None:
    """It says how many pages it sees, and counts a picture's tokens."""
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    note = "<document>\n[2 image(s) of this document follow.]\n</document>"
    parts = [{"type": "text", "text": note}, picture, picture, {"type": "text", "text": "What is the total?"}]
    request = {"model": "simulated-small", "messages": [{"role": "user", "content": parts}]}
    reply = await call(simulator(), request)
    assert "2 pages" in reply.content
    assert "cannot read" in reply.content
    assert reply.body["usage"]["prompt_tokens"] >= 2 * TOKENS_PER_IMAGE


async def test_a_light_server_quotes_nothing(simulator: Start) -> None:
    """Light answers are cheap and differ between calls; schemas are still fulfilled."""
    url = simulator(Profile(latency=INSTANT, light=True))
    first, second = await call(url, body()), await call(url, body(prompt="Something else?"))
    assert "Lease" not in first.content
    assert first.content != second.content
    structured = await call(url, with_schema({"type": "object", "properties": {"n": {"type": "integer"}}}))
    assert isinstance(json.loads(structured.content)["n"], int)


async def test_the_log_shows_the_calls_answered(simulator: Start) -> None:
    """Each call with its status, fault and usage, when the log is turned on."""
    url = simulator(Profile(latency=INSTANT, log=10, error_rates={Fault.SERVER_ERROR: 1.0}))
    await call(url, body())
    shown = (await get(url.removesuffix("/v1") + "/requests")).body
    assert shown["most_in_flight"] == 1
    assert [(line["status"], line["fault"]) for line in shown["requests"]] == [(500, "server_error")]
    assert (await get(simulator().removesuffix("/v1") + "/requests")).status == 404


async def test_serve_tells_its_address_and_ends_when_cancelled() -> None:
    """The command line prints the address and stops on Ctrl-C."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(Profile(latency=INSTANT), "127.0.0.1", 0, ready.set_result))
    url = await ready
    assert (await call(url, body())).status == 200
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(aiohttp.ClientConnectionError):
        await call(url, body())


async def test_a_client_that_leaves_takes_its_call_along() -> None:
    """Nothing stays in flight."""
    started = Simulator(Profile(latency=INSTANT, log=1, error_rates={Fault.TIMEOUT: 1.0}))
    url = await started.start()
    log = url.removesuffix("/v1") + "/requests"
    waiting = asyncio.create_task(call(url, body()))
    while (await get(log)).body["in_flight"] == 0:
        pass
    waiting.cancel()
    while (await get(log)).body["in_flight"] == 1:
        pass
    await started.stop()
