"""Headers of connections in databases from before they were sealed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.support.apps import Bench
from tests.support.older import bring_to

from docstage.domain.errors import ConfigurationError
from docstage.store.database import Database
from docstage.store.migrate import current, upgrade
from docstage.store.tables import connection

_HEADERS = {"X-Team": "hunter2 #1", "X-Empty": ""}

# The columns that there were then.
_OF_THEN = {
    "provider": "ollama",
    "model": "m",
    "max_output_tokens": 100,
    "timeout": 9.0,
    "concurrency": 1,
    "extra": {},
    "created_at": 1.0,
    "updated_at": 1.0,
}


@pytest.fixture
def older(empty_url: str, tmp_path: Path) -> Iterator[Bench]:
    """A bench over a database with plain headers."""
    database = Database(empty_url)
    bring_to(database, "0004")
    bench = Bench.set_up(database, tmp_path / "home")
    with database.write() as c:
        for number in range(60):
            headers = _HEADERS if number < 59 else {}
            c.execute(connection.insert().values(_OF_THEN | {"name": f"c{number}", "headers": headers}))
    yield bench
    database.close()


def test_plain_headers_are_sealed_once(older: Bench) -> None:
    """They mean what they meant, and on SQLite no page of the file has them any more."""
    upgrade(older.database, older.services.secrets.seal)
    upgrade(older.database, older.services.secrets.seal)
    with older.database.read() as c:
        kept = c.execute(select(connection.c.headers).order_by(connection.c.id)).scalars().all()
    assert "hunter2" not in str(kept)
    assert [older.services.secrets.unseal(one) for one in kept] == [_HEADERS] * 59 + [{}]
    if older.database.path:
        files = older.database.path.parent.glob("docstage.db*")
        assert not [file.name for file in files if b"hunter2" in file.read_bytes()]


def test_without_a_key_nothing_is_migrated(older: Bench) -> None:
    """The database stays as it was, rather than lose or keep what is not sealed."""
    before = current(older.database)
    with pytest.raises(ConfigurationError, match="not sealed"):
        upgrade(older.database)
    assert current(older.database) == before
    with older.database.read() as c:
        assert c.execute(select(connection.c.headers).where(connection.c.id == 1)).scalar() == _HEADERS
