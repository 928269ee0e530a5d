"""Servers of models that a process keeps beside itself: the simulator, and local models.

They are for connections that name no address. Each is a process that is started when it is first needed,
is started anew when it has ended, and ends with whoever started it, however that ends.
"""

import asyncio
import json
import secrets
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from docstage.domain.errors import DocstageError, InvalidInput, Unavailable
from docstage.domain.tasks import FailureKind
from docstage.local_model.models import file_of, plan, slots
from docstage.models.factory import create_client
from docstage.models.libraries import check_library
from docstage.models.protocol import (
    ConnectionConfig,
    ModelClient,
    ModelFailure,
    ModelReply,
    ModelRequest,
    OfferedModel,
)
from docstage.models.slots import slots_of
from docstage.settings import Settings
from docstage.staging.confinement import check_allowed

SIMULATOR_SECONDS = 20.0
MODEL_SECONDS = 900.0  # of reading some gigabytes from a slow disk
_NOTICE_SECONDS = 1.0
_STREAM_LIMIT = 1024 * 1024


def is_beside(config: ConnectionConfig) -> bool:
    """Whether the connection is one to a server that is started when it is needed."""
    return config.provider == "local" or is_simulator(config)


def is_simulator(config: ConnectionConfig) -> bool:
    """Whether the connection is one to a simulator that is started when it is needed."""
    return config.provider == "simulated" and config.base_url is None


async def slots_of_server(config: ConnectionConfig) -> int | None:
    """Calls that the connection's server answers at once, as far as it can be known."""
    return slots() if config.provider == "local" else await slots_of(config)


def local_file(settings: Settings, name: str) -> Path:
    """The file of a local model, which lies where files of users may.

    Raises:
        InvalidInput: there is no such model here.
        Forbidden: the file lies outside the allowed roots, or among docstage's own.
    """
    found = file_of(name)
    return check_allowed(settings, found) if found == Path(name).expanduser() else found


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which server a connection needs. Connections that want the same share it.

    Attributes:
        model: a local model; None for the simulator.
        context_tokens: of a local model; None: as many as it was made for and memory allows.
    """

    model: str | None = None
    context_tokens: int | None = None

    @classmethod
    def of(cls, config: ConnectionConfig) -> "_Wanted":
        """What the connection needs."""
        return cls(config.model, config.context_tokens) if config.provider == "local" else cls()


@dataclass(frozen=True, slots=True)
class _Launch:
    """How a server is started.

    Attributes:
        module: what is run.
        order: the first line of its standard input, if any.
        key: what it wants to be shown with each request, or None.
        seconds: how long it may take until it answers.
    """

    module: str
    order: bytes = b""
    key: str | None = None
    seconds: float = SIMULATOR_SECONDS


class Beside:
    """The servers that a process keeps beside itself.

    Attributes:
        linger: seconds for which a server that nobody uses any more is kept, for whoever comes next.
    """

    def __init__(self, settings: Settings, linger: float = 0.0) -> None:
        self.linger = linger
        self._settings = settings
        self._servers: dict[_Wanted, _Server] = {}

    async def client(self, config: ConnectionConfig) -> ModelClient:
        """A client of the connection; nothing is started before its first call.

        Raises:
            InvalidInput: the provider is unknown, or the connection lacks what it needs, such as an address.
            LibraryMissing: the provider's library is not installed.
        """
        if not is_beside(config):
            return await asyncio.to_thread(create_client, config)
        check_library(config.provider)
        wanted = _Wanted.of(config)
        server = self._servers.setdefault(wanted, _Server(self, self._settings, wanted))
        return _BesideClient(config, server)

    async def stop(self) -> None:
        """End all."""
        servers, self._servers = self._servers, {}
        for server in servers.values():
            await server.stop()


class _Server:
    """A server in a process of its own."""

    def __init__(self, keeper: Beside, settings: Settings, wanted: "_Wanted") -> None:
        self._keeper = keeper
        self._settings = settings
        self._wanted = wanted
        self._process: asyncio.subprocess.Process | None = None
        self._address = ""
        self._key: str | None = None
        self._starting: asyncio.Task[None] | None = None
        self._leaving: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None
        self._users = 0

    def enter(self) -> None:
        """Somebody is about to use it."""
        self._users += 1
        if self._leaving:
            self._leaving.cancel()
            self._leaving = None

    async def leave(self) -> None:
        """Somebody uses it no more."""
        self._users -= 1
        if self._users:
            return
        if self._keeper.linger:
            self._leaving = asyncio.get_running_loop().call_later(self._keeper.linger, self._end)
        else:
            await self.stop()

    async def reach(self) -> tuple[str, str | None]:
        """Its address and the key that it wants, once it answers.

        Raises:
            DocstageError: it cannot be started; the message says why.
        """
        if self._process is None or self._process.returncode is not None:
            if self._starting is None:
                self._starting = asyncio.create_task(self._start())
                self._starting.add_done_callback(self._started)
            # Others may wait for it, too, and whoever comes next finds it further on.
            await asyncio.shield(self._starting)
        return self._address, self._key

    async def notice_end(self) -> None:
        """Give the system a moment to tell that it has ended, so that the next call starts it anew."""
        if self._process is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_NOTICE_SECONDS):
                    await self._process.wait()

    async def stop(self) -> None:
        """End it."""
        if self._leaving:
            self._leaving.cancel()
        if self._starting:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        process, self._process = self._process, None
        if process is not None:
            await _end(process)
        if self._ending and self._ending is not asyncio.current_task():
            await self._ending

    def _end(self) -> None:
        self._leaving = None
        self._ending = asyncio.get_running_loop().create_task(self.stop())

    def _started(self, starting: asyncio.Task[None]) -> None:
        self._starting = None
        if not starting.cancelled():
            starting.exception()  # perhaps nobody waits for it any more

    async def _start(self) -> None:
        launch = await asyncio.to_thread(_launch, self._settings, self._wanted)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            launch.module,
            stdin=asyncio.subprocess.PIPE,  # closed by the system when this process dies: then it ends too
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
            limit=_STREAM_LIMIT,
        )
        try:
            address = await _address_of(process, launch)
        except BaseException:
            await _end(process)
            raise
        self._process, self._address, self._key = process, address, launch.key


class _BesideClient:
    """Calls the model of a server that is kept beside this process."""

    def __init__(self, config: ConnectionConfig, server: _Server) -> None:
        self._config = config
        self._server = server
        self._made: tuple[tuple[str, str | None], ModelClient] | None = None
        self._making = asyncio.Lock()
        self._is_closed = False
        server.enter()

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer the request; see `ModelClient.complete`."""
        client = await self._client()
        try:
            return await client.complete(request)
        except ModelFailure as failure:
            if failure.kind is FailureKind.CONNECTION:
                await self._server.notice_end()
            raise

    async def models(self) -> list[OfferedModel]:
        """What the server offers; see `ModelClient.models`."""
        return await (await self._client()).models()

    async def context_tokens(self) -> int | None:
        """How many tokens the model takes; see `ModelClient.context_tokens`."""
        return await (await self._client()).context_tokens()

    async def close(self) -> None:
        """Release connections, and the server."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._made:
            await self._made[1].close()
        await self._server.leave()

    async def _client(self) -> ModelClient:
        async with self._making:
            try:
                place = await self._server.reach()
            except DocstageError as error:
                raise ModelFailure(_kind_of(error), error.detail, sent=False) from error
            if self._made is None or self._made[0] != place:
                old, (address, key) = self._made, place
                config = replace(self._config, base_url=address, api_key=key or self._config.api_key)
                self._made = place, await asyncio.to_thread(create_client, config)
                if old:
                    await old[1].close()
            return self._made[1]


def _launch(settings: Settings, wanted: _Wanted) -> _Launch:
    if wanted.model is None:
        return _Launch("docstage.simulator")
    model = plan(wanted.model, local_file(settings, wanted.model), wanted.context_tokens)
    key = secrets.token_hex(16)
    order = {
        "name": model.name,
        "path": str(model.path),
        "context": model.context,
        "slots": model.slots,
        "threads": model.threads,
        "key": key,
    }
    return _Launch("docstage.local_model", json.dumps(order).encode() + b"\n", key, MODEL_SECONDS)


async def _address_of(process: asyncio.subprocess.Process, launch: _Launch) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    what = "The simulator" if launch.module == "docstage.simulator" else "The local model"
    try:
        async with asyncio.timeout(launch.seconds):
            process.stdin.write(launch.order)
            line = (await process.stdout.readline()).decode(errors="replace").strip()
    except (TimeoutError, ConnectionError):
        raise Unavailable(f"{what} cannot be started: it does not answer.") from None
    if line.startswith("error:"):
        raise InvalidInput(f"llama.cpp cannot load the model: {line.removeprefix('error:').strip()}")
    if not line:
        raise Unavailable(f"{what} cannot be started: {await _end_in_words(process)}.")
    return line


async def _end_in_words(process: asyncio.subprocess.Process) -> str:
    code = await process.wait()
    if code == -signal.SIGKILL:
        return "it was killed, perhaps because memory ran short"
    return f"it ended by itself ({signal.Signals(-code).name if code < 0 else f'exit code {code}'})"


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()  # it keeps nothing that it would have to put away
    await process.communicate()  # to the end of its pipes, which may come after its own


def _kind_of(error: DocstageError) -> FailureKind:
    """What only time changes is tried again; for all else somebody must mend the connection."""
    return FailureKind.CONNECTION if isinstance(error, Unavailable) else FailureKind.UNKNOWN_MODEL
