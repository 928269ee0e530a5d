"""Keeps an engine running: the port through which other processes start and stop it.

The engine is a process of its own and in a session of its own, so that neither a crash of its starter nor
the terminal's Ctrl-C ends it. Where an engine is at work on the database already, the new one waits for its
lock and takes over the moment it is free.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Sequence

from docstage.processes.deadline import ANSWER_SECONDS, KILL_SECONDS, STARTER_SECONDS
from docstage.settings import Settings

log = logging.getLogger(__name__)

ENGINE_COMMAND = (sys.executable, "-m", "docstage.engine")
# An engine that dies at once is not started faster and faster.
WAIT_SECONDS = (0.0, 0.5, 2.0, 5.0)
HEALTHY_SECONDS = 30.0
HELD = "--held"  # the engine's argument to begin only when its standard input ends


class Supervisor:
    """Starts an engine, starts it again when it dies, and stops it."""

    def __init__(self, settings: Settings, arguments: Sequence[str] = ()) -> None:
        """Make a supervisor.

        Args:
            arguments: further arguments of the engine's command.
        """
        self._settings = settings
        self._arguments = tuple(arguments)
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._asked_at: float | None = None  # when the engine was told to end, by the loop's clock
        self._hold: int | None = None  # the other end of a held engine's standard input

    @property
    def pid(self) -> int | None:
        """The engine's process id while it runs."""
        process = self._process
        return process.pid if process and process.returncode is None else None

    @property
    def patience(self) -> float:
        """The seconds in which this process must have ended once it was told to, its engine included."""
        return max(self._settings.stop_grace, ANSWER_SECONDS) + STARTER_SECONDS

    async def start(self, *, held: bool = False) -> None:
        """Start the engine and keep it running.

        Args:
            held: it gets ready, which takes most of its start, but touches nothing before `release`; if this
                process dies first, it begins then.
        """
        if held:
            gate, self._hold = os.pipe()
            try:
                self._process = await self._launch(HELD, stdin=gate)
            finally:
                os.close(gate)
        else:
            self._process = await self._launch()
        self._keeper = asyncio.create_task(self._keep(), name="engine supervisor")

    def release(self) -> None:
        """Let a held engine begin."""
        if self._hold is not None:
            os.close(self._hold)
            self._hold = None

    async def wait(self) -> None:
        """Wait until the engine has ended by itself, with success."""
        assert self._keeper is not None
        await self._keeper

    def begin_stop(self) -> None:
        """Ask the engine to end; it gives its calls their time."""
        if self._keeper:
            self._keeper.cancel()
        process = self._process
        if self._asked_at is None and process is not None and process.returncode is None:
            self._asked_at = asyncio.get_running_loop().time()
            process.terminate()
        self.release()

    async def stop(self) -> None:
        """Ask the engine to end, wait while its calls finish, and make sure that it has ended."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        self.begin_stop()
        process = self._process
        if process is None or self._asked_at is None or process.returncode is not None:
            return
        try:
            async with asyncio.timeout_at(self._asked_at + self._settings.stop_grace + KILL_SECONDS):
                await process.wait()
        except TimeoutError:
            log.error("The engine did not end in time and is killed; what was in flight is repeated")
            process.kill()
            await process.wait()

    async def _keep(self) -> None:
        clock = asyncio.get_running_loop().time
        failures = 0
        process, begun = self._process, clock()
        while True:
            if process is None:
                await asyncio.sleep(WAIT_SECONDS[min(failures, len(WAIT_SECONDS) - 1)])
                begun = clock()
                process = self._process = await self._launch()
            code = await process.wait()
            process = None
            if code == 0 and self._arguments:
                return  # it was started for the work there was, and has done it
            failures = 0 if clock() - begun > HEALTHY_SECONDS else failures + 1
            log.error("The engine ended with code %s and is started again", code)

    async def _launch(
        self, *arguments: str, stdin: int = asyncio.subprocess.DEVNULL
    ) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *ENGINE_COMMAND,
            *self._arguments,
            *arguments,
            env=self._environment(),
            stdin=stdin,
            start_new_session=True,
        )

    def _environment(self) -> dict[str, str]:
        """The environment, with the settings that may have come from flags."""
        return dict(os.environ) | self._settings.variables()
