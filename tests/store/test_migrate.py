"""The migrations build what `tables` says, once, whoever asks for it and however many do."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.engine import Inspector
from tests.support.postgres import fresh_database

from docstage.domain.errors import ConfigurationError
from docstage.store.database import Database
from docstage.store.migrate import FOLDER, HEAD, current, is_current, upgrade
from docstage.store.tables import CONTENT_SCHEMA, metadata

_VERSIONS = "alembic_version"


@pytest.fixture
def created(empty_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of the same kind as `empty_url`, made by `create_all` instead of by the migrations."""
    if "://" not in empty_url:
        yield from _created(str(tmp_path / "created.db"))
        return
    with fresh_database(request.getfixturevalue("postgres_url")) as url:
        yield from _created(url)


def _created(url: str) -> Iterator[Database]:
    database = Database(url)
    with database.write() as c:
        if not database.is_sqlite:
            c.execute(text(f"CREATE SCHEMA {CONTENT_SCHEMA}"))
        metadata.create_all(c)
    yield database
    database.close()


def _schema(database: Database) -> dict[str, Any]:
    """Everything the database tells of its tables, ready to be compared."""
    inspector = inspect(database.engine)
    return {
        f"{schema}.{table}": _table(inspector, table, schema)
        for schema in (None, CONTENT_SCHEMA)
        for table in inspector.get_table_names(schema=schema)
        if table != _VERSIONS
    }


def _table(inspector: Inspector, table: str, schema: str | None) -> dict[str, Any]:
    def by_name(rows: list[Any]) -> list[str]:
        return sorted(repr(sorted(row.items(), key=str)) for row in rows)

    columns = [
        dict(column) | {"type": repr(column["type"])} for column in inspector.get_columns(table, schema)
    ]
    return {
        "columns": [repr(sorted(column.items())) for column in columns],
        "primary key": inspector.get_pk_constraint(table, schema),
        "foreign keys": by_name(inspector.get_foreign_keys(table, schema)),
        "unique": by_name(inspector.get_unique_constraints(table, schema)),
        "checks": by_name(inspector.get_check_constraints(table, schema)),
        "indexes": by_name(_indexes(inspector, table, schema)),
    }


def _indexes(inspector: Inspector, table: str, schema: str | None) -> list[Any]:
    return [
        row
        | {"dialect_options": {name: str(value) for name, value in row.get("dialect_options", {}).items()}}
        for row in map(dict[str, Any], inspector.get_indexes(table, schema))
    ]


def _sqlite_statements(database: Database) -> list[str]:
    with database.read() as c:
        rows = [
            c.execute(
                text(
                    f"SELECT sql FROM {schema}.sqlite_master WHERE sql IS NOT NULL AND name != '{_VERSIONS}'"
                )
            ).scalars()
            for schema in ("main", CONTENT_SCHEMA)
        ]
    return sorted(_normalised(sql) for statements in rows for sql in statements)


def _normalised(sql: str) -> str:
    """The statement with its parts in one order: constraints may be in any, and added columns in one line."""
    plain = re.sub(r"[ \t]+", " ", sql.replace('"', ""))
    return " ".join(sorted(part.strip() for part in re.split(r",\s*\n|\n|, (?=[a-z_]+ [A-Z])", plain)))


def test_migrated_schema_is_what_the_tables_say(empty_url: str, created: Database) -> None:
    """Tables, columns, types, nullability, keys, checks and partial indexes are the same either way."""
    database = Database(empty_url)
    upgrade(database)
    migrated, expected = _schema(database), _schema(created)
    assert migrated.keys() == expected.keys()
    assert len(migrated) == len(metadata.tables)
    for table, description in expected.items():
        assert migrated[table] == description, table
    if database.is_sqlite:
        assert _sqlite_statements(database) == _sqlite_statements(created)
    database.close()


def test_head_is_the_newest_revision() -> None:
    """HEAD names the newest script, as it is looked at without Alembic."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_upgrade_is_idempotent(empty_url: str) -> None:
    """An empty database has no revision, an upgraded one the newest, and a second upgrade changes nothing."""
    database = Database(empty_url)
    assert current(database) is None
    assert not is_current(database)
    upgrade(database)
    upgrade(database)
    assert current(database) == HEAD
    assert is_current(database)
    database.close()


def test_failed_upgrade_leaves_nothing(empty_url: str) -> None:
    """The migrations are one transaction: a database that has one of the tables already stays as it was."""
    database = Database(empty_url)
    with database.write() as c:
        c.execute(text("CREATE TABLE attempt (id INTEGER)"))
    with pytest.raises(Exception, match="attempt"):
        upgrade(database)
    assert current(database) is None
    assert inspect(database.engine).get_table_names() == ["attempt"]
    database.close()


def test_newer_database_is_refused(empty_url: str) -> None:
    """A database of a newer docstage is left alone, and the message says what to do."""
    database = Database(empty_url)
    upgrade(database)
    with database.write() as c:
        c.execute(text(f"UPDATE {_VERSIONS} SET version_num = '9999'"))
    assert not is_current(database)
    with pytest.raises(ConfigurationError, match=r"newer docstage .*9999.* Install that version"):
        upgrade(database)
    assert current(database) == "9999"
    database.close()


_UPGRADE = """
import sys
from docstage.store.database import Database
from docstage.store.migrate import upgrade
database = Database(sys.argv[1])
sys.stdin.readline()
upgrade(database)
upgrade(database)
"""


def test_processes_may_upgrade_at_once(empty_url: str) -> None:
    """Of several processes that start together on an empty database each finds it migrated."""
    command = [sys.executable, "-c", _UPGRADE, empty_url]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate()[1] for process in processes] == ["", "", ""]
    database = Database(empty_url)
    assert is_current(database)
    database.close()


def test_starting_with_a_current_database_needs_no_alembic(empty_url: str) -> None:
    """Alembic is not even imported when there is nothing to do."""
    database = Database(empty_url)
    upgrade(database)
    database.close()
    script = _UPGRADE + "assert 'alembic' not in sys.modules\n"
    done = subprocess.run(
        [sys.executable, "-c", script, empty_url], input="\n", text=True, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_folder_may_have_any_name(tmp_path: Path) -> None:
    """A path with characters that URLs and configuration files give a meaning to is a path all the same."""
    path = tmp_path / "50% of ü?x=1#y" / "docstage.db"
    database = Database(str(path))
    upgrade(database)
    assert database.path == path
    assert path.exists()
    assert database.contents_path is not None
    assert database.contents_path.exists()
    database.close()
