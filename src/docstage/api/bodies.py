"""The bodies of requests, each with an example for the OpenAPI document."""

from typing import Annotated, Any

from fastapi import Body
from fastapi.openapi.models import Example

from docstage.service.batches.inputs import ActionInput, BatchChange, BatchInput, ReasonInput
from docstage.service.connections.inputs import ConnectionChange, ConnectionDraft, ConnectionInput
from docstage.service.folders.inputs import FolderChange, FolderInput
from docstage.service.prompts.inputs import PromptChange, PromptInput, PromptTrial


def _shown(summary: str, **value: Any) -> Any:
    """A body with one example."""
    return Body(openapi_examples={"usual": Example(summary=summary, value=value)})


_BATCH = _shown(
    "One folder, two models, one prompt, at most 5 dollars",
    name="Leases 2026",
    folder_ids=[1],
    connection_ids=[1, 2],
    prompt_ids=[1],
    budget=5.0,
)

FolderBody = Annotated[
    FolderInput, _shown("The PDF files below a folder", path="/data/contracts", include=["*.pdf"])
]
FolderChangeBody = Annotated[FolderChange, _shown("Leave drafts out", exclude=["drafts/**"])]
ConnectionBody = Annotated[
    ConnectionInput,
    _shown(
        "A model of a provider, with its key in the environment",
        name="gpt-5-mini",
        provider="openai",
        model="gpt-5-mini",
        api_key="env:OPENAI_API_KEY",
        limits={"concurrency": 16, "requests_per_minute": 500},
    ),
]
ConnectionChangeBody = Annotated[ConnectionChange, _shown("Fewer calls at once", limits={"concurrency": 4})]
ConnectionDraftBody = Annotated[
    ConnectionDraft,
    _shown(
        "A server on this machine",
        provider="llamacpp",
        model="qwen3-8b",
        base_url="http://localhost:8080/v1",
    ),
]
PromptBody = Annotated[
    PromptInput,
    _shown(
        "A question with answers in columns",
        name="Parties",
        text="Who are the parties, and when does the contract end?",
        schema={
            "type": "object",
            "properties": {
                "parties": {"type": "array", "items": {"type": "string"}},
                "end": {"type": ["string", "null"]},
            },
            "required": ["parties", "end"],
        },
    ),
]
PromptChangeBody = Annotated[
    PromptChange,
    _shown("Another wording, as a new version", text="Name the parties of this contract."),
]
PromptTrialBody = Annotated[
    PromptTrial,
    _shown(
        "A question about one letter",
        text="Who wrote this, and what do they want?",
        connection_id=1,
        folder_id=1,
        path="letter.txt",
    ),
]
BatchBody = Annotated[BatchInput, _BATCH]
BatchChangeBody = Annotated[BatchChange, _shown("A higher budget", budget=20.0)]
ActionBody = Annotated[
    ActionInput,
    _shown(
        "Try again what the provider had no time for",
        action="retry",
        reason="the provider is well again",
        failure_kinds=["overloaded", "timeout"],
    ),
]
ReasonBody = Annotated[ReasonInput | None, _shown("Why", reason="new files have arrived")]
