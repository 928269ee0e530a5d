"""Prompts as they are shown."""

from typing import Any

from pydantic import Field

from docstage.domain.stretches import TooLong
from docstage.service.views import Editable, Timestamp


class PromptView(Editable):
    """A prompt at one version."""

    edited = ("id", "version", "updated_at")

    id: int
    name: str
    version: int
    text: str
    system: str | None
    answer_schema: dict[str, Any] | None = Field(None, alias="schema")
    too_long: TooLong = Field(description="What becomes of documents that are too long for a model.")
    batches: int = Field(0, description="How many batches use it.")
    created_at: Timestamp
    updated_at: Timestamp
