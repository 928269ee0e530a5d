"""The client of the OpenAI chat API, against real servers."""

import asyncio
import gzip
import json
import logging
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web
from tests.models.stub import Stub, completion, running_stub
from tests.support.waiting import PATIENCE

from docstage.domain.content import Content, ImagePart
from docstage.domain.errors import InvalidInput
from docstage.domain.served import Served
from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage
from docstage.domain.written import Repair
from docstage.models.factory import create_client
from docstage.models.protocol import ConnectionConfig, ModelClient, ModelFailure, ModelReply, ModelRequest
from docstage.models.wire import MAX_BODY_BYTES, WireClient

KEY = "sk-test-secret-key"
REQUEST = ModelRequest(Content("A document."), "What is it?", document_name="a.txt")
SCHEMA = {
    "type": "object",
    "properties": {"total": {"type": "number"}},
    "required": ["total"],
    "additionalProperties": False,
}
ASKING = ModelRequest(Content("A document."), "What is the total?", schema=SCHEMA)


@asynccontextmanager
async def connected(base_url: str, provider: str = "openai", **changes: Any) -> AsyncIterator[ModelClient]:
    """A client of the server at that address, closed at the end."""
    settings: dict[str, Any] = {"model": "m", "api_key": KEY, "timeout": PATIENCE} | changes
    client = create_client(ConnectionConfig(provider, base_url=base_url, **settings))
    try:
        yield client
    finally:
        await client.close()


async def ask(base_url: str, request: ModelRequest = REQUEST, **changes: Any) -> ModelReply:
    """The reply to one request by a client of its own."""
    async with connected(base_url, **changes) as client:
        return await client.complete(request)


async def fail(base_url: str, request: ModelRequest = REQUEST, **changes: Any) -> ModelFailure:
    """The failure of one request by a client of its own."""
    with pytest.raises(ModelFailure) as caught:
        await ask(base_url, request, **changes)
    assert KEY not in caught.value.message + repr(caught.value) + str(caught.value.written)
    return caught.value


async def test_request_and_reply(stub: Stub) -> None:
    """The request is what the API documents, and the reply carries everything the server told."""
    stub.answers(completion("fine"))
    reply = await ask(stub.url + "/v1/?tenant=7", temperature=0.5, headers={"X-Team": "a"}, extra={"seed": 1})
    assert reply == ModelReply("fine", None, Usage(100, 64, 7), Served("served-model", "stop"))
    ((method, path, headers, body),) = stub.requests
    assert (method, path) == ("POST", "/v1/chat/completions?tenant=7")
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["content-type"] == "application/json"
    assert headers["x-team"] == "a"
    assert body == {
        "model": "m",
        "max_completion_tokens": 1024,
        "temperature": 0.5,
        "seed": 1,
        "messages": [
            {"role": "user", "content": '<document name="a.txt">\nA document.\n</document>\n\nWhat is it?'}
        ],
    }


async def test_any_text_can_be_sent(stub: Stub) -> None:
    """Characters outside ASCII arrive as they are; lone surrogates become question marks."""
    stub.answers(completion())
    await ask(stub.url, ModelRequest(Content("naïve 漢字 😀 \ud800"), "?"), provider="openai-compatible")
    body = stub.requests[0][3]
    assert "naïve 漢字 😀 ?" in body["messages"][0]["content"]
    assert body["max_tokens"] == 1024


async def test_images_are_sent(stub: Stub) -> None:
    """Images travel between the document's text and the prompt."""
    stub.answers(completion())
    await ask(stub.url, ModelRequest(Content("", (ImagePart("image/png", b"x"),)), "What?"))
    kinds = [part["type"] for part in stub.requests[0][3]["messages"][0]["content"]]
    assert kinds == ["text", "image_url", "text"]


async def test_structured_answer(stub: Stub) -> None:
    """The schema travels as a strict response format, and the answer comes back parsed."""
    stub.answers(completion('```json\n{"total": 3}\n```'))
    assert (await ask(stub.url, ASKING)).value == {"total": 3}
    sent = stub.requests[0][3]["response_format"]
    assert sent["type"] == "json_schema"
    assert sent["json_schema"] == {"name": "answer", "strict": True, "schema": SCHEMA}


@pytest.mark.parametrize(
    "changes", [{"provider": "deepseek"}, {"extra": {"response_format": {"type": "text"}}}]
)
async def test_schema_in_the_prompt(stub: Stub, changes: dict[str, Any]) -> None:
    """Where no schema can be sent, or the connection sets another format, the prompt carries it."""
    stub.answers(completion('{"total": 3}'))
    assert (await ask(stub.url, ASKING, **changes)).value == {"total": 3}
    body = stub.requests[0][3]
    assert '"total"' in body["messages"][0]["content"]
    assert body["response_format"]["type"] in {"json_object", "text"}


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 2}, Usage(9, 0, 2)),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 9}, "completion_tokens": 2},
            Usage(9, 9, 2),
        ),
        ({"prompt_tokens": 9, "prompt_cache_hit_tokens": 5, "completion_tokens": 2}, Usage(9, 5, 2)),
        ({"prompt_tokens": 9, "prompt_tokens_details": None, "completion_tokens": 2}, Usage(9, 0, 2)),
        (None, None),
        ({}, None),
        ("many", None),
    ],
)
async def test_usage_of_any_form(stub: Stub, usage: Any, expected: Usage | None) -> None:
    """Tokens are read from all known forms; what is not told is unknown, not zero."""
    stub.answers(completion() | {"usage": usage})
    assert (await ask(stub.url)).usage == expected


async def test_content_in_parts(stub: Stub) -> None:
    """Of an answer in parts, the text counts and the reasoning does not."""
    message = {"content": [{"type": "thinking", "thinking": []}, {"type": "text", "text": "fine"}]}
    stub.answers(completion(message=message))
    assert (await ask(stub.url)).text == "fine"


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (completion(""), "bad_answer", "empty"),
        (completion(None), "bad_answer", "empty"),
        (completion("", finish_reason="length"), "cut_off", r"cut off at max_output_tokens \(1,024\)"),
        (completion("", finish_reason="content_filter"), "refusal", "filter"),
        (completion(message={"content": None, "refusal": "I cannot."}), "refusal", "I cannot"),
    ],
)
async def test_unusable_answers(stub: Stub, body: Any, kind: str, words: str) -> None:
    """An empty or refused answer is a failure that still tells what it cost."""
    stub.answers(body)
    failure = await fail(stub.url)
    assert failure.kind == FailureKind(kind)
    assert failure.usage == Usage(100, 64, 7)
    with pytest.raises(ModelFailure, match=words):
        raise failure


async def test_a_turn_of_repair(stub: Stub) -> None:
    """The model is shown its answer and what was wrong with it; one that was not kept whole is told of."""
    stub.answers(completion('{"total": 3}'))
    fault = "At total: 'three' is not of type 'number'."
    await ask(stub.url, replace(ASKING, repair=Repair(1, '{"total": "three"}', fault)))
    await ask(stub.url, replace(ASKING, repair=Repair(1, "x" * 65_537, fault)))
    shown, told = (body["messages"] for _, _, _, body in stub.requests)
    assert [message["role"] for message in shown] == ["user", "assistant", "user"]
    assert shown[1]["content"] == '{"total": "three"}'
    assert [message["role"] for message in told] == ["user", "user"]
    assert all(fault in messages[-1]["content"] for messages in (shown, told))


async def test_answer_that_misses_the_schema(stub: Stub) -> None:
    """A wrong answer is kept with what is wrong about it, and says so if it was cut off."""
    stub.answers(completion('{"total": "three"}'))
    failure = await fail(stub.url, ASKING)
    assert failure.kind is FailureKind.BAD_ANSWER
    assert "At total" in failure.message
    assert failure.written.text == '{"total": "three"}'
    stub.answers(completion('{"total": 3', finish_reason="length"))
    assert "cut off at max_output_tokens" in (await fail(stub.url, ASKING)).message


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({}, "bad_answer"),
        ([], "bad_answer"),
        ({"choices": []}, "bad_answer"),
        ({"choices": [{"message": None}]}, "bad_answer"),
        ({"error": {"message": "broken"}}, "bad_answer"),
        ({"code": 401, "message": "token expired", "success": False}, "auth"),
        ({"detail": "Not authenticated"}, "auth"),
        ({"choices": [], "object": "chat.completion", "id": "rate_limit_exceeded"}, "bad_answer"),
        ({"error": {"message": "busy", "code": 503}}, "overloaded"),
        (
            {"choices": [{"message": {"content": ""}, "error": {"message": "slow", "code": 429}}]},
            "rate_limited",
        ),
    ],
)
async def test_success_that_is_none(stub: Stub, body: Any, kind: str) -> None:
    """A status of 200 without a completion is a failure, of the kind that a code within it tells."""
    stub.answers(body)
    assert (await fail(stub.url)).kind == FailureKind(kind)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<html>Sign in</html>", "bad_answer"),
        ("\x00", "bad_answer"),
        ('{"choices": [', "connection"),
        ("", "connection"),
        (": OPENROUTER PROCESSING\n\n", "connection"),
    ],
)
async def test_success_that_is_no_json(stub: Stub, text: str, kind: str) -> None:
    """A page with a status of 200 is a bad answer; what breaks off, or never comes, was cut on its way."""
    stub.answers_text(text)
    assert (await fail(stub.url)).kind == FailureKind(kind)


@pytest.mark.parametrize("status", [201, 202, 203])
async def test_answers_of_other_statuses(stub: Stub, status: int) -> None:
    """A gateway may hand a whole answer on with another status of success; without one it is told."""
    stub.answers(completion("fine"), status)
    assert (await ask(stub.url)).text == "fine"
    stub.answers({"requestId": "1", "status": "pending"}, status)
    assert (await fail(stub.url)).kind is FailureKind.BAD_ANSWER
    stub.answers_text("", 204)
    assert "nothing to say" in (await fail(stub.url)).message


async def test_answer_after_keep_alives(stub: Stub) -> None:
    """Comments that keep the connection open, as OpenRouter's, are no part of the answer."""
    stub.answers_text(f": OPENROUTER PROCESSING\n\n{json.dumps(completion('fine'))}")
    assert (await ask(stub.url)).text == "fine"


@pytest.mark.parametrize(("headers", "seconds"), [({"Retry-After": "3"}, 3.0), ({}, None)])
async def test_rate_limit(stub: Stub, headers: dict[str, str], seconds: float | None) -> None:
    """A rate limit tells how long to wait, if the server does; the client itself does not retry."""
    stub.answers({"error": {"message": f"slow down, {KEY}"}}, 429, headers)
    failure = await fail(stub.url)
    assert (failure.kind, failure.retry_after, failure.status_code) == (
        FailureKind.RATE_LIMITED,
        seconds,
        429,
    )
    assert len(stub.requests) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_server_trouble(stub: Stub, status: int) -> None:
    """Trouble of the server, also told by a page, is an overload."""
    stub.answers_text("<h1>Oh no</h1>", status)
    failure = await fail(stub.url)
    assert failure.kind is FailureKind.OVERLOADED
    assert "Oh no" in failure.message


async def test_redirects_are_not_followed(stub: Stub) -> None:
    """The key is not carried to another host; the message names the address."""
    stub.answers({}, 308, {"Location": "https://elsewhere.invalid/v1"})
    failure = await fail(stub.url)
    assert failure.kind is FailureKind.BAD_REQUEST
    assert "https://elsewhere.invalid/v1" in failure.message


async def test_huge_answers_are_not_read(stub: Stub) -> None:
    """An endless answer is given up at the limit."""

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(MAX_BODY_BYTES // 2**20 + 2):
            await response.write(bytes(2**20))
        return response

    stub.handler = endless
    failure = await fail(stub.url)
    assert (failure.kind, failure.final, failure.may_be_billed) == (FailureKind.BAD_ANSWER, True, True)
    assert "far longer than max_output_tokens (1,024) allows: more than 320 KiB" in failure.message


async def test_huge_compressed_answers_are_not_read(stub: Stub) -> None:
    """A small body that unpacks to more than the limit is given up as well."""

    async def bomb(_request: web.Request) -> web.StreamResponse:
        packed = gzip.compress(bytes(MAX_BODY_BYTES + 2**20))
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    stub.handler = bomb
    failure = await fail(stub.url)
    assert (failure.kind, failure.final, failure.may_be_billed) == (FailureKind.BAD_ANSWER, True, True)
    assert "far longer than max_output_tokens (1,024) allows: more than 320 KiB" in failure.message


async def test_timeout(stub: Stub) -> None:
    """A server that does not answer in time is given up."""
    released = asyncio.Event()

    async def hang(_request: web.Request) -> web.StreamResponse:
        await released.wait()
        return web.Response()

    stub.handler = hang
    failure = await fail(stub.url, timeout=0.2)
    released.set()
    assert failure.kind is FailureKind.TIMEOUT
    assert "0.2 s" in failure.message


async def test_connection_cut_within_the_answer(stub: Stub) -> None:
    """An answer that breaks off is a connection failure, not a short answer."""

    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b'{"choices": [')
        assert request.transport is not None
        request.transport.abort()
        return response

    stub.handler = cut
    failure = await fail(stub.url)
    assert failure.kind is FailureKind.CONNECTION
    assert "cut the connection" in failure.message


async def test_nothing_listens() -> None:
    """A refused connection says so."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        failure = await fail(url)
    assert failure.kind is FailureKind.CONNECTION
    assert failure.message == f"Nothing listens at {url}."


async def test_unknown_host() -> None:
    """A host that does not exist is named."""
    failure = await fail("http://docstage-test.invalid/v1")
    assert failure.kind is FailureKind.CONNECTION
    assert "'docstage-test.invalid' is unknown" in failure.message
    assert not failure.final  # names come back with the network


async def test_untrusted_certificate(self_signed: ssl.SSLContext) -> None:
    """A certificate that nobody vouches for is refused, and the message says so."""
    async with running_stub(self_signed) as stub:
        failure = await fail(stub.url)
        assert stub.requests == []
    assert failure.kind is FailureKind.CONNECTION
    assert "not trusted" in failure.message
    assert failure.final  # no waiting mends it


async def test_tls_to_a_plain_port(stub: Stub) -> None:
    """An https:// address of a server without TLS is explained."""
    failure = await fail(stub.url.replace("http://", "https://"))
    assert failure.kind is FailureKind.CONNECTION
    assert "http://?" in failure.message
    assert failure.final


async def test_plain_http_to_a_tls_port(self_signed: ssl.SSLContext) -> None:
    """An http:// address of a server with TLS is a connection failure."""
    async with running_stub(self_signed) as stub:
        failure = await fail(stub.url.replace("https://", "http://"))
    assert failure.kind is FailureKind.CONNECTION


async def test_cancellation_passes_through(stub: Stub) -> None:
    """A cancelled call ends as cancelled, and the client can be used on."""
    arrived, released = asyncio.Event(), asyncio.Event()

    async def hang(_request: web.Request) -> web.StreamResponse:
        arrived.set()
        await released.wait()
        return web.json_response(completion())

    stub.handler = hang
    async with connected(stub.url) as client:
        task = asyncio.create_task(client.complete(REQUEST))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        released.set()
        assert (await client.complete(REQUEST)).text == "fine"


async def test_many_calls_at_once(stub: Stub) -> None:
    """Two hundred calls are in flight together: none waits for another's connection."""
    together = asyncio.Barrier(200)

    async def meet(_request: web.Request) -> web.StreamResponse:
        await together.wait()
        return web.json_response(completion())

    stub.handler = meet
    async with connected(stub.url, concurrency=200) as client:
        replies = await asyncio.gather(*(client.complete(REQUEST) for _ in range(200)))
    assert len(replies) == 200


async def test_closed_client_refuses(stub: Stub) -> None:
    """A closed client opens no new connections."""
    client = WireClient(ConnectionConfig("openai", "m", base_url=stub.url))
    await client.close()
    with pytest.raises(RuntimeError, match="closed"):
        await client.complete(REQUEST)


@pytest.mark.parametrize("base_url", [None, "", "localhost:8000", "ftp://host/v1", "http://", "http://[bad"])
def test_unusable_addresses(base_url: str | None) -> None:
    """An address that cannot work is refused before anything is sent."""
    with pytest.raises(InvalidInput):
        create_client(ConnectionConfig("openai-compatible", "m", base_url=base_url))


async def test_secrets_never_show(stub: Stub, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the key nor the headers show in `repr`, messages or logs, whatever the server repeats."""
    caplog.set_level(logging.DEBUG)
    stub.answers(completion("", message={"content": "x", "refusal": f"no {KEY} and header-secret"}))
    async with connected(stub.url, headers={"X-Key": "header-secret"}) as client:
        with pytest.raises(ModelFailure) as caught:
            await client.complete(REQUEST)
        shown = repr(client) + repr(caught.value) + caught.value.message + caplog.text
    assert KEY not in shown
    assert "header-secret" not in shown


@pytest.mark.parametrize("status", [200, 400])
async def test_no_part_of_a_secret_shows(stub: Stub, status: int) -> None:
    """Wherever a message is cut, in whichever form a secret came, and when one secret is part of another."""
    long = KEY + "-\"hunter\\2'/x y"
    said = {"plain": long, "quoted": json.dumps([long]), "address": quote(long, safe="")}
    async with connected(stub.url, headers={"X-Long": long}) as client:
        for padding in range(0, 520, 9):
            for text in said.values():
                stub.answers_text("x" * padding + text * 3, status=status)
                with pytest.raises(ModelFailure) as caught:
                    await client.complete(REQUEST)
                message = caught.value.message
                assert not [part for part in ("sk-t", "hunter", "x y") if part in message], message


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"data": [{"id": "b", "max_model_len": 8}, {"id": "a", "context_length": 9}]}, [("a", 9), ("b", 8)]),
        ([{"id": "a", "context_length": 9}], [("a", 9)]),
        ({"data": [{"id": "a", "context_window": 7}, {"name": "x"}, 3]}, [("a", 7)]),
        ({"data": [{"id": "a", "meta": {"n_ctx": 5, "n_ctx_train": 6}}]}, [("a", 5)]),
    ],
)
async def test_models(stub: Stub, body: Any, expected: list[tuple[str, int]]) -> None:
    """The list of models is read in every known form, sorted by name."""
    stub.answers(body)
    async with connected(stub.url + "/v1") as client:
        offers = await client.models()
    assert [(offer.name, offer.context_tokens) for offer in offers] == expected
    assert stub.requests[0][:2] == ("GET", "/v1/models")
