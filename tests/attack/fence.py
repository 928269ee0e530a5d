"""Keeps this process from reaching anything but this machine, whatever a test makes it ask for."""

import errno
import ipaddress
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Fence:
    """Refuses connections to other machines and look-ups of their names while it stands.

    Attributes:
        refused: what was asked for.
    """

    standing: bool = False
    refused: list[str] = field(default_factory=list)

    def look(self, event: str, arguments: tuple[Any, ...]) -> None:
        """What the interpreter calls before it acts."""
        if not self.standing:
            return
        if event == "socket.getaddrinfo":
            host = arguments[0]
            name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
            if name not in {None, "", "localhost", "testserver"} and not _is_here(name):
                self.refused.append(str(name))
                raise socket.gaierror(socket.EAI_NONAME, "the test lets nothing out")
        if event in {"socket.connect", "socket.sendto"}:
            address = arguments[1]
            if isinstance(address, tuple) and not _is_here(str(address[0])):
                self.refused.append(str(address[0]))
                raise OSError(errno.ENETUNREACH, "the test lets nothing out")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# Hooks cannot be removed, so there is one for the process.
_fence = Fence()
sys.addaudithook(_fence.look)


@contextmanager
def fenced() -> Iterator[Fence]:
    """Nothing leaves this machine while the context lasts."""
    _fence.refused.clear()
    _fence.standing = True
    try:
        yield _fence
    finally:
        _fence.standing = False
