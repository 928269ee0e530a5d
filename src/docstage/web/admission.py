"""Requests that take much time or memory, a few at once, in threads of their own.

All others share the framework's threads. If those were let in there, a crowd that asks for large tables
would leave no thread to anybody else, and all that is asked for at once would be in memory at once.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from enum import Enum
from functools import partial, wraps
from typing import Any, ParamSpec, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from fastapi import Response
from pydantic_core import to_json

P = ParamSpec("P")
T = TypeVar("T")


class Work(Enum):
    """A kind of work that waits only for its own kind; the value tells how many go on at once."""

    TABLE = ("table", 3)
    EXPORT = ("export", 2)
    CHECK = ("check", 2)  # of a whole database or folder, which may take minutes


_limiters: RunVar[dict[Work, CapacityLimiter]] = RunVar("heavy")  # of each event loop its own


def heavy(work: Work) -> Callable[[Callable[P, T]], Callable[P, Awaitable[Response]]]:
    """Make an endpoint wait for its turn; its answer is written in its thread too."""

    def decorate(endpoint: Callable[P, T]) -> Callable[P, Awaitable[Response]]:
        @wraps(endpoint)
        async def wait_and_answer(*args: P.args, **kwargs: P.kwargs) -> Response:
            call = partial(_answer, partial(endpoint, *args, **kwargs))
            return await anyio.to_thread.run_sync(call, limiter=_limiter(work))

        return wait_and_answer

    return decorate


async def in_turns(work: Work, pieces: Iterator[T]) -> AsyncIterator[T]:
    """The pieces, for each of which its maker waits for its turn anew: whoever reads slowly keeps none."""
    while (piece := await anyio.to_thread.run_sync(next, pieces, None, limiter=_limiter(work))) is not None:
        yield piece


def _answer(call: Callable[[], Any]) -> Response:
    value = call()
    if isinstance(value, Response):
        return value
    return Response(to_json(value, by_alias=True), media_type="application/json")


def _limiter(work: Work) -> CapacityLimiter:
    try:
        limiters = _limiters.get()
    except LookupError:
        limiters = {one: CapacityLimiter(one.value[1]) for one in Work}
        _limiters.set(limiters)
    return limiters[work]
