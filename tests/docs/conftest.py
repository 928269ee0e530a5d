"""The reference of the API, taken apart, and the application that it describes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.support.apps import Bench
from tests.support.benches import sqlite_bench

from docstage.api.app import create_app

ROOT = Path(__file__).resolve().parents[2]
Operations = dict[tuple[str, str], dict[str, Any]]
_HEADING = re.compile(r"^### `([A-Z]+) (/\S*)`\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the documentation.

    Attributes:
        text: all of it.
        sections: what it says of each endpoint, by method and path.
    """

    text: str
    sections: dict[tuple[str, str], str]

    def blocks(self, kind: str) -> list[str]:
        """The fenced blocks of this kind, such as `bash flow`."""
        return re.findall(rf"^```{kind}\n(.*?)^```$", self.text, re.MULTILINE | re.DOTALL)

    def kinds(self) -> dict[str, str]:
        """What the table of problems says of each kind: its line behind the name."""
        table = self.text.partition("\n## Problems")[2].partition("\n## ")[0]
        return dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", table, re.MULTILINE))


@pytest.fixture(scope="session")
def page() -> Page:
    """docs/api.md."""
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    return Page(text, {(method, path): said for method, path, said in _HEADING.findall(text)})


@pytest.fixture
def bench(tmp_path: Path, template: Path) -> Iterator[Bench]:
    """Services over an empty database."""
    with sqlite_bench(tmp_path / "bench", template) as one:
        yield one


@pytest.fixture(scope="module")
def openapi(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The application's OpenAPI document, which tests only read."""
    with sqlite_bench(tmp_path_factory.mktemp("bench"), template) as bench:
        return create_app(bench.services).openapi()


@pytest.fixture(scope="module")
def operations(openapi: dict[str, Any]) -> Operations:
    """The operations of the OpenAPI document by method and path."""
    return {
        (method.upper(), path): operation
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    }
