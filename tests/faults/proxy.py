"""Stands between docstage and a PostgreSQL server, and cuts a connection at the nth message to the server."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import make_url
from tests.support.waiting import PATIENCE

_SIZE = 65_536


class Proxy:
    """Passes everything on, until it is told to cut."""

    def __init__(self, server: str) -> None:
        """Listen for connections to the server behind a Unix socket."""
        self._server = server
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lock = threading.Lock()
        self._left: int | None = None
        self.struck = False
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def cut_at(self, nth: int | None) -> None:
        """Cut the connection on which the nth message from now on comes; None: no longer."""
        with self._lock:
            self._left = nth

    def close(self) -> None:
        """Take no more connections, and wait until those there were have ended."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._start(self._pass_on, client, server, True)
                self._start(self._pass_on, server, client, False)

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _pass_on(self, source: socket.socket, target: socket.socket, counts: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_SIZE):
                cut = counts and self._strikes()
                # Half of them get through, so that it is in doubt what the server has done.
                if not cut or len(data) % 2:
                    target.sendall(data)
                if cut:
                    break
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        source.close()  # the thread of the other direction closes the other

    def _strikes(self) -> bool:
        with self._lock:
            if self._left is None:
                return False
            self._left -= 1
            self.struck |= self._left == 0
            return self._left == 0


@contextmanager
def cutting(url: str) -> Iterator[tuple[Proxy, str]]:
    """A proxy before the server of this URL, and the URL through it."""
    parts = make_url(url)
    proxy = Proxy(f"{parts.query['host']}/.s.PGSQL.{parts.port or 5432}")
    options = {"sslmode": "disable", "gssencmode": "disable"}
    through = parts.set(host="127.0.0.1", port=proxy.port, query=options)
    try:
        yield proxy, through.render_as_string(hide_password=False)
    finally:
        proxy.close()
