"""What the engine does about trouble that time heals, and about calls that all end alike."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from tests.support.chat_server import serving_chat
from tests.support.engines import RESTING, Laboratory, running_engine

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import FailureKind
from docstage.service.batches.batches import get_batch
from docstage.service.results.results import progress
from docstage.service.results.views import ProgressView
from docstage.store import library
from docstage.store.tables import connection

HOURS = 7_200


def _answer(text: str = "fine", reason: str = "stop", reasoning: int = 0) -> web.Response:
    usage = {
        "prompt_tokens": 60,
        "completion_tokens": 5,
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": reason}
    return web.json_response({"choices": [choice], "model": "m", "usage": usage})


def _error(status: int, message: str, **headers: str) -> web.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.json_response({"error": {"message": message}}, status=status, headers=named)


@dataclass
class Server:
    """A chat server that behaves as a test says, and counts calls by the prompt that they ask."""

    behaves: Callable[[str], web.Response]
    url: str = ""
    calls: Counter[str] = field(default_factory=Counter)

    async def complete(self, request: web.Request) -> web.Response:
        """Answer as the test says."""
        said = json.dumps((await request.json())["messages"])
        self.calls[next((word for word in ("TOTALS", "DATES") if word in said), "other")] += 1
        return self.behaves(said)


@asynccontextmanager
async def _serving(behaves: Callable[[str], web.Response]) -> AsyncIterator[Server]:
    server = Server(behaves)
    async with serving_chat(server.complete) as server.url:
        yield server


async def _seen(lab: Laboratory, batch_id: int, condition: Callable[[ProgressView], object]) -> ProgressView:
    def look() -> ProgressView | None:
        found = progress(lab.services, batch_id)
        return found if condition(found) else None

    return await lab.until_true(look)


class Limited:
    """Refuses with a wait of hours until somebody lets it answer."""

    is_open = False

    def __call__(self, _said: str) -> web.Response:
        """A refusal, or an answer."""
        return _answer() if self.is_open else _error(429, "Rate limit reached.", Retry_After=str(HOURS))


async def test_a_wait_of_hours_is_told_and_resume_tries_at_once(lab: Laboratory) -> None:
    """The batch stays ANALYZING and says until when; pause, resume and cancel act at once."""
    limited = Limited()
    async with _serving(limited) as server:
        batch_id = await lab.staged([lab.connection(server.url)], [lab.prompt()])
        await lab.act(batch_id, Action.RUN)
        waiting = await _seen(lab, batch_id, lambda seen: seen.waits)
        assert waiting.waits is not None
        assert waiting.waits.kind is FailureKind.RATE_LIMITED
        assert "the provider asks for it (rate limit)" in waiting.waits.words
        left = waiting.waits.until.timestamp() - lab.services.clock.now()
        assert HOURS - 600 < left <= HOURS
        assert waiting.status is BatchStatus.ANALYZING
        assert get_batch(lab.services, batch_id).progress.waits == waiting.waits
        asked = sum(server.calls.values())
        paused = await lab.act(batch_id, Action.PAUSE)
        assert paused.status is BatchStatus.PAUSED
        assert progress(lab.services, batch_id).waits is None
        await lab.act(batch_id, Action.RESUME)  # it tries one call, and is asked to wait again
        await lab.until_true(lambda: sum(server.calls.values()) == asked + 1)
        await _seen(lab, batch_id, lambda seen: seen.waits)
        await lab.act(batch_id, Action.PAUSE)
        limited.is_open = True
        await lab.act(batch_id, Action.RESUME)
        assert (await lab.until(batch_id, *RESTING)).status is BatchStatus.COMPLETED
    assert lab.tally(batch_id).failed == 0


async def test_an_edit_of_the_connection_ends_a_wait(lab: Laboratory) -> None:
    """Whoever raises the limit with the provider, or names another key, need not wait."""
    limited = Limited()
    async with _serving(limited) as server:
        number = lab.connection(server.url)
        batch_id = await lab.staged([number], [lab.prompt()])
        await lab.act(batch_id, Action.RUN)
        await _seen(lab, batch_id, lambda seen: seen.waits)
        limited.is_open = True
        with lab.services.database.write() as c:
            library.update_row(c, connection, number, {"updated_at": lab.services.clock.now()})
        assert (await lab.until(batch_id, *RESTING)).status is BatchStatus.COMPLETED


async def test_other_batches_go_on_while_one_waits(lab: Laboratory) -> None:
    """A wait is one connection's own."""
    async with _serving(Limited()) as limited, _serving(lambda _said: _answer()) as well:
        waiting = await lab.staged([lab.connection(limited.url)], [lab.prompt()])
        await lab.act(waiting, Action.RUN)
        await _seen(lab, waiting, lambda seen: seen.waits)
        both = [lab.connection(limited.url), lab.connection(well.url)]
        other = await lab.staged(both, [lab.prompt()])
        await lab.act(other, Action.RUN)
        await _seen(lab, other, lambda seen: seen.counts.completed == 4 and seen.waits)
        assert (await lab.act(waiting, Action.CANCEL)).status is BatchStatus.FAILED


async def test_an_engine_that_starts_anew_tries_one_call(laboratory: Laboratory) -> None:
    """The trouble that the last engine saw is remembered: no four calls at a provider that asked to wait."""
    lab = laboratory
    async with _serving(Limited()) as server:
        async with running_engine(lab.services):
            batch_id = await lab.staged([lab.connection(server.url)], [lab.prompt()])
            await lab.act(batch_id, Action.RUN)
            await _seen(lab, batch_id, lambda seen: seen.waits)
        asked = sum(server.calls.values())
        async with running_engine(lab.services):
            await lab.until_true(lambda: sum(server.calls.values()) > asked)
            await _seen(lab, batch_id, lambda seen: seen.waits)
            assert sum(server.calls.values()) == asked + 1


async def test_answers_that_are_all_cut_off_cost_a_few_calls(lab: Laboratory) -> None:
    """Reasoning takes the whole limit: five calls, then the batch pauses with what to do; resume goes on."""
    enough = False

    def behaves(_said: str) -> web.Response:
        return _answer() if enough else _answer("", "length", reasoning=5)

    lab.write({f"letter {n:03}.txt": f"Letter {n}" for n in range(60)})
    async with _serving(behaves) as server:
        prompt = lab.prompt("TOTALS")
        batch_id = await lab.staged([lab.connection(server.url)], [prompt])
        paused = await lab.run(batch_id)
        assert paused.status is BatchStatus.PAUSED
        assert sum(server.calls.values()) == 5
        reason = paused.status_reason or ""
        assert '" on "connection ' in reason
        assert "5 calls in a row ended alike (cut off)" in reason
        assert "output limit" in reason
        assert lab.tally(batch_id).queued >= 59
        enough = True
        await lab.act(batch_id, Action.RESUME)
        done = await lab.until(batch_id, *RESTING)
        assert done.status is BatchStatus.COMPLETED
    assert lab.tally(batch_id).completed >= 59


async def test_a_prompt_that_is_refused_is_held_alone(lab: Laboratory) -> None:
    """Its tasks wait and cost nothing, those of the other prompt are all answered; then the batch pauses."""

    def behaves(said: str) -> web.Response:
        return _error(400, "Unsupported value: 'temperature'") if "TOTALS" in said else _answer()

    lab.write({f"letter {n:03}.txt": f"Letter {n}" for n in range(40)})
    async with _serving(behaves) as server:
        bad, good = lab.prompt("TOTALS"), lab.prompt("DATES")
        batch_id = await lab.staged([lab.connection(server.url)], [bad, good])
        await lab.act(batch_id, Action.RUN)
        paused = await lab.until(batch_id, *RESTING)
        assert paused.status is BatchStatus.PAUSED
        assert "temperature" in (paused.status_reason or "")
        assert server.calls["TOTALS"] == 5
        tally = lab.tally(batch_id)
        assert (tally.completed, tally.completed + tally.queued + tally.failed) == (44, 88)


async def test_a_held_prompt_is_told_while_others_go_on(lab: Laboratory) -> None:
    """Progress lists it with its reason; who watches need not wait for the end."""
    gate = asyncio.Event()

    async def complete(request: web.Request) -> web.Response:
        if "TOTALS" in await request.text():
            return _error(400, "Invalid schema for response_format")
        await gate.wait()
        return _answer()

    lab.write({f"letter {n:03}.txt": f"Letter {n}" for n in range(20)})
    async with serving_chat(complete) as url:
        bad, good = lab.prompt("TOTALS"), lab.prompt("DATES")
        batch_id = await lab.staged([lab.connection(url)], [bad, good])
        await lab.act(batch_id, Action.RUN)
        seen = await _seen(lab, batch_id, lambda found: found.held)
        assert [(one.prompt_id, one.kind) for one in seen.held] == [(bad, FailureKind.BAD_REQUEST)]
        assert "Invalid schema" in seen.held[0].reason
        assert seen.status is BatchStatus.ANALYZING
        gate.set()
        assert (await lab.until(batch_id, *RESTING)).status is BatchStatus.PAUSED


@pytest.mark.parametrize("message", ["failed to parse grammar", "Input length out of range"])
async def test_a_server_that_breaks_at_one_prompt_is_not_slowed_for_others(
    lab: Laboratory, message: str
) -> None:
    """llama.cpp answers 500 to a grammar that it cannot read: others are answered without a closed lane."""

    def behaves(said: str) -> web.Response:
        return _error(500, message) if "TOTALS" in said else _answer()

    lab.write({f"letter {n:03}.txt": f"Letter {n}" for n in range(30)})
    async with _serving(behaves) as server:
        batch_id = await lab.staged([lab.connection(server.url)], [lab.prompt("TOTALS"), lab.prompt("DATES")])
        await lab.act(batch_id, Action.RUN)
        await _seen(lab, batch_id, lambda seen: seen.counts.completed == 34)
        paused = await lab.until(batch_id, *RESTING)
        assert (paused.status, lab.tally(batch_id).completed) == (BatchStatus.PAUSED, 34)
        assert server.calls["TOTALS"] <= 15


async def test_single_documents_that_fail_never_hold(lab: Laboratory) -> None:
    """Every third is too long, every fifth is declined: the batch ends by itself."""

    def behaves(said: str) -> web.Response:
        number = int(said.split("NUMBER-")[1].split(".", maxsplit=1)[0])
        if number % 3 == 0:
            return _error(400, "This model's maximum context length is 8192 tokens.")
        return _answer("", "content_filter") if number % 5 == 0 else _answer()

    for old in lab.folder.iterdir():
        old.unlink()
    lab.write({f"{n:03}.txt": f"NUMBER-{n}." for n in range(60)})
    async with _serving(behaves) as server:
        done = await lab.run(await lab.staged([lab.connection(server.url)], [lab.prompt("DATES")]))
    assert done.status is BatchStatus.COMPLETED
    assert lab.tally(done.id).failed == 28
