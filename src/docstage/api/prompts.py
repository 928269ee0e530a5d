"""Endpoints of prompts."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from docstage.api.bodies import PromptBody, PromptChangeBody, PromptTrialBody
from docstage.api.parameters import Context, Editing, ItemId, Paging, Search, tagged
from docstage.service.prompts import prompts
from docstage.service.prompts import trials as prompt_trials
from docstage.service.prompts.trials import PromptTrialView
from docstage.service.prompts.views import PromptView
from docstage.service.views import PageView
from docstage.web.problems import documented
from docstage.web.waiting import while_connected

router = APIRouter(prefix="/api/prompts", tags=["prompts"])


@router.get("")
def list_prompts(services: Context, page: Paging, search: Search = None) -> PageView[PromptView]:
    """List prompts at their latest version, by name unless sorted otherwise."""
    return prompts.list_prompts(services, page, search)


@router.post("", status_code=201, responses=documented(409))
def create_prompt(services: Context, body: PromptBody, response: Response) -> PromptView:
    """Add a prompt."""
    return tagged(response, prompts.create_prompt(services, body))


@router.post("/try")
async def try_prompt(services: Context, request: Request, body: PromptTrialBody) -> PromptTrialView:
    """Ask one question about one document of a folder, which costs one call. No batch knows of it."""
    return await while_connected(request, prompt_trials.try_prompt(services, body))


@router.get("/{prompt_id:int}", responses=documented(404))
def get_prompt(
    services: Context,
    prompt_id: ItemId,
    response: Response,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Default: the latest.")] = None,
) -> PromptView:
    """Get a prompt at one of its versions."""
    return tagged(response, prompts.get_prompt(services, prompt_id, version))


@router.patch("/{prompt_id:int}", responses=documented(404, 409, 412))
def change_prompt(
    session: Editing, prompt_id: ItemId, body: PromptChangeBody, response: Response
) -> PromptView:
    """Change a prompt. Anything but the name makes a new version."""
    return tagged(response, prompts.change_prompt(session, prompt_id, body))


@router.delete("/{prompt_id:int}", status_code=204, responses=documented(404, 409, 412))
def delete_prompt(session: Editing, prompt_id: ItemId) -> None:
    """Delete a prompt that no batch uses, with all its versions."""
    prompts.delete_prompt(session, prompt_id)


@router.get("/{prompt_id:int}/versions", responses=documented(404))
def list_prompt_versions(services: Context, prompt_id: ItemId) -> list[PromptView]:
    """List every version of a prompt, the latest first."""
    return prompts.prompt_versions(services, prompt_id)
