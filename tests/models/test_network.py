"""Proxies and certificates of the environment: the same for every client, no password in a message."""

import json
import socket
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from tests.models import test_pydantic_ai_client as sdk
from tests.models import test_wire as wire
from tests.models.forward_proxy import ForwardProxy, running_proxy
from tests.models.shapes import success
from tests.models.stub import Stub, completion, running_stub
from yarl import URL

from docstage.analysis.tcp_probe import can_connect
from docstage.domain.errors import InvalidInput
from docstage.domain.tasks import FailureKind
from docstage.models.network import proxy_for, tls_context
from docstage.models.protocol import ModelFailure

aws_credentials = sdk.aws_credentials
USER, PASSWORD = "clerk", "p@ss word-of-the-proxy"
PROVIDERS = ("wire", *sdk.PROVIDERS)
_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the environment in which tests run."""
    for name in (*_VARIABLES, "requests_ca_bundle", "curl_ca_bundle", "aws_ca_bundle"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest_asyncio.fixture
async def secure(self_signed: ssl.SSLContext) -> AsyncIterator[Stub]:
    """A server that speaks TLS with a certificate that nobody vouches for."""
    async with running_stub(self_signed) as server:
        yield server


@pytest_asyncio.fixture
async def proxy(secure: Stub) -> AsyncIterator[ForwardProxy]:
    """A proxy before it, which wants a user and a password."""
    async with running_proxy(secure.url, f"{USER}:{PASSWORD}") as running:
        yield running


def address(proxy: ForwardProxy, password: str = PASSWORD) -> str:
    """The proxy as the environment names it."""
    return f"http://{USER}:{quote(password)}@127.0.0.1:{proxy.port}"


def prepare(stub: Stub, provider: str) -> None:
    """Let the server answer as the provider does."""
    stub.answers(completion("fine") if provider == "wire" else success(provider, "fine"))


async def ask(provider: str, url: str) -> str:
    """The answer of a client of that provider."""
    if provider == "wire":
        return (await wire.ask(url)).text
    return (await sdk.ask(provider, url)).text


async def fail(provider: str, url: str, **changes: Any) -> ModelFailure:
    """The failure of such a client, which shows no password."""
    call = wire.fail(url, **changes) if provider == "wire" else sdk.fail(provider, url, **changes)
    failure = await call
    for form in (PASSWORD, quote(PASSWORD), "of-the-proxy"):
        assert form not in failure.message + repr(failure)
    return failure


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_every_client_goes_through_the_proxy(
    secure: Stub,
    proxy: ForwardProxy,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
) -> None:
    """By CONNECT, with user and password, trusting the certificates that the environment names."""
    monkeypatch.setenv("HTTPS_PROXY", address(proxy))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    prepare(secure, provider)
    assert await ask(provider, "https://models.invalid") == "fine"
    (line,) = proxy.asked
    assert line.startswith("CONNECT models.invalid:443 HTTP/1.")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_without_tls_too(stub: Stub, monkeypatch: pytest.MonkeyPatch, provider: str) -> None:
    """A request without TLS is given to the proxy with its whole address."""
    async with running_proxy(stub.url, f"{USER}:{PASSWORD}") as proxy:
        monkeypatch.setenv("http_proxy", address(proxy))
        prepare(stub, provider)
        assert await ask(provider, "http://models.invalid") == "fine"
    assert proxy.asked[0].startswith("POST http://models.invalid")
    _, _, headers, _ = stub.requests[0]
    assert wire.KEY not in json.dumps(headers) or provider != "bedrock"


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_certificate_that_is_named_is_trusted(
    secure: Stub, certificate: Path, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    """Directly, too; without being named it is not."""
    prepare(secure, provider)
    assert (await fail(provider, secure.url)).kind is FailureKind.CONNECTION
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert await ask(provider, secure.url) == "fine"


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_proxy_that_wants_another_password(
    proxy: ForwardProxy, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    """It needs a person, who is told where to write it; nothing was sent to the model."""
    monkeypatch.setenv("HTTPS_PROXY", address(proxy, "wrong-word-of-the-proxy"))
    failure = await fail(provider, "https://models.invalid")
    assert (failure.kind, failure.may_be_billed) == (FailureKind.AUTH, False)
    assert "The proxy wants a user name and a password (407)" in failure.message


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(("status", "kind"), [(403, "auth"), (502, "connection")])
async def test_a_proxy_that_refuses(
    proxy: ForwardProxy, monkeypatch: pytest.MonkeyPatch, provider: str, status: int, kind: str
) -> None:
    """That is told as the proxy's doing, and cost nothing."""
    proxy.refuses = status
    monkeypatch.setenv("ALL_PROXY", address(proxy))
    failure = await fail(provider, "https://models.invalid")
    assert (failure.kind.value, failure.may_be_billed) == (kind, False)
    assert failure.message.startswith("The proxy")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_proxy_that_is_away(monkeypatch: pytest.MonkeyPatch, provider: str) -> None:
    """It is named, without its password; the look whether anything listens is at the proxy, too."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        monkeypatch.setenv("HTTPS_PROXY", f"http://{USER}:{quote(PASSWORD)}@127.0.0.1:{port}")
        failure = await fail(provider, "https://models.invalid")
        assert failure.kind is FailureKind.CONNECTION
        assert not failure.may_be_billed
        assert str(port) in failure.message
        assert not await can_connect("https://models.invalid")


async def test_whether_anything_listens_is_asked_of_the_proxy(
    proxy: ForwardProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers behind it cannot be reached any other way."""
    assert not await can_connect("https://models.invalid")
    monkeypatch.setenv("HTTPS_PROXY", address(proxy))
    assert await can_connect("https://models.invalid")


@pytest.mark.parametrize(
    ("exemptions", "url", "through"),
    [
        ("", "https://api.example.com/v1", True),
        ("*", "https://api.example.com/v1", False),
        ("example.com", "https://api.example.com/v1", False),
        (".example.com", "https://api.example.com/v1", False),
        ("*.example.com", "https://api.example.com/v1", False),
        ("other.org, api.example.com", "https://api.example.com/v1", False),
        ("other.org api.example.com", "https://API.example.com/v1", False),
        ("api.example.com:443", "https://api.example.com/v1", False),
        ("api.example.com:8443", "https://api.example.com/v1", True),
        ("ample.com", "https://api.example.com/v1", True),
        ("8.8.0.0/16", "https://8.8.4.4/v1", False),
        ("8.8.4.4", "https://8.8.4.4/v1", False),
        ("2001:4860::/32", "https://[2001:4860::8]/v1", False),
        ("9.0.0.0/8", "https://8.8.4.4/v1", True),
        ("", "http://localhost:11434/v1", False),
        ("", "http://10.0.0.7/v1", False),
        ("", "http://models/v1", False),
        (",", "https://api.example.com", True),
    ],
)
def test_exemptions(monkeypatch: pytest.MonkeyPatch, exemptions: str, url: str, through: bool) -> None:
    """`NO_PROXY` in every customary form; machines of the own network are never reached through a proxy."""
    for name in ("HTTPS_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://proxy.invalid:3128")
    monkeypatch.setenv("NO_PROXY", exemptions)
    assert (proxy_for(URL(url)) is not None) is through


def test_how_a_proxy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small letters come first, what is for all comes last, and `http://` may be left out."""
    url = URL("https://api.example.com")
    monkeypatch.setenv("ALL_PROXY", "last.invalid:1")
    assert proxy_for(url) == URL("http://last.invalid:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://capitals.invalid:2")
    monkeypatch.setenv("https_proxy", "http://small.invalid:3")
    assert proxy_for(url) == URL("http://small.invalid:3")
    assert proxy_for(URL("http://api.example.com")) == URL("http://last.invalid:1")
    monkeypatch.setenv("http_proxy", "http://from-a-request.invalid")
    monkeypatch.setenv("REQUEST_METHOD", "GET")
    assert proxy_for(URL("http://api.example.com")) == URL("http://last.invalid:1")
    monkeypatch.setenv("https_proxy", "socks5://clerk:of-the-proxy@socks.invalid:1080")
    with pytest.raises(InvalidInput, match="HTTPS_PROXY names no proxy") as caught:
        proxy_for(url)
    assert "of-the-proxy" not in str(caught.value)


def test_certificates_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is named, before anything is sent."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with pytest.raises(InvalidInput, match=r"REQUESTS_CA_BUNDLE names .*does not exist"):
        tls_context()
    (tmp_path / "text.pem").write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "text.pem"))
    with pytest.raises(InvalidInput, match=r"SSL_CERT_FILE names .*holds no certificates"):
        tls_context()


def test_a_folder_of_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder is taken where one is named, also by a variable that is meant for files."""
    for name in ("SSL_CERT_DIR", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(tmp_path))
        assert tls_context().verify_mode is ssl.CERT_REQUIRED
        monkeypatch.delenv(name)
