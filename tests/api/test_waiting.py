"""Work that is given up when the caller goes away."""

import asyncio
from typing import Any

import pytest
from fastapi import Request

from docstage.domain.errors import Unavailable
from docstage.web.waiting import while_connected


class Caller:
    """A caller that can go away."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.request = Request({"type": "http"}, self._receive)

    async def _receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}


async def test_a_caller_that_stays_gets_what_the_work_brings() -> None:
    """The answer, or the error."""

    async def fail() -> None:
        raise ValueError("no")

    assert await while_connected(Caller().request, asyncio.sleep(0, "done")) == "done"
    with pytest.raises(ValueError, match="no"):
        await while_connected(Caller().request, fail())


async def test_work_ends_when_its_caller_goes_away() -> None:
    """It is cancelled, and has ended before the request is over."""
    caller, begun, ended = Caller(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    waiting = asyncio.create_task(while_connected(caller.request, work()))
    await begun.wait()
    caller.gone.set()
    with pytest.raises(Unavailable):
        await waiting
    assert ended.is_set()
