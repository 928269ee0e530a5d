"""A task as everybody reads it: one shape from the database to table, export, API and pages.

Descriptions are in the fields' metadata, from which the API's document takes them.
"""

from dataclasses import dataclass, field
from datetime import datetime

from docstage.domain.tasks import FailureKind

COST_SOURCES = (
    "Where `cost` comes from: `provider` (told with the answer), `genai-prices` (the public list), "
    "`connection` (its own prices), `free`, `local` or `simulator`; null: unknown, or not billed."
)
_WRITTEN = "Of the input, written to the provider's cache and billed as such."
_REASONED = "Of the output, spent on reasoning, as far as the provider says."


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One row of the results table: a task with its answer, where it has one."""

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
    value: object
    input_tokens: int | None
    cached_tokens: int | None
    output_tokens: int | None
    cache_write_tokens: int | None = field(metadata={"description": _WRITTEN})
    reasoning_tokens: int | None = field(metadata={"description": _REASONED})
    cost: float | None = field(metadata={"description": "USD; null: unknown."})
    cost_source: str | None = field(metadata={"description": COST_SOURCES})
    possible_cost: float | None = field(
        metadata={"description": "USD that its calls of unknown cost cost at most; null: there are none."}
    )
    latency_ms: float | None
    model: str | None
    finish_reason: str | None
    finished_at: datetime | None
    parts: int | None = field(
        metadata={"description": "Numbered parts of the document, such as pages; null: not known."}
    )
    losses: int | None = field(
        metadata={"description": "How many things of the document are left out; null: not known."}
    )
    left_out: str | None = field(
        metadata={"description": "What of the document is left out; null: nothing, as far as is known."}
    )
    sent_part: str | None = field(
        metadata={
            "description": "What is sent of a document that is too long for the model, such as `pages 1 to 7 "
            "of 40`; null: it is not cut."
        }
    )
    purged: bool = field(
        metadata={
            "description": "The document was deleted everywhere: its name and all answers are gone.",
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """One call made for a task."""

    number: int
    outcome: str
    failure_kind: FailureKind | None
    message: str | None
    status_code: int | None
    started_at: datetime
    finished_at: datetime | None
    latency_ms: float | None
    input_tokens: int | None
    cached_tokens: int | None
    output_tokens: int | None
    cache_write_tokens: int | None = field(metadata={"description": _WRITTEN})
    reasoning_tokens: int | None = field(metadata={"description": _REASONED})
    cost: float | None = field(
        metadata={"description": "USD; 0 for a call that was not billed; null: unknown, or not over."}
    )
    cost_source: str | None = field(metadata={"description": COST_SOURCES})
    possible_cost: float | None = field(
        metadata={"description": "USD that it costs at most, while `cost` is null and the price is known."}
    )
    text: str | None = field(
        metadata={
            "description": "What the model wrote in a call that failed; at most its first 65,536 characters."
        }
    )
    thoughts: str | None = field(
        metadata={"description": "What it wrote before its answer; at most the first 65,536 characters."}
    )
    repairs: int | None = field(
        metadata={
            "description": "The number of the call whose answer it asks to mend, where it is such a call."
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDetail(TaskRow):
    """A task with every call made for it."""

    thoughts: str | None = field(
        metadata={"description": "What the model wrote before its answer; at most 65,536 characters of it."}
    )
    calls: list[AttemptRow]
