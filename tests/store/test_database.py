"""Where a database may be, and what is said when it cannot be used."""

import socket
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, InternalError
from tests.support.stores import folder_values
from tests.support.templates import place_database

from docstage.domain.errors import ConfigurationError, Unavailable
from docstage.store.database import Database
from docstage.store.migrate import is_current
from docstage.store.tables import folder


@pytest.mark.parametrize(
    "url",
    [
        "mysql://localhost/x",
        "sqlite://",
        "sqlite:///:memory:",
        "nonsense://",
        "://",
        "postgresql://me:hunter2@host:port/x",
    ],
)
def test_other_databases_are_refused(url: str) -> None:
    """Only a SQLite file or PostgreSQL will do; the message never repeats a password."""
    with pytest.raises(
        ConfigurationError, match=r"SQLite file or a postgresql://|neither a path nor a URL"
    ) as e:
        Database(url)
    assert "hunter2" not in str(e.value)


def test_durability_has_two_values(tmp_path: Path) -> None:
    """NORMAL or FULL; anything else is told, not passed to SQLite, which would ignore it."""
    with pytest.raises(ConfigurationError, match="NORMAL or FULL"):
        Database(str(tmp_path / "x.db"), synchronous="normal-ish")
    database = Database(str(tmp_path / "x.db"), synchronous="FULL")
    with database.read() as c:
        assert c.execute(text("PRAGMA synchronous")).scalar() == 2
        assert c.execute(text("PRAGMA content.synchronous")).scalar() == 2
    database.close()


def test_sqlite_is_set_up(tmp_path: Path) -> None:
    """Write-ahead log, foreign keys and large pages for contents; the folder is made for its owner alone."""
    database = Database(str(tmp_path / "new" / "docstage.db"))
    with database.read() as c:
        pragmas = ("journal_mode", "content.journal_mode", "foreign_keys", "content.page_size")
        found = [c.execute(text(f"PRAGMA {name}")).scalar() for name in pragmas]
    assert found == ["wal", "wal", 1, 16_384]
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    database.close()


def test_who_begins_to_read_does_not_wait_for_who_writes(tmp_path: Path) -> None:
    """A new connection to a SQLite file that is there already writes nothing."""
    place_database(tmp_path)
    writer, reader = (Database(str(tmp_path / "docstage.db")) for _ in range(2))
    with writer.write(), reader.read() as c:
        assert c.execute(select(folder)).all() == []
    writer.close()
    reader.close()


def test_missing_server_is_unavailable() -> None:
    """A server that does not answer is told as such, quickly."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    database = Database(f"postgresql://nobody@127.0.0.1:{port}/nothing")
    with pytest.raises(Unavailable, match="does not answer"), database.read():
        pass
    with pytest.raises(Unavailable), database.write():
        pass
    database.close()


def test_folder_that_cannot_be_made_is_a_configuration_error(tmp_path: Path) -> None:
    """For instance below a file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="Cannot make the folder"):
        Database(str(tmp_path / "file" / "docstage.db"))


def test_file_of_another_kind_is_a_configuration_error(tmp_path: Path) -> None:
    """A file that is no database is named as such and left as it is."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, " * 100)
    database = Database(str(path))
    with pytest.raises(ConfigurationError, match="not a SQLite database"):
        is_current(database)
    database.close()
    assert path.read_text().startswith("Dear Sir")


def test_reading_sees_one_state(database: Database) -> None:
    """What is committed meanwhile does not appear in the middle of a reading transaction."""
    count = select(folder.c.id)
    with database.read() as reader:
        assert reader.execute(count).all() == []
        with database.write() as c:
            c.execute(insert(folder), [folder_values()])
        assert reader.execute(count).all() == []
    with database.read() as reader:
        assert len(reader.execute(count).all()) == 1


@pytest.mark.parametrize("statement", ["SELECT nothing FROM folder WHERE name = :name", "SELEC :name"])
def test_a_wrong_statement_is_a_bug(database: Database, statement: str) -> None:
    """It is no trouble of the database's that would pass; and its parameters stay out of the log."""
    with pytest.raises(DBAPIError) as raised, database.read() as c:
        c.execute(text(statement), {"name": "hunter2"})
    assert "hunter2" not in str(raised.value)


def test_reading_never_commits(database: Database) -> None:
    """What is written through a connection for reading is undone by SQLite and refused by PostgreSQL."""
    refused: AbstractContextManager[object] = nullcontext()
    if not database.is_sqlite:
        refused = pytest.raises(InternalError, match="read-only")
    with refused, database.read() as c:
        c.execute(insert(folder), [folder_values()])
    with database.read() as c:
        assert c.execute(select(folder.c.id)).all() == []
