"""The web server around the application."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from docstage.api.app import create_app
from docstage.api.feed import Feed
from docstage.processes.deadline import ANSWER_SECONDS
from docstage.service.context import Services
from docstage.web.connection_limits import Crowd, NoFiles
from docstage.web.exposure import check_exposure
from docstage.web.protocol import MAX_HEAD, Protocol

# So many connections are accepted in one go, while everything else waits.
_BACKLOG = 128
# So many may wait for that; further ones would try again only after a second.
_WAITING = 2_048


class WebServer(uvicorn.Server):
    """Serves the application until it is told to end, and then ends open streams first."""

    def __init__(self, services: Services, *, token: str | None = None) -> None:
        """Prepare the server for the host and port that the settings name.

        Args:
            token: as `create_app`.

        Raises:
            ConfigurationError: others could reach it, and there is no token.
        """
        settings = services.settings
        check_exposure(settings.host, settings.token if token is None else token)
        app = create_app(services, token=token)
        self._feed: Feed = app.state.feed
        #: Called when the server begins to end, while answers that are under way still have their time.
        self.on_end: Callable[[], None] = lambda: None
        super().__init__(
            uvicorn.Config(
                app,
                http=Protocol,
                ws="none",
                backlog=_BACKLOG,
                h11_max_incomplete_event_size=MAX_HEAD,
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                server_header=False,
                # Streams end at once; other answers, such as a large export, have this long.
                timeout_graceful_shutdown=ANSWER_SECONDS,
            )
        )
        self.server_state: Crowd = Crowd()
        self._feed.most = min(self._feed.most, self.server_state.most // 4)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Catch none. Whoever runs the server does, and sets `should_exit`."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections."""
        asyncio.get_running_loop().set_exception_handler(NoFiles(self.server_state))
        await super().startup(sockets)
        for one in sockets or ():
            one.listen(_WAITING)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End open streams, then the server. Without the first, it would wait for them for ever."""
        self._feed.close()
        self.on_end()
        await super().shutdown(sockets)
