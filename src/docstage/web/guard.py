"""What every request has to pass, and what every answer carries.

The Host header must name this server, or else a page of another site could reach it through a name that it
makes resolve to this machine (DNS rebinding). A browser tells with Origin where a request comes from; what
changes something must come from here. Bodies are JSON of at most 1 MiB; only uploads are files, which their
endpoint takes as they come.
"""

import asyncio
import hmac
import ipaddress
import re
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from docstage.domain.errors import DocstageError, Forbidden, Unauthorized
from docstage.settings import Settings
from docstage.web.error_pages import for_reader
from docstage.web.origins import Origins
from docstage.web.problems import BodyTooLarge, BodyTooSlow, PathTooLong, WrongContentType, defect, problem_of

MAX_BODY = 1_048_576
BODY_SECONDS = 60.0
MAX_PATH = 2_000  # far more than any address has; numbers of thousands of digits cannot even be read
UPLOAD_PATH = "/api/folders/upload"
UPLOAD_TYPE = "application/octet-stream"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"(?:\[(?P<address>[0-9a-fA-F:.]+)\]|(?P<name>[A-Za-z0-9._-]+))(?::[0-9]+)?")
_WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104  (compared with, not bound to)
_PROTECTED = ("/api", "/metrics", "/openapi.json")
SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class HostNotAllowed(Forbidden):
    """The Host header names another server."""

    kind = "host-not-allowed"


class OriginNotAllowed(Forbidden):
    """Another site wants to change something here."""

    kind = "origin-not-allowed"


class _Gone(Exception):
    """The caller went away before its request had ended."""


class _HeadSent(Exception):
    """Nobody wants to see more of a stream."""


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(
        self, app: ASGIApp, *, settings: Settings, token: str, methods: Callable[[str], Sequence[str]]
    ) -> None:
        """Wrap an application.

        Args:
            token: what callers must present; empty for none.
            methods: what the application takes at a path, nothing where there is nothing.

        Raises:
            ConfigurationError: the setting `allowed_origins` has something else.
        """
        self._app = app
        self._methods = methods
        self._origins = Origins(settings.allowed_origins)
        self._token = token.encode()
        self._hosts = _LOOPBACK | {settings.host.lower(), *(name.lower() for name in settings.allowed_hosts)}
        # Who listens on every address cannot know them all; an address, unlike a name, cannot be rebound.
        self._any_address = settings.host in _WILDCARDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = _Answer(send, scope, self._origins)
        try:
            self._check_host(scope, headers)
            if self._origins.asks_first(scope["method"], headers):
                await Response(status_code=204, headers=self._origins.permission())(
                    scope, receive, answer.send
                )
                return
            self._check(scope, headers)
            if scope["method"] == "OPTIONS" and (methods := self._methods(scope["path"])):
                await Response(status_code=204, headers={"allow": ", ".join(methods)})(
                    scope, receive, answer.send
                )
                return
            if scope["path"] == UPLOAD_PATH:
                _check_type(headers, UPLOAD_TYPE)
            elif scope["method"] not in _SAFE:
                receive = await _checked_body(headers, receive)
            # Whoever asks for the head alone gets that of GET, whatever the endpoint.
            asked = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
            await self._app(asked, receive, answer.send)
        except (_Gone, _HeadSent):
            return
        except DocstageError as error:
            refusal = for_reader(scope, problem_of(error, scope["path"]))
            await refusal(scope, receive, answer.send)
        except Exception as error:
            response = for_reader(scope, defect(scope["path"], error))
            if not answer.begun:
                await response(scope, receive, answer.send)
            else:
                raise  # the server must break the connection off, or the answer would seem complete

    def _check_host(self, scope: Scope, headers: Headers) -> None:
        if len(scope["path"]) > MAX_PATH:
            raise PathTooLong(f"A path may have at most {MAX_PATH:,} characters.")
        host = headers.get("host", "")
        if not self._is_host(host):
            raise HostNotAllowed(
                f"This server is not known as {host!r}. If it should be, add the name to allowed_hosts."
            )

    def _check(self, scope: Scope, headers: Headers) -> None:
        origin = headers.get("origin")
        own = origin is None or origin in self._origins or _host_of(origin) == headers.get("host", "")
        if scope["method"] not in _SAFE and not own:
            raise OriginNotAllowed(
                f"A page of {origin} may not change anything here. If it is a front end of yours, add the "
                "origin to allowed_origins."
            )
        if self._token and needs_token(scope["path"]):
            scheme, _, given = headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), self._token):
                raise Unauthorized("Send the header `Authorization: Bearer` with the token of this server.")

    def _is_host(self, header: str) -> bool:
        parts = _HOST.fullmatch(header)
        if parts is None:
            return False
        name = (parts["address"] or parts["name"]).lower()
        return name in self._hosts or (self._any_address and _is_address(name))


class _Answer:
    """Sends an answer with the headers that all answers carry, and knows whether it has begun."""

    def __init__(self, send: Send, scope: Scope, origins: Origins) -> None:
        self._send = send
        self._path = scope["path"]
        self._head_only = scope["method"] == "HEAD"
        self._origin = Headers(scope=scope).get("origin")
        self._origins = origins
        self.begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in SECURITY_HEADERS.items():
                headers[name] = value
            if self._path.startswith("/api"):
                headers.setdefault("cache-control", "no-store")
            self._origins.mark(headers, self._origin)
        elif self._head_only and message["type"] == "http.response.body":
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            if message.get("more_body", False):
                raise _HeadSent  # a stream would go on without end
            return
        await self._send(message)


async def _checked_body(headers: Headers, receive: Receive) -> Receive:
    """Read the body, and give it out again.

    Raises:
        BodyTooLarge: it is larger than 1 MiB, said or found out.
        BodyTooSlow: it has not ended after a minute.
        _Gone: it will never end.
        WrongContentType: there is one, and it is not JSON.
    """
    if stated_length(headers) > MAX_BODY:
        raise _too_large()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            body = await _read_body(receive)
    except TimeoutError:
        raise BodyTooSlow(f"The body has not come within {BODY_SECONDS:g} seconds.") from None
    if body:
        _check_type(headers, "application/json")
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def stated_length(headers: Headers) -> int:
    """How long the body will be, 0 where that is not said. The server lets no other nonsense through."""
    stated = headers.get("content-length", "0")
    return int(stated) if stated.isdecimal() and len(stated) <= 20 else 0


def _check_type(headers: Headers, wanted: str) -> None:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != wanted:
        raise WrongContentType(f"Send the body as {wanted}, not as {kind or 'nothing'}.")


async def _read_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise _too_large()
        if not message.get("more_body", False):
            return bytes(body)


def _too_large() -> BodyTooLarge:
    return BodyTooLarge(f"A body may have at most {MAX_BODY:,} bytes.")


def needs_token(path: str) -> bool:
    """Whether callers must present the server's token there, if it has one."""
    return any(path == one or path.startswith(f"{one}/") for one in _PROTECTED)


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
