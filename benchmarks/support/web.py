"""The web process: `python -m benchmarks.support.web`. It prints its address once it listens."""

import asyncio
import socket

from docstage.api.server import WebServer
from docstage.service.context import Services
from docstage.settings import Settings


async def _serve() -> None:
    services = Services.open(Settings.load())
    # The protocol is named, or asyncio would not switch off the delay of small packets (TCP_NODELAY).
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        await WebServer(services).serve(sockets=[listener])


if __name__ == "__main__":
    asyncio.run(_serve())
