"""How often the engine glances at whether something has happened: less often once nothing has for a while."""

import asyncio
from collections.abc import Callable

LOOK_SECONDS = 0.04  # between glances, which cost some microseconds each
QUIET_GLANCES = 25  # after so many that saw nothing, it takes its time
QUIET_SECONDS = 0.1


class Glances:
    """Waits for what can only be seen by looking."""

    def __init__(self) -> None:
        self._quiet = 0

    def hasten(self) -> None:
        """Something has happened: more is likely to."""
        self._quiet = 0

    async def until(self, has_happened: Callable[[], bool]) -> None:
        """Glance until something has happened; the first glance comes after a rest.

        A timer's glances cost less than those of a task would.
        """
        loop = asyncio.get_running_loop()
        awake = loop.create_future()

        def glance() -> None:
            if has_happened():
                awake.set_result(None)
            else:
                self._quiet += 1
                waiting[0] = loop.call_later(self._rest_seconds, glance)

        waiting = [loop.call_later(self._rest_seconds, glance)]
        try:
            await awake
        finally:
            waiting[0].cancel()

    @property
    def _rest_seconds(self) -> float:
        return LOOK_SECONDS if self._quiet < QUIET_GLANCES else QUIET_SECONDS
