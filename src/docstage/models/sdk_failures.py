"""Turns what pydantic-ai and the providers' SDKs raise into failures."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import aiohttp
from pydantic_ai import exceptions as raised

from docstage.domain.tasks import FailureKind
from docstage.models.error_bodies import ErrorBody, error_of, read_error
from docstage.models.failures import failure_of_error
from docstage.models.protocol import ModelFailure
from docstage.models.transport import failure_of_proxy

# In this order: the first class that an error belongs to decides.
_KINDS: tuple[tuple[type[Exception], FailureKind], ...] = (
    (raised.ModelTimeoutError, FailureKind.TIMEOUT),
    (raised.ModelRequestTimeout, FailureKind.TIMEOUT),
    (TimeoutError, FailureKind.TIMEOUT),
    (raised.ModelConnectionError, FailureKind.CONNECTION),
    (raised.ModelRateLimitError, FailureKind.RATE_LIMITED),
    (raised.ModelQuotaExceededError, FailureKind.QUOTA),
    (raised.ModelUnavailableError, FailureKind.OVERLOADED),
    (raised.ModelServerError, FailureKind.OVERLOADED),
    (raised.ModelContextWindowExceededError, FailureKind.CONTEXT_OVERFLOW),
    (raised.ModelAuthenticationError, FailureKind.AUTH),
    (raised.ModelNotFoundError, FailureKind.UNKNOWN_MODEL),
    (raised.ContentFilterError, FailureKind.REFUSAL),
    (raised.UnexpectedModelBehavior, FailureKind.BAD_ANSWER),
    (raised.UserError, FailureKind.BAD_REQUEST),
)
# botocore's errors for missing or partial AWS credentials have no common class of their own.
# What urllib3 says where a proxy answered with a status instead of connecting.
_REFUSED_BY_PROXY = re.compile(r"Tunnel connection failed: (\d{3})")
# botocore's where nothing was sent: its own class of connections that are cut has others below it.
_NOT_CONNECTED = ("EndpointConnectionError", "ProxyConnectionError", "ConnectTimeoutError")
_NO_CREDENTIALS = ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError")


def failure_of_sdk_error(error: BaseException, timeout: float, secrets: Sequence[str]) -> ModelFailure:
    """The failure that an exception of pydantic-ai or of an SDK below it stands for.

    Args:
        error: what was raised.
        timeout: the seconds that the call was given.
        secrets: that no message may show.
    """
    for cause in _led_to(error):
        if isinstance(cause, ModelFailure):  # docstage's own, which the SDK took for one of the transport
            return cause
        if isinstance(cause, aiohttp.ClientHttpProxyError):
            return failure_of_proxy(cause.status)
        if found := _REFUSED_BY_PROXY.search(str(cause)):
            return failure_of_proxy(int(found.group(1)))
    status = _status_of(error)
    if status is not None:
        return failure_of_error(status, _headers_of(error), _body_of(error), secrets)
    return _failure_without_status(error, timeout)


def _failure_without_status(error: BaseException, timeout: float) -> ModelFailure:
    kind = next((kind for cls, kind in _KINDS if isinstance(error, cls)), None)
    # A transport below tells a refused connection as one that timed out.
    if isinstance(error, raised.ModelConnectionError) and error.phase == "connect":
        kind = FailureKind.CONNECTION
    if kind is None:
        kind = _kind_without_class(error)
    message = _body_of(error).message
    if kind is FailureKind.TIMEOUT:
        message = f"The provider gave no complete answer within {timeout:g} s."
    elif kind is FailureKind.CONNECTION:
        message = f"The provider cannot be reached or cut the connection: {_root_cause(error)}."
    connected = not any(type(one).__name__ in _NOT_CONNECTED for one in _led_to(error))
    sent = connected and getattr(error, "phase", None) != "connect"
    return ModelFailure(kind, message, retry_after=getattr(error, "retry_after", None), sent=sent)


def _kind_without_class(error: BaseException) -> FailureKind:
    if type(error).__name__ in _NO_CREDENTIALS:
        return FailureKind.AUTH
    return FailureKind.BAD_ANSWER if isinstance(error, raised.ModelAPIError) else FailureKind.CONNECTION


def _status_of(error: BaseException) -> int | None:
    """The HTTP status, where pydantic-ai, the SDKs or botocore keep it."""
    candidates = (
        getattr(error, "status_code", None),
        getattr(error, "code", None),
        _amazon_metadata(error).get("HTTPStatusCode"),
    )
    return next((status for status in candidates if isinstance(status, int)), None)


def _headers_of(error: BaseException) -> Mapping[str, str]:
    """The answer's headers, where the same libraries keep them; their names are in lower case."""
    response: Any = getattr(error, "response", None)
    for headers in (
        getattr(error, "headers", None),
        getattr(response, "headers", None),
        _amazon_metadata(error).get("HTTPHeaders"),
    ):
        if headers:
            return {str(name).lower(): str(value) for name, value in headers.items()}
    return {}


def _amazon_metadata(error: BaseException) -> dict[str, Any]:
    response: Any = getattr(error, "response", None)
    return response.get("ResponseMetadata", {}) if isinstance(response, dict) else {}


def _body_of(error: BaseException) -> ErrorBody:
    """What the provider said, where the same libraries keep it."""
    response: Any = getattr(error, "response", None)
    for body in (getattr(error, "body", None), getattr(error, "details", None), response):
        if isinstance(body, dict | list) and body:
            inner = body.get("Error") if isinstance(body, dict) else None  # of botocore
            return error_of({"error": inner} if inner else body)
        if isinstance(body, str) and body:
            return read_error(body.encode())
    return read_error((str(error) or type(error).__name__).encode())


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what led to it."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _led_to(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, also where it was only being handled."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _root_cause(error: BaseException) -> str:
    *_, error = _causes(error)
    return (str(error) or type(error).__name__).rstrip(".")
