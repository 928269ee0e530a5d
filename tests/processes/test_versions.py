"""Versions of docstage over one database: none takes it from another, and changes nothing without a copy."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from unittest import mock

import httpx
import pytest
from sqlalchemy import insert
from tests.cli.conftest import Done, Shell, read_until
from tests.faults.processes import ROOT
from tests.support.newer import NEXT, as_newer
from tests.support.templates import place_database
from tests.support.waiting import PATIENCE

from docstage.store.alone import alone
from docstage.store.backups.manifest import read_manifest
from docstage.store.database import Database
from docstage.store.locks import engine_locks
from docstage.store.migrate import HEAD, current
from docstage.store.tables import folder

_NEWER = [sys.executable, "-m", "tests.support.newer"]
_ROW = {
    "name": "Letters",
    "path": "/letters",
    "recursive": True,
    "hidden": False,
    "include": [],
    "exclude": [],
    "created_at": 0.0,
    "updated_at": 0.0,
}


def _newer(shell: Shell, *words: str, **variables: str) -> Done:
    """A command of a newer docstage, in this process, until it ends."""
    with mock.patch.dict(os.environ, variables), as_newer():
        return shell.do(*words)


def _start_newer(shell: Shell, *words: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [*_NEWER, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=0
    )
    shell.stack.callback(process.communicate, timeout=PATIENCE)
    shell.stack.callback(process.terminate)
    return process


def _serve(shell: Shell) -> tuple[subprocess.Popen[str], str]:
    process = shell.start("serve", "--port", "0")
    line = read_until(process.stdout, lambda text: " is at " in text)
    return process, line.split(" is at ")[1].split(" ")[0]


def _fill(database: Database) -> None:
    with database.write() as c:
        c.execute(insert(folder).values(_ROW))
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """A database with data, which all commands of the test work on."""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_copy")
        monkeypatch.setenv("DOCSTAGE_DATABASE", url)
        one = Database(url)
    else:
        place_database(shell.home)
        one = Database(str(shell.home / "docstage.db"))
    _fill(one)
    yield one
    one.close()


@pytest.fixture
def filled(shell: Shell) -> Database:
    """The SQLite database of the home, with data."""
    place_database(shell.home)
    one = Database(str(shell.home / "docstage.db"))
    _fill(one)
    return one


def _schema(database: Database) -> str | None:
    revision = current(database)
    database.close()
    return revision


def test_a_newer_version_leaves_a_server_its_database(shell: Shell, database: Database) -> None:
    """Commands that read, migrate or serve refuse in words, and the server stays ready."""
    _, address = _serve(shell)
    for words in (
        ["batch", "list"],
        ["run", str(shell.documents), "--prompt", "What?", "--model", "simulated:x"],
    ):
        done = _newer(shell, *words)
        assert (done.code, "Traceback" in done.err) == (4, False), done.err
        assert f"its schema is {HEAD}, this version needs {NEXT}" in done.err
        assert "docstage migrate" in done.err
    told = _newer(shell, "doctor")
    assert (told.code, "docstage migrate" in " ".join(told.out.split())) == (1, True)
    for words in (["migrate", "--no-backup"], ["serve", "--port", "0"]):
        done = _newer(shell, *words, DOCSTAGE_MIGRATE="always")
        assert (done.code, "Traceback" in done.err) == (4, False), done.err
        assert re.search(r"web server \d+ of docstage", done.err)
        assert "Nothing was changed" in done.err
    assert _schema(database) == HEAD
    assert httpx.get(f"{address}/readyz").status_code == 200
    assert not list(shell.home.glob("backups/*"))


def test_an_older_version_that_only_holds_the_engine_lock_is_seen(shell: Shell, filled: Database) -> None:
    """Versions that do not tell that they use a database are known by their engine."""
    locks = engine_locks(filled)
    assert locks.work.acquire()
    done = _newer(shell, "migrate")
    locks.release()
    assert (done.code, "an engine" in done.err) == (4, True), done.err
    assert _schema(filled) == HEAD


def test_migrate_makes_a_copy_first(shell: Shell, filled: Database) -> None:
    """The copy is whole, readable by its owner only, and of the schema as it was."""
    done = _newer(shell, "migrate")
    assert (done.code, f"Migrated from {HEAD} to {NEXT}" in done.out) == (0, True), done.err
    assert _schema(filled) == NEXT
    (backup,) = (shell.home / "backups").iterdir()
    assert str(backup) in done.err
    assert read_manifest(backup).schema == HEAD
    assert {oct(path.stat().st_mode & 0o777) for path in backup.iterdir()} == {"0o600"}
    assert backup.stat().st_mode & 0o777 == 0o700
    with closing(sqlite3.connect(backup / "docstage.db")) as c:
        assert c.execute("SELECT name FROM folder").fetchall() == [("Letters",)]
        assert c.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    assert _newer(shell, "migrate").out == f"The database is current: its schema is {NEXT}.\n"
    assert list((shell.home / "backups").iterdir()) == [backup]


def test_an_older_version_refuses_a_newer_database(shell: Shell, filled: Database) -> None:
    """Every command says which schema there is and which version to install, and changes nothing."""
    assert _newer(shell, "migrate", "--no-backup").code == 0
    for words in (["batch", "list"], ["migrate"], ["serve", "--port", "0"], ["engine"]):
        done = shell.do(*words)
        assert (done.code, "Traceback" in done.err) == (4, False), (words, done)
        assert "newer docstage" in done.err
        assert NEXT in done.err
    assert _schema(filled) == NEXT


@pytest.mark.parametrize("words", [("serve", "--port", "0"), ("engine", "--until-idle")])
def test_processes_that_stay_migrate_at_their_start(
    shell: Shell, filled: Database, words: tuple[str, ...]
) -> None:
    """An unattended upgrade goes on by itself, after a copy."""
    process = _start_newer(shell, *words)
    if words[0] == "serve":
        read_until(process.stdout, lambda text: " is at " in text)
    else:
        process.communicate(timeout=PATIENCE)
    assert _schema(filled) == NEXT
    assert [read_manifest(place).schema for place in (shell.home / "backups").iterdir()] == [HEAD]


def test_serve_leaves_migrating_to_people_where_it_is_told_to(shell: Shell, filled: Database) -> None:
    """With `migrate = "explicit"`, it says what to run."""
    done = _newer(shell, "serve", "--port", "0", DOCSTAGE_MIGRATE="explicit")
    assert (done.code, "docstage migrate" in done.err) == (4, True), done.err
    done = _newer(shell, "serve", "--port", "0", DOCSTAGE_MIGRATE="sometimes")
    assert (done.code, "auto, always or explicit" in done.err) == (1, True), done.err
    assert _schema(filled) == HEAD


def test_a_postgresql_database_is_not_migrated_without_a_word(
    shell: Shell, postgres_copy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docstage can make no copy there: it asks for one, and goes on when it is told that there is one."""
    monkeypatch.setenv("DOCSTAGE_DATABASE", postgres_copy)
    database = Database(postgres_copy)
    _fill(database)
    for words in (["migrate"], ["serve", "--port", "0"], ["engine", "--until-idle"]):
        done = _newer(shell, *words)
        assert (done.code, "pg_dump" in done.err, "--no-backup" in done.err) == (4, True, True), done.err
    assert _schema(database) == HEAD
    done = _newer(shell, "engine", "--until-idle", DOCSTAGE_MIGRATE="always")
    assert done.code == 0, done.err
    assert _schema(database) == NEXT
    database.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_empty_database_of_an_earlier_version_needs_no_copy(
    kind: str, shell: Shell, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is nothing in it to lose."""
    if kind == "postgresql":
        monkeypatch.setenv("DOCSTAGE_DATABASE", request.getfixturevalue("postgres_copy"))
    else:
        place_database(shell.home)
    done = _newer(shell, "migrate")
    assert (done.code, done.out) == (0, f"Migrated from {HEAD} to {NEXT}.\n"), done.err
    assert not (shell.home / "backups").exists()


def test_a_migration_that_fails_changes_nothing(shell: Shell, database: Database) -> None:
    """It is told in words, with the copy; the version before goes on."""
    done = _newer(shell, "migrate", *([] if database.is_sqlite else ["--no-backup"]), NEWER_FAILS="1")
    assert (done.code, "Traceback" in done.err) == (1, False), done.err
    assert f"The migration from {HEAD} to {NEXT} failed" in done.err
    assert "missing" in done.err
    assert ("backups/before-" in done.err) is database.is_sqlite
    assert _schema(database) == HEAD
    with database.read() as c:
        assert not c.dialect.has_table(c, "newer")


def test_two_migrations_at_once_are_one(shell: Shell, filled: Database) -> None:
    """The second waits for the first, and finds nothing to do."""
    both = [_start_newer(shell, "migrate") for _ in range(2)]
    said = [process.communicate(timeout=PATIENCE) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sorted(out for out, _ in said) == [
        f"Migrated from {HEAD} to {NEXT}.\n",
        f"The database is current: its schema is {NEXT}.\n",
    ]
    assert len(list((shell.home / "backups").iterdir())) == 1


def test_as_many_copies_are_kept_as_the_setting_says(shell: Shell, filled: Database) -> None:
    """The oldest go first."""
    place = shell.home / "backups"
    for number in range(3):
        old = place / f"before-0001-2020010{number}T000000Z"
        old.mkdir(parents=True)
        (old / "manifest.json").write_text("{}")
        os.utime(old / "manifest.json", (number, number))
    (place / "mine").mkdir()
    assert _newer(shell, "migrate", DOCSTAGE_KEEP_BACKUPS="2").code == 0
    names = {one.name for one in place.iterdir()}
    assert {"mine", "before-0001-20200102T000000Z"} < names
    assert len(names) == 3


def test_a_killed_migration_leaves_no_half_copy(shell: Shell, filled: Database) -> None:
    """What a killed process wrote is not taken for a backup, and the next one removes it."""
    part = shell.home / "backups" / f".before-{NEXT}-20200101T000000Z.99999999.part"
    part.mkdir(parents=True)
    assert _newer(shell, "migrate").code == 0
    assert [one.name for one in part.parent.iterdir() if one.name.endswith(".part")] == []


def test_a_full_disk_is_told_before_anything_is_changed(
    shell: Shell, filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the copy has no room, the database stays as it was."""
    blocked = shell.home / "backups"
    blocked.write_text("not a folder")
    done = _newer(shell, "migrate")
    assert (done.code, "Traceback" in done.err) == (1, False), done.err
    assert str(blocked) in done.err
    assert _schema(filled) == HEAD


def test_commands_wait_for_whoever_has_the_database_alone(shell: Shell, filled: Database) -> None:
    """A command that comes during a migration goes on after it."""
    with alone(filled, "migration"):
        process = shell.start("folder", "list")
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.5)
    assert process.wait(timeout=PATIENCE) == 0


def test_an_older_server_tells_that_the_schema_is_newer(shell: Shell, filled: Database) -> None:
    """Where somebody migrated its database all the same, `/readyz` says what is the matter and what to do."""
    process, address = _serve(shell)
    with filled.write() as c:
        c.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    answer = httpx.get(f"{address}/readyz")
    assert answer.status_code == 503
    assert "migrated to the schema 9999 by a newer docstage" in answer.json()["detail"]
    with filled.write() as c:
        c.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{HEAD}'")
    assert httpx.get(f"{address}/readyz").status_code == 200
    process.send_signal(signal.SIGTERM)
    filled.close()


def test_migrating_is_done_where_the_database_is(shell: Shell) -> None:
    """Over HTTP it is refused, in words."""
    done = shell.do("--server", "http://127.0.0.1:9", "migrate")
    assert (done.code, "on the server's machine" in done.err) == (1, True), done.err
