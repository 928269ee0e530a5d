"""An answer that breaks its schema is asked to be mended once, also across a restart of the engine."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from tests.support.chat_server import serving_chat
from tests.support.engines import Laboratory, on_both, running_engine
from tests.support.waiting import PATIENCE

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import FailureKind

WRONG = '{"total": "three"}'
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"total": {"type": "number"}},
    "required": ["total"],
    "additionalProperties": False,
}
Answer = Callable[[list[dict[str, Any]]], Awaitable[str]]


@asynccontextmanager
async def _serving(answer: Answer) -> AsyncIterator[str]:
    """A chat server that answers so, given the messages; gives its base URL."""

    async def reply(request: web.Request) -> web.Response:
        text = await answer((await request.json())["messages"])
        choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 100, "completion_tokens": 9}
        return web.json_response({"choices": [choice], "model": "m", "usage": usage})

    async with serving_chat(reply) as url:
        yield url


def _one(lab: Laboratory) -> None:
    for file in sorted(lab.folder.iterdir())[1:]:
        file.unlink()


async def test_a_broken_answer_is_mended_across_a_restart(laboratory: Laboratory) -> None:
    """The model is shown its answer and the fault; a call for that which came to nothing is made again."""
    lab = laboratory
    _one(lab)
    asked: list[list[dict[str, Any]]] = []
    may_mend, is_mending = asyncio.Event(), asyncio.Event()

    async def answer(messages: list[dict[str, Any]]) -> str:
        asked.append(messages)
        if len(messages) == 1:
            return WRONG
        is_mending.set()
        await may_mend.wait()
        return '{"total": 3}'

    async with _serving(answer) as url:
        async with running_engine(lab.services):
            batch_id = await lab.staged([lab.connection(url)], [lab.prompt(schema=SCHEMA)])
            await lab.act(batch_id, Action.RUN)
            await asyncio.wait_for(is_mending.wait(), PATIENCE)
        may_mend.set()
        async with running_engine(lab.services):
            done = await lab.until(batch_id, BatchStatus.COMPLETED, BatchStatus.FAILED, BatchStatus.PAUSED)
    [row] = lab.rows(batch_id)
    assert (done.status, row.value) == (BatchStatus.COMPLETED, {"total": 3})
    calls = lab.attempts(row.id)
    assert [(call.outcome, call.repairs) for call in calls] == [
        ("failed", None),
        ("dropped", 1),
        ("completed", 1),
    ]
    assert (calls[0].failure_kind, calls[0].text) == (FailureKind.BAD_ANSWER, WRONG)
    first, *turns = asked
    for messages in turns:
        *question, written, fault = messages
        assert question == first
        assert written == {"role": "assistant", "content": WRONG}
        assert "At total: 'three' is not of type 'number'" in fault["content"]


@on_both
async def test_an_answer_is_asked_to_be_mended_once(lab: Laboratory) -> None:
    """What it costs is counted; then the task has failed, with both answers kept. A retry begins anew."""
    _one(lab)
    asked: list[int] = []

    async def answer(messages: list[dict[str, Any]]) -> str:
        asked.append(len(messages))
        return WRONG

    async with _serving(answer) as url:
        connection = lab.connection(url, prices={"input": 1.0, "output": 1.0})
        batch_id = await lab.staged([connection], [lab.prompt(schema=SCHEMA)], budget=10**9)
        failed = await lab.run(batch_id)
        assert failed.status is BatchStatus.FAILED
        await lab.act(batch_id, Action.RETRY)
        await lab.until(batch_id, BatchStatus.FAILED)
    [row] = lab.rows(batch_id)
    assert (row.failure_kind, row.attempts, asked) == (FailureKind.BAD_ANSWER, 4, [1, 3, 1, 3])
    assert [(call.repairs, call.text) for call in lab.attempts(row.id)] == [
        (None, WRONG),
        (1, WRONG),
        (None, WRONG),
        (3, WRONG),
    ]
    assert lab.tally(batch_id).cost == 4 * 109_000


@on_both
async def test_no_answer_is_mended_beyond_the_budget(lab: Laboratory) -> None:
    """The turn that mends an answer is reserved like any call, with what it repeats."""
    _one(lab)
    long = json.dumps({"total": "three " * 2_000})

    async def answer(messages: list[dict[str, Any]]) -> str:
        assert len(messages) == 1
        return long

    async with _serving(answer) as url:
        connection = lab.connection(url, prices={"input": 1.0, "output": 0.0}, max_output_tokens=4_000)
        # Enough for either call alone, were it not for the long answer that is sent back.
        batch_id = await lab.staged([connection], [lab.prompt(schema=SCHEMA)], budget=6_000_000)
        paused = await lab.run(batch_id)
    assert paused.status is BatchStatus.PAUSED
    assert "budget" in (paused.status_reason or "")
    [row] = lab.rows(batch_id)
    assert [call.repairs for call in lab.attempts(row.id)] == [None]
