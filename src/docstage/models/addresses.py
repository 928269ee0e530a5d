"""Addresses of servers."""

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from docstage.domain.errors import InvalidInput
from docstage.models.forbidden import AddressForbidden, check_host

if TYPE_CHECKING:  # what reads prices needs none of it
    from yarl import URL

_PRIVATE_SUFFIXES = (".localhost", ".local", ".internal", ".lan")


def parse_base_url(text: str | None, title: str) -> "URL":
    """The base URL of a connection.

    Raises:
        InvalidInput: there is none, it is no http:// or https:// address, or one that is never called.
    """
    from yarl import URL

    if not text:
        raise InvalidInput(f"{title} needs a base URL, such as https://host/v1.")
    try:
        url = URL(text.strip())
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no URL: {error}.") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise InvalidInput(f"{text!r} is no http:// or https:// address.")
    try:
        check_host(url.host)
    except AddressForbidden as error:
        raise InvalidInput(f"{error.strerror}.") from error
    return url


def join_url(base: "URL", path: str) -> "URL":
    """The address of a path below a base URL, whose query is kept."""
    return base.with_path(f"{base.raw_path.rstrip('/')}/{path}", encoded=True, keep_query=True)


def server_root(base: "URL") -> "URL":
    """The address of a server, without the path of one of its APIs."""
    path = base.raw_path.rstrip("/")
    for api in ("/v1", "/api"):
        path = path.removesuffix(api)
    return base.with_path(path, encoded=True, keep_query=True)


def is_private_address(base_url: str) -> bool:
    """Whether the address lies on this machine or in a private network, judged by its text alone."""
    host = urlsplit(base_url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        # A name without a dot is one of the local network, or of a container beside this one.
        return "." not in host or host.endswith(_PRIVATE_SUFFIXES)
    return address.is_loopback or address.is_private
