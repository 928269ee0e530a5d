"""A proxy for tests: CONNECT and requests with whole addresses, to one server whatever host is asked for."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(slots=True)
class ForwardProxy:
    """A proxy on loopback.

    Attributes:
        target: address of the server that all is passed on to.
        credentials: `user:password` that it wants, or None.
        refuses: the status with which it refuses all, or None.
        asked: the first line of each request that it passed on.
    """

    target: str
    credentials: str | None = None
    refuses: int | None = None
    port: int = 0
    asked: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one connection on."""
        with suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status = self._refusal(head)
            if status is not None:
                writer.write(
                    f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
                )
            else:
                await self._pass_on(head, reader, writer)
        writer.close()

    def _refusal(self, head: str) -> int | None:
        if self.refuses is not None or self.credentials is None:
            return self.refuses
        wanted = base64.b64encode(self.credentials.encode()).decode()
        return None if f"proxy-authorization: basic {wanted.lower()}" in head.lower() else 407

    async def _pass_on(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = head.partition("\r\n")[0]
        self.asked.append(line)
        parts = urlsplit(self.target)
        from_server, to_server = await asyncio.open_connection(parts.hostname, parts.port)
        if line.startswith("CONNECT "):
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        else:
            to_server.write(head.encode("latin-1"))
        await asyncio.gather(_copy(reader, to_server), _copy(from_server, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def running_proxy(target: str, credentials: str | None = None) -> AsyncIterator[ForwardProxy]:
    """A proxy on a free port until the block ends."""
    proxy = ForwardProxy(target, credentials)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
