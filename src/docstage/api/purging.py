"""Endpoints that delete everywhere."""

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.openapi.models import Example

from docstage.api.parameters import Asking, BatchId, RunInPath
from docstage.service.purging import purging
from docstage.service.purging.views import PurgeInput, PurgeView
from docstage.web.admission import Work, heavy
from docstage.web.problems import documented

router = APIRouter(prefix="/api", tags=["purge"])
_SHOWN = {
    "usual": Example(
        summary="What would go with a document",
        value={"document": {"path": "/data/contracts/smith.pdf"}, "dry_run": True},
    )
}


@router.post("/purge", responses=documented(404, 409))
@heavy(Work.CHECK)
def purge(session: Asking, body: Annotated[PurgeInput, Body(openapi_examples=_SHOWN)]) -> PurgeView:
    """Delete a document everywhere, or runs, or what nothing refers to; or tell what would go."""
    return purging.purge(session, body)


@router.delete("/batches/{batch_id:int}/runs/{number:int}", status_code=204, responses=documented(404, 409))
def delete_run(session: Asking, batch_id: BatchId, number: RunInPath) -> None:
    """Delete an earlier run with its documents and results. The current run cannot be deleted."""
    purging.delete_run(session, batch_id, number)
