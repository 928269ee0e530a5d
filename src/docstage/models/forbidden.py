"""Addresses that no connection may reach, whatever its base URL says.

Clouds answer at link-local addresses with the credentials of the machine. Whoever may add connections must
not get at those (server-side request forgery), so such addresses are refused in every notation, as they are
written and as they are resolved at the moment of connecting. This machine and private networks stay
allowed: that is where local model servers are.

Sources: RFC 3927 and RFC 4291 (link-local), and the documentation of the clouds' metadata services: AWS
(169.254.169.254, fd00:ec2::254), Google Cloud (metadata.google.internal, fd20:ce::254), Azure
(169.254.169.254, 168.63.129.16), Oracle (169.254.169.254, 192.0.0.192), Alibaba (100.100.100.200).
"""

import encodings.idna  # noqa: F401  (what resolving needs, and could not read any more without free files)
import errno
import ipaddress
import socket

from docstage.models.lookup import look_up

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in ("168.63.129.16", "192.0.0.192", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254")
)
_METADATA_NAMES = frozenset(
    {"metadata.google.internal", "metadata", "instance-data", "instance-data.ec2.internal"}
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressForbidden(OSError):
    """The host leads to an address that no connection may reach."""

    def __init__(self, host: str) -> None:
        super().__init__(
            errno.EACCES, f"{host} is an address of the machine's surroundings that docstage never calls"
        )


def check_host(host: str) -> None:
    """Refuse a host that is written as a forbidden address or named as a metadata service.

    Raises:
        AddressForbidden: it is one.
    """
    address = _literal(host)
    named = host.rstrip(".").lower() in _METADATA_NAMES
    if named or (address is not None and is_forbidden(address)):
        raise AddressForbidden(host)


async def check_resolved(host: str, port: int) -> None:
    """Refuse a host one of whose addresses is forbidden; one that cannot be resolved is left to the caller.

    Raises:
        AddressForbidden: one is.
    """
    check_host(host)
    try:
        found = await look_up(host, port)
    except OSError:
        return
    _check_found(host, [str(entry[4][0]) for entry in found])


def resolve_allowed(host: str, port: int) -> list[str]:
    """The addresses of a host, in a thread that may wait.

    Raises:
        AddressForbidden: one is forbidden.
        OSError: it cannot be resolved.
    """
    check_host(host)
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    _check_found(host, found)
    return found


def _check_found(host: str, addresses: list[str]) -> None:
    if any(is_forbidden(ipaddress.ip_address(one.partition("%")[0])) for one in addresses):
        raise AddressForbidden(host)


def is_forbidden(address: _Address) -> bool:
    """Whether no connection may reach the address, or the one that is embedded in it."""
    embedded = _embedded(address)
    if embedded is not None:
        return is_forbidden(embedded)
    return (
        address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address in _METADATA
        or address == ipaddress.IPv4Address("255.255.255.255")
    )


def _literal(host: str) -> _Address | None:
    """The address that a host is written as, also in the old forms that resolvers take: 0xA9FEA9FE."""
    bare = host.strip("[]").partition("%")[0].rstrip(".")
    try:
        return ipaddress.ip_address(bare)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(bare))
    except (OSError, ValueError):
        return None


def _embedded(address: _Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address within an IPv6 one that leads there."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or _compatible(address)


def _compatible(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The deprecated form `::a.b.c.d`, but for `::` and `::1`."""
    return ipaddress.IPv4Address(int(address)) if 1 < int(address) <= 0xFFFFFFFF else None
