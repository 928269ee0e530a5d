"""Files in archives, mailboxes and mails as documents of their own, from staging to staging."""

import os
from collections.abc import Mapping
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select
from tests.staging.archives import mail_with, mailbox_of, tar_of, zip_of
from tests.support.engines import Laboratory, open_services
from tests.support.extraction import Extractors

from docstage.domain.errors import Unavailable
from docstage.domain.lifecycle import Action
from docstage.extraction import extractors
from docstage.extraction.extractors.base import Attachment, Extracted, Limits
from docstage.extraction.limits import limits_of
from docstage.extraction.originals import NotThere, open_original
from docstage.extraction.pool import ExtractionJob, ExtractionPool
from docstage.retention.sweep import sweep_now
from docstage.service.purging.document_purge import purge_document
from docstage.service.purging.views import DocumentChoice
from docstage.service.session import Session
from docstage.staging.job import StagingJob
from docstage.store import documents, library, runs
from docstage.store.content_tables import content_members
from docstage.store.paging import PageRequest
from docstage.store.records import Document
from docstage.store.tables import document, folder

OLD = 1_600_000_000


class Staged:
    """Documents of one folder, staged again and again."""

    def __init__(self, home: Path) -> None:
        self.lab = Laboratory(open_services(home / "home"), home / "documents")
        self.lab.folder.mkdir()
        self.read: list[str] = []
        self.broken = ""
        self._batch: int | None = None
        self._settings: dict[str, Any] = {}

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write files as of long ago, so that they are taken to be unchanged later."""
        for name, data in files.items():
            path = self.lab.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            os.utime(path, (OLD, OLD))

    def setting(self, **settings: Any) -> None:
        """Use other limits."""
        self._settings |= settings

    async def stage(self, **of_folder: Any) -> dict[str, Document]:
        """Stage, and tell what has become of each path. What was read is in `read`."""
        if self._batch is None:
            self._batch = self.lab.batch([self.lab.connection(None)], [self.lab.prompt()])
        if of_folder:
            with self.lab.services.database.write() as c:
                library.update_row(c, folder, 1, of_folder)
        first = self.lab.get(self._batch).run_id is None
        await self.lab.act(self._batch, Action.STAGE if first else Action.RESTAGE)
        return await self.go_on()

    async def go_on(self) -> dict[str, Document]:
        """Carry out what is being staged."""
        assert self._batch is not None
        run_id = self.lab.get(self._batch).run_id
        assert run_id is not None
        services = self.lab.services
        with services.database.read() as c:
            run = runs.get_run(c, run_id)
        settings = replace(services.settings, **self._settings)
        pool = _Watched(self, limits_of(settings))
        self.read.clear()
        pools = cast("ExtractionPool", pool)
        await StagingJob(services.database, pools, services.clock, self._batch, run, settings).carry_out()
        with services.database.read() as c:
            page = documents.list_documents(c, run_id, PageRequest(limit=1_000))
        return {document.path: document for document in page.items}


class _Watched(Extractors):
    """Extraction that notes what is read."""

    def __init__(self, staged: Staged, limits: Limits) -> None:
        super().__init__()
        self._staged, self.limits = staged, limits

    async def extract(self, job: Any) -> Any:
        """As a worker does it."""
        self._staged.read.append(job.path)
        if job.path == self._staged.broken:
            raise Unavailable("No worker can be started.")
        return await super().extract(job)


class _Mails:
    """Mails as bare text, and what is attached to them."""

    def extract(self, data: bytes, media_type: str, _limits: Limits, /) -> Extracted:
        """As the protocol has it."""
        mail = message_from_bytes(data, policy=policy.default)
        files = [
            Attachment(part.get_filename() or "", part.get_content()) for part in mail.iter_attachments()
        ]
        return Extracted.whole("See what is attached.", media_type, attachments=tuple(files))


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let mails be taken apart by a few lines."""
    actual = extractors._extractor
    monkeypatch.setattr(extractors, "_extractor", lambda name: _Mails() if name == "mail" else actual(name))


@pytest.fixture
def staged(tmp_path: Path) -> Staged:
    """An empty folder."""
    return Staged(tmp_path)


def _status(found: Mapping[str, Document]) -> dict[str, str]:
    return {path: document.reason or str(document.status) for path, document in found.items()}


async def test_files_in_an_archive_are_documents(staged: Staged) -> None:
    """Each has a path that begins with the archive's; the archive says how many there are."""
    inner = tar_of({"deep/b.txt": "Two"}, "gz", {"link": "/etc/passwd"})
    staged.put({"box.zip": zip_of({"letters/a.txt": "One", "inner.tgz": inner, "__MACOSX/._a": "x"})})
    found = await staged.stage()
    assert _status(found) == {
        "box.zip": "container",
        "box.zip/letters/a.txt": "ENCODED",
        "box.zip/inner.tgz": "container",
        "box.zip/inner.tgz/deep/b.txt": "ENCODED",
    }
    assert found["box.zip"].detail == "Its 2 files are documents of their own."
    assert found["box.zip/inner.tgz/deep/b.txt"].characters == 3


async def test_restaging_opens_no_unchanged_container(staged: Staged) -> None:
    """The list of its files is kept with its hash; another archive with the same files reuses contents."""
    staged.put({"box.zip": zip_of({"a.txt": "One", "in.zip": zip_of({"b.txt": "Two"})})})
    before = await staged.stage()
    assert await staged.stage() != before
    assert staged.read == []
    staged.put({"other.tar": tar_of({"again.txt": "One", "c.txt": "Three"})})
    found = await staged.stage()
    assert staged.read == ["other.tar", "other.tar/c.txt"]
    assert _status(found) | _status(before) == _status(found)
    assert found["other.tar/again.txt"].content_key == found["box.zip/a.txt"].content_key


@pytest.mark.usefixtures("mails")
async def test_mails_and_their_attachments(staged: Staged) -> None:
    """Messages of a mailbox are documents; attachments are read with their mail, apart, or not at all."""
    mail = mail_with({"terms.txt": b"Net 30", "more.zip": zip_of({"list.csv": "a,b"})})
    staged.put({"box.mbox": mailbox_of(mail_with({}, subject="Hi/../there"), mail)})
    staged.put({"one.eml": mail_with({"terms.txt": b"Net 30", "more.zip": b"Rar!\x1a\x07"}, "One")})
    found = await staged.stage()
    assert _status(found) == {
        "box.mbox": "container",
        "box.mbox/0001 Hi .. there.eml": "ENCODED",
        "box.mbox/0002 Offer.eml": "ENCODED",
        "one.eml": "ENCODED",
    }
    assert found["one.eml"].losses == 1
    whole = found["box.mbox/0002 Offer.eml"].characters
    apart = await staged.stage(attachments="apart")
    assert _status(apart) == {
        **_status(found),
        "box.mbox/0002 Offer.eml/terms.txt": "ENCODED",
        "box.mbox/0002 Offer.eml/more.zip": "container",
        "box.mbox/0002 Offer.eml/more.zip/list.csv": "ENCODED",
        "one.eml/terms.txt": "ENCODED",
        "one.eml/more.zip": "unknown_type",
    }
    assert apart["box.mbox/0002 Offer.eml"].characters < whole
    without = await staged.stage(attachments="leave_out", archives="skip")
    assert _status(without) == {"box.mbox": "ENCODED", "one.eml": "ENCODED"}
    assert "terms.txt, more.zip" in (without["one.eml"].detail or "")
    assert without["one.eml"].losses == 1
    assert await staged.stage(attachments="in_place", archives="open") != without
    assert staged.read == []


async def test_a_folder_chooses_among_files_in_archives(staged: Staged) -> None:
    """Its patterns hold for them; an archive is like a folder, and is opened whatever is included."""
    inner = zip_of({"x.csv": "1", "y.txt": "2"})
    files = {"a.csv": b"1", "b.txt": b"2", "drafts/c.csv": b"3", ".hidden.csv": b"4", "inner.zip": inner}
    staged.put({"box.zip": zip_of(files), "notes.txt": b"no", "letter.zip": b"{\\rtf1 This is no archive.}"})
    found = await staged.stage(include=["*.csv"], exclude=["drafts/", "box.zip/drafts"])
    assert _status(found) == {
        "box.zip": "container",
        "box.zip/a.csv": "ENCODED",
        "box.zip/inner.zip": "container",
        "box.zip/inner.zip/x.csv": "ENCODED",
        "letter.zip": "unknown_type",
    }
    told = "Of its 6 files 2 are documents of their own; the others are left out."
    assert found["box.zip"].detail == told
    assert "box.zip/.hidden.csv" in await staged.stage(include=[], exclude=[], hidden=True)
    skipped = await staged.stage(archives="skip")
    assert skipped["box.zip"].detail == "It is an archive, and the folder says that archives are not opened."


async def test_what_cannot_be_had_is_a_row_with_its_reason(staged: Staged) -> None:
    """Files that are encrypted, broken or too large; the others are read."""
    damaged = bytearray(
        zip_of({"good.txt": "Good", "bad.txt": "Something that is long enough to be packed" * 9})
    )
    at = damaged.index(b"bad.txt") + len(b"bad.txt")
    damaged[at : at + 8] = b"\xff" * 8
    locked = zip_of({"secret.txt": "x"}).replace(b"PK\x03\x04\x14\0\0\0", b"PK\x03\x04\x14\0\1\0")
    locked = locked.replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0\1\0")
    staged.put(
        {
            "damaged.zip": bytes(damaged),
            "locked.zip": locked,
            "cut.tar.gz": tar_of({"a.txt": "A" * 2_000, "b.bin": os.urandom(60_000)}, "gz")[:40_000],
            "cut.zip": zip_of({"a.txt": "A"})[:30],
            "large.zip": zip_of({"large.txt": b"0" * (2 << 20), "small.txt": "1"}),
            "odd.rar": b"Rar!\x1a\x07\0 and so on",
            "none.zip": zip_of({}),
            "password.zip": zip_of({"in.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 not a file"}),
        }
    )
    staged.setting(max_file_mb=1)
    found = await staged.stage()
    assert _status(found) == {
        "damaged.zip": "container",
        "damaged.zip/good.txt": "ENCODED",
        "damaged.zip/bad.txt": "damaged",
        "locked.zip": "container",
        "locked.zip/secret.txt": "password",
        "cut.tar.gz": "container",
        "cut.tar.gz/a.txt": "ENCODED",
        "cut.tar.gz/b.bin": "damaged",
        "cut.zip": "damaged",
        "large.zip": "container",
        "large.zip/large.txt": "too_large",
        "large.zip/small.txt": "ENCODED",
        "odd.rar": "unknown_type",
        "none.zip": "empty",
        "password.zip": "container",
        "password.zip/in.docx": "damaged",
    }
    assert "RAR" in (found["odd.rar"].detail or "")
    assert found["cut.tar.gz"].losses == 1


async def test_limits_of_containers_are_told(staged: Staged) -> None:
    """Of their number, their size and their depth; with others, the same archive is opened again."""
    deep = zip_of({"e.txt": "deep"})
    for _ in range(3):
        deep = zip_of({"in.zip": deep})
    staged.put({"deep.zip": deep, "many.zip": zip_of({f"{n}.txt": str(n) for n in range(5)})})
    staged.setting(max_archive_files=3, max_archive_depth=3)
    found = await staged.stage()
    assert _status(found)["deep.zip/in.zip/in.zip/in.zip"] == "too_complex"
    assert sum(path.startswith("many.zip/") for path in found) == 3
    assert "max_archive_files" in (found["many.zip"].detail or "") or "first 3 of 5" in (
        found["many.zip"].detail or ""
    )
    assert found["many.zip"].losses == 1
    staged.setting(max_archive_files=10, max_archive_depth=5)
    found = await staged.stage()
    assert "deep.zip/in.zip/in.zip/in.zip/e.txt" in found
    assert sum(path.startswith("many.zip/") for path in found) == 5


@pytest.mark.usefixtures("mails")
async def test_limits_hold_over_mails_in_archives(staged: Staged) -> None:
    """Where attachments are documents of their own, what comes out of them counts with the whole archive."""
    mails = {f"{n}.eml": mail_with({"a.txt": b"%d" % n, "b.txt": b"b%d" % n}) for n in range(3)}
    staged.put({"box.zip": zip_of(mails)})
    staged.setting(max_archive_files=5)
    found = await staged.stage(attachments="apart")
    assert len(found) == 6
    assert sum(one.losses or 0 for path, one in found.items() if path.endswith(".eml")) == 2
    staged.setting(max_archive_files=100, max_archive_depth=1)
    found = await staged.stage()
    assert len(found) == 4
    assert "too deep" in (found["box.zip/0.eml"].detail or "")


async def test_a_staging_that_was_interrupted_goes_on(staged: Staged) -> None:
    """What an archive holds is stored with what became of it: neither lost nor doubled."""
    staged.put({"box.zip": zip_of({"a.txt": "One", "b.txt": "Two"})})
    staged.broken = "box.zip/b.txt"
    with pytest.raises(Unavailable):
        await staged.stage()
    staged.broken = ""
    assert _status(await staged.go_on()) == {
        "box.zip": "container",
        "box.zip/a.txt": "ENCODED",
        "box.zip/b.txt": "ENCODED",
    }
    assert "box.zip" not in staged.read


async def test_purging_a_file_in_an_archive_and_the_archive(staged: Staged) -> None:
    """What goes with one goes with the other, and what still holds it is named; lists of names go too."""
    staged.put({"box.zip": zip_of({"secret-a.txt": "One", "secret-b.txt": "Two"})})
    await staged.stage()
    session, services = Session(staged.lab.services), staged.lab.services
    told = purge_document(session, DocumentChoice(path="box.zip/secret-a.txt"), dry_run=False)
    assert (told.documents, told.remaining) == (1, [str(staged.lab.folder / "box.zip")])
    with services.database.read() as c:
        assert b"" in set(c.execute(select(content_members.c.members_zstd)).scalars())
    found = await staged.stage()
    assert _status(found)["box.zip/secret-a.txt"] == "ENCODED"
    assert "box.zip" in staged.read
    told = purge_document(session, DocumentChoice(path=str(staged.lab.folder / "box.zip")), dry_run=False)
    assert told.documents == 5
    sweep_now(services.database, services.settings, services.clock)
    with services.database.read() as c:
        assert not c.execute(select(content_members)).all()
        paths = set(c.execute(select(document.c.path)).scalars())
    assert not any("secret" in path for path in paths)


def test_the_bytes_of_a_file_in_files(tmp_path: Path) -> None:
    """They are taken out by a worker, through whatever they lie in, and never from outside of it."""
    inner = tar_of({"deep/b.txt": "Two"}, "xz", {"link": "/etc/passwd"})
    (tmp_path / "box.zip").write_bytes(zip_of({"inner.txz": inner}))
    (tmp_path / "plain.txt").write_bytes(b"Plain")
    root = tmp_path.resolve()
    assert open_original(Limits(), ExtractionJob(root, "box.zip/inner.txz/deep/b.txt")) == b"Two"
    for path in ("box.zip/no.txt", "box.zip/inner.txz/link", "box.zip/../../x", "plain.txt/x"):
        with pytest.raises(NotThere):
            open_original(Limits(), ExtractionJob(root, path))
