"""Endpoints of connections."""

from fastapi import APIRouter, Response

from docstage.api.bodies import ConnectionBody, ConnectionChangeBody, ConnectionDraftBody
from docstage.api.parameters import Context, Editing, ItemId, Paging, Search, tagged
from docstage.service.connections import checks as connection_checks
from docstage.service.connections import connections
from docstage.service.connections.checks import Detected, DiagnosisView, OfferedModelView, ProviderView
from docstage.service.connections.views import ConnectionView
from docstage.service.views import PageView
from docstage.web.problems import documented

router = APIRouter(prefix="/api/connections", tags=["connections"])


@router.get("")
def list_connections(services: Context, page: Paging, search: Search = None) -> PageView[ConnectionView]:
    """List connections, by name unless sorted otherwise."""
    return connections.list_connections(services, page, search)


@router.post("", status_code=201, responses=documented(409))
def create_connection(services: Context, body: ConnectionBody, response: Response) -> ConnectionView:
    """Add a connection to a language model. The key is never shown again."""
    return tagged(response, connections.create_connection(services, body))


@router.get("/providers")
def list_providers() -> list[ProviderView]:
    """List the providers that connections can name."""
    return connection_checks.providers()


@router.get("/detect")
async def detect_servers(services: Context) -> Detected:
    """Look for model servers on this machine and for keys in the environment."""
    return await connection_checks.detect(services)


@router.post("/check")
async def check_draft(services: Context, body: ConnectionDraftBody) -> DiagnosisView:
    """Test a connection before it is saved, with one short call, which may cost a few tokens."""
    return await connection_checks.test_draft(services, body)


@router.post("/models", responses=documented(503))
async def list_draft_models(services: Context, body: ConnectionDraftBody) -> list[OfferedModelView]:
    """List the models that the server of a connection offers, before it is saved."""
    return await connection_checks.draft_models(services, body)


@router.get("/{connection_id:int}", responses=documented(404))
def get_connection(services: Context, connection_id: ItemId, response: Response) -> ConnectionView:
    """Get a connection, with what the engine is doing with it."""
    return tagged(response, connections.get_connection(services, connection_id))


@router.patch("/{connection_id:int}", responses=documented(404, 409, 412))
def change_connection(
    session: Editing,
    connection_id: ItemId,
    body: ConnectionChangeBody,
    response: Response,
) -> ConnectionView:
    """Change a connection. Key, address and limits hold at once, also for running batches."""
    return tagged(response, connections.change_connection(session, connection_id, body))


@router.delete("/{connection_id:int}", status_code=204, responses=documented(404, 409, 412))
def delete_connection(session: Editing, connection_id: ItemId) -> None:
    """Delete a connection that no batch uses, with its stored key."""
    connections.delete_connection(session, connection_id)


@router.post("/{connection_id:int}/test", responses=documented(404))
async def test_connection(services: Context, connection_id: ItemId) -> DiagnosisView:
    """Test a connection with one short call, which may cost a few tokens."""
    return await connection_checks.test(services, connection_id)


@router.get("/{connection_id:int}/models", responses=documented(404, 503))
async def list_models(services: Context, connection_id: ItemId) -> list[OfferedModelView]:
    """List the models that the connection's server offers."""
    return await connection_checks.offered_models(services, connection_id)
