"""How tests wait: for what happens, however slow the machine is.

How long something takes is measured by `make torture` and `make bench`, and fails no other test. So the only
figure here is one that ends a wait which is in vain.
"""

import asyncio
import os
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
# Seconds, far more than anything takes on a machine that is ten times as slow as it should be. A test has
# more in all (`timeout` in pyproject.toml), so that the wait can say what did not come about.
PATIENCE = 300.0


def until(condition: Callable[[], T | None], what: object = "what was waited for") -> T:
    """Wait until the condition gives something true, and return that.

    Raises:
        AssertionError: it did not come about, which is told in these words; `what` is made a text only then.
    """
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"It did not come about: {what() if callable(what) else what}")
        time.sleep(0.01)
    return found


async def until_true(condition: Callable[[], T | None], what: object = "what was waited for") -> T:
    """The same for a condition that may be looked at in another thread, while the event loop goes on."""
    end = time.monotonic() + PATIENCE
    while not (found := await asyncio.to_thread(condition)):
        if time.monotonic() > end:
            raise AssertionError(f"It did not come about: {what() if callable(what) else what}")
        await asyncio.sleep(0.01)
    return found


def is_gone(pid: int) -> bool:
    """Whether a process has ended and left no zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False
