"""Reads without the web framework: they answer what the application does, or leave it to that."""

import json
from typing import Any

import httpx
import pytest
from tests.support.apps import Bench, client_of
from tests.support.populated import populate

from docstage.api.reads import NotRead, read
from docstage.domain.errors import DocstageError
from docstage.domain.lifecycle import BatchStatus


def _asked(bench: Bench) -> list[tuple[str, dict[str, Any]]]:
    """Every path that is known, with every parameter, for things that are there and things that are not."""
    made = populate(bench)
    of_batches: list[tuple[str, dict[str, Any]]] = [
        (f"/api/batches/{number}{tail}", {})
        for number in (*made.values(), 999_999)
        for tail in ("", "/estimate", "/failures", "/progress")
    ]
    of_parts: list[tuple[str, dict[str, Any]]] = [
        (f"/api/{parts}{tail}", query)
        for parts in ("batches", "folders", "connections", "prompts")
        for tail, query in (
            ("", {}),
            ("", {"limit": 1}),
            ("", {"limit": 2, "cursor": "no cursor"}),
            ("", {"search": "I"}),
            ("", {"search": "%"}),
            ("", {"search": ""}),
            ("/1", {}),
            ("/999999", {}),
        )
    ]
    return [
        *of_batches,
        *of_parts,
        ("/api/batches", {"status": ["PAUSED", "COMPLETED"], "search": "In"}),
        ("/api/connections/providers", {}),
        ("/api/prompts/1", {"version": 1}),
        ("/api/prompts/1", {"version": 77}),
        ("/api/prompts/1/versions", {}),
        ("/api/prompts/999999/versions", {}),
        ("/api/spending", {}),
        ("/api/spending", {"days": 3, "time_zone": "Europe/Berlin"}),
        ("/api/spending", {"time_zone": "Middle-earth"}),
        ("/api/doctor", {}),
    ]


def _read(bench: Bench, path: str, query: dict[str, Any]) -> tuple[int, Any]:
    try:
        return 200, read(bench.services, path, query)
    except DocstageError as error:
        return error.status, error.document(path)


async def test_reads_answer_as_the_application_does(either: Bench) -> None:
    """The same status, members and order of members, for answers and for problems."""
    statuses = []
    async with client_of(either) as client:
        for path, query in _asked(either):
            theirs = await client.get(path, params=query)
            status, ours = _read(either, path, query)
            assert _shown(status, ours) == _shown(theirs.status_code, theirs.json()), (path, query)
            statuses.append(status)
    assert {200, 404, 409, 422} <= set(statuses)


def _shown(status: int, value: Any) -> tuple[int, str]:
    """What is compared; how long a check took differs."""
    timed = isinstance(value, list) and value and "milliseconds" in value[0]
    told = [{**one, "milliseconds": 0} for one in value] if timed else value
    return status, json.dumps(told)


async def test_pages_go_on_where_the_application_does(bench: Bench, client: httpx.AsyncClient) -> None:
    """The cursor of one is good for the other."""
    populate(bench)
    first = read(bench.services, "/api/batches", {"limit": 3})
    query = {"limit": 3, "cursor": first["next"]}
    theirs = (await client.get("/api/batches", params=query)).json()
    assert len(theirs["items"]) == 3
    assert read(bench.services, "/api/batches", query) == theirs


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/batches", {"statuss": "FAILED"}),
        ("/api/batches", {"status": ["RESTING"]}),
        ("/api/batches", {"limit": 0}),
        ("/api/batches", {"limit": 1_001}),
        ("/api/batches", {"search": "a\x00b"}),
        ("/api/batches", {"search": "a" * 501}),
        ("/api/batches", {"sort": "name"}),
        ("/api/batches/0", {}),
        ("/api/batches/99999999999999999999", {}),
        ("/api/batches/1", {"run": 1}),
        ("/api/batches/1/tasks", {}),
        ("/api/prompts/1", {"version": 0}),
        ("/api/spending", {"days": 0}),
        ("/api/doctor", {"deep": True}),
        ("/api", {}),
        ("/nowhere", {}),
    ],
)
def test_anything_else_is_left_to_the_application(bench: Bench, path: str, query: dict[str, Any]) -> None:
    """It says what is wrong, or has more to tell; nothing is answered in its place."""
    bench.batch_in(BatchStatus.STAGED)
    with pytest.raises(NotRead):
        read(bench.services, path, query)
