"""What services do beyond what the API's tests show."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event
from tests.support.apps import Bench, Outcome
from tests.support.benches import sqlite_bench

from docstage.asking.config import connection_config
from docstage.domain.errors import Conflict, InvalidInput, NotFound
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.snapshot import FrozenConnection
from docstage.secrets import SecretError
from docstage.service.batches import activity, batches
from docstage.service.batches.inputs import BatchInput
from docstage.service.connections import connections
from docstage.service.connections.inputs import ConnectionChange, ConnectionInput
from docstage.service.prompts import prompts
from docstage.service.prompts.inputs import PromptChange, PromptInput
from docstage.service.results import results
from docstage.service.session import Session
from docstage.service.system import health
from docstage.store import library
from docstage.store.engines import EngineRecord, read_engine, write_engine
from docstage.store.paging import PageRequest

ENGINE = EngineRecord(pid=7, host="h", version="1", started_at=1.0, seen_at=2.0, state={})


def _queries(bench: Bench, count: int) -> int:
    """How many statements a page of so many batches takes."""
    statements: list[str] = []

    def remember(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(bench.database.engine, "before_cursor_execute", remember)
    try:
        page = batches.list_batches(bench.services, PageRequest(limit=count))
    finally:
        event.remove(bench.database.engine, "before_cursor_execute", remember)
    assert len(page.items) == count
    return len(statements)


def test_a_page_of_batches_takes_a_fixed_number_of_queries(bench: Bench) -> None:
    """Listing ten batches asks the database as often as listing one."""
    for _ in range(10):
        bench.batch_in(BatchStatus.STAGED)
    assert _queries(bench, 10) == _queries(bench, 1) <= 10


def test_the_engine_writes_its_row_over_and_over(either: Bench) -> None:
    """There is one row; what is written last is what is read."""
    with either.database.write() as c:
        assert read_engine(c) is None
        write_engine(c, ENGINE)
        write_engine(c, replace(ENGINE, seen_at=3.0, state={"lanes": {}}))
        record = read_engine(c)
    assert record is not None
    assert (record.pid, record.seen_at, record.state) == (7, 3.0, {"lanes": {}})


def test_a_client_is_configured_by_snapshot_and_connection(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What decides answers is frozen; key and limits are those of today; the key is resolved late."""
    made = connections.create_connection(
        bench.services,
        ConnectionInput(
            name="Paid",
            provider="openai",
            model="new",
            api_key="env:SOME_KEY",
            temperature=1.0,
            reasoning="low",
        ),
    )
    monkeypatch.setenv("SOME_KEY", "sesame")
    frozen = FrozenConnection(id=made.id, name="Paid", provider="openai", model="old")
    with bench.database.read() as c:
        record = library.get_connection(c, made.id)
        live = connection_config(c, bench.services.secrets, record)
        then = connection_config(c, bench.services.secrets, record, frozen)
        monkeypatch.delenv("SOME_KEY")
        with pytest.raises(SecretError, match="SOME_KEY"):
            connection_config(c, bench.services.secrets, record)
    assert (live.model, live.temperature, live.reasoning, live.api_key) == ("new", 1.0, "low", "sesame")
    assert (then.model, then.temperature, then.reasoning, then.api_key) == ("old", None, None, "sesame")
    assert "sesame" not in repr(live)


def test_cost_is_unknown_only_when_every_call_is(bench: Bench) -> None:
    """No calls cost nothing; calls without any price cost nobody knows what."""
    batch_id = bench.batch_in(BatchStatus.ANALYZING)
    assert batches.get_batch(bench.services, batch_id).progress.cost == 0
    bench.finish(batch_id, [Outcome(text="a", cost=None)])
    assert batches.get_batch(bench.services, batch_id).progress.cost is None
    assert results.list_runs(bench.services, batch_id)[0].cost is None


def test_too_many_combinations_are_refused(bench: Bench) -> None:
    """A batch has at most ten thousand pairs of connection and prompt."""
    wanted = BatchInput(
        name="Wide", folder_ids=[1], connection_ids=list(range(1, 1_001)), prompt_ids=list(range(1, 12))
    )
    with pytest.raises(InvalidInput, match="11,000 combinations"):
        batches.save(Session(bench.services), wanted)


def test_a_batch_that_is_busy_is_not_deleted(either: Bench) -> None:
    """While STAGING and ANALYZING it must be cancelled first; in any other status it goes with its runs."""
    for status in BatchStatus:
        batch_id = either.batch_in(status)
        if status in {BatchStatus.STAGING, BatchStatus.ANALYZING}:
            with pytest.raises(Conflict, match="Cancel it first"):
                batches.delete_batch(Session(either.services), batch_id)
        else:
            batches.delete_batch(Session(either.services), batch_id)
            with pytest.raises(NotFound):
                batches.get_batch(either.services, batch_id)


def test_schemas_that_reach_out_are_refused(bench: Bench) -> None:
    """A schema may refer only to itself; nothing is stored otherwise."""
    outside = PromptInput(name="Kind", text="Which?", schema={"$ref": "https://example.com/schema"})
    with pytest.raises(InvalidInput) as refused:
        prompts.create_prompt(bench.services, outside)
    assert refused.value.extra["errors"][0]["field"] == "schema"
    prompt_id = bench.make_members()["prompt_ids"][0]
    with pytest.raises(InvalidInput):
        prompts.change_prompt(Session(bench.services), prompt_id, PromptChange(text=None))


def test_a_changed_name_leaves_the_key_alone(bench: Bench) -> None:
    """A stored key survives changes that do not name it, and goes when it is cleared."""
    made = connections.create_connection(
        bench.services, ConnectionInput(name="A", provider="ollama", model="m", api_key="sesame")
    )
    renamed = connections.change_connection(Session(bench.services), made.id, ConnectionChange(name="B"))
    assert renamed.api_key == "stored"
    cleared = connections.change_connection(Session(bench.services), made.id, ConnectionChange(api_key=None))
    assert cleared.api_key is None


def test_a_watcher_tells_only_what_is_new(either: Bench) -> None:
    """Old events are not told; new ones are, once, with their batches; so are moving batches."""
    either.batch_in(BatchStatus.COMPLETED)
    watcher = activity.Watcher(either.services)
    assert watcher.look() == activity.Activity([], [])
    batch_id = either.batch_in(BatchStatus.ANALYZING)
    news = watcher.look()
    assert [one.action for one in news.events] == ["save", "stage", "test", "test"]
    assert [one.id for one in news.batches] == [batch_id]
    assert watcher.look() == activity.Activity([], [])
    either.finish(batch_id, [Outcome(text="a")])
    assert [one.counts.completed for one in watcher.look().batches] == [1]
    batches.act(Session(either.services), batch_id, Action.CANCEL)
    assert [one.status for one in watcher.look().batches] == ["FAILED"]
    batches.delete_batch(Session(either.services), batch_id)
    gone = watcher.look()
    assert ([one.action for one in gone.events], gone.batches) == (["delete"], [])
    assert len(activity.events_since(either.services, gone.events[0].id - 2)) == 2


def test_the_doctor_finds_what_is_ill(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each folder, key and part has a check of its own, and ill ones say what to do."""
    monkeypatch.setenv("SOME_KEY", "sesame")
    with sqlite_bench(tmp_path, template) as bench:
        bench.make_members()
        wanted = ConnectionInput(name="Paid", provider="openai", model="m", api_key="env:SOME_KEY")
        connections.create_connection(bench.services, wanted)
        with bench.database.write() as c:
            write_engine(c, replace(ENGINE, seen_at=bench.clock.now()))
        well = {check.name: check.ok for check in health.doctor(bench.services)}
        expected = [
            "database",
            "disk",
            "settings",
            "own files",
            "ocr",
            "engine",
            "folder Letters",
            "key of Paid",
        ]
        assert well == dict.fromkeys(expected, True)
        monkeypatch.delenv("SOME_KEY")
        (bench.documents / "letter.txt").unlink()
        bench.documents.rmdir()
        bench.clock.at += 60
        ill = {check.name: check.message for check in health.doctor(bench.services) if not check.ok}
    assert ill.keys() == {"engine", "folder Letters", "key of Paid"}
    assert "does not exist" in ill["folder Letters"]
    assert "SOME_KEY" in ill["key of Paid"]
