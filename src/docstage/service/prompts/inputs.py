"""What users hand in for prompts, and for trying one."""

from typing import Annotated

from pydantic import Field, StringConstraints

from docstage.domain.stretches import TooLong
from docstage.service.fields import NAMED, Id, Input, JsonObject, Name, Storable

PromptText = Annotated[str, StringConstraints(min_length=1, max_length=200_000), Storable]


class PromptInput(Input):
    """What is asked about every document."""

    name: Annotated[Name, Storable] = Field(examples=["Obligations"])
    text: PromptText = Field(examples=["Which obligations and deadlines does this document name?"])
    system: PromptText | None = Field(None, description="Standing instructions to the model.")
    answer_schema: JsonObject | None = Field(
        None, alias="schema", description="JSON Schema that every answer must fulfil; default: free text."
    )
    too_long: Annotated[TooLong, NAMED] = Field(
        TooLong.REFUSE,
        description="What becomes of documents that are too long for a model whose context is known.",
    )


class PromptChange(Input):
    """What to change of a prompt; anything but the name makes a new version."""

    name: Annotated[Name, Storable] | None = None
    text: PromptText | None = None
    system: PromptText | None = None
    answer_schema: JsonObject | None = Field(None, alias="schema")
    too_long: Annotated[TooLong, NAMED] | None = None


class PromptTrial(Input):
    """One question about one document."""

    text: PromptText = Field(examples=["Which obligations and deadlines does this document name?"])
    system: PromptText | None = Field(None, description="Standing instructions to the model.")
    answer_schema: JsonObject | None = Field(None, alias="schema", description="As in a prompt.")
    connection_id: Id = Field(examples=[1])
    folder_id: Id = Field(examples=[1])
    path: Annotated[str, StringConstraints(min_length=1, max_length=4_096), Storable] = Field(
        description="A document of the folder, as `/api/folders/{folder_id}/documents` names it.",
        examples=["letter.txt"],
    )
