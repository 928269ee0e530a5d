"""What is deleted is gone: from the tables, from the uploads, and from the bytes of every file."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from tests.retention.traces import Planted, add_folder, answer, left, packed_texts, plant, stage, word
from tests.support.apps import Bench

from docstage.domain.errors import InUse
from docstage.service.batches import batches
from docstage.service.batches.inputs import BatchInput
from docstage.service.connections import connections
from docstage.service.connections.inputs import ConnectionInput
from docstage.service.folders import folders
from docstage.service.prompts import prompts
from docstage.service.prompts.inputs import PromptInput
from docstage.service.session import Session
from docstage.store.content_tables import content, content_image
from docstage.store.tables import attempt, document, erasure, result, run, seen_file, task

EMPTIED = (document, task, result, attempt, run, content, content_image, seen_file, erasure)


def _rows(bench: Bench) -> dict[str, int]:
    with bench.database.read() as c:
        counts = {one.name: c.execute(select(func.count()).select_from(one)).scalar_one() for one in EMPTIED}
    return {name: count for name, count in counts.items() if count}


async def test_a_deleted_batch_and_its_upload_leave_no_byte(bench: Bench, tmp_path: Path) -> None:
    """Neither text (plain or compressed), answer, name nor folder is in any file once both are deleted.

    There are enough documents for SQLite to move rows between pages, which leaves copies that no deletion
    overwrites.
    """
    planted = [Planted.make() for _ in range(150)]
    place = bench.services.settings.uploads_folder / word()
    plant(place, planted)
    folder = add_folder(bench, place)
    batch = await stage(bench, [folder.id])
    answer(bench, batch.id, planted)
    packed = packed_texts(bench)
    traces = [trace for one in planted for trace in one.traces.values()]
    assert len(left(tmp_path, traces)) > len(planted)
    assert len(left(tmp_path, packed.values())) >= 1

    batches.delete_batch(Session(bench.services), batch.id)
    assert left(tmp_path, [one.answered.encode() for one in planted]) == []
    folders.delete_folder(Session(bench.services), folder.id)

    assert left(tmp_path, [*traces, *packed.values(), place.name.encode()]) == []
    assert _rows(bench) == {}


async def test_nothing_is_left_in_tables(either: Bench) -> None:
    """On both databases no row of a deleted batch is left, nor any content, picture or path of it."""
    planted = [Planted.make() for _ in range(3)]
    place = either.services.settings.uploads_folder / "May"
    plant(place, planted)
    folder = add_folder(either, place)
    batch = await stage(either, [folder.id])
    answer(either, batch.id, planted)
    assert _rows(either).keys() >= {"document", "task", "result", "attempt", "run", "content", "seen_file"}
    batches.delete_batch(Session(either.services), batch.id)
    assert _rows(either) == {}
    folders.delete_folder(Session(either.services), folder.id)
    assert not place.exists()


async def test_what_others_use_stays(either: Bench) -> None:
    """A content that another batch refers to stays, and the files of a folder that is the user's own."""
    planted = [Planted.make() for _ in range(2)]
    plant(either.documents, planted)
    folder = add_folder(either, either.documents)
    first, second = await stage(either, [folder.id], "One"), await stage(either, [folder.id], "Two")
    packed = packed_texts(either)
    batches.delete_batch(Session(either.services), first.id)
    assert packed_texts(either) == packed
    batches.delete_batch(Session(either.services), second.id)
    assert packed_texts(either) == {}
    folders.delete_folder(Session(either.services), folder.id)
    assert {one.name for one in planted} <= {path.name for path in either.documents.iterdir()}


def test_uploads_that_another_folder_has_stay(bench: Bench) -> None:
    """Files go with the last folder that has them; a folder that is in use is refused."""
    uploads = bench.services.settings.uploads_folder
    plant(uploads / "May", [Planted("a.txt", "a", "")])
    plant(uploads / "May" / "inner", [Planted("b.txt", "b", "")])
    outer, inner = add_folder(bench, uploads / "May"), add_folder(bench, uploads / "May" / "inner")
    folders.delete_folder(Session(bench.services), outer.id)
    assert [path.name for path in (uploads / "May").rglob("*.txt")] == ["b.txt"]
    again = add_folder(bench, uploads / "May")
    folders.delete_folder(Session(bench.services), inner.id)
    assert (uploads / "May" / "inner" / "b.txt").exists()
    folders.delete_folder(Session(bench.services), again.id)
    assert list(uploads.iterdir()) == []
    used = add_folder(bench, bench.documents)
    batch = batches.save(Session(bench.services), _input(bench, used.id))
    with pytest.raises(InUse):
        folders.delete_folder(Session(bench.services), used.id)
    assert batch.folder_ids == [used.id]


def _input(bench: Bench, folder_id: int) -> BatchInput:
    members = bench.make_members() | {"folder_ids": [folder_id]}
    return BatchInput.model_validate({"name": "Uses it", **members})


def test_a_link_among_the_uploads_is_not_followed(bench: Bench, tmp_path: Path) -> None:
    """Deleting a folder whose path leads out of the uploads by a link deletes nothing there."""
    elsewhere = tmp_path / "mine"
    plant(elsewhere, [Planted("a.txt", "a", "")])
    uploads = bench.services.settings.uploads_folder
    uploads.mkdir(parents=True)
    (uploads / "link").symlink_to(elsewhere)
    folder = add_folder(bench, uploads / "link")
    folders.delete_folder(Session(bench.services), folder.id)
    assert (elsewhere / "a.txt").exists()


def test_deleted_prompts_and_keys_leave_no_byte(bench: Bench, tmp_path: Path) -> None:
    """The text of a deleted prompt and the sealed key of a deleted connection are in no file."""
    text, name = word(), word()
    prompt = prompts.create_prompt(bench.services, PromptInput(name="Kind", text=text))
    connection = connections.create_connection(
        bench.services,
        ConnectionInput(name=name, provider="openai", model="small", api_key="sk-a-key-of-some-length"),
    )
    with bench.database.read() as c:
        sealed = bytes(c.exec_driver_sql("SELECT sealed FROM secret").scalar_one())
    assert left(tmp_path, [text.encode()])
    assert left(tmp_path, [sealed])
    prompts.delete_prompt(Session(bench.services), prompt.id)
    connections.delete_connection(Session(bench.services), connection.id)
    assert left(tmp_path, [text.encode(), sealed, name.encode()]) == []
