"""Endpoints of folders."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.requests import ClientDisconnect

from docstage.api.bodies import FolderBody, FolderChangeBody
from docstage.api.parameters import Context, Editing, ItemId, Paging, Search, tagged
from docstage.domain.errors import Unavailable
from docstage.service.fields import Name, Storable
from docstage.service.folders import folders, samples
from docstage.service.folders.server_folders import FolderDocuments, FolderListing
from docstage.service.folders.uploads import UploadView, receive_file
from docstage.service.folders.views import FolderView
from docstage.service.views import PageView
from docstage.web.admission import Work, heavy
from docstage.web.guard import UPLOAD_TYPE, stated_length
from docstage.web.problems import documented

router = APIRouter(prefix="/api/folders", tags=["folders"])


@router.get("")
def list_folders(services: Context, page: Paging, search: Search = None) -> PageView[FolderView]:
    """List folders, by name unless sorted otherwise."""
    return folders.list_folders(services, page, search)


@router.post("", status_code=201, responses=documented(403, 409))
def create_folder(services: Context, body: FolderBody, response: Response) -> FolderView:
    """Add a folder that documents come from. It must exist and be readable."""
    return tagged(response, folders.create_folder(services, body))


@router.get("/browse", responses=documented(403))
def browse_folders(
    services: Context,
    path: Annotated[
        Annotated[str, Storable] | None,
        Query(max_length=4_096, description="Default: the allowed roots, or else the user's home."),
    ] = None,
) -> FolderListing:
    """List the sub-folders of a folder of the machine that docstage runs on, for choosing one."""
    return folders.browse(services, path)


@router.post("/check", responses=documented(403))
@heavy(Work.CHECK)
def check_folder(services: Context, body: FolderBody, search: Search = None) -> FolderDocuments:
    """Count the files that a folder would have, and list the first 200, without adding it."""
    return folders.check_folder(services, body, search)


@router.post("/samples", status_code=201, responses=documented(409))
def add_samples(services: Context) -> FolderView:
    """Add the folder of the sample documents that come with docstage, or answer it if it is there."""
    return samples.add_samples(services)


@router.post(
    "/upload",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {UPLOAD_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def upload_file(
    services: Context,
    request: Request,
    name: Annotated[Name, Query(description="A name for the files that belong together.")],
    path: Annotated[str, Query(max_length=4_096, description="The file's path below that, with `/`.")],
) -> UploadView:
    """Send one file to the server; the body is its bytes. Then add the folder that is answered."""
    try:
        return await receive_file(services, name, path, request.stream(), stated_length(request.headers))
    except ClientDisconnect as error:
        raise Unavailable("The upload was broken off.") from error


@router.get("/{folder_id:int}", responses=documented(404))
def get_folder(services: Context, folder_id: ItemId, response: Response) -> FolderView:
    """Get a folder."""
    return tagged(response, folders.get_folder(services, folder_id))


@router.patch("/{folder_id:int}", responses=documented(403, 404, 409, 412))
def change_folder(
    session: Editing, folder_id: ItemId, body: FolderChangeBody, response: Response
) -> FolderView:
    """Change a folder. Runs that exist keep it as it was."""
    return tagged(response, folders.change_folder(session, folder_id, body))


@router.delete("/{folder_id:int}", status_code=204, responses=documented(404, 409, 412))
def delete_folder(session: Editing, folder_id: ItemId) -> None:
    """Forget a folder that no batch uses. Nothing on disk is touched."""
    folders.delete_folder(session, folder_id)


@router.get("/{folder_id:int}/documents", responses=documented(403, 404))
@heavy(Work.CHECK)
def list_folder_documents(services: Context, folder_id: ItemId, search: Search = None) -> FolderDocuments:
    """Count the files that staging would find in a folder now, and list the first 200."""
    return folders.folder_documents(services, folder_id, search)
