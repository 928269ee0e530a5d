"""Trying a prompt on one document: the same encoding and request as a batch's, and no trace in any batch."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from tests.support.apps import Bench
from tests.support.simulators import running_simulator
from tests.support.waiting import PATIENCE

from docstage.asking import trials
from docstage.domain.content import DocumentReason, DocumentStatus
from docstage.domain.errors import Forbidden, InvalidInput, Unavailable
from docstage.domain.tasks import FailureKind
from docstage.service.connections import connections
from docstage.service.connections.inputs import ConnectionInput
from docstage.service.folders import folders
from docstage.service.folders.inputs import FolderChange
from docstage.service.prompts.inputs import PromptTrial
from docstage.service.prompts.trials import PromptTrialView, try_prompt
from docstage.service.session import Session
from docstage.simulator.kinds import Fault
from docstage.simulator.profile import Latency, Profile
from docstage.store.content_tables import content
from docstage.store.tables import attempt, event, result, spending

SCHEMA = {
    "type": "object",
    "properties": {"writer": {"type": "string"}},
    "required": ["writer"],
    "additionalProperties": False,
}
NO_LATENCY = Latency(median=0.0)


async def _try(bench: Bench, path: str = "letter.txt", **changes: Any) -> PromptTrialView:
    members = bench.make_members()
    wanted = {
        "text": "Who wrote it?",
        "connection_id": members["connection_ids"][0],
        "folder_id": members["folder_ids"][0],
        "path": path,
        **changes,
    }
    return await try_prompt(bench.services, PromptTrial.model_validate(wanted))


def _connect(bench: Bench, address: str, **members: Any) -> int:
    wanted = {"name": "Other", "provider": "simulated", "model": "simulated-small", "base_url": address}
    return connections.create_connection(bench.services, ConnectionInput.model_validate(wanted | members)).id


async def test_an_answer_comes_with_its_document_tokens_and_cost(either: Bench) -> None:
    """The simulator that no address leads to is started for it; what was encoded is kept for stagings."""
    first = await _try(either, schema=SCHEMA)
    assert first.ok
    assert isinstance(first.value["writer"], str)
    assert (first.document.text, first.document.status) == ("Dear Sir or Madam", DocumentStatus.ENCODED)
    assert not first.document.reused
    assert first.output_tokens
    assert min(first.input_tokens or 0, first.latency_ms or 0) > 0
    assert first.cost == 0
    again = await _try(either)
    assert again.ok
    assert again.value is None
    assert again.document.reused
    with either.database.read() as c:
        spent = c.execute(select(spending.c.calls, spending.c.output_tokens)).one()
        assert tuple(spent) == (2, first.output_tokens + (again.output_tokens or 0))
        rows = [c.execute(select(func.count()).select_from(one)).scalar() for one in (attempt, result, event)]
        assert c.execute(select(func.count()).select_from(content)).scalar() == 1
    assert rows == [0, 0, 0]


async def test_a_document_that_cannot_be_used_costs_nothing(bench: Bench) -> None:
    """The reason and a way out come instead of an answer."""
    (bench.documents / "empty.txt").write_text("")
    (bench.documents / "away.txt").symlink_to(Path("/etc/hostname"))
    (bench.documents / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing more")
    reasons = {
        "empty.txt": DocumentReason.EMPTY,
        "away.txt": DocumentReason.LEAVES_FOLDER,
        "broken.pdf": DocumentReason.DAMAGED,
        "none.txt": DocumentReason.GONE,
    }
    for path, reason in reasons.items():
        tried = await _try(bench, path)
        assert (tried.ok, tried.document.reason) == (False, reason), path
        with bench.database.read() as c:
            assert c.execute(select(spending)).all() == []
        assert tried.message
        assert (tried.cost, tried.latency_ms, tried.failure_kind) == (None, None, None)


async def test_only_documents_of_the_folder_are_read(bench: Bench) -> None:
    """Neither a path that leads out of it, nor what its globs leave out, nor a hidden file."""
    (bench.documents.parent / "secret.txt").write_text("secret")
    (bench.documents / ".env").write_text("KEY=secret")
    (bench.documents / "note.md").write_text("note")
    folder_id = bench.make_members()["folder_ids"][0]
    folders.change_folder(Session(bench.services), folder_id, FolderChange(exclude=["*.md"]))
    for path in ("../secret.txt", ".env", "note.md"):
        with pytest.raises(InvalidInput) as caught:
            await _try(bench, path)
        assert caught.value.extra["errors"][0]["field"] == "path"
    folders.change_folder(Session(bench.services), folder_id, FolderChange(hidden=True))
    for path in ("../secret.txt", str(bench.documents.parent / "secret.txt")):
        tried = await _try(bench, path)
        assert tried.document.reason is DocumentReason.LEAVES_FOLDER
        assert tried.document.text == ""


async def test_allowed_roots_hold_for_folders_that_were_added_before(tmp_path: Path, bench: Bench) -> None:
    """A root that was set later keeps a stored folder from being read."""
    bench.make_members()
    settings = replace(bench.services.settings, allowed_roots=(str(tmp_path / "elsewhere"),))
    with pytest.raises(Forbidden):
        await _try(replace(bench, services=replace(bench.services, settings=settings)))


async def test_what_does_not_exist_is_named_by_its_field(bench: Bench) -> None:
    """Folder, connection and schema are checked before anything is encoded."""
    for change, field in (
        ({"folder_id": 77}, "folder_id"),
        ({"connection_id": 77}, "connection_id"),
        ({"schema": {"type": "strange"}}, "schema"),
    ):
        with pytest.raises(InvalidInput) as caught:
            await _try(bench, **change)
        assert caught.value.extra["errors"][0]["field"] == field


async def test_a_call_that_fails_is_an_answer(bench: Bench) -> None:
    """Its kind and a way forward are told, and it is made once."""
    bench.make_members()
    with running_simulator(Profile(latency=NO_LATENCY, error_rates={Fault.REFUSAL: 1.0})) as address:
        refused = await _try(bench, connection_id=_connect(bench, address, name="Refuses"))
    assert (refused.ok, refused.failure_kind) == (False, FailureKind.REFUSAL)
    assert refused.message
    assert refused.way_forward
    gone = await _try(bench, connection_id=_connect(bench, address, name="Gone"))
    assert gone.failure_kind is FailureKind.CONNECTION
    with running_simulator(Profile(latency=Latency(median=60.0, sigma=0.0))) as slow:
        late = await _try(bench, connection_id=_connect(bench, slow, name="Slow", timeout=1))
    assert late.failure_kind is FailureKind.TIMEOUT


async def test_pictures_are_shown_and_refused_to_models_that_do_not_see(bench: Bench) -> None:
    """The document is shown as pictures; a model without eyes is not asked."""
    from PIL import Image

    Image.new("RGB", (64, 64), "red").save(bench.documents / "red.png")
    blind = _connect(bench, "http://127.0.0.1:9", images=False)
    tried = await _try(bench, "red.png", connection_id=blind)
    assert tried.failure_kind is FailureKind.UNSUPPORTED_INPUT
    (picture,) = tried.document.pictures
    assert picture.media_type.startswith("image/")
    assert picture.data


async def test_few_run_at_once_and_the_rest_wait_or_are_sent_away(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every turn taken the next waits, but not for ever; one that is cancelled gives its turn up."""
    monkeypatch.setattr(trials, "TURN_SECONDS", 0.2)
    bench.make_members()
    with running_simulator(Profile(latency=Latency(median=3600.0, sigma=0.0))) as slow:
        connection_id = _connect(bench, slow)
        running = [
            asyncio.create_task(_try(bench, connection_id=connection_id)) for _ in range(trials.AT_ONCE)
        ]
        async with asyncio.timeout(PATIENCE):
            while not bench.services.trials._turns.locked():
                await asyncio.sleep(0)
        with pytest.raises(Unavailable, match="being tried"):
            await _try(bench)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    assert (await _try(bench)).ok
