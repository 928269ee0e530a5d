"""What users hand in for batches and their actions."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from docstage.domain.lifecycle import Action
from docstage.domain.tasks import FailureKind
from docstage.service.fields import NAMED, Ids, Input, JsonObject, Name, Reason, Storable


class BatchInput(Input):
    """A choice of folders, connections and prompts."""

    name: Annotated[Name, Storable] = Field(examples=["Leases 2026"])
    description: Annotated[str, StringConstraints(max_length=10_000), Storable] | None = None
    folder_ids: Ids = Field(examples=[[1]])
    connection_ids: Ids = Field(examples=[[1, 2]])
    prompt_ids: Ids = Field(examples=[[1]])
    metadata: JsonObject = Field(default_factory=dict, description="Anything you want to keep with it.")
    budget: float | None = Field(
        None, gt=0, le=1_000_000, description="USD. The batch pauses before a call that could exceed it."
    )
    failure_limit: float | None = Field(
        None, ge=0, le=1, description="Share of the tasks; when more have failed the batch ends as FAILED."
    )


class BatchChange(Input):
    """What to change of a batch; what is analysed can change only while it is SAVED."""

    name: Annotated[Name, Storable] | None = None
    description: Annotated[str, StringConstraints(max_length=10_000), Storable] | None = None
    metadata: JsonObject | None = None
    budget: float | None = Field(None, gt=0, le=1_000_000)
    failure_limit: float | None = Field(None, ge=0, le=1)
    folder_ids: Ids | None = None
    connection_ids: Ids | None = None
    prompt_ids: Ids | None = None


class ActionInput(Input):
    """An action of the unified endpoint."""

    action: Annotated[Action, NAMED]
    reason: Annotated[Reason, Storable] | None = Field(None, description="Kept in the audit log.")
    failure_kinds: list[Annotated[FailureKind, NAMED]] | None = Field(
        None, max_length=50, description="For `retry`: only tasks that failed in these ways."
    )

    @model_validator(mode="after")
    def _kinds_only_for_retry(self) -> Self:
        if self.failure_kinds is not None and self.action is not Action.RETRY:
            raise ValueError("failure_kinds goes only with the action retry")
        return self


class ReasonInput(Input):
    """The optional body of an action endpoint."""

    reason: Annotated[Reason, Storable] | None = Field(None, description="Kept in the audit log.")
