"""What is no whole backup, has no room or is at work is refused, and nothing is left or overwritten."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from tests.service.copies import CLOCK, bring_back, copy_of
from tests.support.engines import Laboratory

from docstage.domain.errors import AtWork, Conflict, DocstageError, InvalidInput
from docstage.service.system.backup import BackupOrder, back_up
from docstage.service.system.restore import restore
from docstage.settings import Settings
from docstage.store.backups.draft import CopyFailed
from docstage.store.backups.manifest import CONTENTS, DATABASE, NAME
from docstage.store.database import Database
from docstage.store.locks import engine_locks
from docstage.store.tables import batch


def _damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _with_manifest(backup: Path, **changes: Any) -> None:
    values = json.loads((backup / NAME).read_text())
    (backup / NAME).write_text(json.dumps(values | changes))


_SPOILED: dict[str, tuple[Any, str]] = {
    "damaged database": (lambda b: _damage(b / DATABASE), "is damaged"),
    "damaged contents": (lambda b: _damage(b / CONTENTS), "is damaged"),
    "missing contents": (lambda b: (b / CONTENTS).unlink(), "lacks docstage.contents.db"),
    "a link": (lambda b: ((b / CONTENTS).rename(b / "x"), (b / CONTENTS).symlink_to("x")), "lacks"),
    "no manifest": (lambda b: (b / NAME).unlink(), "is no backup"),
    "half a manifest": (lambda b: (b / NAME).write_text('{"format": 1'), "Cannot read"),
    "an empty manifest": (lambda b: (b / NAME).write_text("{}"), "is damaged"),
    "a list": (lambda b: (b / NAME).write_text("[]"), "is damaged"),
    "a newer format": (lambda b: _with_manifest(b, format=99), "newer docstage"),
    "a newer schema": (lambda b: _with_manifest(b, schema="9999"), "newer docstage"),
    "another schema": (lambda b: _with_manifest(b, schema="0001"), "says it has the schema 0001"),
    "a way out": (
        lambda b: _with_manifest(b, files=[{"path": "uploads/../../x", "size": 0, "sha256": ""}]),
        "no path of a backup",
    ),
    "an absolute path": (
        lambda b: _with_manifest(b, files=[{"path": "/etc/passwd", "size": 0, "sha256": ""}]),
        "no path of a backup",
    ),
    "another database": (lambda b: _with_manifest(b, database="postgresql"), "names another kind"),
}


@pytest.mark.parametrize("how", _SPOILED)
def test_a_backup_that_is_not_whole_is_refused(lab: Laboratory, tmp_path: Path, how: str) -> None:
    """In words, and nothing is restored."""
    copy_of(lab, tmp_path / "copy")
    spoil, said = _SPOILED[how]
    spoil(tmp_path / "copy")
    with pytest.raises(DocstageError, match=said):
        bring_back(tmp_path / "copy", tmp_path / "other")
    assert not [one for one in (tmp_path / "other").glob("docstage*.db*") if one.stat().st_size]
    assert not list((tmp_path / "other").glob("[!d]*"))
    assert not list((tmp_path / "other").glob(".restoring*"))


def test_nothing_is_overwritten(lab: Laboratory, tmp_path: Path) -> None:
    """Neither by a backup nor by a restored copy; files that a log of SQLite left count, too."""
    copy, other = tmp_path / "copy", tmp_path / "other"
    (lab.services.settings.uploads_folder / "May").mkdir(parents=True)
    (lab.services.settings.uploads_folder / "May" / "a.txt").write_text("a")
    copy_of(lab, copy, with_key=True)
    with pytest.raises(Conflict, match="there already"):
        copy_of(lab, copy)
    with pytest.raises(Conflict, match=r"docstage\.db is there already"):
        restore(lab.services.settings, CLOCK, copy)
    other.mkdir()
    (other / "docstage.db-wal").write_bytes(b"left")
    with pytest.raises(Conflict, match=r"docstage\.db-wal is there already"):
        bring_back(copy, other)
    (other / "docstage.db-wal").unlink()
    (other / "uploads").mkdir()
    (other / "uploads" / "mine.txt").write_text("mine")
    with pytest.raises(Conflict, match="documents in"):
        bring_back(copy, other)
    (other / "uploads" / "mine.txt").unlink()
    (other / ".restoring-killed").mkdir()
    bring_back(copy, other)
    assert (other / "uploads" / "May" / "a.txt").read_text() == "a"
    assert not list(other.glob(".restoring*"))


def test_an_engine_that_waits_for_the_place_is_seen(lab: Laboratory, tmp_path: Path) -> None:
    """Nothing is put in place under somebody who is at work there."""
    copy_of(lab, tmp_path / "copy")
    other = Database(str(tmp_path / "other" / "docstage.db"))
    locks = engine_locks(other)
    assert locks.work.acquire()
    with pytest.raises(AtWork, match="at work"):
        bring_back(tmp_path / "copy", tmp_path / "other")
    locks.release()
    bring_back(tmp_path / "copy", tmp_path / "other")


def test_a_copy_that_is_given_up_leaves_nothing(lab: Laboratory, tmp_path: Path) -> None:
    """Ctrl-C in the middle leaves no half backup, nor half a home."""

    def interrupt(what: str, _done: int, _whole: int) -> None:
        if what == CONTENTS:
            raise KeyboardInterrupt

    place = tmp_path / "backups"
    with pytest.raises(KeyboardInterrupt):
        copy_of(lab, place / "copy", tell=interrupt)
    assert list(place.iterdir()) == []
    killed = place / ".copy.99999999.part"
    killed.mkdir()
    copy_of(lab, place / "copy")
    assert [one.name for one in place.iterdir()] == ["copy"]


def test_a_full_disk_is_told_before_copying(
    lab: Laboratory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what is needed and what there is."""
    copy_of(lab, tmp_path / "copy")
    full = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr("docstage.store.backups.draft.shutil.disk_usage", lambda _: full)
    with pytest.raises(CopyFailed, match=r"needs [\d,]+ MB, and .* has 1 MB free"):
        copy_of(lab, tmp_path / "second")
    with pytest.raises(CopyFailed, match="has 1 MB free"):
        bring_back(tmp_path / "copy", tmp_path / "other")
    assert not (tmp_path / "second").exists()
    assert not (tmp_path / "other" / "docstage.db").exists()


def test_a_place_that_cannot_be_written_is_named(lab: Laboratory, tmp_path: Path) -> None:
    """A file where a folder is needed, for one."""
    (tmp_path / "file").write_text("")
    with pytest.raises(CopyFailed, match="Cannot write"):
        copy_of(lab, tmp_path / "file" / "copy")
    copy_of(lab, tmp_path / "copy")
    with pytest.raises(DocstageError, match=str(tmp_path / "file")):
        bring_back(tmp_path / "copy", tmp_path / "file" / "other")


def test_what_is_broken_is_copied_and_told(lab: Laboratory, tmp_path: Path) -> None:
    """A backup of a database with a fault is better than none; but who makes it learns of the fault."""
    batch_id = lab.batch([], [])
    with lab.services.database.write() as c:
        c.execute(update(batch).where(batch.c.id == batch_id).values(status="COMPLETED"))
    made = copy_of(lab, tmp_path / "copy")
    assert any(finding.startswith("last events: ") for finding in made.findings)
    assert copy_of(lab, tmp_path / "quick", check=False).findings == ()


def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    """And none is made by looking."""
    settings = Settings(home=tmp_path / "none")
    with pytest.raises(Conflict, match="There is no database"):
        back_up(settings, CLOCK, BackupOrder(tmp_path / "copy"))
    assert not (tmp_path / "none" / "docstage.db").exists()
    with pytest.raises(InvalidInput, match="is no backup"):
        bring_back(tmp_path / "copy", tmp_path / "other")
