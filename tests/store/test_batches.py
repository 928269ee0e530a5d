"""Batches: of many writers one wins, and everything is in the log."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import product
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import Connection, update
from tests.domain.test_lifecycle import is_documented
from tests.support.stores import NOW, batch_values, make_batch, move, stage

from docstage.domain.errors import NotFound
from docstage.domain.lifecycle import Action, BatchStatus, IllegalStep
from docstage.store import batches, documents, library, purging, runs, summaries
from docstage.store.batches import Change, LostRace
from docstage.store.database import Database
from docstage.store.paging import PageRequest
from docstage.store.records import Batch
from docstage.store.tables import batch as table

RACERS = 50


def test_saved_batch_reads_back(database: Database) -> None:
    """A new batch is SAVED, has no run, and its first event says who saved it."""
    values = batch_values("Ünïcode 😀", metadata={"a": [1, None, {"b": "'\"\n"}]}, budget=2**60)
    with database.write() as c:
        saved = batches.insert_batch(c, values, "user", NOW)
    with database.read() as c:
        assert batches.get_batch(c, saved.id) == saved
        (event,) = batches.list_events(c, PageRequest(), batch_id=saved.id).items
    assert (saved.status, saved.version, saved.run_id, saved.saved_at) == (BatchStatus.SAVED, 0, None, NOW)
    assert (saved.metadata, saved.budget) == (values["metadata"], 2**60)
    assert (event.action, event.from_status, event.to_status, event.batch_name) == (
        "save",
        None,
        "SAVED",
        saved.name,
    )


def test_unknown_batch_is_not_found(database: Database) -> None:
    """Reading or changing a batch that is not there raises NotFound."""
    with database.write() as c:
        with pytest.raises(NotFound):
            batches.get_batch(c, 7)
        with pytest.raises(NotFound):
            batches.update_batch(c, 7, {"name": "x"})


def test_change_of_status_is_logged_with_its_run(database: Database) -> None:
    """The event has the run's number, the actor and the reason, and the batch the time of the status."""
    with database.write() as c:
        staged = stage(c)
        change = Change(BatchStatus.ANALYZING, "run", "Ann", "wanted", NOW + 5)
        changed = batches.change_status(c, staged.batch, change)
        event = batches.list_events(c, PageRequest(limit=1)).items[0]
    assert changed.version == staged.batch.version + 1
    assert (changed.analyzing_at, changed.updated_at, changed.status_reason) == (NOW + 5, NOW + 5, "wanted")
    assert (event.run, event.actor, event.reason, event.at) == (1, "Ann", "wanted", NOW + 5)
    assert (event.from_status, event.to_status) == ("STAGED", "ANALYZING")


def test_only_steps_of_the_lifecycle_are_written(database: Database) -> None:
    """Between any two statuses, whoever asks and whatever it is called: else neither row nor event change."""
    with database.write() as c:
        batch_id = make_batch(c).id
        for before, after in product(BatchStatus, BatchStatus):
            ways = list(product((*Action, "staged"), ("engine", "user")))
            changes = [Change(after, action, actor, None, NOW) for action, actor in ways]
            legal = [one for one in changes if is_documented(before, one.to, one.action, one.actor)]
            c.execute(update(table).where(table.c.id == batch_id).values(status=before))
            _refuse_steps(c, batches.get_batch(c, batch_id), [one for one in changes if one not in legal])
            for change in legal:
                c.execute(update(table).where(table.c.id == batch_id).values(status=before))
                events = batches.last_event_id(c)
                assert batches.change_status(c, batches.get_batch(c, batch_id), change).status is after
                assert batches.last_event_id(c) > events


def _refuse_steps(c: Connection, batch: Batch, changes: Iterable[Change]) -> None:
    events = batches.last_event_id(c)
    for change in changes:
        with pytest.raises(IllegalStep):
            batches.change_status(c, batch, change)
    assert batches.get_batch(c, batch.id) == batch
    assert batches.last_event_id(c) == events


@pytest.mark.parametrize("stale", ["status", "version", "run_id"])
def test_change_expects_status_version_and_run(database: Database, stale: str) -> None:
    """If any of the three is another than expected, nothing is written."""
    others: dict[str, Any] = {"status": BatchStatus.PAUSED, "version": 99, "run_id": 99}
    with database.write() as c:
        batch = stage(c).batch
        with pytest.raises(LostRace):
            move(c, replace(batch, **{stale: others[stale]}), BatchStatus.ANALYZING)
        assert batches.get_batch(c, batch.id) == batch


def test_of_fifty_same_changes_one_wins(database: Database) -> None:
    """Fifty threads that read the same batch and ask for the same: one event, forty-nine lost races."""
    with database.write() as c:
        batch = stage(c).batch
    start, outcomes = Barrier(RACERS), list[str]()

    def race() -> None:
        start.wait()
        try:
            with database.write() as c:
                move(c, batch, BatchStatus.ANALYZING)
            outcomes.append("won")
        except LostRace:
            outcomes.append("lost")

    racers = [Thread(target=race) for _ in range(RACERS)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(outcomes) == ["lost"] * (RACERS - 1) + ["won"]
    with database.read() as c:
        events = batches.list_events(c, PageRequest(), batch_id=batch.id).items
        assert batches.get_batch(c, batch.id).version == batch.version + 1
    assert [event.to_status for event in events].count("ANALYZING") == 1


def test_failed_transaction_leaves_neither_status_nor_event(database: Database) -> None:
    """Status and event are one transaction."""
    with database.write() as c:
        batch = stage(c).batch
        last = batches.last_event_id(c)

    def change_and_fail() -> None:
        with database.write() as c:
            move(c, batch, BatchStatus.ANALYZING)
            raise KeyError

    with pytest.raises(KeyError):
        change_and_fail()
    with database.read() as c:
        assert batches.get_batch(c, batch.id) == batch
        assert batches.last_event_id(c) == last


def test_deleting_takes_everything_but_the_log(database: Database) -> None:
    """Runs, documents and tasks go with their batch, in steps; events stay; its number is not used again."""
    with database.write() as c:
        staged = stage(c)
        other = stage(c, name="Another")
    with database.write() as c:
        batches.delete_batch(c, staged.batch, NOW, "Ann")
    with database.write() as c:
        with pytest.raises(NotFound):
            batches.get_batch(c, staged.batch.id)
        assert runs.list_runs(c, staged.batch.id) == []
        assert runs.cells(c, staged.run_id) == []
        assert [one.id for one in batches.list_batches(c, PageRequest()).items] == [other.batch.id]
        assert summaries.batches_by_status(c) == {BatchStatus.STAGED: 1}
        assert len(purging.delete_documents(c, staged.run_id, 2)) == 2  # in steps
        assert len(purging.delete_documents(c, staged.run_id, 2)) == 1
        assert purging.delete_documents(c, staged.run_id, 2) == []
        purging.delete_doomed_run(c, staged.run_id)
        assert len(documents.list_documents(c, other.run_id, PageRequest()).items) == 3
        events = batches.list_events(c, PageRequest(), batch_id=staged.batch.id).items
        assert [event.action for event in events] == ["delete", "test", "stage", "save"]
        assert (events[0].actor, events[0].batch_name) == ("Ann", staged.batch.name)
        assert make_batch(c, "Later").id > other.batch.id


def test_deleting_expects_the_version(database: Database) -> None:
    """A batch whose status changed meanwhile is not deleted."""
    with database.write() as c:
        batch = stage(c).batch
        move(c, batch, BatchStatus.ANALYZING)
        with pytest.raises(LostRace):
            batches.delete_batch(c, batch, NOW, "user")


def test_listing_filters_and_searches(database: Database) -> None:
    """Batches are found by status and by a part of their name or description, case aside."""
    with database.write() as c:
        first = stage(c).batch
        second = batches.insert_batch(c, batch_values("Bills", description="50% of MAY's"), "user", NOW)

        def names(**wanted: Any) -> list[str]:
            return [batch.name for batch in batches.list_batches(c, PageRequest(), **wanted).items]

        assert names() == [second.name, first.name]
        assert names(search="may") == [second.name, first.name]
        assert names(search="50%") == [second.name]
        assert names(search="5%o") == []
        assert names(statuses=[BatchStatus.STAGED, BatchStatus.PAUSED]) == [first.name]


def test_active_batches_are_those_the_engine_works_on(database: Database) -> None:
    """STAGING and ANALYZING batches, the oldest first."""
    with database.write() as c:
        staging = move(c, make_batch(c, "A"), BatchStatus.STAGING)
        make_batch(c, "B")
        analyzing = move(c, stage(c, name="C").batch, BatchStatus.ANALYZING)
        assert batches.active_batches(c) == [staging, analyzing]


def test_update_changes_what_a_batch_is_called(database: Database) -> None:
    """The other columns can be changed in any status, without a new version."""
    with database.write() as c:
        batch = make_batch(c)
        batches.update_batch(c, batch.id, {"name": "New", "metadata": {"k": 1}})
        changed = batches.get_batch(c, batch.id)
    assert (changed.name, changed.metadata, changed.version) == ("New", {"k": 1}, batch.version)


def test_events_can_be_followed(database: Database) -> None:
    """What was logged after an event comes in order, at most so many at once."""
    with database.write() as c:
        assert batches.last_event_id(c) == 0
        make_batch(c, "A")
        seen = batches.last_event_id(c)
        for name in "BCD":
            make_batch(c, name)
        assert [event.batch_name for event in batches.events_after(c, seen)] == ["B", "C", "D"]
        assert [event.batch_name for event in batches.events_after(c, seen, limit=2)] == ["B", "C"]


def test_batches_are_found_by_what_they_use(database: Database) -> None:
    """Those that use one of the folders and one of the prompts; without such a choice all."""
    with database.write() as c:
        made = [make_batch(c, f"Batch {number}").id for number in range(3)]
        members = [library.members_of(c, one) for one in made]
        first, second = members[0]["folder"][0], members[1]["folder"][0]

        def found(**using: list[int]) -> list[int]:
            return [one.id for one in batches.list_batches(c, PageRequest(sort="id"), using=using).items]

        assert found() == found(folder=[], prompt=[]) == made
        assert found(folder=[first]) == [made[0]]
        assert found(folder=[first, second]) == made[:2]
        assert found(folder=[first], prompt=members[1]["prompt"]) == []
