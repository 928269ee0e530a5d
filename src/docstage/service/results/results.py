"""What runs brought: tasks with their answers, progress, failures, earlier runs.

Each function takes the number of a run; None means the current one. Before there is a run, listings are
empty.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from docstage.domain.errors import NotFound
from docstage.domain.json_values import JsonValue
from docstage.domain.tasks import FailureKind, TaskStatus
from docstage.domain.usage import NANO, dollars
from docstage.results.export import ExportRow, csv_lines, json_lines
from docstage.service.batches.presentation import RunSums, known_cost, progress_of, sums_of
from docstage.service.batches.views import EventView
from docstage.service.context import Services
from docstage.service.engine_state import engine_state
from docstage.service.results.failures import failure_groups
from docstage.service.results.inputs import ExportFormat
from docstage.service.results.run_lookup import Names, select_run
from docstage.service.results.views import (
    AttemptView,
    CellProgress,
    CountView,
    FacetsView,
    FailureGroup,
    ProgressView,
    RunView,
    TaskDetail,
    TaskView,
)
from docstage.service.views import MarksView, PageView
from docstage.store import batches, runs, tasks
from docstage.store.facets import Facets, count_facets
from docstage.store.paging import Page, PageRequest
from docstage.store.records import Run
from docstage.store.runs import Cell, Tally
from docstage.store.tasks import TaskFilter

# Of an export, which is held in memory for as long as its reader takes.
_FIRST_ROWS, _MOST_ROWS = 20, 1_000
_ALL = TaskFilter()
_PAGE_CHARACTERS = 500_000
_PIECE_CHARACTERS = 50_000


def list_tasks(
    services: Services, batch_id: int, request: PageRequest, wanted: TaskFilter, run: int | None = None
) -> PageView[TaskView]:
    """The results table. Raises NotFound, InvalidInput for a bad cursor or sort."""
    with services.database.read() as c:
        _batch, chosen = select_run(c, batch_id, run)
        if chosen is None:
            return PageView(items=[], next=None)
        names = Names.of(chosen.snapshot)
        page = tasks.list_tasks(c, chosen.id, request, wanted)
    items = [TaskView.model_validate(_shown(row, chosen.number, names)) for row in page.items]
    return PageView(items=items, next=page.next)


def task_pages(
    services: Services,
    batch_id: int,
    request: PageRequest,
    wanted: TaskFilter,
    run: int | None = None,
    task_id: int | None = None,
) -> MarksView:
    """Where the pages of the results table begin. Raises NotFound, InvalidInput for a bad sort."""
    with services.database.read() as c:
        _batch, chosen = select_run(c, batch_id, run)
        if chosen is None:
            return MarksView(total=0, cursors=[], position=None)
        return MarksView.model_validate(tasks.page_marks(c, chosen.id, request, wanted, task_id))


def task_facets(services: Services, batch_id: int, wanted: TaskFilter, run: int | None = None) -> FacetsView:
    """How many tasks each further choice of the filter would show. Raises NotFound."""
    with services.database.read() as c:
        _batch, chosen = select_run(c, batch_id, run)
        found = count_facets(c, chosen.id, wanted) if chosen else Facets(0, 0, {}, 0, {}, {}, {})
    names = Names.of(chosen.snapshot) if chosen else Names({}, {})
    frequent = sorted(found.failure_kinds.items(), key=lambda one: (-one[1], one[0]))
    return FacetsView(
        total=found.total,
        shown=found.shown,
        status={status.name: found.statuses.get(status, 0) for status in TaskStatus},
        unsendable=found.unsendable,
        failure_kind={FailureKind(kind): number for kind, number in frequent},
        connection=_counts(names.connections, found.connections),
        prompt=_counts(names.prompts, found.prompts),
    )


def _counts(names: Mapping[int, str], counts: Mapping[int, int]) -> list[CountView]:
    return [CountView(id=one, name=name, tasks=counts.get(one, 0)) for one, name in names.items()]


def get_task(services: Services, batch_id: int, task_id: int) -> TaskDetail:
    """A task of any run of the batch, with every call made for it. Raises NotFound."""
    with services.database.read() as c:
        batches.get_batch(c, batch_id)
        by_id = {one.id: one for one in runs.list_runs(c, batch_id)}
        row = tasks.get_task(c, task_id, list(by_id))
        run = by_id[row["run_id"]]
        calls = [_attempt(attempt) for attempt in tasks.attempts_of(c, task_id)]
    return TaskDetail.model_validate({**_shown(row, run.number, Names.of(run.snapshot)), "calls": calls})


def progress(services: Services, batch_id: int, run: int | None = None) -> ProgressView:
    """Progress in detail: every connection and prompt, and the failures. Raises NotFound."""
    with services.database.read() as c:
        batch, chosen = select_run(c, batch_id, run)
        sums = sums_of(c, [chosen.id])[chosen.id] if chosen else RunSums(Tally(), {})
        current = chosen is None or chosen.id == batch.run_id
        rate = engine_state(services, c).rate(batch.run_id) if current else 0.0
        cells = _cells(c, chosen) if chosen else []
        failures = failure_groups(c, batch, chosen) if chosen else []
    shown = progress_of(sums, batch.status if current else None, rate).model_dump() | {
        "status": batch.status,
        "status_reason": batch.status_reason,
        "counts": sums.counts,
        "cells": cells,
        "failures": failures,
    }
    return ProgressView.model_validate(shown)


def failures(services: Services, batch_id: int, run: int | None = None) -> list[FailureGroup]:
    """Failed tasks by kind, with an example and a way forward. Raises NotFound."""
    with services.database.read() as c:
        batch, chosen = select_run(c, batch_id, run)
        return failure_groups(c, batch, chosen) if chosen else []


def list_runs(services: Services, batch_id: int) -> list[RunView]:
    """The runs of a batch that are kept, the latest first. Raises NotFound."""
    with services.database.read() as c:
        batch = batches.get_batch(c, batch_id)
        found = runs.list_runs(c, batch_id)
        sums = sums_of(c, [one.id for one in found])
    return [_run_view(one, sums[one.id], current=one.id == batch.run_id) for one in found]


def snapshot(services: Services, batch_id: int, run: int | None = None) -> dict[str, JsonValue]:
    """What a run is made of, as it was frozen. Raises NotFound, also before there is a run."""
    with services.database.read() as c:
        batch, chosen = select_run(c, batch_id, run)
    if chosen is None:
        raise NotFound(f"The batch is {batch.status} and has no run yet. Stage it first.")
    return {"run": chosen.number, **chosen.snapshot.stored()}


def list_events(services: Services, request: PageRequest, batch_id: int | None = None) -> PageView[EventView]:
    """The audit log, of one batch (also a deleted one) or of all, the latest first."""
    with services.database.read() as c:
        page = batches.list_events(c, request, batch_id=batch_id)
        if batch_id is not None and not page.items:
            batches.get_batch(c, batch_id)
    return PageView(items=[EventView.model_validate(event) for event in page.items], next=page.next)


def export(
    services: Services,
    batch_id: int,
    form: ExportFormat,
    run: int | None = None,
    wanted: TaskFilter = _ALL,
    sort: str | None = None,
) -> tuple[str, Iterator[str]]:
    """A name for the file, and its text piece by piece, read in pages while it is written out.

    Args:
        wanted: which tasks, as in `list_tasks`.
        sort: in which order, as in `list_tasks`.

    Raises:
        NotFound: there is no such batch or run.
        InvalidInput: a bad sort.
    """
    first: Page[Any] = Page([])
    with services.database.read() as c:
        _batch, chosen = select_run(c, batch_id, run)
        if (
            chosen is not None
        ):  # now, since what cannot be read cannot be told any more once the file has begun
            first = tasks.list_tasks(c, chosen.id, PageRequest(_FIRST_ROWS, None, sort), wanted)
    prompts = chosen.snapshot.prompts if chosen else ()
    schemas = {prompt.id: prompt.schema for prompt in prompts}
    rows = _export_rows(services, chosen, first, wanted, sort) if chosen else iter(())
    part = "" if wanted.is_empty else "-selection"
    name = f"batch-{batch_id}-run-{chosen.number if chosen else 0}{part}.{form}"
    return name, _pieces(csv_lines(rows, schemas) if form == "csv" else json_lines(rows))


def _export_rows(
    services: Services, run: Run, page: Page[Any], wanted: TaskFilter, sort: str | None
) -> Iterator[ExportRow]:
    names = Names.of(run.snapshot)
    while True:
        for row in page.items:
            yield ExportRow(**_task(row, run.number, names))
        if page.next is None:
            return
        request = PageRequest(_next_rows(page.items), page.next, sort)
        with services.database.read() as c:
            page = tasks.list_tasks(c, run.id, request, wanted)


def _next_rows(items: Sequence[Mapping[str, Any]]) -> int:
    """How many rows to read next, so that they are about as large as a page should be."""
    characters = sum(len(row["text"] or "") + len(row["message"] or "") for row in items)
    return max(1, min(_MOST_ROWS, _PAGE_CHARACTERS * len(items) // (characters + 1)))


def _pieces(lines: Iterator[str]) -> Iterator[str]:
    """The lines, several at once: each piece is handed on by itself, which takes longer than to write it."""
    held: list[str] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size >= _PIECE_CHARACTERS:
            yield "".join(held)
            held, size = [], 0
    if held:
        yield "".join(held)


def _task(row: Mapping[str, Any], run: int, names: Names) -> dict[str, Any]:
    return {
        **{name: row[name] for name in _AS_STORED},
        "run": run,
        "document": row["path"],
        "connection": names.connections[row["connection_id"]],
        "prompt": names.prompts[row["prompt_id"]],
        "status": TaskStatus(row["status"]).name,
        "cost": dollars(row["cost"]),
    }


def _shown(row: Mapping[str, Any], run: int, names: Names) -> dict[str, Any]:
    return _task(row, run, names) | {"purged": bool(row["purged"])}


def _attempt(row: Mapping[str, Any]) -> AttemptView:
    money = {name: dollars(row[name]) for name in ("cost", "possible_cost")}
    return AttemptView.model_validate({**row, **money})


def _cells(c: Connection, run: Run) -> list[CellProgress]:
    names = Names.of(run.snapshot)
    found = runs.cells(c, run.id)
    unsendable = tasks.unsendable_cells(c, run.id) if any(cell.tally.failed for cell in found) else {}
    return [_cell(cell, names, unsendable.get((cell.connection_id, cell.prompt_id), 0)) for cell in found]


def _cell(cell: Cell, names: Names, unsendable: int) -> CellProgress:
    tally = cell.tally
    counted = {name: getattr(tally, name) for name in Tally.__slots__}
    return CellProgress.model_validate(
        {
            **counted,
            "connection_id": cell.connection_id,
            "connection": names.connections[cell.connection_id],
            "prompt_id": cell.prompt_id,
            "prompt": names.prompts[cell.prompt_id],
            "tasks": tally.tasks,
            "unsendable": unsendable,
            "cost": known_cost(tally),
            "possible_cost": tally.possible_cost / NANO,
            "mean_latency_ms": tally.latency_ms / tally.calls if tally.calls else None,
        }
    )


def _run_view(run: Run, sums: RunSums, *, current: bool) -> RunView:
    return RunView.model_validate(
        {
            "number": run.number,
            "current": current,
            "begun_at": run.begun_at,
            "staged_at": run.staged_at,
            "closed_at": run.closed_at,
            "counts": sums.counts,
            "cost": known_cost(sums.tally),
            "unpriced_calls": sums.tally.unpriced_calls,
            "possible_cost": sums.tally.possible_cost / NANO,
        }
    )


_AS_STORED = (
    "id",
    "document_id",
    "folder_id",
    "connection_id",
    "prompt_id",
    "attempts",
    "failure_kind",
    "message",
    "text",
    "value",
    "input_tokens",
    "cached_tokens",
    "output_tokens",
    "latency_ms",
    "model",
    "finish_reason",
    "finished_at",
)
