"""What runs brought: tasks with their answers, progress, failures, earlier runs.

Each function takes the number of a run; None means the current one. Before there is a run, listings are
empty.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields

from sqlalchemy import Connection

from docstage.domain.errors import NotFound
from docstage.domain.json_values import JsonValue
from docstage.domain.rows import TaskDetail, TaskRow
from docstage.domain.snapshot import Names
from docstage.domain.tasks import AttemptOutcome, FailureKind, TaskStatus
from docstage.domain.usage import NANO, tokens_of
from docstage.service.batches.presentation import RunSums, known_cost, progress_of, sums_of
from docstage.service.batches.views import EventView
from docstage.service.context import Services
from docstage.service.engine_state import engine_state
from docstage.service.results.failures import failure_groups
from docstage.service.results.run_lookup import select_run
from docstage.service.results.views import (
    CellProgress,
    CountView,
    FacetsView,
    FailureGroup,
    ProgressView,
    RunView,
)
from docstage.service.views import MarksView, PageView
from docstage.store import batches, runs, tasks
from docstage.store.facets import Facets, count_facets
from docstage.store.paging import PageRequest
from docstage.store.records import Run
from docstage.store.runs import Cell, Tally
from docstage.store.tasks import TaskFilter


def list_tasks(
    services: Services, batch_id: int, request: PageRequest, wanted: TaskFilter, run: int | None = None
) -> PageView[TaskRow]:
    """The results table. Raises NotFound, InvalidInput for a bad cursor or sort."""
    with services.database.read() as c:
        _batch, chosen = select_run(c, batch_id, run)
        if chosen is None:
            return PageView(items=[], next=None)
        page = tasks.list_tasks(c, chosen, request, wanted)
    return PageView(items=list(page.items), next=page.next)


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
    names = chosen.snapshot.names() if chosen else Names()
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
        row = tasks.get_task(c, task_id, runs.list_runs(c, batch_id))
        calls = tasks.attempts_of(c, task_id)
    members = {one.name: getattr(row, one.name) for one in fields(row)}
    answered = [call for call in calls if call.outcome == AttemptOutcome.COMPLETED]
    thoughts = answered[-1].thoughts if answered and row.text is not None else None
    return TaskDetail(**members, thoughts=thoughts, calls=calls)


def progress(services: Services, batch_id: int, run: int | None = None) -> ProgressView:
    """Progress in detail: every connection and prompt, and the failures. Raises NotFound."""
    with services.database.read() as c:
        batch, chosen = select_run(c, batch_id, run)
        sums = sums_of(c, [chosen.id])[chosen.id] if chosen else RunSums(Tally(), {})
        current = chosen is None or chosen.id == batch.run_id
        engine = engine_state(services, c)
        run_id = batch.run_id if current else None
        retries, retry_seconds = engine.retries(run_id)
        cells = _cells(c, chosen) if chosen else []
        failures = failure_groups(c, batch, chosen) if chosen and sums.tally.failed else []
    shown = progress_of(sums, batch.status if current else None, engine, run_id).model_dump() | {
        "status": batch.status,
        "status_reason": batch.status_reason,
        "counts": sums.counts,
        "retries": retries,
        "retry_seconds": retry_seconds,
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


def _cells(c: Connection, run: Run) -> list[CellProgress]:
    names = run.snapshot.names()
    found = runs.cells(c, run.id)
    unsendable = tasks.unsendable_cells(c, run.id) if any(cell.tally.failed for cell in found) else {}
    return [_cell(cell, names, unsendable.get((cell.connection_id, cell.prompt_id), 0)) for cell in found]


def _cell(cell: Cell, names: Names, unsendable: int) -> CellProgress:
    tally = cell.tally
    return CellProgress.model_validate(
        {
            **asdict(tally),
            **tokens_of(tally.usage),
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
