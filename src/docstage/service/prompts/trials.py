"""Trying a prompt on one document before it is used on many."""

import asyncio
import base64
import json
from dataclasses import asdict
from typing import Any

from pydantic import Field
from sqlalchemy import Connection

from docstage.asking.ask import StoredAnswer
from docstage.asking.config import connection_config
from docstage.asking.question import make_question
from docstage.asking.trials import Trial, Tried
from docstage.domain.content import Content, DocumentReason, DocumentStatus
from docstage.domain.errors import NotFound
from docstage.domain.handling import Handling
from docstage.domain.rows import COST_SOURCES
from docstage.domain.tasks import FailureKind, way_forward
from docstage.domain.usage import dollars, tokens_of
from docstage.models.catalogue import takes_images
from docstage.models.pricing import Pricing
from docstage.models.protocol import ModelFailure
from docstage.service.context import Services
from docstage.service.edits import refused
from docstage.service.folders.server_folders import usable_folder
from docstage.service.prompts.inputs import PromptTrial
from docstage.service.prompts.prompts import check_schema
from docstage.service.record_spending import LooseCall, entered
from docstage.service.views import View
from docstage.staging.scan import ScanOptions, takes
from docstage.store import library
from docstage.store.records import ConnectionRecord, Folder

# What a page can show; the model gets all of it.
SHOWN_CHARACTERS = 100_000
SHOWN_PICTURES = 3


class ShownPicture(View):
    """A picture that the model gets."""

    media_type: str
    data: str = Field(description="Base64.")


class TriedDocument(View):
    """The document as the model gets it, or why it cannot be used."""

    path: str
    status: DocumentStatus
    reason: DocumentReason | None
    detail: str | None = Field(description="Why it cannot be used, or what is missing in it.")
    media_type: str | None
    pages: int | None
    images: int
    characters: int
    tokens: int = Field(description="Estimated.")
    text: str = Field(description="At most its first 100,000 characters.")
    pictures: list[ShownPicture] = Field(description="At most its first three.")
    encoding_ms: float
    reused: bool = Field(description="It had been encoded before.")


class PromptTrialView(View):
    """What came of trying a prompt. A call that failed is an answer too."""

    ok: bool = Field(description="There is a usable answer.")
    document: TriedDocument
    text: str | None = Field(None, description="The answer; also an unusable one, where there is one.")
    value: Any = Field(None, description="The answer's value, where the prompt has a schema.")
    thoughts: str | None = Field(None, description="What the model wrote before its answer.")
    failure_kind: FailureKind | None = None
    message: str | None = Field(
        None, description="Why there is no usable answer; or what people should know of it."
    )
    way_forward: str | None = None
    input_tokens: int | None = None
    cached_tokens: int | None = None
    output_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost: float | None = Field(None, description="USD; null when it is unknown or nothing was asked.")
    cost_source: str | None = Field(None, description=COST_SOURCES)
    latency_ms: float | None = None
    model: str | None = None
    finish_reason: str | None = None


async def try_prompt(services: Services, wanted: PromptTrial) -> PromptTrialView:
    """Ask one question about one document; it is paid for like any call and belongs to no batch.

    Raises:
        InvalidInput: the schema cannot be used; there is no such connection or folder; the folder does not
            take the document, or the connection lacks what it needs.
        Forbidden: the folder lies outside the allowed roots.
        SecretError: the connection's key cannot be read.
        Unavailable: too much is being tried already, or a process cannot be started.
    """
    trial, pricing = await asyncio.to_thread(_prepare, services, wanted)
    async with entered(services, wanted.connection_id, pricing) as call:
        tried = await services.trials.carry_out(
            trial, services.database, services.settings, services.clock, call.begin
        )
        if tried.outcome is not None:
            _end(call, tried.outcome)
    return _view(wanted.path, tried, call)


def _end(call: LooseCall, outcome: StoredAnswer | ModelFailure) -> None:
    if isinstance(outcome, StoredAnswer):
        call.end(outcome.usage, outcome.served.model, billed=True, told_cost=outcome.told_cost)
    else:
        call.end(outcome.usage, billed=outcome.may_be_billed, told_cost=outcome.told_cost)


def _prepare(services: Services, wanted: PromptTrial) -> tuple[Trial, Pricing]:
    check_schema(wanted.answer_schema)
    with services.database.read() as c:
        folder, record = _members(c, wanted)
        config = connection_config(c, services.secrets, record)
    root = usable_folder(services.settings, folder.path)
    options = ScanOptions(folder.recursive, tuple(folder.include), tuple(folder.exclude), folder.hidden)
    if not takes(root, options, wanted.path):
        raise refused("path", f"The folder {folder.name!r} has no document {wanted.path!r}.")
    question = make_question(wanted.text, wanted.system, wanted.answer_schema)
    sees = takes_images(record.provider, record.model) if record.images is None else record.images
    handling = Handling.of(folder.archives, folder.attachments)
    return Trial(question, config, sees, root, wanted.path, handling), Pricing(config, record.prices)


def _members(c: Connection, wanted: PromptTrial) -> tuple[Folder, ConnectionRecord]:
    try:
        folder = library.get_folder(c, wanted.folder_id)
    except NotFound as error:
        raise refused("folder_id", error.detail) from error
    try:
        return folder, library.get_connection(c, wanted.connection_id)
    except NotFound as error:
        raise refused("connection_id", error.detail) from error


def _view(path: str, tried: Tried, call: LooseCall) -> PromptTrialView:
    outcome = tried.outcome
    shown = {"document": _document(path, tried), "latency_ms": tried.latency_ms}
    shown |= _spent(call) if outcome else {}
    if outcome is None:
        return PromptTrialView(ok=False, message=tried.document.verdict.detail, **shown)
    if isinstance(outcome, StoredAnswer):
        return PromptTrialView(ok=True, **shown, **_answer(outcome))
    return PromptTrialView(ok=False, **shown, **_failure(outcome))


def _spent(call: LooseCall) -> dict[str, Any]:
    cost = call.cost
    return {**tokens_of(call.usage), "cost": dollars(cost.nanos), "cost_source": cost.source}


def _answer(answer: StoredAnswer) -> dict[str, Any]:
    return {
        "text": answer.text,
        "value": None if answer.value is None else json.loads(answer.value),
        "thoughts": answer.thoughts,
        "message": answer.note,
        **asdict(answer.served),
    }


def _failure(failure: ModelFailure) -> dict[str, Any]:
    return {
        "text": failure.written.text,
        "thoughts": failure.written.thoughts,
        "failure_kind": failure.kind,
        "message": failure.message,
        "way_forward": way_forward(failure.kind, failure.message),
    }


def _document(path: str, tried: Tried) -> TriedDocument:
    document = tried.document
    content = document.content or Content()
    pictures = [
        ShownPicture(media_type=picture.media_type, data=base64.b64encode(picture.data).decode())
        for picture in content.images[:SHOWN_PICTURES]
    ]
    return TriedDocument.model_validate(
        {
            **asdict(document.verdict),
            "path": path,
            "text": content.text[:SHOWN_CHARACTERS],
            "pictures": pictures,
            "encoding_ms": document.milliseconds,
            "reused": document.reused,
        }
    )
