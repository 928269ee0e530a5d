"""Front ends of other origins that may use this server: CORS, for exactly the origins of a setting.

`*` is none of them: any page that somebody opens could then read documents and spend money.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders

from docstage.domain.errors import ConfigurationError

_METHODS = "GET, HEAD, POST, PATCH, DELETE"
_SENT = "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, Last-Event-ID"
_SHOWN = "Allow, Content-Disposition, ETag, Location, Retry-After, WWW-Authenticate"
_REMEMBERED_SECONDS = 600
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Origins:
    """The origins that are allowed besides the server's own."""

    def __init__(self, allowed: Iterable[str]) -> None:
        """Take the setting `allowed_origins`.

        Raises:
            ConfigurationError: one of them is no origin.
        """
        self._allowed = frozenset(_checked(one) for one in allowed)

    def __contains__(self, origin: str | None) -> bool:
        return origin is not None and _normal(origin) in self._allowed

    def asks_first(self, method: str, headers: Headers) -> bool:
        """Whether a browser asks if it may send a request, which carries no token yet."""
        return (
            method == "OPTIONS"
            and "access-control-request-method" in headers
            and headers.get("origin") in self
        )

    def mark(self, answer: MutableHeaders, origin: str | None) -> None:
        """Tell the browser whether the page may read the answer."""
        if not self._allowed:
            return
        answer.add_vary_header("Origin")
        if origin is not None and origin in self:
            answer["access-control-allow-origin"] = origin
            answer["access-control-allow-credentials"] = "true"
            answer["access-control-expose-headers"] = _SHOWN

    def permission(self) -> dict[str, str]:
        """The headers with which a browser is told what it may send."""
        return {
            "access-control-allow-methods": _METHODS,
            "access-control-allow-headers": _SENT,
            "access-control-max-age": str(_REMEMBERED_SECONDS),
        }


def _normal(origin: str) -> str | None:
    """The origin in one form, without the usual port; None where it is none."""
    try:
        parts = urlsplit(origin.lower())
        port = parts.port
    except ValueError:
        return None
    bare = not (parts.path or parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or not bare or "*" in parts.hostname:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown = "" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}"
    return f"{parts.scheme}://{host}{shown}"


def _checked(origin: str) -> str:
    found = _normal(origin)
    if found is None:
        raise ConfigurationError(
            f"allowed_origins has {origin!r}: write each as a browser sends it, such as "
            "http://localhost:5173, without a path; * is not allowed."
        )
    return found
