"""Whichever process migrates a database of an older docstage seals its headers."""

import subprocess
import sys
from collections.abc import Callable

import pytest
from sqlalchemy import insert, select
from tests.cli.conftest import Shell, read_until
from tests.support.older import bring_to
from tests.support.waiting import PATIENCE

from docstage.clock import SystemClock
from docstage.secrets import Secrets
from docstage.store.database import Database
from docstage.store.tables import connection

_HEADERS = {"X-Team": "hunter2"}
_NUMBERS = ("max_output_tokens", "timeout", "concurrency", "created_at", "updated_at")
_VALUES = {"name": "Headed", "provider": "ollama", "model": "m", "headers": _HEADERS, "extra": {}}


@pytest.fixture
def older(shell: Shell) -> Database:
    """A database with the last schema that kept headers as they were entered."""
    database = Database(str(shell.home / "docstage.db"))
    bring_to(database, "0005")
    with database.write() as c:
        c.execute(insert(connection).values(_VALUES | dict.fromkeys(_NUMBERS, 1)))
    database.close()
    return database


def _migrate(shell: Shell) -> None:
    assert "Migrated from 0005" in shell.do("migrate", "--no-backup").out


def _serve(shell: Shell) -> None:
    process = shell.start("serve", "--port", "0")
    read_until(process.stdout, lambda text: " is at " in text)
    process.terminate()
    process.communicate(timeout=PATIENCE)


def _engine(_shell: Shell) -> None:
    subprocess.run([sys.executable, "-m", "docstage.engine", "--until-idle"], check=True, timeout=PATIENCE)


@pytest.mark.parametrize("begin", [_migrate, _serve, _engine])
def test_the_first_start_seals_headers(shell: Shell, older: Database, begin: Callable[[Shell], None]) -> None:
    """They can be read with the key of the home folder, and nowhere else."""
    begin(shell)
    with older.read() as c:
        kept = c.execute(select(connection.c.headers)).scalar_one()
    older.close()
    assert Secrets(shell.home / "secret.key", SystemClock()).unseal(kept) == _HEADERS
    files = [file for file in shell.home.iterdir() if file.is_file()]  # the copy made before is as it was
    assert not [file.name for file in files if b"hunter2" in file.read_bytes()]
