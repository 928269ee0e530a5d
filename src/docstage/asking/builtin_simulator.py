"""The simulator that a process keeps beside itself, for simulated connections without an address."""

import asyncio
import sys
from dataclasses import replace

from docstage.domain.errors import Unavailable
from docstage.models.protocol import ConnectionConfig

START_SECONDS = 20.0


def is_builtin(config: ConnectionConfig) -> bool:
    """Whether the connection is one to a simulator that is started when it is needed."""
    return config.provider == "simulated" and config.base_url is None


class BuiltinSimulator:
    """A simulator in a process of its own, started when it is first needed."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._address = ""
        self._starting = asyncio.Lock()

    async def address_in(self, config: ConnectionConfig) -> ConnectionConfig:
        """The configuration, with the simulator's address where the connection is one to it.

        Raises:
            Unavailable: it cannot be started.
        """
        return replace(config, base_url=await self._address_now()) if is_builtin(config) else config

    async def stop(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        await process.wait()

    async def _address_now(self) -> str:
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                await self._start()
        return self._address

    async def _start(self) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "docstage.simulator",
            stdin=asyncio.subprocess.PIPE,  # closed by the system when the engine dies: then it ends too
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        assert process.stdout is not None
        try:
            async with asyncio.timeout(START_SECONDS):
                line = await process.stdout.readline()
        except TimeoutError:
            line = b""
        except BaseException:
            process.kill()
            await process.wait()
            raise
        if not line:
            process.kill()
            await process.wait()
            raise Unavailable("The simulator cannot be started.")
        self._process = process
        self._address = line.decode().strip()
