"""A real web server in a thread of the test."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.apps import Bench

from docstage.api.server import WebServer

_PATIENCE = 60.0


@contextmanager
def serving(bench: Bench) -> Iterator[tuple[str, WebServer]]:
    """The address of a server in a thread of its own, and the server."""
    server = WebServer(bench.services)
    bound = server.config.bind_socket()
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([bound])), name="web")
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield f"http://127.0.0.1:{bound.getsockname()[1]}", server
    finally:
        server.should_exit = True
        thread.join(_PATIENCE)
        bound.close()
    assert not thread.is_alive()


def _wait_until_started(server: WebServer, thread: threading.Thread) -> None:
    """Until then, the socket refuses connections."""
    end = time.monotonic() + _PATIENCE
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < end
        time.sleep(0.01)
