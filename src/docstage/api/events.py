"""Endpoints of the audit log and the stream of what happens."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse

from docstage.api.feed import Feed
from docstage.api.parameters import LARGEST, Context, Paging
from docstage.service.batches.views import EventView
from docstage.service.results import results
from docstage.service.views import PageView

router = APIRouter(prefix="/api", tags=["events"])


@router.get("/events")
def list_events(services: Context, page: Paging) -> PageView[EventView]:
    """List the audit log of all batches, the latest first."""
    return results.list_events(services, page)


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def stream_events(
    request: Request, last_event_id: Annotated[int | None, Header(ge=0, le=LARGEST)] = None
) -> StreamingResponse:
    """Stream what happens to all batches: `event` for lines of the audit log, `batch` for changed batches."""
    feed: Feed = request.app.state.feed
    # A proxy that gathers the answer would hold events back.
    headers = {"x-accel-buffering": "no"}
    messages = await feed.open(last_event_id)
    return StreamingResponse(messages, media_type="text/event-stream", headers=headers)
