"""Resolves the names of hosts for calls of models, and refuses what no connection may reach."""

import ipaddress
import socket

from aiohttp.abc import AbstractResolver, ResolveResult

from docstage.models.forbidden import AddressForbidden, is_forbidden
from docstage.models.lookup import look_up


class GuardedResolver(AbstractResolver):
    """Resolves names as usual and refuses those that lead to forbidden addresses.

    What it returns is what is connected to, so a name cannot be made to change between check and use.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host. Raises AddressForbidden, or OSError when it has none."""
        found = []
        for kind, _, protocol, _, address in await look_up(
            host, port, family=family, flags=socket.AI_ADDRCONFIG
        ):
            bare = str(address[0]).partition("%")[0]
            if is_forbidden(ipaddress.ip_address(bare)):
                raise AddressForbidden(host)
            found.append(
                ResolveResult(
                    hostname=host,
                    host=bare,
                    port=int(address[1]),
                    family=kind,
                    proto=protocol,
                    flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                )
            )
        return found

    async def close(self) -> None:
        """Nothing to release."""
