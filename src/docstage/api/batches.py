"""Endpoints of batches and of what is done with them."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from docstage.api.bodies import ActionBody, BatchBody, BatchChangeBody, ReasonBody
from docstage.api.parameters import (
    MOST_CHOSEN,
    BatchId,
    Context,
    Editing,
    FilterIds,
    Marking,
    Paging,
    Search,
    tagged,
)
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.service.batches import batches
from docstage.service.batches.inputs import ReasonInput
from docstage.service.batches.views import BatchView, EstimateView
from docstage.service.session import Session
from docstage.service.views import PageView
from docstage.web.problems import documented

router = APIRouter(prefix="/api/batches", tags=["batches"])
_ACTED = documented(404, 409)


@router.get("")
def list_batches(
    services: Context,
    page: Paging,
    *,
    search: Search = None,
    status: Annotated[
        list[BatchStatus] | None, Query(max_length=MOST_CHOSEN, description="May be repeated.")
    ] = None,
    folder_id: FilterIds = None,
    connection_id: FilterIds = None,
    prompt_id: FilterIds = None,
) -> PageView[BatchView]:
    """List batches, the newest first unless sorted otherwise."""
    using = {"folder": folder_id or (), "connection": connection_id or (), "prompt": prompt_id or ()}
    return batches.list_batches(services, page, search=search, statuses=status or (), using=using)


@router.post("/save", status_code=201, responses=documented(404))
def save_batch(session: Marking, body: BatchBody, response: Response) -> BatchView:
    """Create a batch in status SAVED."""
    return tagged(response, batches.save(session, body))


@router.post("/stage", status_code=202, responses=documented(404))
def save_and_stage_batch(session: Marking, body: BatchBody, response: Response) -> BatchView:
    """Create a batch and stage it at once."""
    return tagged(response, batches.save(session, body, stage=True))


@router.get("/{batch_id:int}", responses=documented(404))
def get_batch(services: Context, batch_id: BatchId, response: Response) -> BatchView:
    """Get a batch."""
    return tagged(response, batches.get_batch(services, batch_id))


@router.patch("/{batch_id:int}", responses=documented(404, 409, 412))
def change_batch(session: Editing, batch_id: BatchId, body: BatchChangeBody, response: Response) -> BatchView:
    """Change a batch. What is analysed can change only while it is SAVED."""
    return tagged(response, batches.change_batch(session, batch_id, body))


@router.delete("/{batch_id:int}", status_code=204, responses=documented(404, 409, 412))
def delete_batch(session: Editing, batch_id: BatchId) -> None:
    """Delete a batch with all its runs and results. The audit log remains."""
    batches.delete_batch(session, batch_id)


@router.post("/{batch_id:int}/stage", status_code=202, responses=_ACTED)
def stage_batch(session: Marking, batch_id: BatchId, body: ReasonBody = None) -> BatchView:
    """Scan and encode the documents of a SAVED or FAILED_STAGING batch and lay out its tasks."""
    return _act(session, batch_id, Action.STAGE, body)


@router.post("/{batch_id:int}/reprocess-staging", status_code=202, responses=_ACTED)
def restage_batch(session: Marking, batch_id: BatchId, body: ReasonBody = None) -> BatchView:
    """Clear the results of a STAGED, COMPLETED, FAILED or FAILED_STAGING batch and stage anew."""
    return _act(session, batch_id, Action.RESTAGE, body)


@router.post("/{batch_id:int}/run", status_code=202, responses=_ACTED)
def run_batch(session: Marking, batch_id: BatchId, body: ReasonBody = None) -> BatchView:
    """Start the analysis of a STAGED batch."""
    return _act(session, batch_id, Action.RUN, body)


@router.post("/{batch_id:int}/rerun", status_code=202, responses=_ACTED)
def rerun_batch(session: Marking, batch_id: BatchId, body: ReasonBody = None) -> BatchView:
    """Clear the results, stage anew, and analyse by itself once that is done."""
    return _act(session, batch_id, Action.RERUN, body)


@router.post("/{batch_id:int}/action", status_code=202, responses=_ACTED)
def act_on_batch(session: Marking, batch_id: BatchId, body: ActionBody) -> BatchView:
    """Carry out any action that the batch's status allows."""
    kinds = body.failure_kinds or ()
    return batches.act(session, batch_id, body.action, reason=body.reason or None, failure_kinds=kinds)


@router.get("/{batch_id:int}/estimate", responses=_ACTED)
def estimate_batch(services: Context, batch_id: BatchId) -> EstimateView:
    """Tell what a run will take: tasks, tokens, and what it will cost."""
    return batches.estimate_batch(services, batch_id)


def _act(session: Session, batch_id: int, action: Action, body: ReasonInput | None) -> BatchView:
    reason = body.reason if body is not None else None
    return batches.act(session, batch_id, action, reason=reason or None)
