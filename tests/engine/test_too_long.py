"""Documents that are too long for a model: refused, or sent in part as their prompt says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from sqlalchemy import select
from tests.support.chat_server import serving_chat
from tests.support.engines import Laboratory, on_both, running_engine
from tests.support.waiting import PATIENCE

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.stretches import TooLong
from docstage.domain.tasks import FailureKind
from docstage.service.batches.batches import estimate_batch
from docstage.store import library, tables
from docstage.store.purging import forget_documents
from docstage.store.tables import stretch
from docstage.store.values import ColumnValues

CONTEXT = 4_000
LONG = "\n\n".join(f"{n}. The lessee pays the rent on the first day of every month." for n in range(1, 900))


@asynccontextmanager
async def _serving(asked: list[str]) -> AsyncIterator[str]:
    """A model with a small context, which refuses what is longer: it counts four characters a token."""

    async def reply(request: web.Request) -> web.Response:
        text = (await request.json())["messages"][-1]["content"]
        asked.append(text)
        usage = {"prompt_tokens": len(text) // 4, "completion_tokens": 9}
        if usage["prompt_tokens"] > CONTEXT - 200:
            error = {"message": f"maximum context length is {CONTEXT}", "code": "context_length_exceeded"}
            return web.json_response({"error": error}, status=400)
        choice = {"message": {"role": "assistant", "content": "Rent."}, "finish_reason": "stop"}
        return web.json_response({"choices": [choice], "model": "m", "usage": usage})

    async with serving_chat(reply) as url:
        yield url


@on_both
async def test_the_first_parts_that_fit_are_sent_and_told(lab: Laboratory) -> None:
    """Known when the batch is STAGED, for the prompt that wants it; others refuse the same document."""
    lab.write({"letter 0.txt": LONG})
    asked: list[str] = []
    async with _serving(asked) as url:
        connections = [lab.connection(url, context_tokens=CONTEXT), lab.connection(url, name="unknown")]
        prompts = [lab.prompt(), lab.prompt(too_long=TooLong.FIRST_PARTS)]
        batch_id = await lab.staged(connections, prompts)
        told = estimate_batch(lab.services, batch_id)
        done = await lab.run(batch_id)
    first, unknown = told.connections
    assert (first.tasks, first.oversized_tasks, first.partial_tasks) == (7, 1, 1)
    assert [(one.prompt_id, one.tasks) for one in first.partial_by_prompt] == [(prompts[1], 1)]
    assert (unknown.tasks, unknown.partial_tasks, unknown.partial_by_prompt) == (8, 0, [])
    assert "the first parts that fit are sent" in " ".join(told.warnings)
    assert first.input_tokens < unknown.input_tokens / 3
    assert done.status is BatchStatus.COMPLETED

    rows = {
        (row.connection_id, row.prompt_id): row
        for row in lab.rows(batch_id)
        if row.document == "letter 0.txt"
    }
    refused, sent = (rows[connections[0], prompt] for prompt in prompts)
    assert (refused.failure_kind, refused.sent_part, refused.attempts) == (
        FailureKind.CONTEXT_OVERFLOW,
        None,
        0,
    )
    assert (sent.status, sent.text, sent.attempts) == ("COMPLETED", "Rent.", 1)
    assert sent.sent_part
    assert sent.sent_part.startswith("its first ")
    [text] = [one for one in asked if f"Here are {sent.sent_part}" in one]
    assert "the rest is not included" in text
    assert "\n1. The lessee" in text
    assert "\n899. " not in text
    others = [row for row in lab.rows(batch_id) if row.connection_id == connections[0] and row.id != sent.id]
    assert {row.sent_part for row in others} == {None}


async def test_what_is_sent_stays_the_same_when_a_task_is_tried_again(lab: Laboratory) -> None:
    """Also where the connection has another context by then: what was staged is what is sent."""
    lab.write({"letter 0.txt": LONG})
    asked: list[str] = []
    async with _serving(asked) as url:
        connection = lab.connection("http://127.0.0.1:9/v1", context_tokens=CONTEXT)
        batch_id = await lab.staged([connection], [lab.prompt(too_long=TooLong.FIRST_PARTS)])
        [before] = [row.sent_part for row in lab.rows(batch_id) if row.sent_part]
        with lab.services.database.write() as c:
            changed: ColumnValues = {"base_url": url, "context_tokens": 2 * CONTEXT}
            library.update_row(c, tables.connection, connection, changed)
        await lab.run(batch_id)
    [after] = [row for row in lab.rows(batch_id) if row.sent_part]
    assert (after.status, after.sent_part) == ("COMPLETED", before)
    assert sum(f"Here are {before}" in text for text in asked) == 1


async def test_a_new_run_cuts_anew_and_a_purge_leaves_nothing_of_the_document(lab: Laboratory) -> None:
    """What was sent of a document that was deleted everywhere is told no more."""
    lab.write({"letter 0.txt": LONG})
    prompt = lab.prompt(too_long=TooLong.FIRST_PARTS)
    connection = lab.connection("http://127.0.0.1:9/v1", context_tokens=CONTEXT)
    batch_id = await lab.staged([connection], [prompt])
    [before] = [row for row in lab.rows(batch_id) if row.sent_part]
    with lab.services.database.write() as c:
        library.update_row(c, tables.connection, connection, {"context_tokens": CONTEXT // 2})
    await lab.act(batch_id, Action.RESTAGE)
    await lab.until(batch_id, BatchStatus.STAGED)
    [after] = [row for row in lab.rows(batch_id) if row.sent_part]
    assert after.id != before.id
    assert after.sent_part != before.sent_part
    run_id = lab.get(batch_id).run_id
    assert run_id is not None
    with lab.services.database.write() as c:
        forget_documents(c, run_id, [after.document_id], 0.0)
        assert c.execute(select(stretch).where(stretch.c.task_id == after.id)).all() == []
    assert {row.sent_part for row in lab.rows(batch_id)} == {None}


async def test_what_a_model_refuses_all_the_same_is_sent_shorter(lab: Laboratory) -> None:
    """Where nobody knew the context, or its tokenizer makes more: step by step, no try used up, and told."""
    lab.write({"letter 0.txt": LONG})
    asked: list[str] = []
    async with _serving(asked) as url:
        connection = lab.connection(url)
        prompts = [lab.prompt(), lab.prompt(too_long=TooLong.FIRST_PARTS)]
        batch_id = await lab.staged([connection], prompts)
        await lab.run(batch_id)
    rows = {row.prompt_id: row for row in lab.rows(batch_id) if row.document == "letter 0.txt"}
    refused, sent = (rows[prompt] for prompt in prompts)
    assert (refused.status, refused.failure_kind) == ("FAILED", FailureKind.CONTEXT_OVERFLOW)
    assert (sent.status, sent.text) == ("COMPLETED", "Rent.")
    *steps, last = lab.attempts(sent.id)
    assert {step.failure_kind for step in steps} == {FailureKind.CONTEXT_OVERFLOW}
    assert all("A shorter part is sent instead: its first" in (step.message or "") for step in steps)
    assert (last.outcome, last.number) == ("completed", len(steps) + 1)
    assert any(f"Here are {sent.sent_part}" in one for one in asked)
    parts = [one for one in asked if "is not included" in one]
    assert len(set(parts)) == len(parts) == len(steps)  # nothing is asked twice


async def test_a_model_that_refuses_everything_is_not_asked_for_ever(lab: Laboratory) -> None:
    """Below what makes sense the task fails as it would have."""
    lab.write({"letter 0.txt": LONG})
    calls = 0

    async def refuse(_: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        error = {"message": "maximum context length is 10", "code": "context_length_exceeded"}
        return web.json_response({"error": error}, status=400)

    async with serving_chat(refuse) as url:
        batch_id = await lab.staged([lab.connection(url)], [lab.prompt(too_long=TooLong.FIRST_PARTS)])
        await lab.run(batch_id)
    rows = lab.rows(batch_id)
    assert {(row.status, row.failure_kind) for row in rows} == {("FAILED", FailureKind.CONTEXT_OVERFLOW)}
    assert calls == sum(row.attempts for row in rows) < 15


@on_both
async def test_a_shorter_part_is_kept_across_a_restart(laboratory: Laboratory) -> None:
    """An engine that begins anew goes on with the part that the last refusal left, and asks none again."""
    lab = laboratory
    lab.write({"letter 0.txt": LONG})
    for file in sorted(lab.folder.iterdir())[1:]:
        file.unlink()
    asked: list[str] = []
    is_refused, may_answer = asyncio.Event(), asyncio.Event()

    async def reply(request: web.Request) -> web.Response:
        text = (await request.json())["messages"][-1]["content"]
        asked.append(text)
        if len(asked) == 1:
            error = {"message": "maximum context length is 10", "code": "context_length_exceeded"}
            return web.json_response({"error": error}, status=400)
        is_refused.set()
        await may_answer.wait()
        choice = {"message": {"role": "assistant", "content": "Rent."}, "finish_reason": "stop"}
        usage = {"prompt_tokens": len(text) // 4, "completion_tokens": 9}
        return web.json_response({"choices": [choice], "model": "m", "usage": usage})

    async with serving_chat(reply) as url:
        async with running_engine(lab.services):
            batch_id = await lab.staged([lab.connection(url)], [lab.prompt(too_long=TooLong.FIRST_PARTS)])
            await lab.act(batch_id, Action.RUN)
            await asyncio.wait_for(is_refused.wait(), PATIENCE)
        may_answer.set()
        async with running_engine(lab.services):
            await lab.until(batch_id, BatchStatus.COMPLETED)
    [row] = lab.rows(batch_id)
    assert [call.outcome for call in lab.attempts(row.id)] == ["failed", "dropped", "completed"]
    assert asked[1] == asked[2]
    assert f"Here are {row.sent_part}" in asked[2]
    assert "is not included" not in asked[0]
