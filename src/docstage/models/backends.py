"""Sets up the SDK of each provider that pydantic-ai speaks to: no retries, timeouts, enough connections."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import anyio.to_thread
from pydantic_ai.models import Model
from pydantic_ai.profiles import ModelProfile, merge_profile
from pydantic_ai.profiles.anthropic import AnthropicModelProfile
from yarl import URL

from docstage.domain.errors import InvalidInput
from docstage.models.addresses import parse_base_url
from docstage.models.bounds import OutputBounds
from docstage.models.catalogue import get_provider
from docstage.models.forbidden import AddressForbidden, check_resolved
from docstage.models.network import aws_address, proxy_of, tls_context
from docstage.models.protocol import ConnectionConfig, OfferedModel
from docstage.models.sdk_extras import body_members

# The SDKs refuse to start without a key, or take one from the environment behind the user's back. This one
# lets the provider itself say that the key is missing.
_NO_KEY = "none"
_SPARE_THREADS = 10


def _as_written(profile: ModelProfile) -> ModelProfile:
    """What the library knows of a model, but for schemas: docstage writes them in the provider's own words.

    The library would fit them once more, refuse some with assertions, and send others to fewer models.
    """
    return merge_profile(
        profile,
        ModelProfile(
            json_schema_transformer=None,
            supports_json_schema_output=True,
            supports_json_object_output=True,
        ),
        AnthropicModelProfile(anthropic_enforces_strict_schema_limits=False),
    )


async def _refuse_forbidden(request: Any) -> None:
    """Let no request leave for an address that is never called, also where a proxy would resolve its name."""
    import httpx2

    try:
        await check_resolved(request.url.host, request.url.port or 443)
    except AddressForbidden as error:
        raise httpx2.ConnectError(str(error.strerror), request=request) from error


class _BoundedStream:
    """A response's body, up to a number of bytes; then the failure of an answer that is too long."""

    def __init__(self, stream: Any, bounds: OutputBounds) -> None:
        self._stream = stream
        self._bounds = bounds

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._bounds.most_bytes
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                most = self._bounds.most_bytes // 1024
                raise self._bounds.too_long(f"more than {most:,} KiB, and the rest was not read")
            yield chunk

    async def aclose(self) -> None:
        """Read no more."""
        await self._stream.aclose()


def _bounded(bounds: OutputBounds) -> Callable[[Any], Awaitable[None]]:
    """Lets no answer be read that is far longer than it can be; lists of models may be."""
    import httpx2

    class Bounded(_BoundedStream, httpx2.AsyncByteStream):
        pass

    async def bound(response: Any) -> None:
        if response.request.method == "POST" and response.status_code == 200:
            response.stream = Bounded(response.stream, bounds)

    return bound


def _guarded(make: Callable[..., Any], config: ConnectionConfig) -> Any:
    """An SDK's HTTP client over aiohttp, which connects to nothing but what was looked at.

    The look before each request would not do: a name may lead elsewhere when it is resolved again to connect.
    """
    hooks = {"request": [_refuse_forbidden], "response": [_bounded(OutputBounds.of(config))]}
    proxy = proxy_of(_address(config))
    client = make(
        timeout=config.timeout,
        follow_redirects=False,
        event_hooks=hooks,
        verify=tls_context(),
        trust_env=False,  # what the environment says is read above, as for all clients
    )
    for transport in (client._transport, *client._mounts.values()):
        if transport is not None:
            transport.client = partial(_open_session, transport, proxy)
    return client


def _open_session(transport: Any, proxy: URL | None) -> Any:
    from aiohttp import ClientSession, TCPConnector

    from docstage.models.resolver import GuardedResolver

    limits = transport.limits
    return ClientSession(
        connector=TCPConnector(
            limit=limits.max_connections or 0,
            keepalive_timeout=limits.keepalive_expiry,
            ssl=transport.ssl_context,
            resolver=GuardedResolver(),
        ),
        proxy=proxy,
    )


@dataclass(frozen=True, slots=True)
class Backend:
    """An SDK that is ready for use.

    Attributes:
        model: the model as pydantic-ai calls it.
        list_models: asks for what the provider offers.
        close: releases connections.
        errors: what the SDK may raise besides pydantic-ai's own errors.
        start: to be called in the event loop before the first use.
        proxy: through which it is reached.
    """

    model: Model[Any]
    list_models: Callable[[], Awaitable[list[OfferedModel]]]
    close: Callable[[], Awaitable[None]]
    errors: tuple[type[Exception], ...]
    start: Callable[[], None] = lambda: None
    proxy: URL | None = None


def create_backend(config: ConnectionConfig) -> Backend:
    """The backend of the connection's provider.

    Raises:
        InvalidInput: the connection lacks what the provider needs.
    """
    makers = {"anthropic": _anthropic, "google": _google, "bedrock": _bedrock, "azure": _azure}
    maker = makers.get(config.provider)
    if maker is None:
        raise InvalidInput(f"{config.provider!r} is not reached through pydantic-ai.")
    if config.base_url:
        parse_base_url(config.base_url, get_provider(config.provider).title)
    return replace(maker(config), proxy=proxy_of(_address(config)))


def _address(config: ConnectionConfig) -> str | None:
    """Where the provider is reached, as far as proxies are concerned."""
    usual = aws_address("bedrock-runtime", config.extra.get("region"))
    provider = get_provider(config.provider)
    return config.base_url or (usual if provider.name == "bedrock" else provider.default_base_url)


def _anthropic(config: ConnectionConfig) -> Backend:
    import anthropic
    import httpx2
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = anthropic.AsyncAnthropic(
        api_key=config.api_key or _NO_KEY,
        auth_token=None,
        base_url=config.base_url or get_provider("anthropic").default_base_url,
        max_retries=0,
        timeout=config.timeout,
        default_headers=dict(config.headers),
        http_client=_guarded(anthropic.DefaultAioHttpClient, config),
    )
    # The library adds the headers that ANTHROPIC_CUSTOM_HEADERS names, whatever the address is.
    client._custom_headers = dict(config.headers)

    async def list_models() -> list[OfferedModel]:
        return [OfferedModel(model.id) async for model in client.models.list(limit=1_000)]

    model = AnthropicModel(
        config.model, provider=AnthropicProvider(anthropic_client=client), profile=_as_written
    )
    return Backend(model, list_models, client.close, (anthropic.AnthropicError, httpx2.HTTPError))


def _azure(config: ConnectionConfig) -> Backend:
    import httpx2
    import openai
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.azure import AzureProvider

    if not config.base_url:
        raise InvalidInput(f"Azure OpenAI needs a base URL. {get_provider('azure').hint}")
    common: dict[str, Any] = {
        "api_key": config.api_key or _NO_KEY,
        "max_retries": 0,
        "timeout": config.timeout,
        "default_headers": {"api-key": config.api_key or _NO_KEY, **config.headers},
        "http_client": _guarded(openai.DefaultAioHttpClient, config),
    }
    client: openai.AsyncOpenAI
    if version := config.extra.get("api_version"):
        client = openai.AsyncAzureOpenAI(azure_endpoint=config.base_url, api_version=str(version), **common)
    else:
        client = openai.AsyncOpenAI(base_url=_azure_v1(config.base_url), **common)

    async def list_models() -> list[OfferedModel]:
        return [OfferedModel(model.id) async for model in client.models.list()]

    provider: Any = AzureProvider
    model = OpenAIChatModel(config.model, provider=provider(openai_client=client), profile=_as_written)
    return Backend(model, list_models, client.close, (openai.OpenAIError, httpx2.HTTPError))


def _azure_v1(base_url: str) -> str:
    """The address of Azure's version 1 API, which a resource has below `/openai/v1`."""
    base = base_url.rstrip("/")
    return base if base.endswith("/v1") else f"{base}/openai/v1"


def _google(config: ConnectionConfig) -> Backend:
    import httpx2
    import openai
    from google import genai
    from google.genai import errors, types
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    # Any httpx2 client over aiohttp will do; the extra brings this SDK for it.
    transport = _guarded(openai.DefaultAioHttpClient, config)
    options = types.HttpOptions(
        base_url=config.base_url or get_provider("google").default_base_url,
        timeout=round(config.timeout * 1_000),
        headers=dict(config.headers),
        httpx_async_client=transport,
        extra_body=body_members(config) or None,
        retry_options=types.HttpRetryOptions(attempts=1),
    )
    client = genai.Client(vertexai=False, api_key=config.api_key or _NO_KEY, http_options=options)

    async def list_models() -> list[OfferedModel]:
        pager = await client.aio.models.list(config=types.ListModelsConfig(page_size=1_000))
        named = [model async for model in pager if model.name]
        return [OfferedModel(str(m.name).removeprefix("models/"), m.input_token_limit) for m in named]

    async def close() -> None:
        await transport.aclose()
        client.close()

    model = GoogleModel(config.model, provider=GoogleProvider(client=client), profile=_as_written)
    return Backend(model, list_models, close, (errors.APIError, httpx2.HTTPError))


def _bedrock(config: ConnectionConfig) -> Backend:
    from pydantic_ai.models.bedrock import BedrockConverseModel
    from pydantic_ai.providers.bedrock import BedrockProvider

    from docstage.models.aws import AWS_ERRORS, create_aws_client

    runtime = create_aws_client("bedrock-runtime", config)

    async def list_models() -> list[OfferedModel]:
        control = create_aws_client("bedrock", config)
        answer = await anyio.to_thread.run_sync(control.list_foundation_models)
        return [OfferedModel(summary["modelId"]) for summary in answer.get("modelSummaries", ())]

    async def close() -> None:
        await anyio.to_thread.run_sync(runtime.close)

    def start() -> None:
        # Each call holds a thread while it lasts; by default 40 run at once, for everything in the process.
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens = max(limiter.total_tokens, config.concurrency + _SPARE_THREADS)

    model = BedrockConverseModel(
        config.model, provider=BedrockProvider(bedrock_client=runtime), profile=_as_written
    )
    return Backend(model, list_models, close, AWS_ERRORS, start)
