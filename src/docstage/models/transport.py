"""Turns what goes wrong below HTTP into failures, in words a user can act on."""

import asyncio

import aiohttp
from yarl import URL

from docstage.domain.tasks import FailureKind
from docstage.models.forbidden import AddressForbidden
from docstage.models.protocol import ModelFailure

# Everything that aiohttp raises when no whole answer comes back.
TRANSPORT_ERRORS = (aiohttp.ClientError, asyncio.TimeoutError, OSError)


def failure_of_exception(error: BaseException, url: URL, timeout: float) -> ModelFailure:
    """The failure that one of `TRANSPORT_ERRORS` stands for.

    Args:
        error: what was raised.
        url: where the request went.
        timeout: the seconds it was given.
    """
    where = url.origin()
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        hint = (
            " Does it speak TLS, or should the address begin with http://?" if url.scheme == "https" else ""
        )
        message = f"{where} accepts no connection in time.{hint}"
        return ModelFailure(FailureKind.CONNECTION, message, sent=False)
    if isinstance(error, TimeoutError):
        return ModelFailure(FailureKind.TIMEOUT, f"{where} gave no complete answer within {timeout:g} s.")
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return failure_of_proxy(error.status)
    # What could not connect has sent nothing; what was cut may have been answered.
    sent = not isinstance(
        error, aiohttp.ClientConnectorError | aiohttp.ClientConnectorDNSError | aiohttp.InvalidURL
    )
    final = _needs_person(error)
    return ModelFailure(FailureKind.CONNECTION, _words(error, url), sent=sent, final=final)


def _needs_person(error: BaseException) -> bool:
    """Whether no waiting helps: the address is never called, speaks no TLS, or is not trusted."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return True
    inner = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else None
    # A handshake that is cut is one of a server that goes or comes.
    return isinstance(inner, AddressForbidden) or "WRONG_VERSION_NUMBER" in str(inner)


def failure_of_proxy(status: int) -> ModelFailure:
    """The failure that a proxy stands for which answered with a status instead of connecting."""
    if status == 407:
        message = (
            "The proxy wants a user name and a password (407): write them into its address, such as "
            "HTTPS_PROXY=http://user:password@host:3128, where docstage runs."
        )
        return ModelFailure(FailureKind.AUTH, message, status_code=status, sent=False)
    if status in (401, 403):
        message = f"The proxy does not let docstage reach this server ({status})."
        return ModelFailure(FailureKind.AUTH, message, status_code=status, sent=False)
    message = f"The proxy cannot reach the server ({status})."
    return ModelFailure(FailureKind.CONNECTION, message, sent=False)


def _words(error: BaseException, url: URL) -> str:
    where = url.origin()
    if isinstance(error, aiohttp.ClientProxyConnectionError):
        return f"The proxy {error.host}:{error.port}, which the environment names, cannot be reached."
    if isinstance(error, aiohttp.ClientSSLError):
        return _words_for_tls(error, where)
    if isinstance(error, aiohttp.ClientConnectorError):
        return _words_for_connecting(error, url)
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{where} does not answer with HTTP: should the address begin with https://? ({error.message})"
    return f"{where} cut the connection before its answer was complete ({type(error).__name__}: {error})."


def _words_for_connecting(error: aiohttp.ClientConnectorError, url: URL) -> str:
    where = url.origin()
    if isinstance(error.os_error, AddressForbidden):
        return f"{error.os_error.strerror}. Correct the base URL."
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"The host {url.host!r} is unknown: is the address right, and is there a network?"
    refused = isinstance(error.os_error, ConnectionRefusedError)
    return f"Nothing listens at {where}." if refused else f"{where} cannot be reached: {error.os_error}."


def _words_for_tls(error: aiohttp.ClientSSLError, where: URL) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"The certificate of {where} is not trusted: {error.certificate_error}."
    return f"{where} does not speak TLS: should the address begin with http://? ({error.os_error})"
