"""Fixtures for the tests of hostile input."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.engines import Laboratory, open_services


@pytest.fixture
def lab(tmp_path: Path, template: Path) -> Iterator[Laboratory]:
    """A folder with one good document, over a database of its own."""
    shutil.copytree(template, tmp_path / "home")
    made = Laboratory(open_services(tmp_path / "home"), tmp_path / "documents")
    made.write({"good.txt": "A good document."})
    yield made
    made.services.database.close()
