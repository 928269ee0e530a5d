"""A real web server in a thread of the test."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.apps import Bench
from tests.support.waiting import PATIENCE, until

from docstage.api.server import WebServer


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
        thread.join(PATIENCE)
        bound.close()
    assert not thread.is_alive()


def _wait_until_started(server: WebServer, thread: threading.Thread) -> None:
    """Until then, the socket refuses connections."""
    until(lambda: server.started or not thread.is_alive(), "the web server answers")
    assert thread.is_alive()
