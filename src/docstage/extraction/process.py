"""One worker process as the pool sees it."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from docstage.domain.errors import Unavailable
from docstage.extraction import worker_messages as frames
from docstage.extraction.extractors import Limits

WORKER_COMMAND = (sys.executable, "-P", "-m", "docstage.extraction.worker")

# A worker reads hostile files, so it gets none of the secrets that the environment of its parent may hold.
_PASSED_ON = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "PYTHONPATH",
    "PYTHONUTF8",
    "TESSDATA_PREFIX",
)
# glibc reserves address space for an arena a thread, which would count against the memory limit.
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}
_START_SECONDS = 60.0
_ERROR_TAIL = 4_096


class WorkerDied(Exception):
    """The process ended, or sent something that is not a reply.

    Attributes:
        last_words: the end of what it wrote on standard error.
    """

    def __init__(self, last_words: str) -> None:
        super().__init__(last_words)
        self.last_words = last_words


class WorkerProcess:
    """A running worker. `start` makes one; `kill` must be called in the end, whatever happened."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        self._requests = process.stdin
        self._replies = process.stdout
        self._errors = b""
        self._listener = asyncio.create_task(self._listen(process.stderr))
        self.served = 0

    @classmethod
    async def start(cls, command: Sequence[str], limits: Limits) -> "WorkerProcess":
        """Start a worker and wait until it is ready.

        Raises:
            Unavailable: when it does not come up, which no document can be blamed for.
        """
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *command,
            json.dumps(asdict(limits)),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=passed_on | _ENVIRONMENT,
        )
        worker = cls(process)
        try:
            async with asyncio.timeout(_START_SECONDS):
                await worker._receive()
        except (WorkerDied, TimeoutError) as error:
            await worker.kill()
            raise Unavailable(f"A worker process does not start. {error}".strip()) from error
        except BaseException:
            await worker.kill()
            raise
        return worker

    async def ask(
        self, header: dict[str, Any], parts: Sequence[bytes] = ()
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Send a job and wait for the reply.

        Raises:
            WorkerDied: when there will be none.
        """
        self.served += 1
        try:
            self._requests.write(frames.pack(header, parts))
            await self._requests.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise WorkerDied(await self._last_words()) from None
        return await self._receive()

    def signal(self) -> None:
        """Make the process end. One that has ended already is no error."""
        # Not by `Process.kill`: it may reap the process itself, and asyncio then warns that it is unknown.
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)

    async def kill(self) -> None:
        """End the process and release its pipes. Nobody may be waiting in `ask` any more."""
        self.signal()
        self._requests.close()
        # Pipes close only when all that came through them is read.
        while await self._replies.read(1 << 16):
            pass
        await self._listener
        await self._process.wait()

    async def _receive(self) -> tuple[dict[str, Any], list[bytes]]:
        try:
            length = frames.header_length(await self._replies.readexactly(frames.LENGTH.size))
            header, lengths = frames.unpack_header(await self._replies.readexactly(length))
            return header, [await self._replies.readexactly(length) for length in lengths]
        except (asyncio.IncompleteReadError, ConnectionResetError, frames.BadFrame):
            raise WorkerDied(await self._last_words()) from None

    async def _last_words(self) -> str:
        await self.kill()
        return self._errors.decode("utf-8", "replace").strip()

    async def _listen(self, errors: asyncio.StreamReader) -> None:
        while chunk := await errors.read(_ERROR_TAIL):
            self._errors = (self._errors + chunk)[-_ERROR_TAIL:]
