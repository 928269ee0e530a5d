"""Folders, connections and prompts."""

import pytest
from tests.support.stores import NOW, connection_values, folder_values, make_batch, prompt_values

from docstage.domain.errors import Conflict, InUse, InvalidInput, NotFound
from docstage.store import batches, library
from docstage.store.database import Database
from docstage.store.paging import PageRequest
from docstage.store.tables import connection, folder, prompt


def test_folder_reads_back(database: Database) -> None:
    """Names, globs and switches come back as they were given."""
    values = folder_values("Ünï", include=["*.pdf", "ä'\".txt"], recursive=False, hidden=True)
    with database.write() as c:
        found = library.get_folder(c, library.insert_folder(c, values))
    assert {name: getattr(found, name) for name in values} == values
    assert found.recursive is False
    assert found.hidden is True


def test_connection_reads_back(database: Database) -> None:
    """Limits, prices, headers and unknown values come back as they were given."""
    values = connection_values(
        "Big",
        base_url="http://localhost/v1",
        secret_ref="env:KEY",
        temperature=0.5,
        images=None,
        requests_per_minute=10_000_000,
        tokens_per_minute=10_000_000_000,
        prices={"input": 0.25, "output": 2.0, "cached": None},
        headers={"X-Team": "a"},
        extra={"region": "eu"},
    )
    with database.write() as c:
        found = library.get_connection(c, library.insert_connection(c, values))
    assert {name: getattr(found, name) for name in values} == values
    assert "X-Team" not in repr(found)


def test_absent_prices_and_schemas_are_none(database: Database) -> None:
    """A JSON column that was given nothing reads as None."""
    with database.write() as c:
        found = library.get_connection(c, library.insert_connection(c, connection_values(prices=None)))
        asked = library.get_prompt(c, library.insert_prompt(c, "P", prompt_values(), NOW))
    assert found.prices is None
    assert asked.schema is None


def test_prompt_versions(database: Database) -> None:
    """The latest version is what a prompt is; each older one can still be read."""
    schema = {"type": "object", "properties": {"b": {}, "a": {"enum": [None, 1.5, "😀"]}}}
    with database.write() as c:
        prompt_id = library.insert_prompt(c, "P", prompt_values("One?"), NOW)
        library.insert_prompt_version(c, prompt_id, 2, prompt_values("Two?", schema=schema), NOW + 1)
        latest, first = library.get_prompt(c, prompt_id), library.get_prompt(c, prompt_id, 1)
        assert [one.version for one in library.prompt_versions(c, prompt_id)] == [2, 1]
        assert library.list_prompts(c, PageRequest()).items == [latest]
        with pytest.raises(NotFound, match="version 3 of prompt"):
            library.get_prompt(c, prompt_id, 3)
    assert (latest.version, latest.text, latest.schema, latest.created_at) == (2, "Two?", schema, NOW + 1)
    assert (first.version, first.text, first.name) == (1, "One?", "P")


def test_unknown_ids_are_not_found(database: Database) -> None:
    """Reading, changing and deleting what is not there."""
    with database.write() as c:
        for look_up in (
            library.get_folder,
            library.get_connection,
            library.get_prompt,
            library.prompt_versions,
        ):
            with pytest.raises(NotFound):
                look_up(c, 7)
        for table in (folder, connection, prompt):
            with pytest.raises(NotFound):
                library.update_row(c, table, 7, {"name": "x"})
            with pytest.raises(NotFound):
                library.delete_row(c, table, 7)


def test_names_are_taken_once(database: Database) -> None:
    """A second thing of the same kind and name is a conflict, when it is made and when it is renamed."""
    with database.write() as c:
        library.insert_folder(c, folder_values("A"))
        other = library.insert_folder(c, folder_values("B"))
    with pytest.raises(Conflict, match="'A'"), database.write() as c:
        library.insert_folder(c, folder_values("A"))
    with pytest.raises(Conflict, match="'A'"), database.write() as c:
        library.update_row(c, folder, other, {"name": "A"})
    with database.write() as c:
        library.update_row(c, folder, other, {"name": "C", "recursive": False})
        assert library.get_folder(c, other).name == "C"


def test_what_a_batch_uses_cannot_be_deleted(database: Database) -> None:
    """The error names the batches; once they are gone, it can be deleted."""
    with database.write() as c:
        batch = make_batch(c)
        members = library.members_of(c, batch.id)
        for table in (folder, connection, prompt):
            with pytest.raises(InUse, match="Letters of May") as caught:
                library.delete_row(c, table, members[table.name][0])
            assert caught.value.extra["used_by"] == [batch.id]
        batches.delete_batch(c, batch, NOW, "user")
        for table in (folder, connection, prompt):
            library.delete_row(c, table, members[table.name][0])
        assert library.list_folders(c, PageRequest()).items == []


def test_members_keep_their_order(database: Database) -> None:
    """Members can be replaced, kind by kind, down to none."""
    with database.write() as c:
        batch = make_batch(c, lanes=3)
        before = library.members_of(c, batch.id)
        turned = before["connection"][::-1]
        library.set_members(c, batch.id, {"connection": turned, "prompt": []})
        assert library.members_of(c, batch.id) == before | {"connection": turned, "prompt": []}


def test_members_must_exist(database: Database) -> None:
    """The error names the field and every id that is missing."""
    with database.write() as c:
        batch = make_batch(c)
        with pytest.raises(InvalidInput, match="no folder 98765, 98766") as caught:
            library.set_members(c, batch.id, {"folder": [98_765, 98_766]})
    assert caught.value.extra["errors"][0]["field"] == "folder_ids"


def test_lists_are_searched(database: Database) -> None:
    """By a part of the name or of what it is about, with % and _ meaning themselves."""
    with database.write() as c:
        library.insert_folder(c, folder_values("A", path="/data/100%_letters"))
        library.insert_folder(c, folder_values("B", path="/data/1000 letters"))
        library.insert_connection(c, connection_values("C", model="gemma-small"))
        library.insert_prompt(c, "P", prompt_values("Who signed?"), NOW)
        assert [found.name for found in library.list_folders(c, PageRequest(), "100%_L").items] == ["A"]
        assert len(library.list_folders(c, PageRequest(), "letters").items) == 2
        assert len(library.list_connections(c, PageRequest(), "GEMMA").items) == 1
        assert len(library.list_prompts(c, PageRequest(), "signed").items) == 1
        assert library.list_prompts(c, PageRequest(), "nothing").items == []
