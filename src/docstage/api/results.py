"""Endpoints of what a batch's runs brought."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from docstage.api.parameters import (
    LARGEST,
    MOST_CHOSEN,
    AllPages,
    BatchId,
    Context,
    FilterIds,
    FormatName,
    ItemId,
    Paging,
    RunNumber,
    Search,
    Sort,
)
from docstage.domain.rows import TaskDetail, TaskRow
from docstage.domain.tasks import FailureKind, TaskStatus
from docstage.results.formats import DEFAULT, FORMATS
from docstage.service.batches.views import EventView
from docstage.service.results import exporting, results, throughput
from docstage.service.results.views import (
    FacetsView,
    FailureGroup,
    PaceView,
    ProgressView,
    RunView,
)
from docstage.service.views import MarksView, PageView
from docstage.store.tasks import TaskFilter
from docstage.web.admission import Work, heavy, in_turns
from docstage.web.problems import documented

router = APIRouter(prefix="/api/batches/{batch_id:int}", tags=["results"], responses=documented(404))
TaskStatusName = Literal["QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELLED"]


def _task_filter(
    status: Annotated[
        list[TaskStatusName] | None, Query(max_length=MOST_CHOSEN, description="May be repeated.")
    ] = None,
    failure_kind: Annotated[
        list[FailureKind] | None, Query(max_length=MOST_CHOSEN, description="May be repeated.")
    ] = None,
    connection_id: FilterIds = None,
    prompt_id: FilterIds = None,
    document_id: Annotated[int | None, Query(ge=1, le=LARGEST, description="Only this document.")] = None,
    search: Search = None,
    *,
    unsendable: Annotated[
        bool | None,
        Query(description="Of failed tasks only those that cannot be sent, or only the others."),
    ] = None,
    whole_documents: Annotated[
        bool,
        Query(description="All tasks of each document of which one has such a status, failure or text."),
    ] = False,
) -> TaskFilter:
    return TaskFilter(
        [TaskStatus[name] for name in status or ()],
        failure_kind or (),
        connection_id or (),
        prompt_id or (),
        document_id,
        search,
        whole_documents,
        unsendable,
    )


@router.get("/tasks")
@heavy(Work.TABLE)
def list_tasks(
    services: Context,
    batch_id: BatchId,
    page: Paging,
    wanted: Annotated[TaskFilter, Depends(_task_filter)],
    run: RunNumber = None,
) -> PageView[TaskRow]:
    """List the results table of a run: every document, connection and prompt."""
    return results.list_tasks(services, batch_id, page, wanted, run)


@router.get("/tasks/pages")
@heavy(Work.TABLE)
def list_task_pages(
    services: Context,
    batch_id: BatchId,
    pages: AllPages,
    wanted: Annotated[TaskFilter, Depends(_task_filter)],
    run: RunNumber = None,
    task_id: Annotated[int | None, Query(ge=1, le=LARGEST, description="Tell where this task is.")] = None,
) -> MarksView:
    """Count the rows of the results table, and tell where each of its pages begins."""
    return results.task_pages(services, batch_id, pages, wanted, run, task_id)


@router.get("/tasks/facets")
@heavy(Work.TABLE)
def list_task_facets(
    services: Context,
    batch_id: BatchId,
    wanted: Annotated[TaskFilter, Depends(_task_filter)],
    run: RunNumber = None,
) -> FacetsView:
    """Count the rows of the results table by what can be chosen, each under the other choices."""
    return results.task_facets(services, batch_id, wanted, run)


@router.get("/tasks/{task_id:int}")
def get_task(services: Context, batch_id: BatchId, task_id: ItemId) -> TaskDetail:
    """Get a task with every call made for it."""
    return results.get_task(services, batch_id, task_id)


@router.get("/progress")
def get_progress(services: Context, batch_id: BatchId, run: RunNumber = None) -> ProgressView:
    """Get the progress of a run in detail."""
    return results.progress(services, batch_id, run)


@router.get("/pace")
def get_pace(services: Context, batch_id: BatchId, run: RunNumber = None) -> PaceView:
    """Get how a run went over time: calls that came back, their latency and cost, in at most 120 steps."""
    return throughput.pace(services, batch_id, run)


@router.get("/failures")
def list_failures(services: Context, batch_id: BatchId, run: RunNumber = None) -> list[FailureGroup]:
    """List failed tasks by their kind of failure: where they stand, and what helps."""
    return results.failures(services, batch_id, run)


@router.get("/events")
def list_batch_events(services: Context, batch_id: BatchId, page: Paging) -> PageView[EventView]:
    """List the audit log of a batch, the latest first. It outlives the batch."""
    return results.list_events(services, page, batch_id)


@router.get("/snapshot")
def get_snapshot(services: Context, batch_id: BatchId, run: RunNumber = None) -> dict[str, Any]:
    """Get what a run is made of, as it was frozen when it began."""
    return results.snapshot(services, batch_id, run)


@router.get("/runs")
def list_runs(services: Context, batch_id: BatchId) -> list[RunView]:
    """List the runs of a batch that are kept, the latest first."""
    return results.list_runs(services, batch_id)


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {one.media_type.partition(";")[0]: {} for one in FORMATS.values()}}},
)
def export_results(
    services: Context,
    batch_id: BatchId,
    wanted: Annotated[TaskFilter, Depends(_task_filter)],
    *,
    form: FormatName = DEFAULT.name,
    run: RunNumber = None,
    sort: Sort = None,
) -> StreamingResponse:
    """Download the tasks of a run with their answers: all, or those that a filter leaves."""
    export = exporting.export(services, batch_id, FORMATS[form], run, wanted, sort)
    headers = {"content-disposition": f'attachment; filename="{export.name}"'}
    pieces = in_turns(Work.EXPORT, export.pieces)
    return StreamingResponse(pieces, media_type=export.media_type, headers=headers)
