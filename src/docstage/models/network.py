"""How calls of models leave this machine: through which proxy, and by whose certificates servers are trusted.

The same for every client. Whoever runs docstage says it in the environment, by the names that most programs
know: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY` (in capitals or not), `SSL_CERT_FILE`,
`SSL_CERT_DIR`, `REQUESTS_CA_BUNDLE` and `CURL_CA_BUNDLE`.
"""

import ipaddress
import os
import ssl
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from docstage.domain.errors import InvalidInput
from docstage.models.addresses import is_private_address

if TYPE_CHECKING:  # what reads prices needs none of it
    from yarl import URL

_FILES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_FOLDERS = ("SSL_CERT_DIR",)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def proxy_for(url: "URL") -> "URL | None":
    """The proxy that the environment names for the address, with its user and password.

    None for addresses of this machine and of private networks, and for those that `NO_PROXY` names: hosts,
    domains (`.corp.example` or `corp.example`), either with a port, networks (`10.0.0.0/8`), or `*`.

    Raises:
        InvalidInput: it is none that docstage can speak to, such as a SOCKS proxy.
    """
    host, port = url.host or "", url.port or _DEFAULT_PORTS.get(url.scheme, 0)
    if is_private_address(str(url)) or _is_exempt(host, port, _variable("no_proxy")):
        return None
    name = f"{url.scheme}_proxy"
    said = _variable(name) or _variable(name := "all_proxy")
    return _proxy(said, name.upper()) if said else None


def proxy_of(base_url: str | None) -> "URL | None":
    """The proxy for a base URL, as `proxy_for`."""
    from yarl import URL

    return proxy_for(URL(base_url)) if base_url else None


def aws_address(service: str, region: str | None) -> str:
    """Where a service is by default, as far as proxies are concerned."""
    return f"https://{service}.{region or 'us-east-1'}.amazonaws.com"


def _variable(name: str) -> str:
    """A variable in small letters, which come first, or in capitals."""
    said = os.environ.get(name) or os.environ.get(name.upper()) or ""
    # Servers under CGI have what a request's header `Proxy` says in this one.
    return "" if name == "http_proxy" and "REQUEST_METHOD" in os.environ else said.strip()


def _proxy(said: str, name: str) -> "URL":
    from yarl import URL

    try:
        proxy = URL(said if "://" in said else f"http://{said}")
    except ValueError:
        proxy = URL()
    if proxy.scheme not in _DEFAULT_PORTS or not proxy.host:
        raise InvalidInput(f"{name} names no proxy that docstage can use: it must begin with http://.")
    return proxy


def _is_exempt(host: str, port: int, exemptions: str) -> bool:
    return any(_names(one, host.lower(), port) for one in exemptions.replace(",", " ").split())


def _names(exemption: str, host: str, port: int) -> bool:
    one = exemption.lower()
    if one == "*":
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(one, strict=False)
    except ValueError:
        pass  # one of them is a name
    name, _, wanted = one.rpartition(":") if one.count(":") == 1 else (one, "", "")
    bare = name.removeprefix("*").removeprefix(".")
    return (not wanted or wanted == str(port)) and bool(bare) and (host == bare or host.endswith(f".{bare}"))


def proxy_secrets(proxy: "URL | None") -> list[str]:
    """What of a proxy's address no message may show: its password, and user and password as they are sent."""
    if proxy is None or not proxy.password:
        return []
    return [proxy.password, unquote(proxy.password), f"{proxy.user}:{proxy.password}"]


def without_credentials(proxy: "URL") -> str:
    """The proxy's address as it may be shown."""
    return str(proxy.origin())


def tls_context() -> ssl.SSLContext:
    """What servers' certificates are checked by: those that the environment names, else those of the system.

    Where the system has none, those that come with the package `certifi` are taken.

    Raises:
        InvalidInput: what the environment names cannot be read.
    """
    return _context(_named(_FILES), _named(_FOLDERS))


def certificates_file() -> str | None:
    """The file of the certificates, for a library that takes no context; None where it shall take its own.

    Raises:
        InvalidInput: what the environment names cannot be read.
    """
    tls_context()
    named = _named(_FILES)
    if named:
        return named[1]
    usual = ssl.get_default_verify_paths().cafile
    return usual if usual and Path(usual).exists() else None


def _named(names: tuple[str, ...]) -> tuple[str, str] | None:
    """The first of the variables that is set, with what it says."""
    return next(((name, said) for name in names if (said := os.environ.get(name, "").strip())), None)


@cache
def _context(file: tuple[str, str] | None, folder: tuple[str, str] | None) -> ssl.SSLContext:
    for name, path in filter(None, (file, folder)):
        if not Path(path).exists():
            raise InvalidInput(f"{name} names {path}, which does not exist.")
    if file is None and folder is None:
        context = ssl.create_default_context()
        return context if _has_certificates(context) else _bundled()
    place = file[1] if file else None
    try:
        # Some variables that name a file may name a folder as well.
        if place and Path(place).is_dir():
            return ssl.create_default_context(capath=place)
        return ssl.create_default_context(cafile=place, capath=folder[1] if folder else None)
    except OSError as error:
        name = file[0] if file else "SSL_CERT_DIR"
        raise InvalidInput(f"{name} names {place}, which holds no certificates: {error.strerror}.") from None


def _has_certificates(context: ssl.SSLContext) -> bool:
    paths = ssl.get_default_verify_paths()
    folder = paths.capath
    return bool(context.cert_store_stats()["x509_ca"]) or bool(folder and any(Path(folder).iterdir()))


def _bundled() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=import_module("certifi").where())
