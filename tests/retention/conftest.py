"""Benches for the tests of what is deleted: over SQLite, and over PostgreSQL as well."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from tests.support.apps import Bench
from tests.support.benches import postgres_bench, sqlite_bench
from tests.support.extraction import Extractors

from docstage.store.database import Database


@pytest.fixture(autouse=True)
def _in_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("docstage.engine.stagings.ExtractionPool", Extractors)


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """A bench over SQLite, and then over PostgreSQL."""
    if request.param == "sqlite":
        with sqlite_bench(tmp_path, cast(Path, request.getfixturevalue("template"))) as one:
            yield one
    else:
        database = Database(cast(str, request.getfixturevalue("postgres_copy")))
        with postgres_bench(tmp_path, database) as one:
            yield one
        database.close()
