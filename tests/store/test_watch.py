"""Watching a database: every event is noticed, and where nothing happens nothing is said."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text
from tests.support.waiting import until

from docstage.store.batches import insert_batch, last_event_id
from docstage.store.database import Database
from docstage.store.engines import EngineRecord, write_engine
from docstage.store.watch import Watch, open_watch

EVENTS = 5


def notices(watch: Watch, times: int = 1) -> bool:
    """Wait until the watch tells of a change, so many times in a row; PostgreSQL does a moment later."""
    return until(lambda: all(watch.has_changed() for _ in range(times)), "a change was told")


@pytest.fixture
def watch(database: Database) -> Iterator[Watch]:
    """A watch that has seen what there was."""
    one = open_watch(database)
    assert one.has_changed()  # it is not connected yet, and cannot know
    one.mend()
    assert one.has_changed()  # nor does it know what came before
    assert not one.has_changed()
    yield one
    one.close()


@pytest.fixture
def log(database: Database) -> Callable[[], None]:
    """Logs an event, as every change of a batch does."""

    def logged() -> None:
        with database.write() as c:
            insert_batch(c, {"name": "Letters", "metadata": {}}, "user", 0.0)

    return logged


def test_an_event_is_noticed_once(watch: Watch, log: Callable[[], None]) -> None:
    """Several events between two questions are one answer, and then it is quiet again."""
    for _ in range(EVENTS):
        log()
    assert notices(watch)
    log()
    assert notices(watch)
    while watch.has_changed():  # until it is quiet again; PostgreSQL tells of one after the other
        continue


def test_what_only_reads_is_not_noticed(watch: Watch, database: Database) -> None:
    """Pages that are looked at keep no engine busy."""
    with database.read() as c:
        last_event_id(c)
    assert not watch.has_changed()


def test_what_logs_no_event_is_not_noticed(watch: Watch, log: Callable[[], None], database: Database) -> None:
    """Nor does an engine that tells once a second that it lives find news in its own words."""
    told = EngineRecord(pid=1, host="here", version="1", started_at=0.0, seen_at=0.0, state={})
    with database.write() as c:
        write_engine(c, told)
    assert not watch.has_changed()
    log()
    with database.write() as c:
        write_engine(c, told)
    assert notices(watch)


def test_what_is_rolled_back_is_not_noticed(watch: Watch, database: Database) -> None:
    """An event that was not committed has not happened."""
    with database.engine.connect() as c, c.execution_options(docstage_write=True).begin() as transaction:
        insert_batch(c, {"name": "Letters", "metadata": {}}, "user", 0.0)
        transaction.rollback()
    assert not watch.has_changed()


def test_a_watch_that_was_cut_says_so_until_it_is_mended(postgres_migrated: Database) -> None:
    """A cut connection hides no event: everything counts as changed until it listens again."""
    watch = open_watch(postgres_migrated)
    watch.mend()
    watch.has_changed()
    with postgres_migrated.write() as c:
        others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        c.execute(text(others + " AND datname = current_database()"))
    assert notices(watch, times=3)
    watch.mend()
    assert watch.has_changed()
    assert not watch.has_changed()
    watch.close()


def test_a_watch_does_not_keep_the_log_of_writes_from_being_emptied(
    watch: Watch, log: Callable[[], None], database: Database
) -> None:
    """SQLite: between two questions it holds no state of the database."""
    log()
    assert notices(watch)
    if database.is_sqlite:
        with database.engine.connect() as c:
            busy, *_ = c.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        assert not busy
