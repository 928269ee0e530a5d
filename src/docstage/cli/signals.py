"""Ctrl-C and SIGTERM for commands that run until they are told to stop."""

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any


def run_until_signal(work: Coroutine[Any, Any, None]) -> bool:
    """Run the work until it ends or a signal cancels it; returns whether it was a signal.

    The handlers are set outright, because a process that was started in the background may have inherited
    that SIGINT is ignored.
    """
    return asyncio.run(_until_signal(work))


async def _until_signal(work: Coroutine[Any, Any, None]) -> bool:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return True
    return False


_received: list[int] = []


def _interrupt(number: int, _frame: object) -> None:
    _received.append(number)
    raise KeyboardInterrupt


def what_interrupted() -> str:
    """The last signal that ended something, in words for the audit log."""
    number = _received[-1] if _received else signal.SIGINT
    return "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name


def code_after(code: str | int | None) -> str | int | None:
    """The exit code of a command that would end with that one: 128 and the signal, if one ended it."""
    return 128 + _received[-1] if _received and code not in {None, 0} else code


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGINT raise KeyboardInterrupt, even where it was inherited as ignored, and SIGTERM do the same.

    So does SIGHUP, when the terminal is closed, unless it is ignored, as `nohup` has it.
    """
    _received.clear()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    if before[signal.SIGHUP] is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, _interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
