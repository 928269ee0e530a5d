"""Endpoints of the server itself: health, metrics, the way in."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from docstage import __version__
from docstage.api.parameters import Context
from docstage.service.context import Services
from docstage.service.results import exporting
from docstage.service.results.views import FormatView
from docstage.service.system import health
from docstage.service.system.deep_checks import deep_checks
from docstage.service.system.views import Check, EngineView
from docstage.service.views import View
from docstage.web.admission import Work, heavy, in_turns
from docstage.web.problems import documented

router = APIRouter(tags=["system"])
_LINES = "application/jsonl"


class Welcome(View):
    """What this server is, and where to go on."""

    name: str
    version: str
    max_file_mb: int = Field(description="Larger files are neither taken as uploads nor staged.")
    links: dict[str, str]


class Alive(View):
    """The web process answers."""

    status: str = "alive"


class Ready(View):
    """The database answers and has the right schema."""

    status: str = "ready"
    engine: EngineView


@router.get("/api")
def welcome(services: Context) -> Welcome:
    """Tell what this server is."""
    links = {
        "batches": "/api/batches",
        "folders": "/api/folders",
        "connections": "/api/connections",
        "prompts": "/api/prompts",
        "events": "/api/events",
        "spending": "/api/spending",
        "stream": "/api/stream",
        "openapi": "/openapi.json",
        "ready": "/readyz",
    }
    return Welcome(
        name="docstage", version=__version__, max_file_mb=services.settings.max_file_mb, links=links
    )


@router.get("/api/export-formats")
def list_export_formats() -> list[FormatView]:
    """List the formats in which results can be exported, the usual one first."""
    return exporting.export_formats()


@router.get("/livez")
async def check_alive() -> Alive:
    """Tell that the web process answers, whatever else may be wrong."""
    return Alive()


@router.get("/readyz", responses=documented(503))
def check_ready(services: Context) -> Ready:
    """Tell that requests can be served, and whether the engine runs."""
    return Ready(engine=health.check_ready(services))


@router.get(
    "/api/doctor",
    response_model=list[Check],
    responses={200: {"content": {_LINES: {}}}},
)
@heavy(Work.CHECK)
def run_doctor(
    services: Context,
    deep: Annotated[bool, Query(description="Also look at every invariant of the database.")] = False,
    accept: Annotated[str, Header(description="`application/jsonl` gets each check when it is made.")] = "",
) -> list[Check] | StreamingResponse:
    """Check everything that docstage needs."""
    checks = _checks(services, deep)
    if _LINES in accept:
        lines = (f"{one.model_dump_json()}\n" for one in checks)
        return StreamingResponse(in_turns(Work.CHECK, lines), media_type=_LINES)
    return list(checks)


def _checks(services: Services, deep: bool) -> Iterator[Check]:
    shallow = health.doctor(services)
    yield from shallow
    if deep and shallow[0].ok:
        yield from deep_checks(services)


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def get_metrics(services: Context) -> Response:
    """Get figures in the text format of Prometheus."""
    from docstage.api.metrics import MEDIA_TYPE, render

    return Response(render(health.figures(services)), media_type=MEDIA_TYPE)
