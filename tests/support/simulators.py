"""The docstage simulator for tests, in a thread of its own."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.support.waiting import PATIENCE

from docstage.simulator.profile import Latency, Profile
from docstage.simulator.server import Simulator

INSTANT = Latency(median=0.0)


@contextmanager
def running_simulator(
    profile: Profile | None = None, clock: Callable[[], float] = time.monotonic
) -> Iterator[str]:
    """Serve the profile (by default one without latency) and yield the base URL, ending in `/v1`."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="simulator")
    thread.start()
    simulator = Simulator(profile or Profile(latency=INSTANT), clock)
    try:
        yield asyncio.run_coroutine_threadsafe(simulator.start(), loop).result(PATIENCE)
    finally:
        asyncio.run_coroutine_threadsafe(simulator.stop(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
