"""What the engine deletes by itself: what was deleted and is not yet gone, and runs that are not kept.

It goes in short steps. While a batch is at work, each step is followed by a rest that is many times as long.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator

from docstage.clock import Clock
from docstage.domain.errors import Unavailable
from docstage.retention.rules import apply_rules
from docstage.retention.sweep import REWRITTEN_IN_IDLENESS, Sweeper
from docstage.settings import Settings
from docstage.store.database import Database

log = logging.getLogger(__name__)

LOOK_SECONDS = 20.0  # between looks for what was deleted
RULES_SECONDS = 600.0  # between looks for what is not kept, or used by nothing
_REST = 20.0  # times as long as a step took, while a batch is at work
_BREATH_SECONDS = 0.01


class Housekeeper:
    """Deletes beside the engine's other work."""

    def __init__(
        self, database: Database, settings: Settings, clock: Clock, is_idle: Callable[[], bool]
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._is_idle = is_idle
        self._sweeper = Sweeper(database, settings, clock)
        self._ruled_at = float("-inf")
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._keep_house(), name="housekeeping")

    async def stop(self) -> None:
        """End after the step that is being done."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _keep_house(self) -> None:
        while True:
            try:
                await self._go_round()
            except Unavailable as error:
                log.warning("What was deleted goes from the disk later: %s", error.detail)
            except Exception:
                log.exception("Deleting from the disk failed in an unforeseen way")
            await asyncio.sleep(LOOK_SECONDS)

    async def _go_round(self) -> None:
        if self._clock.monotonic() - self._ruled_at >= RULES_SECONDS:
            await self._carry_out(apply_rules(self._database, self._settings, self._clock))
            await self._carry_out(self._sweeper.find_unused())
            self._ruled_at = self._clock.monotonic()
        largest = REWRITTEN_IN_IDLENESS if self._is_idle() else 0
        await self._carry_out(self._sweeper.steps(rewritten=largest))
        if self._is_idle():
            await self._carry_out(self._sweeper.rewrites(REWRITTEN_IN_IDLENESS))

    async def _carry_out(self, steps: Iterator[None]) -> None:
        over = object()
        while True:
            began = time.monotonic()
            # A step that has begun is waited for: it may be in the middle of a transaction.
            step = asyncio.create_task(asyncio.to_thread(next, steps, over))
            try:
                done = await asyncio.shield(step)
            except asyncio.CancelledError:
                await asyncio.gather(step, return_exceptions=True)
                raise
            if done is over:
                return
            took = time.monotonic() - began
            await asyncio.sleep(_BREATH_SECONDS if self._is_idle() else took * _REST)
