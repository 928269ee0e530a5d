"""The client of the OpenAI chat API, which most servers speak. This is the hot path of analysis."""

import json
from collections.abc import Mapping
from typing import Any

import aiohttp
from yarl import URL

from docstage.domain.tasks import FailureKind
from docstage.models.addresses import join_url, parse_base_url, server_root
from docstage.models.bounds import OutputBounds, TokenBounds
from docstage.models.catalogue import get_provider
from docstage.models.contexts import parse_json, questions_of
from docstage.models.extras import sendable
from docstage.models.failures import failure_of_response, shorten
from docstage.models.forbidden import check_resolved
from docstage.models.masking import KeyMask
from docstage.models.messages import base64_length, chat_messages
from docstage.models.network import proxy_for, proxy_secrets, tls_context
from docstage.models.offers import read_offers
from docstage.models.protocol import ConnectionConfig, ModelFailure, ModelReply, ModelRequest, OfferedModel
from docstage.models.reasoning import names_limit_as_openai, plan_reasoning
from docstage.models.replies import judge, read_answer, scrub_failure
from docstage.models.resolver import GuardedResolver
from docstage.models.schemas.dialects import Way
from docstage.models.schemas.fitter import Fitter
from docstage.models.schemas.fitting import Fitted
from docstage.models.transport import TRANSPORT_ERRORS, failure_of_exception

MAX_BODY_BYTES = 8 * 1024 * 1024  # of lists of models, and of errors
CONNECT_SECONDS = 15.0
# Statuses of gateways that hand an answer on among them.
_ANSWERS = frozenset({200, 201, 202, 203, 206})
# Idle connections are given up before the 5 s after which uvicorn, and so vLLM and many gateways, closes
# them: a request on a connection that is just being closed would be lost.
KEEPALIVE_SECONDS = 4.0
# It tells what a call cost; and takes nothing out of the middle of a prompt that is too long.
_OF_OPENROUTER: Mapping[str, Any] = {"usage": {"include": True}, "transforms": []}
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


class WireClient:
    """Calls one model by HTTP. Must be used within one running event loop."""

    def __init__(self, config: ConnectionConfig) -> None:
        """Prepare the client; nothing is sent yet.

        Raises:
            InvalidInput: the provider is unknown, or there is no usable base URL.
        """
        provider = get_provider(config.provider)
        base = parse_base_url(config.base_url or provider.default_base_url, provider.title)
        self._config = config
        self._server = base
        self._chat_url = join_url(base, "chat/completions")
        self._models_url = join_url(base, "models")
        self._headers = _headers(config)
        self._proxy = proxy_for(base)
        self._tls = tls_context()
        self._secrets = [config.api_key or "", *config.headers.values(), *proxy_secrets(self._proxy)]
        self._mask = KeyMask(config)
        self._bounds = OutputBounds.of(config)
        self._timeout = aiohttp.ClientTimeout(total=config.timeout, sock_connect=CONNECT_SECONDS)
        self._fitter = Fitter(config)
        plan = plan_reasoning(config)
        self._reasoning = plan.members
        limit_name = "max_completion_tokens" if names_limit_as_openai(config) else provider.max_tokens_field
        self._fixed: dict[str, Any] = {
            "model": config.model,
            limit_name: plan.limit(config),
            **plan.sampling(config),
            **(_OF_OPENROUTER if provider.name == "openrouter" else {}),
        }
        self._extra: dict[str, Any] = sendable(config.extra)
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    def __repr__(self) -> str:
        return f"WireClient({self._config!r})"

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer the request; see `ModelClient.complete`."""
        return await self._fitter.ask(request.schema, lambda fitted: self._ask(request, fitted))

    async def _ask(self, request: ModelRequest, fitted: Fitted | None) -> ModelReply:
        data = self._body(request, fitted)
        status, headers, body = await self._exchange("POST", self._chat_url, data)
        if status not in _ANSWERS:
            raise failure_of_response(status, headers, body, self._secrets)
        try:
            images = request.content.images
            sent = len(data) - sum(base64_length(image.data) for image in images)
            tokens = TokenBounds.of(sent, len(images), len(body), self._bounds.limit)
            return self._mask.reply(judge(read_answer(body, tokens, headers), request, self._bounds, fitted))
        except ModelFailure as failure:
            raise scrub_failure(failure, self._scrub, self._mask) from None

    async def models(self) -> list[OfferedModel]:
        """What the server offers; see `ModelClient.models`."""
        status, headers, body = await self._exchange("GET", self._models_url, None)
        if status != 200:
            raise failure_of_response(status, headers, body, self._secrets)
        return self._mask.offers(read_offers(body))

    async def context_tokens(self) -> int | None:
        """What the model takes; see `ModelClient.context_tokens`."""
        for path, read in questions_of(self._config.provider):
            base = server_root(self._server) if path.startswith("/") else self._server
            url = join_url(base, path.removeprefix("/"))
            status, _, body = await self._exchange("GET", url, None)
            known = read(parse_json(body), self._config.model) if status == 200 else None
            if known is not None:
                return known
        return None

    async def close(self) -> None:
        """Release connections."""
        self._closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _exchange(
        self, method: str, url: URL, data: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        session = self._session or self._open()
        try:
            if self._proxy:  # it connects, and would resolve the name by itself
                await check_resolved(url.host or "", url.port or 443)
            async with session.request(method, url, data=data, allow_redirects=False) as response:
                is_answer = method == "POST" and response.status in _ANSWERS
                most = self._bounds.bytes_of(response.content_type) if is_answer else MAX_BODY_BYTES
                return response.status, response.headers, await self._read(response, most)
        except TRANSPORT_ERRORS as error:
            failure = failure_of_exception(error, url, self._config.timeout)
            raise scrub_failure(failure, self._scrub, self._mask) from error

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            raise RuntimeError("The client is closed.")
        # No limit: the lane limits calls at once, and a call must not spend its time waiting for a place.
        connector = aiohttp.TCPConnector(
            limit=0, keepalive_timeout=KEEPALIVE_SECONDS, resolver=GuardedResolver(), ssl=self._tls
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers=self._headers,
            timeout=self._timeout,
            proxy=self._proxy,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        return self._session

    def _body(self, request: ModelRequest, fitted: Fitted | None) -> bytes:
        body = dict(self._fixed)
        body["messages"] = chat_messages(request, fitted.instructions if fitted else None)
        if fitted is not None:
            body |= _form(fitted)
        _merge(body, self._extra)
        _merge(body, self._reasoning)
        return encode_body(body)

    def _scrub(self, text: str) -> str:
        return shorten(text, self._secrets)

    async def _read(self, response: aiohttp.ClientResponse, most: int) -> bytes:
        body = await _read_bounded(response, most)
        if body is not None:
            return body
        response.close()
        length = f"more than {most // 1024:,} KiB, and the rest was not read"
        if response.method == "POST" and response.status in _ANSWERS:
            raise self._bounds.too_long(length)
        message = f"The server's answer is too long: {length}."
        raise ModelFailure(FailureKind.BAD_ANSWER, message, status_code=response.status)


def _merge(body: dict[str, Any], members: Mapping[str, Any]) -> None:
    for name, value in members.items():
        both = isinstance(value, Mapping) and isinstance(body.get(name), dict)
        body[name] = {**body[name], **value} if both else value


def encode_body(body: Mapping[str, Any]) -> bytes:
    """A request's body. Lone surrogates, which UTF-8 cannot express, become question marks, and no error."""
    return _encode(body).encode("utf-8", "replace")


async def _read_bounded(response: aiohttp.ClientResponse, most: int) -> bytes | None:
    """The body, None as soon as it is known to be longer."""
    length = response.content_length
    if length is not None and length <= most and "Content-Encoding" not in response.headers:
        return await response.read()  # the usual case, and quicker than by chunks
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > most:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def _headers(config: ConnectionConfig) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "docstage"}
    if config.api_key:
        headers["Authorization"] = f"Bearer {config.api_key}"
    return headers | dict(config.headers)


def _form(fitted: Fitted) -> dict[str, Any]:
    """The members of a request's body by which the server is told what form the answer has."""
    if fitted.way is Way.PROMPT:
        return {}
    if fitted.way is Way.OBJECT:
        return {"response_format": {"type": "json_object"}}
    told = {"name": "answer", "schema": fitted.schema}
    strict = {} if fitted.strict is None else {"strict": fitted.strict}
    return {"response_format": {"type": "json_schema", "json_schema": told | strict}, **fitted.members}
