"""No number of a folder, connection or prompt is given out twice, also in databases from before that held."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, Table, insert, select
from tests.support.apps import Bench
from tests.support.older import bring_to, copy_rows
from tests.support.populated import populate
from tests.support.templates import place_database

from docstage.domain.errors import Conflict
from docstage.domain.lifecycle import Action
from docstage.service.batches import batches
from docstage.service.batches.actions import act
from docstage.service.batches.inputs import BatchChange, BatchInput
from docstage.service.connections import connections
from docstage.service.connections.inputs import ConnectionInput
from docstage.service.folders import folders
from docstage.service.folders.inputs import FolderInput
from docstage.service.prompts import prompts
from docstage.service.prompts.inputs import PromptInput
from docstage.service.session import Session
from docstage.service.system.deep_checks import deep_checks
from docstage.store import library
from docstage.store.database import Database
from docstage.store.migrate import upgrade
from docstage.store.tables import connection, folder, metadata, prompt, spending

_KINDS = ("folder", "connection", "prompt")


@pytest.fixture
def older(empty_url: str) -> Iterator[Database]:
    """A database with the last schema in which SQLite gave numbers out again."""
    database = Database(empty_url)
    bring_to(database, "0004")
    yield database
    database.close()


@pytest.fixture
def today(tmp_path: Path) -> Iterator[Bench]:
    """A bench of today, in which what the older database shall hold is made."""
    place_database(tmp_path / "today")
    database = Database(str(tmp_path / "today" / "docstage.db"))
    yield Bench.set_up(database, tmp_path / "home")
    database.close()


def _over(today: Bench, database: Database) -> Bench:
    """The same bench over another database."""
    return replace(today, services=replace(today.services, database=database))


def _add(bench: Bench, name: str) -> dict[str, list[int]]:
    """One of each kind."""
    place = bench.documents / name
    place.mkdir()
    wanted = ConnectionInput(name=name, provider="ollama", model="m", api_key="sesame")
    return {
        "folder_ids": [folders.create_folder(bench.services, FolderInput(path=str(place), name=name)).id],
        "connection_ids": [connections.create_connection(bench.services, wanted).id],
        "prompt_ids": [prompts.create_prompt(bench.services, PromptInput(name=name, text="Why?")).id],
    }


def _remove(bench: Bench, members: dict[str, list[int]]) -> None:
    """Delete rows as every version did: what newer ones erase besides needs newer tables."""
    with bench.database.write() as c:
        (connection_id,) = members["connection_ids"]
        bench.services.secrets.forget(c, library.get_connection(c, connection_id).secret_ref)
        for table in (folder, connection, prompt):
            library.delete_row(c, table, members[f"{table.name}_ids"][0])


def _analysed_and_removed(bench: Bench) -> dict[str, list[int]]:
    """Members that only a closed run remembers."""
    members = _add(bench, "Once analysed")
    wanted = BatchInput.model_validate(bench.batch_input("Changed later") | members)
    batch_id = batches.save(Session(bench.services), wanted, stage=True).id
    act(Session(bench.services), batch_id, Action.CANCEL)
    act(Session(bench.services), batch_id, Action.RESET)
    batches.change_batch(Session(bench.services), batch_id, BatchChange.model_validate(bench.make_members()))
    _remove(bench, members)
    return members


def _paid_and_removed(bench: Bench) -> int:
    """A connection that only the ledger remembers."""
    members = _add(bench, "Once paid")
    (number,) = members["connection_ids"]
    sums = (
        "calls",
        "input_tokens",
        "cached_tokens",
        "output_tokens",
        "cache_write_tokens",
        "reasoning_tokens",
        "cost",
        "unpriced_calls",
        "possible_cost",
    )
    values = {"begins_at": 0, "connection_id": number, "connection": "Once paid"} | dict.fromkeys(sums, 1)
    with bench.database.write() as c:
        c.execute(insert(spending).values(values))
    _remove(bench, members)
    return number


def _rows(database: Database, columns: dict[str, list[str]]) -> dict[str, list[Row[Any]]]:
    with database.read() as c:
        return {name: _all(c, metadata.tables[name], names) for name, names in columns.items()}


def _all(c: Any, table: Table, names: list[str]) -> list[Row[Any]]:
    return [*c.execute(select(*(table.c[name] for name in names)).order_by(*table.primary_key))]


def test_older_databases_keep_what_they_hold(today: Bench, older: Database) -> None:
    """Every row of every table is there after the migration, references hold, and new numbers are new."""
    populate(today)
    remembered = _analysed_and_removed(today)
    paid = _paid_and_removed(today)
    columns = copy_rows(today.database, older)
    before = _rows(older, columns)
    upgrade(older)
    assert _rows(older, columns) == before
    assert {len(before[one]) for one in ("prompt_version", "batch_folder", "batch_prompt")} == {1, 9}
    bench = _over(today, older)
    assert [check for check in deep_checks(bench.services) if not check.ok] == []
    fresh = _add(bench, "New")
    assert fresh["connection_ids"] > [paid]
    assert all(fresh[f"{kind}_ids"] > remembered[f"{kind}_ids"] for kind in _KINDS)


def test_what_refers_to_them_still_does(today: Bench, older: Database) -> None:
    """What a batch uses cannot be deleted, and a deleted batch and prompt take their rows along, as ever."""
    members = _add(today, "Used")
    wanted = BatchInput.model_validate({"name": "One"} | members)
    batch_id = batches.save(Session(today.services), wanted).id
    columns = copy_rows(today.database, older)
    upgrade(older)
    bench = _over(today, older)
    with pytest.raises(Conflict, match="is used by the batches"):
        folders.delete_folder(Session(bench.services), members["folder_ids"][0])
    batches.delete_batch(Session(bench.services), batch_id)
    _remove(bench, members)
    rows = _rows(older, columns)
    assert not any(rows[name] for name in ("prompt_version", "batch_folder", "secret", *_KINDS))


def test_a_deleted_number_is_never_given_again(database: Database, tmp_path: Path) -> None:
    """Not even that of the last of its kind."""
    bench = Bench.set_up(database, tmp_path / "home")
    first = _add(bench, "First")
    _remove(bench, first)
    second = _add(bench, "Second")
    assert all(second[f"{kind}_ids"] > first[f"{kind}_ids"] for kind in _KINDS)
