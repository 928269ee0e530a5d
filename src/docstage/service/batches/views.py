"""Batches as they are shown, what happened to them and what a run will take."""

from typing import Any

from pydantic import Field

from docstage.domain.content import DocumentReason, DocumentStatus
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import FailureKind
from docstage.service.connections.views import PriceView
from docstage.service.views import Editable, Timestamp, View


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


class WaitView(View):
    """That an analysed batch makes no call for a while and goes on by itself: time heals what is wrong."""

    until: Timestamp
    connection: str
    kind: FailureKind
    words: str = Field(description="Until when and why, as a sentence.")
    reason: str = Field(description="What the provider said last.")


class HeldView(View):
    """A prompt that is asked no more over a connection, because its calls ended alike; its tasks wait."""

    connection_id: int
    connection: str
    prompt_id: int
    prompt: str
    kind: FailureKind
    reason: str = Field(description="What happened, and what to do.")
    since: Timestamp


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
    waits: WaitView | None = Field(
        None, description="Set while no call leaves, until its time has come. Null when calls leave."
    )
    held: list[HeldView] = Field(
        description="Prompts that are held while others go on; resume tries them again."
    )
    calls: int
    input_tokens: int
    cached_tokens: int
    output_tokens: int
    cache_write_tokens: int = Field(0, description="Of the input, written to providers' caches.")
    reasoning_tokens: int = Field(0, description="Of the output, spent on reasoning.")


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


class ReasonCount(View):
    """How many documents cannot be used for a reason."""

    status: DocumentStatus
    reason: DocumentReason
    documents: int


class PartlyReadCount(View):
    """How many documents of a type are not whole."""

    media_type: str | None
    documents: int


class PromptCount(View):
    """So many tasks of a prompt."""

    prompt_id: int
    prompt: str
    tasks: int


class ConnectionEstimate(View):
    """What a run will ask of one connection."""

    connection_id: int
    connection: str
    tasks: int
    unsupported_tasks: int = Field(
        description="Tasks that it cannot take, such as pictures; they cost nothing."
    )
    unseen_tasks: int = Field(
        description="Tasks that are asked about the text of a document without its pictures, which it does "
        "not take."
    )
    oversized_tasks: int = Field(
        description="Tasks whose document is too long for the model's context: not sent, at no cost."
    )
    partial_tasks: int = Field(
        description="Tasks that are sent the first parts of a document that is too long for the model."
    )
    partial_by_prompt: list[PromptCount] = Field(description="The same, prompt by prompt.")
    doubtful_tasks: int = Field(description="Further tasks whose document may turn out to be too long.")
    context_tokens: int | None = Field(description="What the model takes in all; null: not known.")
    input_tokens: int = Field(description="As usually expected.")
    max_input_tokens: int = Field(description="No tokenizer makes more of these texts.")
    calibration_calls: int = Field(
        description="Calls of this connection whose counts have corrected `input_tokens`; with none, it is "
        "made by the scripts of the texts."
    )
    output_tokens: int = Field(description="As usually expected.")
    max_output_tokens: int = Field(description="If every answer were as long as allowed.")
    price: PriceView | None
    cost: float | None = Field(description="USD as usually expected, without cache discounts; null: unknown.")
    max_cost: float | None = Field(description="USD that it costs at most, with any tokenizer.")


class EstimateView(View):
    """What a run will take, as known when it is staged."""

    documents: int
    unusable: list[ReasonCount]
    partly_read: list[PartlyReadCount] = Field(
        description="Documents of which something is left out, as their receipts tell; they are asked about "
        "all the same."
    )
    tasks: int
    input_tokens: int
    cost: float | None = Field(
        description="USD over the connections with a known price; null where nothing is known to cost "
        "something, but some price is unknown. With `unpriced_connections` it is a least."
    )
    max_cost: float | None = Field(
        description="Likewise, at most: with any tokenizer, and if every answer were as long as allowed."
    )
    unpriced_connections: list[str]
    budget: float | None
    connections: list[ConnectionEstimate]
    warnings: list[str]
    notes: list[str] = Field(
        description="What connections cannot take of the prompts' schemas, which needs no doing."
    )


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
