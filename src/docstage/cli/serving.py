"""`docstage serve` and `docstage engine`: the processes that stay."""

import asyncio
import contextlib
import gc
import os
import signal
import socket
from typing import TYPE_CHECKING, Annotated

import typer

from docstage import logs
from docstage.cli.target import Target
from docstage.domain.errors import ConfigurationError
from docstage.settings import Settings

if TYPE_CHECKING:
    from docstage.api.server import WebServer
    from docstage.processes.supervisor import Supervisor
    from docstage.service.context import Services


def serve(
    ctx: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port; 0 takes any free one; default: 8640.")
    ] = None,
) -> None:
    """Serve the HTTP API, and run the engine beside it until Ctrl-C.

    Example: docstage serve --port 8640
    """
    settings = Target.of(ctx).settings(host=host, port=port)
    logs.set_up("web", settings.log_level)
    asyncio.run(_serve(settings))
    typer.echo("Stopped.", err=True)


def engine(
    ctx: typer.Context,
    until_idle: Annotated[bool, typer.Option("--until-idle", help="End when nothing is left to do.")] = False,
) -> None:
    """Run the engine alone: stage and analyse what is active.

    Example: docstage engine --until-idle
    """
    from docstage.engine.__main__ import run
    from docstage.engine.engine import LockLost

    settings = Target.of(ctx).settings()
    logs.set_up("engine", settings.log_level)
    typer.echo("The engine begins. Ctrl-C stops.", err=True)
    try:
        run(settings, until_idle=until_idle)
    except LockLost as error:
        raise ConfigurationError(
            "The connection that held the engine's lock was cut. Start again."
        ) from error


async def _serve(settings: Settings) -> None:
    from docstage.files import allow_open_files
    from docstage.processes.supervisor import Supervisor
    from docstage.web.exposure import check_exposure

    check_exposure(settings.host, settings.token)
    allow_open_files()  # the engine, which is started by this process, has the same
    with _listening(settings) as listener:
        supervisor = Supervisor(settings)
        end = _End(supervisor)
        end.listen()
        # Both processes spend their first second on imports: beside each other, that is one second less.
        await supervisor.start(held=True)
        try:
            await _answer(settings, listener, supervisor, end)
        finally:
            await supervisor.stop()


async def _answer(settings: Settings, listener: socket.socket, supervisor: "Supervisor", end: "_End") -> None:
    """Serve the API on the listener until a signal; the engine begins when its schema is current."""
    gc.disable()  # imports leave no rubbish, but have the collector look for it again and again
    from docstage.service.context import Services
    from docstage.store.migrating import migration_of
    from docstage.store.opening import begin_use
    from docstage.store.presence import keep_presence

    services = Services.open(settings)
    with contextlib.ExitStack() as ending:
        ending.callback(services.database.close)
        migration = migration_of(settings, services.secrets.seal, _say)
        word = await asyncio.to_thread(begin_use, services.database, "web server", migration)
        ending.callback(word.release)
        keeper = asyncio.create_task(keep_presence(word), name="presence")
        ending.callback(keeper.cancel)
        supervisor.release()  # work goes on while the pages get ready
        server = await asyncio.to_thread(_web_server, services)  # signals are obeyed meanwhile
        end.of(server)
        gc.freeze()
        gc.enable()
        typer.echo(f"docstage is at {_address(listener)} (Ctrl-C stops).")
        await server.serve(sockets=[listener])


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _web_server(services: "Services") -> "WebServer":
    from docstage.api.server import WebServer

    return WebServer(services)


class _End:
    """The first signal ends the web server and the engine in their time, the second one both at once."""

    def __init__(self, supervisor: "Supervisor") -> None:
        self._supervisor = supervisor
        self._server: WebServer | None = None
        self._signals = 0

    def listen(self) -> None:
        """Obey signals from now on, also before there is a server."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._obey)

    def of(self, server: "WebServer") -> None:
        """Let signals end this server."""
        self._server = server
        server.on_end = self._supervisor.begin_stop
        self._tell_server()

    def _obey(self) -> None:
        from docstage.processes.deadline import end_within

        self._signals += 1
        if self._signals == 1:
            end_within(self._supervisor.patience)
            if self._server is None:
                self._supervisor.begin_stop()  # a server would tell it once its answers are under way
        self._tell_server()
        if self._signals > 1 and self._supervisor.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._supervisor.pid, signal.SIGKILL)

    def _tell_server(self) -> None:
        if self._server is not None:
            self._server.should_exit = self._signals > 0
            self._server.force_exit = self._signals > 1


def _listening(settings: Settings) -> socket.socket:
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        raise ConfigurationError(
            f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}. Choose another --port."
        ) from error
    # asyncio sets this only for sockets it made itself; without, an answer in two parts takes 40 ms longer.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
