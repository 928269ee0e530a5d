"""What the engine does when connections, documents and budgets make trouble."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from PIL import Image, ImageDraw, ImageFont
from sqlalchemy import select, update
from tests.faults.chat import ChatServer
from tests.support.chat_server import serving_chat
from tests.support.engines import RESTING, Laboratory, on_both, open_services, running_engine

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import AttemptOutcome, FailureKind, TaskStatus
from docstage.service.batches.budget import BudgetReached
from docstage.simulator.kinds import Fault
from docstage.simulator.profile import Latency, Profile
from docstage.store import batches, content_pieces, documents, library, tasks
from docstage.store.batches import Change
from docstage.store.content_tables import content
from docstage.store.engines import read_engine
from docstage.store.paging import PageRequest
from docstage.store.tables import connection, run

INSTANT = Latency(median=0.0)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_wrong_key_pauses_without_using_up_tries(
    lab: Laboratory, simulator: Callable[..., str]
) -> None:
    """A wrong key pauses the batch with its reason; with the right one, resume completes it."""
    url = simulator(Profile(latency=INSTANT, api_key="right"))
    number = lab.connection(url, secret_ref="env:DOCSTAGE_TEST_KEY")
    os.environ["DOCSTAGE_TEST_KEY"] = "wrong"
    try:
        batch_id = await lab.staged([number], [lab.prompt()])
        paused = await lab.run(batch_id)
        assert paused.status is BatchStatus.PAUSED
        assert "connection 1" in (paused.status_reason or "")
        assert lab.tally(batch_id).failed == 0
        os.environ["DOCSTAGE_TEST_KEY"] = "right"
        await lab.act(batch_id, Action.RESUME)
        assert (await lab.until(batch_id, *RESTING)).status is BatchStatus.COMPLETED
    finally:
        del os.environ["DOCSTAGE_TEST_KEY"]


async def test_an_unset_key_pauses_with_the_name_of_the_variable(
    lab: Laboratory, simulator: Callable[..., str]
) -> None:
    """A key that cannot be read is told before any call."""
    number = lab.connection(simulator(), secret_ref="env:DOCSTAGE_NOT_SET")
    paused = await lab.run(await lab.staged([number], [lab.prompt()]))
    assert paused.status is BatchStatus.PAUSED
    assert "DOCSTAGE_NOT_SET" in (paused.status_reason or "")


async def test_other_connections_finish_while_one_is_held(
    lab: Laboratory, simulator: Callable[..., str]
) -> None:
    """A connection that cannot work keeps only its own tasks waiting."""
    good = lab.connection(simulator(Profile(latency=INSTANT)))
    bad = lab.connection(simulator(Profile(latency=INSTANT, api_key="secret")))
    batch_id = await lab.staged([bad, good], [lab.prompt()])
    assert (await lab.run(batch_id)).status is BatchStatus.PAUSED
    assert (lab.tally(batch_id).completed, lab.tally(batch_id).queued) == (4, 4)


async def test_a_missing_library_holds_its_lane_alone_and_can_be_installed(
    lab: Laboratory, simulator: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It went after staging: others finish, the batch pauses with how to install it, and then it is used."""
    good = lab.connection(simulator(Profile(latency=INSTANT)))
    bare = lab.connection(None, provider="anthropic", model="claude-sonnet-4-5", secret_ref="env:HOME")
    batch_id = await lab.staged([bare, good], [lab.prompt()])
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "anthropic", None)  # so that its import fails
        paused = await lab.run(batch_id)
    assert paused.status is BatchStatus.PAUSED
    assert "docstage[anthropic]" in (paused.status_reason or "")
    assert (lab.tally(batch_id).completed, lab.tally(batch_id).queued) == (4, 4)
    assert lab.tally(batch_id).failed == 0
    with lab.services.database.write() as c:  # the address stands for the provider's own
        changes: dict[str, Any] = {
            "base_url": f"http://127.0.0.1:{_free_port()}",
            "updated_at": lab.services.clock.now(),
        }
        library.update_row(c, connection, bare, changes)
    await lab.act(batch_id, Action.RESUME)
    waiting = [row.id for row in lab.rows(batch_id) if row.connection_id == bare]
    assert await lab.until_true(lambda: [one for task_id in waiting for one in lab.attempts(task_id)])


async def test_a_server_that_is_down_holds_the_lane_and_can_be_mended(
    laboratory: Laboratory, simulator: Callable[..., str]
) -> None:
    """Nothing listens: after a while the batch pauses; with another address, resume completes it."""
    settings = replace(laboratory.services.settings, give_up_after=0.01)
    lab = replace(laboratory, services=replace(laboratory.services, settings=settings))
    async with running_engine(lab.services):
        number = lab.connection(f"http://127.0.0.1:{_free_port()}/v1")
        batch_id = await lab.staged([number], [lab.prompt()])
        paused = await lab.run(batch_id)
        assert paused.status is BatchStatus.PAUSED
        assert lab.tally(batch_id).failed == 0
        with lab.services.database.write() as c:
            changes: dict[str, Any] = {"base_url": simulator(), "updated_at": lab.services.clock.now()}
            library.update_row(c, connection, number, changes)
        await lab.act(batch_id, Action.RESUME)
        assert (await lab.until(batch_id, *RESTING)).status is BatchStatus.COMPLETED


async def test_one_poisoned_document_fails_alone(lab: Laboratory) -> None:
    """A document on which the server always breaks ends as FAILED; all others complete."""

    async def answer(request: web.Request) -> web.Response:
        if "poison" in await request.text():
            return web.Response(status=500, text="boom")
        message = {"role": "assistant", "content": "fine"}
        return web.json_response({"choices": [{"message": message, "finish_reason": "stop"}], "model": "m"})

    lab.write({f"more {n}.txt": f"Letter {n}" for n in range(20)} | {"bad.txt": "poison"})
    async with serving_chat(answer) as url:
        batch_id = await lab.staged([lab.connection(url)], [lab.prompt()])
        done = await lab.run(batch_id)
    assert done.status is BatchStatus.COMPLETED
    failed = [row for row in lab.rows(batch_id) if row.status == TaskStatus.FAILED.name]
    assert [row.document for row in failed] == ["bad.txt"]
    assert failed[0].failure_kind == FailureKind.OVERLOADED
    assert lab.tally(batch_id).completed == 24


@on_both
async def test_the_budget_pauses_before_it_is_exceeded(
    lab: Laboratory, simulator: Callable[..., str]
) -> None:
    """No call leaves that could exceed the budget; a higher one lets the rest go on."""
    prices = {"input": 1.0, "output": 1_000.0}
    number = lab.connection(simulator(), prices=prices, max_output_tokens=60)
    batch_id = await lab.staged([number], [lab.prompt()], budget=70_000_000)  # 0.07 USD
    paused = await lab.run(batch_id)
    assert paused.status is BatchStatus.PAUSED, lab.tally(batch_id)
    assert "budget of $0.07" in (paused.status_reason or "")
    total = lab.tally(batch_id)
    assert 0 < total.cost <= 70_000_000
    assert total.queued > 0
    with pytest.raises(BudgetReached, match=r"Raise the budget") as refused:
        await lab.act(batch_id, Action.RESUME)
    assert refused.value.extra["spent"] == total.cost / 1e9
    assert lab.get(batch_id) == paused
    with lab.services.database.write() as c:
        batches.update_batch(c, batch_id, {"budget": 140_000_000_000})
    await lab.act(batch_id, Action.RESUME)
    assert (await lab.until(batch_id, *RESTING)).status is BatchStatus.COMPLETED


async def test_extra_that_contradicts_docstage_pauses(lab: Laboratory, simulator: Callable[..., str]) -> None:
    """A connection of an earlier version may say another model: no call leaves, and the reason says it."""
    number = lab.connection(simulator())
    batch_id = await lab.staged([number], [lab.prompt()])
    with lab.services.database.write() as c:
        c.execute(update(connection).values(extra={"n": 3, "model": "dearer"}))
        staged = batches.get_batch(c, batch_id)
        batches.change_status(c, staged, Change(BatchStatus.ANALYZING, "run", "user", None, 0.0))
    paused = await lab.until(batch_id, *RESTING)
    assert paused.status is BatchStatus.PAUSED
    assert "`extra` may not set n:" in (paused.status_reason or "")
    assert "set the connection's model" in (paused.status_reason or "")
    assert lab.tally(batch_id).calls == 0


async def test_a_budget_without_prices_pauses(lab: Laboratory, simulator: Callable[..., str]) -> None:
    """A price can go after the budget was taken: no call leaves whose cost nobody knows."""
    number = lab.connection(simulator())
    batch_id = await lab.staged([number], [lab.prompt()])
    with lab.services.database.write() as c:  # both at once, as no user could
        batches.update_batch(c, batch_id, {"budget": 1_000_000_000})
        staged = batches.get_batch(c, batch_id)
        batches.change_status(c, staged, Change(BatchStatus.ANALYZING, "run", "user", None, 0.0))
    paused = await lab.until(batch_id, *RESTING)
    assert paused.status is BatchStatus.PAUSED
    assert "The price of connection 1 is unknown" in (paused.status_reason or "")
    assert lab.tally(batch_id).calls == 0
    with lab.services.database.write() as c:
        batches.update_batch(c, batch_id, {"budget": None})
    await lab.act(batch_id, Action.RESUME)
    assert (await lab.until(batch_id, *RESTING)).status is BatchStatus.COMPLETED


@on_both
async def test_too_many_failures_end_the_batch(lab: Laboratory, simulator: Callable[..., str]) -> None:
    """Past the failure limit the batch is FAILED and what is left is cancelled."""
    profile = Profile(latency=Latency(median=0.2, sigma=0.0), error_rates={Fault.REFUSAL: 1.0})
    number = lab.connection(simulator(profile), concurrency=1)
    failed = await lab.run(await lab.staged([number], [lab.prompt()], failure_limit=0.25))
    assert failed.status is BatchStatus.FAILED
    assert "more than the batch allows" in (failed.status_reason or "")
    assert lab.tally(failed.id).cancelled > 0


async def test_pictures_fail_without_a_call_where_nothing_sees(
    lab: Laboratory, simulator: Callable[..., str], corpus: Path
) -> None:
    """A picture on a connection that takes only text is told at STAGED, costs no call and is no failure."""
    (lab.folder / "scan.jpg").write_bytes((corpus / "test_llm.jpg").read_bytes())
    blind, prompt = lab.connection(simulator(), images=False), lab.prompt()
    batch_id = await lab.staged([blind], [prompt], failure_limit=0.0)
    assert lab.tally(batch_id).failed == 1
    with lab.services.database.read() as c:
        run_id = batches.get_batch(c, batch_id).run_id
        assert run_id is not None
        assert tasks.unsendable_tasks(c, [run_id, run_id + 1]) == {run_id: 1}
    done = await lab.run(batch_id)
    assert done.status is BatchStatus.COMPLETED
    assert done.status_reason == "1 of 5 tasks cannot be sent."
    for path in lab.folder.glob("*.txt"):
        path.unlink()
    failed = await lab.run(await lab.staged([blind], [prompt]))
    assert failed.status is BatchStatus.FAILED
    assert (failed.status_reason or "").startswith("No task can be sent:")


async def test_a_scan_is_read_where_nothing_sees(lab: Laboratory, simulator: Callable[..., str]) -> None:
    """The real engine reads the words of a drawn page, for a connection that takes only text."""
    lab.ocr = "when_needed"
    page = Image.new("RGB", (1_200, 400), "white")
    words = "Invoice 4711 of Smith and Sons"
    ImageDraw.Draw(page).text((60, 150), words, "black", ImageFont.load_default(60))
    page.save(lab.folder / "scan.png")
    done = await lab.run(await lab.staged([lab.connection(simulator(), images=False)], [lab.prompt()]))
    assert (done.status, done.status_reason) == (BatchStatus.COMPLETED, None)
    with lab.services.database.read() as c:
        assert done.run_id is not None
        listed = documents.list_documents(c, done.run_id, PageRequest(limit=10)).items
        (scan,) = [one for one in listed if one.path == "scan.png"]
        text = content_pieces.load_text(c, str(scan.content_key))
    assert text == f"[picture 1, read by OCR]\n{words}"


@contextmanager
def _engine_process(home: Path) -> Iterator["subprocess.Popen[bytes]"]:
    environment = os.environ | {"DOCSTAGE_HOME": str(home), "DOCSTAGE_WORKERS": "1"}
    process = subprocess.Popen([sys.executable, "-m", "docstage.engine"], env=environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def test_a_killed_engine_loses_nothing(tmp_path: Path, chat: ChatServer) -> None:
    """After kill -9 the next engine completes the batch; only calls in flight are repeated, and shown."""
    services = open_services(tmp_path / "home")
    lab = Laboratory(services, tmp_path / "documents")
    lab.write({f"{n}.txt": f"Letter DOC-{n} of May" for n in range(12)})
    async with running_engine(services):
        connection = lab.connection(chat.base_url, concurrency=3)
        batch_id = await lab.staged([connection], [lab.prompt("ASK-0: what?")])
    chat.let_through(3)
    with _engine_process(tmp_path / "home") as engine:
        await lab.act(batch_id, Action.RUN)
        await lab.until_true(lambda: (lab.tally(batch_id).completed, lab.tally(batch_id).running) == (3, 3))
        engine.send_signal(signal.SIGKILL)
        engine.wait()
    before = {row.id: row.text for row in lab.rows(batch_id) if row.text}
    chat.let_through(12)
    with _engine_process(tmp_path / "home"):
        await lab.until(batch_id, BatchStatus.COMPLETED)
    rows = lab.rows(batch_id)
    assert len(before) == 3
    assert {row.id: row.text for row in rows if row.id in before} == before
    repeated = [row for row in rows if row.attempts > 1]
    assert len(repeated) == 3
    for row in repeated:
        assert lab.attempts(row.id)[0].outcome == AttemptOutcome.UNKNOWN
    services.database.close()


async def test_a_second_engine_waits_for_the_first(tmp_path: Path, simulator: Callable[..., str]) -> None:
    """Two engines on one database: one works, the other takes over when the first has ended."""
    services = open_services(tmp_path / "home")
    lab = Laboratory(services, tmp_path / "documents")
    lab.write({"a.txt": "Letter"})
    async with running_engine(services):
        batch_id = await lab.staged([lab.connection(simulator())], [lab.prompt()])
        with _engine_process(tmp_path / "home") as second:
            assert (await lab.run(batch_id)).status is BatchStatus.COMPLETED
            assert second.poll() is None
    services.database.close()


@contextmanager
def _started_by_another(home: Path) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """An engine with a starter of its own; gives the starter and the engine's process id."""
    environment = os.environ | {"DOCSTAGE_HOME": str(home)}
    command = ["/bin/sh", "-c", f"{sys.executable} -m docstage.engine & echo $!; wait"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        engine = int(starter.stdout.readline())
        try:
            yield starter, engine
        finally:
            starter.kill()
            with suppress(ProcessLookupError):
                os.kill(engine, signal.SIGKILL)


async def test_an_engine_whose_starter_died_makes_room(tmp_path: Path) -> None:
    """After its starter was killed, an engine ends as soon as another one waits for the database."""
    services = open_services(tmp_path / "home")

    def working() -> int | None:
        with services.database.read() as c:
            found = read_engine(c)
            return found.pid if found else None

    lab = Laboratory(services, tmp_path)
    with _started_by_another(tmp_path / "home") as (starter, orphan):
        await lab.until_true(lambda: working() == orphan)
        starter.kill()
        starter.wait()
        with _engine_process(tmp_path / "home") as next_engine:
            await lab.until_true(lambda: working() == next_engine.pid)
    services.database.close()


async def test_an_answer_that_was_cut_off_is_not_paid_for_again(lab: Laboratory) -> None:
    """An answer that ends at the output limit would end there again: one call, which says so and is kept."""

    async def answer(_request: web.Request) -> web.Response:
        message = {"role": "assistant", "content": '{"title": "A very long'}
        usage = {"prompt_tokens": 100, "completion_tokens": 8}
        choice = {"message": message, "finish_reason": "length"}
        return web.json_response({"choices": [choice], "model": "m", "usage": usage})

    async with serving_chat(answer) as url:
        prompt = lab.prompt(schema={"type": "object", "properties": {"title": {"type": "string"}}})
        failed = await lab.run(await lab.staged([lab.connection(url)], [prompt]))
    assert failed.status is BatchStatus.FAILED
    for row in lab.rows(failed.id):
        assert (row.attempts, row.failure_kind) == (1, FailureKind.CUT_OFF)
        assert "max_output_tokens" in (row.message or "")
        assert [call.text for call in lab.attempts(row.id)] == ['{"title": "A very long']


async def test_a_damaged_content_costs_its_own_document_only(
    lab: Laboratory, simulator: Callable[..., str]
) -> None:
    """What a disk has spoilt is told as a failure of its document; the others are answered."""
    batch_id = await lab.staged([lab.connection(simulator(Profile(latency=INSTANT)))], [lab.prompt()])
    with lab.services.database.write() as c:
        key = c.execute(select(content.c.key).order_by(content.c.key).limit(1)).scalar_one()
        c.execute(update(content).where(content.c.key == key).values(text_zstd=b"no zstd at all"))
    assert (await lab.run(batch_id)).status is BatchStatus.COMPLETED
    assert (lab.tally(batch_id).completed, lab.tally(batch_id).failed) == (3, 1)
    [failed] = [row for row in lab.rows(batch_id) if row.status == TaskStatus.FAILED.name]
    assert "no longer stored" in (lab.attempts(failed.id)[-1].message or "")


async def _of_the_future(lab: Laboratory, batch_id: int) -> None:
    """Let a later version of docstage have begun the batch's run."""
    with lab.services.database.write() as c:
        run_id = batches.get_batch(c, batch_id).run_id
        c.execute(update(run).where(run.c.id == run_id).values(snapshot={"docstage": "9.9", "format": 99}))


async def test_a_run_of_a_later_version_is_not_analysed(
    lab: Laboratory, simulator: Callable[..., str]
) -> None:
    """Its batch pauses with the reason, and others go on: nobody guesses what a run is made of."""
    batch_id = await lab.staged([lab.connection(simulator())], [lab.prompt()])
    other = await lab.staged([lab.connection(simulator())], [lab.prompt()])
    await _of_the_future(lab, batch_id)
    await lab.act(batch_id, Action.RUN)
    paused = await lab.until(batch_id, *RESTING)
    assert paused.status is BatchStatus.PAUSED
    assert "docstage 9.9" in (paused.status_reason or "")
    assert (await lab.run(other)).status is BatchStatus.COMPLETED


async def test_a_run_of_a_later_version_is_not_staged(laboratory: Laboratory) -> None:
    """Its batch becomes FAILED_STAGING with the reason."""
    batch_id = laboratory.batch([laboratory.connection(None)], [laboratory.prompt()])
    await laboratory.act(batch_id, Action.STAGE)
    await _of_the_future(laboratory, batch_id)
    async with running_engine(laboratory.services):
        failed = await laboratory.until(batch_id, BatchStatus.FAILED_STAGING)
    assert "docstage 9.9" in (failed.status_reason or "")
