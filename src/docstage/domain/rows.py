"""What users read of a task: one row from the database to table, export and API."""

from dataclasses import dataclass
from datetime import datetime

from docstage.domain.tasks import FailureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One row of the results table: a task with its answer, where it has one.

    Attributes:
        run: the number of its run.
        document: the document's path within its folder.
        connection, prompt: the names that they had when the run began.
        status: the name of its `TaskStatus`.
        value: the structured answer, a JSON value; None where the answer is free text.
        cost: USD, None when it is unknown.
        purged: the document was deleted everywhere: its name and all answers are gone.
    """

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
    cost: float | None
    latency_ms: float | None
    model: str | None
    finish_reason: str | None
    finished_at: datetime | None
    purged: bool = False
