"""Fixtures for the tests of hostile input."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.benches import make_template
from tests.support.engines import Laboratory, open_services


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a migrated SQLite database."""
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture
def lab(tmp_path: Path, template: Path) -> Iterator[Laboratory]:
    """A folder with one good document, over a database of its own."""
    shutil.copytree(template, tmp_path / "home")
    made = Laboratory(open_services(tmp_path / "home"), tmp_path / "documents")
    made.write({"good.txt": "A good document."})
    yield made
    made.services.database.close()
