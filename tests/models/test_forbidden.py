"""No base URL reaches what lies around the machine: link-local addresses and clouds' metadata services."""

import ipaddress
import socket
import sys
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web
from tests.models.stub import Stub
from tests.support.waiting import PATIENCE

from docstage.analysis.tcp_probe import can_connect
from docstage.domain.content import Content
from docstage.domain.errors import InvalidInput
from docstage.domain.tasks import FailureKind
from docstage.models.factory import create_client
from docstage.models.forbidden import AddressForbidden, check_host, is_forbidden
from docstage.models.protocol import ConnectionConfig, ModelFailure, ModelRequest
from docstage.service.connections.inputs import ConnectionInput

ASKED = ModelRequest(content=Content(text="A letter."), prompt="Who?")
METADATA = "169.254.169.254"

WRITTEN = [
    # The metadata address of most clouds, in every notation that a resolver takes.
    METADATA,
    f"{METADATA}.",
    "169.254.43518",
    "169.16689662",
    "2852039166",
    "0xA9FEA9FE",
    "0xa9fea9fe",
    "0xA9.0xFE.0xA9.0xFE",
    "0xA9.254.0xA9.254",
    "0251.0376.0251.0376",
    "0251.254.169.254",
    "0251.0xFE.43518",
    "025177524776",
    "0000251.00376.000251.0000376",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[0:0:0:0:0:ffff:a9fe:a9fe]",
    "[0000:0000:0000:0000:0000:FFFF:A9FE:A9FE]",
    "[::169.254.169.254]",
    "[::a9fe:a9fe]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:0:0:0:0:5601:5601]",
    # Other services beside the machine.
    "169.254.170.2",
    "169.254.170.23",
    "169.254.0.1",
    "169.254.255.254",
    "168.63.129.16",
    "0xA83F8110",
    "192.0.0.192",
    "100.100.100.200",
    "1684301000",
    "[fd00:ec2::254]",
    "[fd00:0ec2::0254]",
    "[fd00:ec2:0:0:0:0:0:254]",
    "[fd20:ce::254]",
    "[fe80::1]",
    "[fe80::a9fe:a9fe]",
    "[FE80::1]",
    "[febf::1]",
    # Their names.
    "metadata.google.internal",
    "METADATA.google.internal",
    "metadata.google.internal.",
    "metadata",
    "instance-data",
    "instance-data.ec2.internal",
    # Nobody in particular, and everybody.
    "0.0.0.0",
    "0",
    "0x0",
    "0.0",
    "[::]",
    "[0:0:0:0:0:0:0:0]",
    "[::ffff:0.0.0.0]",
    "224.0.0.1",
    "239.255.255.250",
    "255.255.255.255",
    "4294967295",
    "[ff02::1]",
    "[ff05::2]",
    "[::ffff:224.0.0.1]",
]
ALLOWED = [
    "localhost",
    "127.0.0.1",
    "127.1",
    "[::1]",
    "10.0.0.7",
    "172.16.3.4",
    "192.168.1.20",
    "100.64.0.5",
    "[fd12:3456::1]",
    "ollama",
    "gpu-box.local",
    "host.docker.internal",
    "api.openai.com",
    "metadata.example.com",
]


@pytest.mark.parametrize("host", WRITTEN)
def test_forbidden_hosts_are_refused_when_they_are_entered(host: str) -> None:
    """Neither a connection nor a client is made for such a base URL, with or without a port."""
    for url in (f"http://{host}/v1", f"https://{host}:8080/latest/meta-data"):
        with pytest.raises(ValueError, match="never calls"):
            ConnectionInput(name="x", provider="openai-compatible", model="x", base_url=url)
        with pytest.raises(InvalidInput, match="never calls"):
            create_client(ConnectionConfig("openai-compatible", "x", base_url=url))


@pytest.mark.parametrize("provider", ["anthropic", "azure", "google", "bedrock"])
def test_every_kind_of_client_refuses(provider: str) -> None:
    """The SDKs get no such address either."""
    config = ConnectionConfig(
        provider, "x", base_url=f"http://{METADATA}/", api_key="k", extra={"region": "eu-west-1"}
    )
    with pytest.raises(InvalidInput, match="never calls"):
        create_client(config)


@pytest.mark.parametrize("host", ALLOWED)
def test_local_servers_and_providers_stay_allowed(host: str) -> None:
    """This machine, private networks and names of the outside are where models are."""
    check_host(host)
    ConnectionInput(name="x", provider="openai-compatible", model="x", base_url=f"http://{host}:8000/v1")


def _rebind(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Make the name `model.example.com` resolve to these addresses, one after another; returns who asked."""
    asked: list[str] = []
    real: Callable[..., Any] = socket.getaddrinfo

    def resolve(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
        if host != "model.example.com":
            return real(host, port, *rest, **options)
        asked.append(host)
        address = addresses[min(len(asked), len(addresses)) - 1]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        place = (address, port, 0, 0) if ":" in address else (address, port)
        return [(family, socket.SOCK_STREAM, 6, "", place)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


@pytest.mark.parametrize("address", [METADATA, "fe80::1", "::ffff:169.254.169.254", "0.0.0.0"])
@pytest.mark.parametrize("provider", ["openai-compatible", "anthropic", "azure", "google"])
async def test_names_that_lead_there_are_refused_when_they_are_resolved(
    monkeypatch: pytest.MonkeyPatch, provider: str, address: str
) -> None:
    """The name says nothing, the address that would be connected to does."""
    asked = _rebind(monkeypatch, address)
    url = "http://model.example.com:9/v1"
    client = create_client(ConnectionConfig(provider, "x", base_url=url, api_key="k", timeout=PATIENCE))
    try:
        with pytest.raises(ModelFailure) as caught:
            await client.complete(ASKED)
    finally:
        await client.close()
    assert caught.value.kind is FailureKind.CONNECTION
    assert asked
    if provider == "openai-compatible":
        assert "never calls" in caught.value.message


async def test_a_name_cannot_change_between_check_and_use(
    monkeypatch: pytest.MonkeyPatch, stub: Stub
) -> None:
    """What was resolved is what is connected to: a name that changes is looked at anew, and then refused."""
    stub.answers({"data": []})
    port = stub.url.rsplit(":", 1)[1]
    asked = _rebind(monkeypatch, "127.0.0.1", METADATA)
    client = create_client(
        ConnectionConfig("openai-compatible", "x", base_url=f"http://model.example.com:{port}/v1")
    )
    try:
        assert await client.models() == []
        assert len(asked) == 1
        await client.close()
        client = create_client(
            ConnectionConfig("openai-compatible", "x", base_url=f"http://model.example.com:{port}")
        )
        with pytest.raises(ModelFailure, match="never calls"):
            await client.models()
    finally:
        await client.close()


async def test_the_look_whether_a_server_listens_refuses_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing at all is sent there."""
    _rebind(monkeypatch, METADATA)
    assert not await can_connect("http://model.example.com:80/v1")
    assert not await can_connect(f"http://{METADATA}/v1")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("provider", ["openai-compatible", "anthropic", "azure", "google"])
async def test_redirects_lead_nowhere(stub: Stub, provider: str, status: int) -> None:
    """A server cannot send a call on to another address."""
    target = f"{stub.url}/secret"

    async def redirect(request: web.Request) -> web.StreamResponse:
        if request.path == "/secret":
            return web.json_response({"credentials": "x"})
        return web.Response(status=status, headers={"Location": target})

    stub.handler = redirect
    client = create_client(
        ConnectionConfig(provider, "x", base_url=f"{stub.url}/v1", api_key="k", timeout=PATIENCE)
    )
    try:
        with pytest.raises(ModelFailure):
            await client.complete(ASKED)
    finally:
        await client.close()
    assert "/secret" not in {path for _method, path, _headers, _body in stub.requests}


def test_embedded_addresses_are_judged_by_what_they_embed() -> None:
    """A private address within a longer one is as allowed as by itself."""
    for text in ("::ffff:10.0.0.7", "::ffff:127.0.0.1", "64:ff9b::10.0.0.7", "::1"):
        assert not is_forbidden(ipaddress.ip_address(text))


def test_the_error_names_the_host() -> None:
    """Whoever entered it sees which one is meant."""
    with pytest.raises(AddressForbidden, match=METADATA):
        check_host(METADATA)


BEDROCK: dict[str, Any] = {"api_key": "k" * 20, "extra": {"region": "eu-west-1"}, "timeout": PATIENCE}


async def _fails(config: ConnectionConfig) -> ModelFailure:
    client = create_client(config)
    try:
        with pytest.raises(ModelFailure) as caught:
            await client.complete(ASKED)
    finally:
        await client.close()
    return caught.value


@pytest.mark.parametrize("address", [METADATA, "fe80::1", "::ffff:169.254.169.254"])
async def test_names_of_bedrock_that_lead_there_are_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Amazon's library has a transport of its own, and asks before each call like all others."""
    asked = _rebind(monkeypatch, address)
    failure = await _fails(
        ConnectionConfig("bedrock", "m", base_url="https://model.example.com:9", **BEDROCK)
    )
    assert failure.kind is FailureKind.CONNECTION
    assert len(asked) == 1  # the check's; nobody connected


async def test_addresses_of_bedrock_in_the_environment_are_looked_at_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever names the endpoint: calls do not leave for what is never called."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", f"https://{METADATA}:9/")
    failure = await _fails(ConnectionConfig("bedrock", "m", **BEDROCK))
    assert failure.kind is FailureKind.CONNECTION


async def test_bedrock_follows_no_redirect(monkeypatch: pytest.MonkeyPatch, stub: Stub) -> None:
    """A server in its place cannot send a call on."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")

    async def redirect(request: web.Request) -> web.StreamResponse:
        if request.path == "/secret":
            return web.json_response({"credentials": "x"})
        return web.Response(status=307, headers={"Location": f"{stub.url}/secret"})

    stub.handler = redirect
    await _fails(ConnectionConfig("bedrock", "m", base_url=stub.url, **(BEDROCK | {"api_key": None})))
    paths = {path for _method, path, _headers, _body in stub.requests}
    assert paths
    assert "/secret" not in paths


async def test_a_key_of_bedrock_asks_no_metadata_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a key of its own, a connection needs no credentials of the machine, and asks nobody for them."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    connected: list[Any] = []

    def watched(address: Any, *_rest: Any, **_options: Any) -> Any:
        connected.append(address[0])
        raise OSError("nobody is there")

    monkeypatch.setattr("urllib3.util.connection.create_connection", watched)
    await _fails(ConnectionConfig("bedrock", "m", base_url="https://127.0.0.1:9", **BEDROCK))
    assert set(connected) == {"127.0.0.1"}


@pytest.mark.parametrize("provider", ["openai-compatible", "anthropic", "azure", "google", "bedrock"])
async def test_a_name_that_changes_after_the_check_leads_nowhere(
    monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    """DNS rebinding: the first look says this machine, any further one the metadata service."""
    reached = _watch_connections(monkeypatch)
    _rebind(monkeypatch, "127.0.0.1", METADATA)
    options = BEDROCK | {"base_url": "https://model.example.com:9/v1"}
    await _fails(ConnectionConfig(provider, "m", **options))
    assert METADATA not in reached


def _watch_connections(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where sockets are connected to from now on; nothing but this machine is really reached."""
    reached: list[str] = []

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect" and reached is _watch.get("to") and isinstance(arguments[1], tuple):
            reached.append(str(arguments[1][0]))
            if arguments[1][0] == METADATA:
                raise OSError("the test lets nothing out")

    monkeypatch.setitem(_watch, "to", reached)
    sys.addaudithook(look)
    return reached


_watch: dict[str, list[str]] = {}


async def test_behind_a_proxy_names_that_lead_there_are_refused(
    monkeypatch: pytest.MonkeyPatch, stub: Stub
) -> None:
    """The proxy would resolve the name by itself, so it is looked at before the proxy gets it."""
    monkeypatch.setenv("http_proxy", stub.url)
    asked = _rebind(monkeypatch, METADATA)
    failure = await _fails(
        ConnectionConfig("openai-compatible", "x", base_url="http://model.example.com:9/v1", timeout=PATIENCE)
    )
    assert failure.kind is FailureKind.CONNECTION
    assert "never calls" in failure.message
    assert asked
    assert stub.requests == []


async def test_the_proxy_decides_of_names_that_only_it_knows(
    monkeypatch: pytest.MonkeyPatch, stub: Stub
) -> None:
    """A name that cannot be resolved here goes to the proxy, which may be all that reaches the outside."""
    monkeypatch.setenv("http_proxy", stub.url)
    stub.answers({"data": []})
    client = create_client(
        ConnectionConfig("openai-compatible", "x", base_url="http://only.there.invalid/v1")
    )
    try:
        assert await client.models() == []
    finally:
        await client.close()
    assert len(stub.requests) == 1
