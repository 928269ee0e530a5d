"""Prompts: what is asked about every document."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection

from docstage.domain.errors import InvalidInput
from docstage.models.schemas.validation import validate_schema
from docstage.service.context import Services
from docstage.service.edits import check_unchanged, given, refused
from docstage.service.prompts.inputs import PromptChange, PromptInput
from docstage.service.prompts.views import PromptView
from docstage.service.purging.erasing import erase_now, owe_erasure
from docstage.service.session import Session
from docstage.service.views import PageView
from docstage.store import library
from docstage.store.paging import PageRequest
from docstage.store.records import Prompt
from docstage.store.tables import prompt

_CLEARABLE = frozenset({"system", "answer_schema"})


def create_prompt(services: Services, wanted: PromptInput) -> PromptView:
    """Store a prompt as its version 1.

    Raises:
        InvalidInput: the schema is no JSON Schema, or refers to something outside itself.
        Conflict: the name is taken.
    """
    check_schema(wanted.answer_schema)
    version = {
        "text": wanted.text,
        "system": wanted.system,
        "schema": wanted.answer_schema,
        "too_long": str(wanted.too_long),
    }
    with services.database.write() as c:
        prompt_id = library.insert_prompt(c, wanted.name, version, services.clock.now())
        return _view(c, library.get_prompt(c, prompt_id))


def get_prompt(services: Services, prompt_id: int, version: int | None = None) -> PromptView:
    """The prompt at a version, by default its latest. Raises NotFound."""
    with services.database.read() as c:
        return _view(c, library.get_prompt(c, prompt_id, version))


def list_prompts(services: Services, request: PageRequest, search: str | None = None) -> PageView[PromptView]:
    """Prompts at their latest version whose name or text contains `search`."""
    with services.database.read() as c:
        page = library.list_prompts(c, request, search)
        return PageView(items=_views(c, page.items), next=page.next)


def prompt_versions(services: Services, prompt_id: int) -> list[PromptView]:
    """Every version of a prompt, the latest first. Raises NotFound."""
    with services.database.read() as c:
        return _views(c, library.prompt_versions(c, prompt_id))


def change_prompt(session: Session, prompt_id: int, change: PromptChange) -> PromptView:
    """Change a prompt. Whatever changes an answer makes a new version; the name alone does not.

    Raises:
        NotFound, InvalidInput, Conflict: as `create_prompt`.
        Changed: it has none of the expected tags.
    """
    services = session.services
    values = given(change, _CLEARABLE)
    check_schema(values.get("answer_schema"))
    now = services.clock.now()
    with services.database.write() as c:
        # Locked, so that of two changes at once each gets a version of its own.
        library.lock_row(c, prompt, prompt_id)
        latest = library.get_prompt(c, prompt_id)
        check_unchanged(_view(c, latest), session.expected)
        name = {"name": values["name"]} if "name" in values else {}
        library.update_row(c, prompt, prompt_id, name | {"updated_at": now})
        before = {name: getattr(latest, name) for name in ("text", "system", "schema", "too_long")}
        after = before | _version_members(values)
        if after != before:
            library.insert_prompt_version(c, prompt_id, latest.version + 1, after, now)
        return _view(c, library.get_prompt(c, prompt_id))


def delete_prompt(session: Session, prompt_id: int) -> None:
    """Delete a prompt with all its versions.

    Raises:
        NotFound: there is no such prompt.
        InUse: batches use it.
        Changed: it has none of the expected tags.
    """
    services = session.services
    with services.database.write() as c:
        library.lock_row(c, prompt, prompt_id)
        check_unchanged(_view(c, library.get_prompt(c, prompt_id)), session.expected)
        library.delete_row(c, prompt, prompt_id)
        owe_erasure(services, c)
    erase_now(services)


def _version_members(values: dict[str, Any]) -> dict[str, Any]:
    named = {"text": "text", "system": "system", "answer_schema": "schema", "too_long": "too_long"}
    return {named[name]: value for name, value in values.items() if name in named}


def check_schema(schema: dict[str, Any] | None) -> None:
    """Refuse what answers cannot be checked against. Raises InvalidInput."""
    if schema is None:
        return
    try:
        validate_schema(schema)
    except InvalidInput as error:
        raise refused("schema", error.detail) from error


def _view(c: Connection, record: Prompt) -> PromptView:
    return _views(c, [record])[0]


def _views(c: Connection, records: Sequence[Prompt]) -> list[PromptView]:
    users = library.count_users(c, prompt, [record.id for record in records])
    views = map(PromptView.model_validate, records)
    return [view.model_copy(update={"batches": users.get(view.id, 0)}) for view in views]
