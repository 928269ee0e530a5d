"""What users get to see: the JSON resources of the API, which the CLI shows too."""

import hashlib
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from docstage.domain.content import DocumentReason, DocumentStatus
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import FailureKind

T = TypeVar("T")


def _utc(value: Any) -> Any:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int | float) else value


Timestamp = Annotated[datetime, BeforeValidator(_utc)]


class View(BaseModel):
    """A resource."""

    model_config = ConfigDict(from_attributes=True, protected_namespaces=(), populate_by_name=True)


class Editable(View):
    """A resource that can be edited, with a tag that every edit changes."""

    edited: ClassVar[tuple[str, ...]] = ("id", "updated_at")

    @property
    def tag(self) -> str:
        """What two states of the resource with the same editable members have in common."""
        members = self.model_dump_json(include=set(self.edited))
        return hashlib.sha256(members.encode()).hexdigest()[:20]


class PageView(View, Generic[T]):
    """One page of a listing."""

    items: list[T]
    next: str | None = Field(None, description="Pass it as `cursor` for the next page; null at the end.")


class MarksView(View):
    """Where the pages of a listing begin, so that any of them can be fetched at once."""

    total: int = Field(description="How many rows there are.")
    cursors: list[str] = Field(description="The `cursor` of the second page and of all further ones.")
    position: int | None = Field(description="Place of the wanted row, from 0; null when it is not there.")


class FolderView(Editable):
    """A place documents come from."""

    id: int
    name: str
    path: str
    recursive: bool
    hidden: bool
    include: list[str]
    exclude: list[str]
    batches: int = Field(0, description="How many batches use it.")
    created_at: Timestamp
    updated_at: Timestamp


class LimitsView(View):
    """How hard a connection may be pressed."""

    concurrency: int
    requests_per_minute: int | None
    tokens_per_minute: int | None


class PriceView(View):
    """USD per million tokens, and where the figures come from."""

    input: float
    output: float
    cached: float | None
    source: str = Field(
        description="`connection` (its own), `free` (it was said to be), `genai-prices`, `local` (a server "
        "on this machine or network) or `simulator`."
    )


class LaneView(View):
    """What the engine is doing with a connection at the moment."""

    in_flight: int
    concurrency: int = Field(
        description="Calls at once that are let out now; falls when the provider is busy."
    )
    held_kind: FailureKind | None = Field(None, description="Why no call is made at all.")
    held_reason: str | None = None
    throttled_seconds: float = Field(
        0.0, description="No call leaves for so long from now; it goes on by itself then."
    )
    throttled_kind: FailureKind | None = Field(None, description="Why: asked to wait, or out of reach.")
    throttled_reason: str | None = Field(None, description="What the provider said last.")
    stalled_since: Timestamp | None = Field(None, description="Since when it is held or waits.")
    quota: Literal["requests", "tokens"] | None = Field(
        None, description="Which of the connection's own limits a minute keeps calls back now."
    )
    quota_seconds: float = Field(
        0.0, description="The next call leaves in so long, as far as that limit goes."
    )


class ConnectionView(Editable):
    """How to reach one model. The key itself is never shown."""

    id: int
    name: str
    provider: str
    model: str
    base_url: str | None
    api_key: str | None = Field(description="Where the key is: `stored`, `env:NAME` or `file:PATH`.")
    limits: LimitsView
    temperature: float | None
    max_output_tokens: int
    timeout: float
    images: bool
    images_override: bool | None = Field(description="What the connection itself says of pictures.")
    price: PriceView | None = Field(description="Null when it is unknown.")
    header_names: list[str]
    extra: dict[str, Any]
    lane: LaneView | None = Field(None, description="Null when the engine does nothing with it.")
    batches: int = Field(0, description="How many batches use it.")
    created_at: Timestamp
    updated_at: Timestamp


class PromptView(Editable):
    """A prompt at one version."""

    edited = ("id", "version", "updated_at")

    id: int
    name: str
    version: int
    text: str
    system: str | None
    answer_schema: dict[str, Any] | None = Field(None, alias="schema")
    batches: int = Field(0, description="How many batches use it.")
    created_at: Timestamp
    updated_at: Timestamp


class Counts(View):
    """Documents and tasks of the current run."""

    documents: int = 0
    pending: int = Field(0, description="Documents that are not encoded yet.")
    encoded: int = 0
    unreadable: int = 0
    skipped: int = 0
    tasks: int = 0
    queued: int = 0
    running: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    unsendable: int = Field(
        0,
        description="Of the failed tasks those that were not sent: the connection cannot take the document.",
    )


class Progress(View):
    """How far the current run is."""

    share: float = Field(description="0 to 1, of documents while STAGING, else of tasks.")
    rate: float = Field(description="Documents or tasks a second, lately.")
    eta_seconds: float | None = Field(description="Null when it cannot be told.")
    cost: float | None = Field(description="USD so far, of the calls whose cost is known; null: none is.")
    unpriced_calls: int = Field(
        description="Calls whose cost is unknown, also those of unknown outcome; with any, `cost` is a least."
    )
    possible_cost: float = Field(
        description="USD that these and the calls in flight cost at most, as far as their price is known."
    )
    calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int


class BatchView(Editable):
    """A batch: what it is made of and where it stands."""

    # Not the status: an edit need not fail because the batch went on meanwhile.
    edited = (
        "id",
        "name",
        "description",
        "metadata",
        "folder_ids",
        "connection_ids",
        "prompt_ids",
        "budget",
        "failure_limit",
    )

    id: int
    name: str
    description: str | None
    metadata: dict[str, Any]
    folder_ids: list[int]
    connection_ids: list[int]
    prompt_ids: list[int]
    budget: float | None
    failure_limit: float | None
    status: BatchStatus
    status_reason: str | None
    allowed_actions: list[Action]
    run: int | None = Field(description="Number of the current run.")
    runs: int = Field(description="How many runs were begun.")
    failed_tasks: int
    counts: Counts
    progress: Progress
    created_at: Timestamp
    updated_at: Timestamp
    saved_at: Timestamp | None
    staging_at: Timestamp | None
    staged_at: Timestamp | None
    analyzing_at: Timestamp | None
    paused_at: Timestamp | None
    completed_at: Timestamp | None
    failed_at: Timestamp | None
    failed_staging_at: Timestamp | None


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
    calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
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
    images: int
    characters: int
    tokens: int
    milliseconds: float | None = Field(
        description="Time spent on encoding; null when the content was reused."
    )


class ReasonCount(View):
    """How many documents cannot be used for a reason."""

    status: DocumentStatus
    reason: DocumentReason
    documents: int


class ConnectionEstimate(View):
    """What a run will ask of one connection."""

    connection_id: int
    connection: str
    tasks: int
    unsupported_tasks: int = Field(
        description="Tasks that it cannot take, such as pictures; they cost nothing."
    )
    input_tokens: int
    output_tokens: int = Field(description="As usually expected.")
    max_output_tokens: int = Field(description="If every answer were as long as allowed.")
    price: PriceView | None
    cost: float | None = Field(description="USD as usually expected, without cache discounts; null: unknown.")
    max_cost: float | None


class EstimateView(View):
    """What a run will take, as known when it is staged."""

    documents: int
    unusable: list[ReasonCount]
    tasks: int
    input_tokens: int
    cost: float | None = Field(
        description="USD over the connections with a known price; null where nothing is known to cost "
        "something, but some price is unknown. With `unpriced_connections` it is a least."
    )
    max_cost: float | None = Field(description="Likewise, if every answer were as long as allowed.")
    unpriced_connections: list[str]
    budget: float | None
    connections: list[ConnectionEstimate]
    warnings: list[str]


class TaskView(View):
    """One row of the results table."""

    id: int
    run: int
    document_id: int
    document: str
    folder_id: int
    connection_id: int
    connection: str
    prompt_id: int
    prompt: str
    status: str
    attempts: int
    failure_kind: FailureKind | None
    message: str | None
    text: str | None
    value: Any = None
    input_tokens: int | None
    cached_tokens: int | None
    output_tokens: int | None
    cost: float | None
    latency_ms: float | None
    model: str | None
    finish_reason: str | None
    finished_at: Timestamp | None
    purged: bool = Field(
        False, description="The document was deleted everywhere: its name and all answers are gone."
    )


class AttemptView(View):
    """One call made for a task."""

    number: int
    outcome: str
    failure_kind: FailureKind | None
    message: str | None
    status_code: int | None
    started_at: Timestamp
    finished_at: Timestamp | None
    latency_ms: float | None
    input_tokens: int | None
    cached_tokens: int | None
    output_tokens: int | None
    cost: float | None = Field(
        description="USD; 0 for a call that was not billed; null: unknown, or not over."
    )
    possible_cost: float | None = Field(
        description="USD that it costs at most, while `cost` is null and the price is known."
    )


class TaskDetail(TaskView):
    """A task with every call made for it."""

    calls: list[AttemptView]


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


class EventView(View):
    """One line of the audit log."""

    id: int
    at: Timestamp
    batch_id: int
    batch_name: str
    run: int | None
    actor: str
    action: str
    from_status: BatchStatus | None
    to_status: BatchStatus | None
    reason: str | None


class Check(View):
    """One thing that was checked, and what to do if it is not well.

    Attributes:
        broken: how many rows of the database break it; only the deep check looks.
        where: the first of them, each as names and ids or numbers, such as `batch`, `run` and `task`.
    """

    name: str
    ok: bool
    message: str
    milliseconds: float
    broken: int = 0
    where: list[dict[str, Any]] = []


class EngineView(View):
    """Whether the engine runs."""

    running: bool
    pid: int | None = None
    version: str | None = None
    seen_at: Timestamp | None = None
    trouble: str | None = Field(default=None, description="Why it cannot record all at the moment.")


class SumsView(View):
    """What calls that came back took."""

    calls: int
    input_tokens: int = Field(description="Cached ones included.")
    cached_tokens: int
    output_tokens: int
    cost: float | None = Field(
        description="USD of the calls whose cost is known; null when none of those billed is."
    )
    unpriced_calls: int = Field(
        description="Calls whose cost is unknown, also those of unknown outcome; with any, `cost` is a least."
    )
    possible_cost: float = Field(description="USD that these cost at most, as far as their price is known.")


class ConnectionSpending(SumsView):
    """What was spent with one connection."""

    connection: str = Field(description="Its name at the time of the calls.")
    connection_id: int = Field(description="The connection may have been renamed or deleted since.")


class DaySpending(SumsView):
    """What was spent on one day."""

    day: date
    connections: list[ConnectionSpending] = Field(description="The most expensive first.")


class SpendingView(View):
    """What was spent within a period."""

    first: date
    last: date
    time_zone: str = Field(description="In which the days begin.")
    total: SumsView
    connections: list[ConnectionSpending] = Field(description="The most expensive first.")
    days: list[DaySpending] = Field(description="Every day of the period, in order.")
