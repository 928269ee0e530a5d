"""Pages by key: nothing is lost or repeated, in any order, and forged cursors are refused."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection
from tests.support.stores import (
    analyze,
    answered,
    batch_values,
    begin,
    calls_for,
    connection_values,
    document_values,
    failed,
    folder_values,
    make_batch,
    prompt_values,
    record_begun,
    record_ended,
    table,
)

from docstage.domain.errors import InvalidInput
from docstage.domain.tasks import TaskStatus
from docstage.store import batches, documents, library, tasks
from docstage.store.database import Database
from docstage.store.documents import DocumentFilter
from docstage.store.paging import Page, PageRequest
from docstage.store.tasks import TaskFilter

Fetch = Callable[[PageRequest], Page[Any]]


def _all(fetch: Fetch, sort: str | None, limit: int) -> list[int]:
    found: list[int] = []
    cursor = None
    while True:
        page = fetch(PageRequest(limit=limit, cursor=cursor, sort=sort))
        assert len(page.items) == limit or page.next is None
        found += [row.id for row in page.items]
        cursor = page.next
        if cursor is None:
            return found


def _check(fetch: Fetch, sorts: list[str], count: int) -> None:
    for sort in sorts:
        upwards, downwards = _all(fetch, sort, 3), _all(fetch, f"-{sort}", 4)
        assert len(set(upwards)) == len(upwards) == count, sort
        assert downwards == upwards[::-1], sort
        assert _all(fetch, sort, 1_000) == upwards


def test_tasks_page_in_every_order(database: Database) -> None:
    """Also where many rows are alike, and where some have no result yet."""
    staged = analyze(database, 5)
    calls = calls_for(database, staged)
    record_begun(database, calls[:12])
    costs = [None, 0, 7, 2**60, 7, 7, 0, None, 1]
    ended = [answered(call, cost=cost) for call, cost in zip(calls, costs, strict=False)]
    record_ended(database, [*ended, failed(calls[10])])
    sorts = ["id", "document", "attempts", "latency_ms", "cost", "output_tokens", "finished_at"]
    with database.read() as c:
        _check(lambda request: table(c, staged.run_id, request, TaskFilter()), sorts, 20)


def _check_marks(c: Connection, run_id: int, wanted: TaskFilter, sort: str) -> list[int]:
    """Marks of pages of three lead to what paging leads to; every task is found at its place."""
    ids = _all(lambda request: table(c, run_id, request, wanted), sort, 7)
    marks = tasks.page_marks(c, run_id, PageRequest(limit=3, sort=sort), wanted, ids[-1])
    assert (marks.total, marks.position) == (len(ids), len(ids) - 1)
    found: list[int] = []
    for cursor in [None, *marks.cursors]:
        page = table(c, run_id, PageRequest(3, cursor, sort), wanted)
        found += [row.id for row in page.items]
    assert found == ids
    return ids


def test_every_page_of_tasks_can_be_fetched_at_once(database: Database) -> None:
    """In every order and with filters; where pages come out even, there is no empty last one."""
    staged = analyze(database, 6)
    calls = calls_for(database, staged)
    record_begun(database, calls[:12])
    record_ended(database, [*(answered(call, cost=7) for call in calls[:9]), failed(calls[10])])
    done, lane = TaskFilter([TaskStatus.COMPLETED]), TaskFilter(connection_ids=[staged.connections[0]])
    with database.read() as c:
        for sort in ["id", "-document", "cost", "-finished_at", "attempts"]:
            assert len(_check_marks(c, staged.run_id, TaskFilter(), sort)) == 24
            assert len(_check_marks(c, staged.run_id, done, sort)) == 9
            assert len(_check_marks(c, staged.run_id, lane, sort)) == 12
        nothing = tasks.page_marks(
            c, staged.run_id, PageRequest(3), TaskFilter(search="nowhere"), calls[0].task_id
        )
        other = tasks.page_marks(c, staged.run_id, PageRequest(3), done, calls[10].task_id)
    assert (nothing.total, nothing.cursors, nothing.position) == (0, [], None)
    assert (other.total, other.position) == (9, None)


def test_every_page_of_documents_can_be_fetched_at_once(database: Database) -> None:
    """A document is found at its place in every order, and not where a filter leaves it out."""
    with database.write() as c:
        _batch, run_id = begin(c, make_batch(c), [f"{n % 3}-{n:02}" for n in range(8)])
        for sort in ["id", "-path", "size"]:
            ids = [one.id for one in documents.list_documents(c, run_id, PageRequest(sort=sort)).items]
            for place, number in enumerate(ids):
                marks = documents.page_marks(c, run_id, PageRequest(limit=3, sort=sort), document_id=number)
                assert (marks.total, marks.position) == (8, place)
                cursor = [None, *marks.cursors][place // 3]
                page = documents.list_documents(c, run_id, PageRequest(3, cursor, sort))
                assert page.items[place % 3].id == number
        left_out = documents.page_marks(
            c, run_id, PageRequest(limit=3), DocumentFilter(search="1-01"), document_id=ids[0]
        )
    assert (left_out.total, left_out.position) == (1, None)


def test_tasks_of_whole_documents(database: Database) -> None:
    """A filter chooses documents, of which all tasks in the wanted columns come, in any order."""
    staged = analyze(database, 4)
    calls = calls_for(database, staged)
    record_begun(database, calls)
    by_document: dict[int, list[int]] = {}
    with database.read() as c:
        for row in table(c, staged.run_id, PageRequest(), TaskFilter()).items:
            by_document.setdefault(row.document_id, []).append(row.id)
    second = list(by_document.values())[1]
    ended = [
        failed(call)
        if call.task_id == second[1]
        else answered(call, "No" if call.task_id == second[0] else "Yes")
        for call in calls
    ]
    record_ended(database, ended)
    with database.read() as c:
        for asked in [
            TaskFilter([TaskStatus.FAILED]),
            TaskFilter(failure_kinds=["overloaded"]),
            TaskFilter(search="no"),
        ]:
            chosen = replace(asked, whole_documents=True)
            for sort in ["id", "document", "-cost"]:
                assert sorted(_check_marks(c, staged.run_id, chosen, sort)) == second, (asked, sort)
            lane = replace(chosen, connection_ids=[staged.connections[0]])
            assert _check_marks(c, staged.run_id, lane, "id") == second[:2]
        everything = TaskFilter(whole_documents=True)
        assert len(_check_marks(c, staged.run_id, everything, "id")) == len(calls)


def test_documents_page_in_every_order(database: Database) -> None:
    """Also with names that each database sorts in its own way."""
    paths = ["a", "B", "ä", "Z", "z", "a b", "a_b", "😀", "é.txt", "e.txt", "A"]
    with database.write() as c:
        _batch, run_id = begin(c, make_batch(c), paths)
        timed = [document_values(run_id, f"timed {n}", milliseconds=n / 3) for n in (1, 2, 2)]
        documents.insert_documents(c, [row | {"path": f"{n}"} for n, row in enumerate(timed)])
    sorts = ["id", "path", "size", "status", "tokens", "milliseconds"]
    with database.read() as c:
        _check(lambda request: documents.list_documents(c, run_id, request), sorts, 14)


def test_catalog_and_batches_page_in_every_order(database: Database) -> None:
    """Folders, connections, prompts, batches and events."""
    with database.write() as c:
        for n in range(7):
            library.insert_folder(c, folder_values(f"{n}", created_at=n % 2))
            library.insert_connection(c, connection_values(f"{n}", updated_at=n % 3 + 0.1))
            library.insert_prompt(c, f"{n}", prompt_values(), n // 2)
            batches.insert_batch(c, batch_values("same"), "user", n % 2)
        sorts = ["id", "name", "created_at", "updated_at"]
        _check(lambda request: library.list_folders(c, request), sorts, 7)
        _check(lambda request: library.list_connections(c, request), sorts, 7)
        _check(lambda request: library.list_prompts(c, request), sorts, 7)
        _check(lambda request: batches.list_batches(c, request), [*sorts, "status"], 7)
        _check(lambda request: batches.list_events(c, request), ["id"], 7)


def test_rows_inserted_meanwhile_disturb_no_page(database: Database) -> None:
    """What was there at the first page comes exactly once, whatever is added before or behind the cursor."""
    with database.write() as c:
        _batch, run_id = begin(c, make_batch(c), [f"{n:03}" for n in range(0, 40, 2)])
        before = {document.id for document in documents.list_documents(c, run_id, PageRequest()).items}
    found: list[int] = []
    cursor = None
    for n in range(1, 40, 2):
        with database.write() as c:
            request = PageRequest(limit=1, sort="-path", cursor=cursor)
            page = documents.list_documents(c, run_id, request)
            found += [document.id for document in page.items]
            documents.insert_documents(c, [document_values(run_id, f"{n:03}")])
        cursor = page.next
    with database.read() as c:
        while cursor is not None:
            page = documents.list_documents(c, run_id, PageRequest(sort="-path", cursor=cursor))
            found += [document.id for document in page.items]
            cursor = page.next
    assert len(found) == len(set(found))
    assert before <= set(found)


def _cursor(members: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("sort", "cursor"),
    [
        ("id", "?"),
        ("id", "ü"),
        ("id", "A"),
        ("id", _cursor(7)),
        ("id", _cursor({"id": 1})),
        ("id", _cursor(["document.id id", 1])),
        ("id", _cursor(["id", 1, 1])),
        ("id", _cursor(["task.id id", 1, 1])),
        ("id", _cursor(["document.id -id", 1, 1])),
        ("id", _cursor(["document.id id", "x", 1])),
        ("id", _cursor(["document.id id", None, 1])),
        ("id", _cursor(["document.id id", True, 1])),
        ("id", _cursor(["document.id id", 2**63, 1])),
        ("id", _cursor(["document.id id", 1, 2**70])),
        ("id", _cursor(["document.id id", 1, "x"])),
        ("id", _cursor(["document.id id", 1, False])),
        ("path", _cursor(["document.id path", 1, 1])),
        ("path", _cursor(["document.id path", "\x00", 1])),
        ("path", _cursor(["document.id path", "\ud800", 1])),
        ("milliseconds", _cursor(["document.id milliseconds", float("nan"), 1])),
        ("milliseconds", _cursor(["document.id milliseconds", 10**400, 1])),
        ("id", base64.urlsafe_b64encode(b"[" * 50_000).decode()),
    ],
)
def test_forged_cursors_are_refused(database: Database, sort: str, cursor: str) -> None:
    """A cursor that was not given out for this listing and order is invalid input, never an error of ours."""
    with database.read() as c, pytest.raises(InvalidInput, match="cursor"):
        documents.list_documents(c, 1, PageRequest(sort=sort, cursor=cursor))


@pytest.mark.parametrize("request_", [PageRequest(limit=0), PageRequest(limit=1_001), PageRequest(sort="x")])
def test_bad_limits_and_sorts_are_refused(database: Database, request_: PageRequest) -> None:
    """The message says what is possible."""
    with database.read() as c, pytest.raises(InvalidInput, match=r"between 1 and 1,000|Sort by one of: id"):
        documents.list_documents(c, 1, request_)
