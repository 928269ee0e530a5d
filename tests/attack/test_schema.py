"""The API under requests that are made from its own OpenAPI document."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.attack.fuzz import Figures, attack
from tests.support.apps import Bench
from tests.support.benches import sqlite_bench
from tests.support.populated import populate

from docstage.api.app import create_app


@pytest.fixture
def bench(tmp_path: Path, template: Path) -> Iterator[Bench]:
    """A bench whose folders lie all in a folder of the test's own."""
    with sqlite_bench(tmp_path / "bench", template, allowed_roots=(str(tmp_path),)) as one:
        yield one


def _unbounded(document: dict[str, Any]) -> Iterator[str]:
    """Where a request may say as much as it likes."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for one in operation.get("parameters", ()):
                if one["in"] != "header" or one["name"] != "accept":  # which is only looked through
                    yield from _open_ends(one["schema"], f"{method} {path} {one['name']}")
    for name in (name for name in document["components"]["schemas"] if name.endswith(_TAKEN)):
        yield from _open_ends(document["components"]["schemas"][name], name)


def _open_ends(schema: dict[str, Any], where: str) -> Iterator[str]:
    for choice in schema.get("anyOf", ()):
        yield from _open_ends(choice, where)
    kind = schema.get("type")
    if kind in _BOUNDS and not _BOUNDS[kind] & schema.keys():
        yield where
    for name, member in schema.get("properties", {}).items():
        yield from _open_ends(member, f"{where}.{name}")
    if kind == "array":
        yield from _open_ends(schema["items"], f"{where}[]")


# The names of what requests send, and what may bound a value of each type.
_TAKEN = ("Input", "Change", "Draft", "Trial", "Limits", "Prices")
_BOUNDS = {
    "string": {"maxLength", "enum", "const", "format", "pattern"},
    "array": {"maxItems"},
    "integer": {"maximum"},
    "number": {"maximum"},
    # Objects with members of any name are measured as a whole; `tests.attack.oversized` tries them.
    "object": {"properties", "maxProperties", "additionalProperties"},
}


def test_nothing_may_be_as_large_as_one_likes(bench: Bench) -> None:
    """Every text, number and list that a request may hold has a limit in the API's document."""
    assert [*_unbounded(create_app(bench.services).openapi())] == []


def _check(figures: Figures, least: int) -> None:
    assert figures.broken == {}, "\n\n".join(f"{name}\n{told}" for name, told in figures.broken.items())
    assert figures.answers[500] == 0
    assert figures.requests.total() >= least
    assert len(figures.operations) >= 60
    # Requests get through to what they are for, instead of being refused one and all.
    assert {200, 201, 202, 204, 403, 404, 405, 409, 412, 415, 422} <= set(figures.answers)


@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore")  # schemathesis, and the libraries that it uses, have some
def test_every_edge_of_the_document(bench: Bench) -> None:
    """Each example and edge of each schema, wrong methods and types, one random request to each operation."""
    _check(attack(bench, populate(bench), examples=1, seed=1, steps=0), 3_000)


@pytest.mark.torture
@pytest.mark.timeout(3_600)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(1, 5))
def test_thousands_of_random_requests(bench: Bench, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """The same with many random requests and sequences of them; prints figures."""
    began = time.perf_counter()
    figures = attack(bench, populate(bench), examples=100, seed=seed, steps=20)
    with capsys.disabled():
        print(f"\nAPI, seed {seed}: {figures}\n{time.perf_counter() - began:.0f} s")
    _check(figures, 8_000)
