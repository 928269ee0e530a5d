"""The ledger says what calls cost, when and with which connection, whatever becomes of their batches."""

from dataclasses import replace
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import delete, select, text, update
from tests.support.stores import NOW, Staged, analyze, answered, calls_for, failed, record_begun, record_ended

from docstage.domain.tasks import TaskStatus
from docstage.domain.usage import TOKENS, Usage
from docstage.store import batches, runs
from docstage.store.database import Database
from docstage.store.migrate import FOLDER
from docstage.store.spending import QUARTER, Spent, spent
from docstage.store.tables import batch, batch_connection, connection, spending

_DAY = 86_400


def _spent(database: Database, *bounds: float) -> list[Spent]:
    with database.read() as c:
        return spent(c, bounds or (0, NOW + _DAY))


def _sums(one: Spent) -> tuple[int, ...]:
    sums = one.sums
    tokens = [getattr(sums.usage, name) for name in TOKENS]
    return sums.calls, *tokens, sums.cost, sums.unpriced_calls, sums.possible_cost


def _begun(database: Database, count: int = 3, lanes: int = 2) -> tuple[Staged, list[Any]]:
    staged = analyze(database, count, lanes=lanes)
    calls = calls_for(database, staged)
    record_begun(database, calls)
    return staged, calls


def test_calls_are_entered_by_connection(database: Database) -> None:
    """Each connection has its sums under its name; groups of calls add up."""
    staged, calls = _begun(database)
    record_ended(database, [answered(call) for call in calls[:4]])
    record_ended(database, [answered(call) for call in calls[4:]])
    one, other = _spent(database)
    assert (one.connection_id, other.connection_id) == staged.connections
    assert (one.connection, other.connection) == (
        "Letters of May, connection 0",
        "Letters of May, connection 1",
    )
    assert _sums(one) == _sums(other) == (6, 600, 360, 30, 120, 12, 42, 0, 0)


def test_what_has_no_price_is_told_apart(database: Database) -> None:
    """An answer of unknown cost is counted as that, a failure without an answer as a call alone."""
    _staged, calls = _begun(database, lanes=1, count=2)
    record_ended(
        database,
        [
            answered(calls[0], cost=None),
            failed(calls[1]),
            # Billed, although it is of no use.
            failed(calls[2], TaskStatus.QUEUED, usage=Usage(10, 0, 3), cost=5),
        ],
    )
    (one,) = _spent(database)
    assert _sums(one) == (3, 110, 60, 8, 20, 2, 5, 1, 0)


def test_calls_are_entered_when_they_end(database: Database) -> None:
    """Entries are a quarter of an hour each, so that days of any time zone can be made of them."""
    _staged, calls = _begun(database, lanes=1, count=2)
    noon = NOW - NOW % _DAY + _DAY / 2
    ends = (noon - 0.001, noon, noon + QUARTER - 0.001, noon + QUARTER)
    record_ended(database, [replace(answered(call), at=at) for call, at in zip(calls, ends, strict=True)])
    found = _spent(database, noon - QUARTER, noon, noon + QUARTER, noon + 2 * QUARTER)
    assert [(one.span, one.sums.calls) for one in found] == [(0, 1), (1, 2), (2, 1)]
    assert [(one.span, one.sums.calls) for one in _spent(database, noon - _DAY, noon, noon + _DAY)] == [
        (0, 1),
        (1, 3),
    ]
    assert _spent(database, noon + _DAY, noon + 2 * _DAY) == []


def test_late_answers_are_entered(database: Database) -> None:
    """An answer that is discarded was billed all the same, also when its batch is gone already."""
    staged, calls = _begun(database, lanes=1)
    with database.write() as c:
        runs.cancel_tasks(c, staged.run_id)
    assert record_ended(database, [answered(calls[0])]) == set()
    with database.write() as c:
        batches.delete_batch(c, batches.get_batch(c, staged.batch.id), NOW, "user")
    assert record_ended(database, [answered(calls[1])]) == set()
    (one,) = _spent(database)
    assert (one.sums.calls, one.sums.cost) == (2, 14)


def test_entries_outlive_batches_and_connections(database: Database) -> None:
    """The ledger keeps the name; a later connection of another name is another one, even with the same id."""
    staged, calls = _begun(database, lanes=1)
    record_ended(database, [answered(calls[0])])
    with database.write() as c:
        c.execute(update(connection).values(name="Renamed"))
    record_ended(database, [answered(calls[1])])
    with database.write() as c:
        c.execute(delete(batch))
        c.execute(delete(batch_connection))
        c.execute(delete(connection))
    record_ended(database, [answered(calls[2])])
    number = staged.connections[0]
    assert {(one.connection, one.sums.calls) for one in _spent(database)} == {
        ("Letters of May, connection 0", 1),
        ("Renamed", 1),
        (f"Connection {number}", 1),
    }


def test_calls_of_before_the_ledger_are_entered(database: Database) -> None:
    """The migration makes the same entries from the attempts that are kept as the recorder does."""
    _staged, calls = _begun(database)
    plain = Usage(100, 60, 5)  # the ledger was made before it knew of others, and of what calls cost at most
    first = [answered(calls[0], usage=plain), answered(calls[1], usage=plain, cost=None), failed(calls[2])]
    record_ended(database, first)
    record_ended(database, [replace(answered(call, usage=plain), at=NOW + _DAY) for call in calls[3:9]])
    with database.read() as c:
        kept = c.execute(select(spending).order_by(*spending.primary_key)).all()
    with database.write() as c:
        c.execute(text("DROP TABLE spending"))
        with Operations.context(MigrationContext.configure(c)):
            ScriptDirectory(str(FOLDER)).get_revision("0002").module.upgrade()
            for name in ("possible_cost", "cache_write_tokens", "reasoning_tokens"):
                c.execute(text(f"ALTER TABLE spending ADD {name} BIGINT NOT NULL DEFAULT 0"))
    with database.read() as c:
        assert c.execute(select(spending).order_by(*spending.primary_key)).all() == kept
    assert len(kept) == 3
