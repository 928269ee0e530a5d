"""What runs brought, as it is shown: documents, tasks, calls, progress and failures."""

from pydantic import Field

from docstage.domain.content import DocumentReason, DocumentStatus
from docstage.domain.lifecycle import BatchStatus
from docstage.domain.tasks import FailureKind
from docstage.service.batches.views import Counts, Progress
from docstage.service.views import Timestamp, View


class CellProgress(View):
    """Progress of one connection and prompt."""

    connection_id: int
    connection: str
    prompt_id: int
    prompt: str
    tasks: int
    queued: int
    running: int
    completed: int
    failed: int
    cancelled: int
    unsendable: int = Field(0, description="Of the failed tasks those that cannot be sent.")
    calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cache_write_tokens: int = Field(0, description="Of the input, written to providers' caches.")
    reasoning_tokens: int = Field(0, description="Of the output, spent on reasoning.")
    cost: float | None = Field(description="USD of the calls whose cost is known; null: none is.")
    unpriced_calls: int = Field(description="Calls whose cost is unknown; with any, `cost` is a least.")
    possible_cost: float = Field(description="USD that these and the calls in flight cost at most.")
    mean_latency_ms: float | None


class PacePoint(View):
    """What came back of a run's calls within one step."""

    at: Timestamp = Field(description="When the step began.")
    calls: int
    failed: int
    mean_latency_ms: float | None = Field(description="Null when no call came back.")
    cost: float | None = Field(description="USD of this step; null when no call has a known cost.")
    unpriced_calls: int = Field(description="Calls whose cost is unknown; with any, `cost` is a least.")


class PaceView(View):
    """How a run went over time."""

    seconds: int = Field(description="How long a step is.")
    points: list[PacePoint] = Field(description="The steps in order, none left out.")


class DocumentView(View):
    """One file of a run."""

    id: int
    folder_id: int
    path: str
    size: int
    status: DocumentStatus
    reason: DocumentReason | None
    detail: str | None
    media_type: str | None
    sha256: str | None
    pages: int | None
    parts: int | None = Field(
        description="Numbered parts that have something in them, such as pages or sheets; null: an earlier "
        "version encoded it."
    )
    pictured_parts: int | None = Field(description="Those of them that are pictures.")
    losses: int | None = Field(description="How many things are left out of it, as its receipt tells.")
    images: int
    characters: int
    tokens: int
    milliseconds: float | None = Field(
        description="Time spent on encoding; null when the content was reused."
    )


class RunView(View):
    """One generation of a batch."""

    number: int
    current: bool
    begun_at: Timestamp
    staged_at: Timestamp | None
    closed_at: Timestamp | None
    counts: Counts
    cost: float | None = Field(description="USD of the calls whose cost is known; null: none is.")
    unpriced_calls: int = Field(description="Calls whose cost is unknown; with any, `cost` is a least.")
    possible_cost: float = Field(description="USD that these and the calls in flight cost at most.")


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
    unsendable: int = Field(description="Of the failed ones those that cannot be sent.")
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
    retries: int = Field(0, description="Tasks that wait for their next try.")
    retry_seconds: float = Field(0.0, description="The first of them is due in so long.")
    cells: list[CellProgress]
    failures: list[FailureGroup]


class FormatView(View):
    """What results can be exported as."""

    name: str = Field(description="As `format` takes it.")
    title: str
    description: str
    media_type: str
    suffix: str = Field(description="How names of such files end.")
    has_header: bool = Field(description="Whether a file without tasks has the names of its columns.")
