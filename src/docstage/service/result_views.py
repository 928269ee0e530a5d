"""What users get to see of a run's results as a whole: how far it is, what failed, what can be chosen."""

from pydantic import Field

from docstage.domain.lifecycle import BatchStatus
from docstage.domain.tasks import FailureKind
from docstage.service.views import CellProgress, Counts, Progress, View


class CountView(View):
    """How many tasks a choice would show."""

    id: int
    name: str
    tasks: int


class FacetsView(View):
    """How many tasks each further choice of a filter would show, under the other choices that were made."""

    total: int = Field(description="All tasks of the run.")
    shown: int = Field(description="Those that the filter leaves.")
    status: dict[str, int] = Field(description="Every status, also those that none has.")
    failure_kind: dict[FailureKind, int] = Field(description="Those that some have, the most frequent first.")
    connection: list[CountView] = Field(description="All of the run, by its names.")
    prompt: list[CountView] = Field(description="All of the run, by its names.")


class FailurePlace(View):
    """How many tasks of a connection and prompt failed in a way."""

    connection_id: int
    connection: str
    prompt_id: int
    prompt: str
    tasks: int


class FailureExample(View):
    """One task that failed."""

    task_id: int
    document_id: int
    document: str
    message: str | None


class FailureGroup(View):
    """Failed tasks that have the same cause."""

    kind: FailureKind
    tasks: int
    example: str | None
    way_forward: str
    retry_helps: bool = Field(description="Whether another try can come to another end, as things are.")
    retry_hint: str | None = Field(description="Where it cannot: why, and what to do first.")
    places: list[FailurePlace] = Field(description="The 20 with most of them.")
    documents: list[FailureExample] = Field(description="The first five, each of another document.")


class ProgressView(Progress):
    """Progress of a batch in detail."""

    status: BatchStatus
    status_reason: str | None
    counts: Counts
    cells: list[CellProgress]
    failures: list[FailureGroup]
