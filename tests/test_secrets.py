"""Secrets are found where their references say, and sealed under a key that only the owner can read."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from docstage.clock import SystemClock
from docstage.domain.errors import InvalidInput
from docstage.secrets import SecretError, Secrets, describe
from docstage.store.database import Database
from docstage.store.migrate import upgrade
from docstage.store.tables import secret


@pytest.fixture
def c(tmp_path: Path) -> Iterator[Connection]:
    """A writing transaction of a migrated database."""
    database = Database(str(tmp_path / "docstage.db"))
    upgrade(database)
    with database.write() as connection:
        yield connection
    database.close()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Where the key will be, in a folder that does not exist yet."""
    return tmp_path / "home" / "secret.key"


@pytest.fixture
def secrets(key_file: Path) -> Secrets:
    """Secrets without a key so far."""
    return Secrets(key_file, SystemClock())


def test_stored_secret_comes_back(c: Connection, secrets: Secrets, key_file: Path) -> None:
    """It is sealed in the database, its key is the owner's alone, and nothing else is left beside it."""
    reference = secrets.keep(c, "sk-hunter2 ü")
    assert secrets.resolve(c, reference) == "sk-hunter2 ü"
    assert b"hunter2" not in c.execute(select(secret.c.sealed)).scalar_one()
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert list(key_file.parent.iterdir()) == [key_file]
    assert Secrets(key_file, SystemClock()).resolve(c, reference) == "sk-hunter2 ü"


def test_secrets_are_never_shown(c: Connection, secrets: Secrets, key_file: Path) -> None:
    """Not by repr, and a description tells only where a secret is."""
    reference = secrets.keep(c, "sk-hunter2")
    assert key_file.read_text() not in repr(secrets)
    assert (describe(reference), describe("env:KEY"), describe(None)) == ("stored", "env:KEY", None)


def test_forgotten_secret_is_gone(c: Connection, secrets: Secrets) -> None:
    """Other references have nothing to forget."""
    reference = secrets.keep(c, "sk")
    for other in (None, "env:KEY", "file:/x"):
        secrets.forget(c, other)
    assert secrets.resolve(c, reference) == "sk"
    secrets.forget(c, reference)
    with pytest.raises(SecretError, match="no longer stored"):
        secrets.resolve(c, reference)


def test_key_that_others_can_read_is_refused(c: Connection, secrets: Secrets, key_file: Path) -> None:
    """The message says how to make it private."""
    reference = secrets.keep(c, "sk")
    key_file.chmod(0o640)
    with pytest.raises(SecretError, match="chmod 600"):
        secrets.resolve(c, reference)


def test_another_key_is_told(c: Connection, secrets: Secrets, key_file: Path) -> None:
    """A lost key makes stored secrets unreadable; a key file that is none is told as such."""
    reference = secrets.keep(c, "sk")
    key_file.unlink()
    with pytest.raises(SecretError, match="another key file"):
        secrets.resolve(c, reference)
    key_file.write_text("nonsense")
    with pytest.raises(SecretError, match="does not hold a key"):
        secrets.resolve(c, reference)


def test_environment_is_looked_up(c: Connection, secrets: Secrets, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the time it is needed, without surrounding white space; a missing variable is named."""
    reference = secrets.keep(c, "env:DOCSTAGE_TEST_KEY")
    with pytest.raises(SecretError, match="DOCSTAGE_TEST_KEY is not set"):
        secrets.resolve(c, reference)
    monkeypatch.setenv("DOCSTAGE_TEST_KEY", " sk-1\n")
    assert secrets.resolve(c, reference) == "sk-1"
    assert secrets.resolve(c, None) is None


def test_file_is_read(c: Connection, secrets: Secrets, tmp_path: Path) -> None:
    """Without the line's end; what is missing, empty or no text is told, with the path."""
    path = tmp_path / "key"
    reference = secrets.keep(c, f"file:{path}")
    with pytest.raises(SecretError, match="Cannot read the key file"):
        secrets.resolve(c, reference)
    for content, message in ((b" \n", "is empty"), (b"\xff\xfe", "is not text")):
        path.write_bytes(content)
        with pytest.raises(SecretError, match=message):
            secrets.resolve(c, reference)
    path.write_text("sk-2\n")
    assert secrets.resolve(c, reference) == "sk-2"


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_only_regular_files_are_read(c: Connection, secrets: Secrets, tmp_path: Path, kind: str) -> None:
    """A pipe or a device, which could keep docstage waiting for ever, is refused at once."""
    path = {"pipe": tmp_path / "pipe", "device": Path("/dev/zero"), "folder": tmp_path}[kind]
    if kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(SecretError, match=r"not a regular file|Is a directory"):
        secrets.resolve(c, f"file:{path}")


@pytest.mark.parametrize("value", ["env:", "file:", "env:A\x00B", "stored:1"])
def test_malformed_references_are_refused(c: Connection, secrets: Secrets, value: str) -> None:
    """Nothing is stored for them, and nobody can point at another's stored secret."""
    with pytest.raises(InvalidInput):
        secrets.keep(c, value)
    assert c.execute(select(secret)).all() == []


_SEAL = """
import sys
from pathlib import Path
from docstage.clock import SystemClock
from docstage.secrets import Secrets
from docstage.store.database import Database
database = Database(sys.argv[1])
secrets = Secrets(Path(sys.argv[2]), SystemClock())
sys.stdin.readline()
with database.write() as c:
    print(secrets.keep(c, sys.argv[3]))
"""


def test_processes_may_make_the_key_at_once(secrets: Secrets, key_file: Path, tmp_path: Path) -> None:
    """One key wins, and what each of them sealed can be read."""
    database = Database(str(tmp_path / "docstage.db"))
    upgrade(database)
    values = ["sk-0", "sk-1", "sk-2"]
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _SEAL, str(tmp_path / "docstage.db"), str(key_file), value],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for value in values
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    references = [process.communicate()[0].strip() for process in processes]
    with database.read() as c:
        assert [secrets.resolve(c, reference) for reference in references] == values
    database.close()
    assert list(key_file.parent.iterdir()) == [key_file]
