"""Resolves the names of hosts for calls of models, and refuses what no connection may reach."""

import ipaddress
import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from docstage.models.forbidden import AddressForbidden, is_forbidden


class GuardedResolver(AbstractResolver):
    """Resolves names as usual and refuses those that lead to forbidden addresses.

    What it returns is what is connected to, so a name cannot be made to change between check and use.
    """

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host. Raises AddressForbidden."""
        found = await self._resolver.resolve(host, port, family)
        for one in found:
            if is_forbidden(ipaddress.ip_address(one["host"].partition("%")[0])):
                raise AddressForbidden(host)
        return found

    async def close(self) -> None:
        """Release what resolving needs."""
        await self._resolver.close()
