"""What docstage keeps for itself is no document: not by its path, a link, another name or a wider folder."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select
from tests.hostile.parrot import running_parrot
from tests.support.apps import ADDRESS
from tests.support.engines import Laboratory, open_services, running_engine

from docstage.api.app import create_app
from docstage.domain.content import DocumentReason, DocumentStatus
from docstage.domain.errors import Forbidden
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.extraction.files import FileProblem, read_regular
from docstage.own_files import OwnFiles
from docstage.staging.confinement import check_allowed
from docstage.staging.scan import ScanOptions, scan
from docstage.store import documents
from docstage.store.content_tables import content
from docstage.store.paging import PageRequest
from docstage.store.records import Document
from docstage.stored_text import decompress

TOKEN = "token-of-the-server-hunter2"
EVERYTHING = ScanOptions(hidden=True)


@pytest.fixture
def home(lab: Laboratory) -> Path:
    """A home with everything in it that docstage keeps, and an upload."""
    services = lab.services
    home = services.settings.home
    with services.database.write() as c:
        services.secrets.keep(c, "sk-hunter2")
    (home / "docstage.toml").write_text(f'token = "{TOKEN}"\n')
    for name in ("uploads/ours", "notes"):
        (home / name).mkdir(parents=True)
    (home / "uploads" / "ours" / "letter.txt").write_text("An uploaded letter.")
    (home / "notes" / "plan.txt").write_text("hunter2 is not for models.")
    return home


@pytest_asyncio.fixture
async def client(lab: Laboratory) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application over the laboratory."""
    transport = httpx.ASGITransport(create_app(lab.services, token=""))
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as one:
        yield one


def texts(lab: Laboratory) -> list[str]:
    """Every text that was encoded."""
    with lab.services.database.read() as c:
        rows = c.execute(select(content.c.text_zstd)).all()
    return sorted(decompress(row.text_zstd) for row in rows if row.text_zstd)


async def staged(lab: Laboratory, folder: Path) -> tuple[BatchStatus, str, dict[str, Document]]:
    """Stage a folder with all that is hidden, by a running engine, however it was entered."""
    lab.folder = folder
    batch_id = lab.batch([lab.connection(None)], [lab.prompt()])
    with lab.services.database.write() as c:
        c.exec_driver_sql("UPDATE folder SET hidden = 1")
    async with running_engine(lab.services):
        await lab.act(batch_id, Action.STAGE)
        batch = await lab.until(batch_id, BatchStatus.STAGED, BatchStatus.FAILED_STAGING)
    assert batch.run_id is not None
    with lab.services.database.read() as c:
        found = documents.list_documents(c, batch.run_id, PageRequest(limit=1_000)).items
    return batch.status, batch.status_reason or "", {one.path: one for one in found}


def _ways(home: Path, tmp_path: Path) -> list[Path]:
    """Paths that lead into the home."""
    (tmp_path / "link").symlink_to(home)
    (tmp_path / "inner link").symlink_to(home / "notes")
    (home / "uploads" / "back").symlink_to(home)
    return [
        home,
        home / "notes",
        home / "uploads" / "..",
        home / "notes" / ".." / "notes",
        tmp_path / "documents" / ".." / "home",
        tmp_path / "link",
        tmp_path / "link" / "notes",
        tmp_path / "inner link",
        home / "uploads" / "back",
    ]


async def test_the_home_is_no_folder_of_documents(
    client: httpx.AsyncClient, home: Path, tmp_path: Path
) -> None:
    """It cannot be added, looked into, browsed, or put in the place of another; its uploads can."""
    made = await client.post("/api/folders", json={"path": str(tmp_path / "documents")})
    for path in _ways(home, tmp_path):
        answers = [
            await client.post("/api/folders", json={"path": str(path)}),
            await client.post("/api/folders/check", json={"path": str(path)}),
            await client.get("/api/folders/browse", params={"path": str(path)}),
            await client.patch(f"/api/folders/{made.json()['id']}", json={"path": str(path)}),
        ]
        if path.name == "..":  # what is written is taken as it is written
            answers = answers[:2]
        for answer in answers:
            assert answer.status_code == 403, (path, answer.text)
            assert "docstage's own home" in answer.json()["detail"]
    for path in (home / "uploads", home / "uploads" / "ours", tmp_path / "link" / "uploads"):
        looked = await client.post("/api/folders/check", json={"path": str(path)})
        assert [one["path"] for one in looked.json()["documents"]] in (["letter.txt"], ["ours/letter.txt"])


async def test_browsing_a_parent_does_not_show_the_home(
    client: httpx.AsyncClient, home: Path, tmp_path: Path
) -> None:
    """It could not be chosen anyway."""
    listing = (await client.get("/api/folders/browse", params={"path": str(tmp_path)})).json()
    assert "documents" in [entry["name"] for entry in listing["folders"]]
    assert home.name not in [entry["name"] for entry in listing["folders"]]


@pytest.mark.parametrize("place", ["home", "home/notes", "link"])
async def test_a_home_that_was_entered_before_is_not_staged(
    lab: Laboratory, home: Path, tmp_path: Path, place: str
) -> None:
    """A folder of an older database, or in whose place a link was put since."""
    (tmp_path / "link").symlink_to(home)
    status, reason, found = await staged(lab, tmp_path / place)
    assert (status, found, texts(lab)) == (BatchStatus.FAILED_STAGING, {}, [])
    assert "docstage's own home" in reason


async def test_a_wider_folder_leaves_the_home_out(lab: Laboratory, home: Path, tmp_path: Path) -> None:
    """It says so in a line of its own; what was uploaded is a document, and so is everything beside it."""
    (tmp_path / "documents" / "to the home").symlink_to(home)
    (tmp_path / "documents" / "key.txt").symlink_to(home / "secret.key")
    (tmp_path / "documents" / "up").symlink_to(tmp_path)
    os.link(home / "docstage.toml", tmp_path / "documents" / "hard.txt")
    status, _, found = await staged(lab, tmp_path)
    assert status is BatchStatus.STAGED
    reasons = {path: one.reason for path, one in found.items() if one.reason}
    assert {path for path, reason in reasons.items() if reason == DocumentReason.OWN_FILE} == {
        "home",
        "documents/to the home",
        "documents/key.txt",
        "documents/hard.txt",
    }
    assert found["home"].status is DocumentStatus.SKIPPED
    assert "only its uploads" in (found["home"].detail or "")
    assert texts(lab) == ["A good document.", "An uploaded letter."]


async def test_database_files_elsewhere_are_no_documents(tmp_path: Path) -> None:
    """With `--database` among the documents, its files and copies of it are left out, and nothing else."""
    folder = tmp_path / "documents"
    folder.mkdir()
    lab = Laboratory(open_services(tmp_path / "home", str(folder / "docs.db")), folder)
    lab.write({"docs.txt": "A document.", "docs.db.bak": "hunter2", "docsdb": "Another."})
    (folder / "engine.txt").symlink_to(folder / "docs.contents.db")
    status, _, found = await staged(lab, folder)
    lab.services.database.close()
    assert status is BatchStatus.STAGED
    own = {path for path, one in found.items() if one.reason == DocumentReason.OWN_FILE}
    logs = {f"{name}-{log}" for name in ("docs.db", "docs.contents.db") for log in ("wal", "shm")}
    assert own - logs - {"docs.engine.lock"} == {"docs.db", "docs.contents.db", "docs.db.bak", "engine.txt"}
    assert texts(lab) == ["A document.", "Another."]


async def test_a_trial_reads_nothing_of_docstage(
    lab: Laboratory, client: httpx.AsyncClient, home: Path, tmp_path: Path
) -> None:
    """A prompt that is tried names its document itself, so it is looked at when it is opened."""
    os.link(home / "secret.key", tmp_path / "documents" / "hard.txt")
    folder = await client.post("/api/folders", json={"path": str(tmp_path), "hidden": True})
    with running_parrot(lambda _: "fine") as parrot:
        number = lab.connection(parrot.base_url)
        trial = {"text": "What?", "connection_id": number, "folder_id": folder.json()["id"]}
        for path in ("home/secret.key", "home/docstage.toml", "home/notes/plan.txt", "documents/hard.txt"):
            tried = (await client.post("/api/prompts/try", json=trial | {"path": path})).json()
            assert (tried["ok"], tried["document"]["reason"]) == (False, "own_file"), path
            assert "docstage itself" in tried["message"]
        fine = (await client.post("/api/prompts/try", json=trial | {"path": "documents/good.txt"})).json()
        assert fine["document"]["status"] == "ENCODED"
    assert texts(lab) == ["A good document."]


def test_another_spelling_of_the_home_is_the_home(lab: Laboratory, home: Path) -> None:
    """Where a mount or another case leads there, its number tells; files are known by theirs."""
    own = OwnFiles.of(lab.services.settings)
    elsewhere = OwnFiles(home="/nowhere", uploads="/nowhere/uploads", database="", key_file="/nowhere/key")
    assert own.keeps_folder(home)
    assert not elsewhere.keeps_folder(home)
    # The same folder under a name that is not known to be the home's.
    renamed = home.with_name("HOME")
    home.rename(renamed)
    home.symlink_to(renamed)
    alias = OwnFiles(
        home=str(home), uploads=str(home / "uploads"), database="", key_file=str(home / "secret.key")
    )
    assert alias.keeps_folder(renamed / "notes")
    assert not alias.keeps_folder(renamed / "uploads" / "ours")
    listed = {file.path: file.problem for file in scan(renamed.parent, EVERYTHING, alias)}
    assert listed["HOME"] is DocumentReason.OWN_FILE
    assert {path for path in listed if path.startswith("HOME/")} == {"HOME/uploads/ours/letter.txt"}
    with pytest.raises(FileProblem) as caught:
        read_regular(renamed.resolve(), "secret.key", 1_000, alias)
    assert caught.value.reason is DocumentReason.OWN_FILE


def test_a_home_with_links_in_it(lab: Laboratory, home: Path, tmp_path: Path) -> None:
    """Uploads that lie on another disk are documents, and a home that is reached by a link is the home."""
    settings = lab.services.settings
    moved = tmp_path / "disk"
    (home / "uploads").rename(moved)
    (home / "uploads").symlink_to(moved)
    assert check_allowed(settings, home / "uploads" / "ours") == moved / "ours"
    with pytest.raises(Forbidden):
        check_allowed(settings, home)
