"""Rows as values. Each class has the columns of one table, under the same names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Self, TypeVar, cast

from sqlalchemy import RowMapping

from docstage.domain.connection import CallSettings, ConnectionSettings
from docstage.domain.content import DocumentReason, DocumentStatus
from docstage.domain.json_values import JsonObject
from docstage.domain.lifecycle import BatchStatus
from docstage.domain.room import Room
from docstage.domain.snapshot import RunSnapshot


class _Record:
    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """The record made of a row that has at least its columns."""
        return _made(cls, row)


R = TypeVar("R", bound=_Record)


def _made(kind: type[R], values: RowMapping | Mapping[str, object]) -> R:
    names = (column.name for column in fields(kind))  # type: ignore[arg-type]  # every subclass is a dataclass
    return cast("Callable[..., R]", kind)(**{name: values[name] for name in names})


@dataclass(frozen=True, slots=True)
class Folder(_Record):
    """A place documents come from."""

    id: int
    name: str
    path: str
    recursive: bool
    hidden: bool
    include: list[str]
    exclude: list[str]
    archives: str
    attachments: str
    ocr: str
    created_at: float
    updated_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRecord(_Record, ConnectionSettings):
    """How to reach one model, and how hard it may be pressed.

    Attributes:
        context_tokens: as the user says.
        known_context_tokens: as its server said when it was last asked.
    """

    secret_ref: str | None
    headers: dict[str, str] = field(repr=False)  # sealed: they may carry secrets
    extra: JsonObject
    created_at: float
    updated_at: float
    known_context_tokens: int | None
    context_known_at: float | None

    def room(self, asked: CallSettings) -> Room:
        """What the model that is asked takes: as the user says, else as the server said.

        Of another model than the connection's present one nobody knows.
        """
        is_same = (asked.provider, asked.model) == (self.provider, self.model)
        known = self.context_tokens or self.known_context_tokens
        return Room(known if is_same else None, self.max_output_tokens)


@dataclass(frozen=True, slots=True)
class Prompt(_Record):
    """A prompt at one of its versions."""

    id: int
    name: str
    version: int
    text: str
    system: str | None
    schema: JsonObject | None
    too_long: str
    created_at: float
    updated_at: float


@dataclass(frozen=True, slots=True)
class Batch(_Record):
    """A named choice of folders, connections and prompts."""

    id: int
    name: str
    description: str | None
    metadata: JsonObject
    budget: int | None
    failure_limit: float | None
    status: BatchStatus
    status_reason: str | None
    version: int
    run_id: int | None
    runs: int
    created_at: float
    updated_at: float
    saved_at: float | None
    staging_at: float | None
    staged_at: float | None
    analyzing_at: float | None
    paused_at: float | None
    completed_at: float | None
    failed_at: float | None
    failed_staging_at: float | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", BatchStatus(self.status))


@dataclass(frozen=True, slots=True)
class Run(_Record):
    """One generation of a batch."""

    id: int
    batch_id: int
    number: int
    snapshot: RunSnapshot
    analyze_when_staged: bool
    scanned: bool
    begun_at: float
    staged_at: float | None
    closed_at: float | None

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """The record made of a row.

        Raises:
            UnreadableSnapshot: a later version began the run.
        """
        return _made(cls, {**row, "snapshot": RunSnapshot.read(row["snapshot"])})


@dataclass(frozen=True, slots=True)
class Document(_Record):
    """One file of a run."""

    id: int
    run_id: int
    folder_id: int
    path: str
    size: int
    mtime_ns: int
    status: DocumentStatus
    reason: DocumentReason | None
    detail: str | None
    sha256: str | None
    content_key: str | None
    media_type: str | None
    pages: int | None
    images: int
    characters: int
    tokens: int
    least_tokens: int | None
    most_tokens: int | None
    parts: int | None
    pictured_parts: int | None
    losses: int | None
    milliseconds: float | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", DocumentStatus(self.status))
        if self.reason is not None:
            object.__setattr__(self, "reason", DocumentReason(self.reason))


@dataclass(frozen=True, slots=True)
class Event(_Record):
    """One line of the audit log."""

    id: int
    at: float
    batch_id: int
    batch_name: str
    run: int | None
    actor: str
    action: str
    from_status: str | None
    to_status: str | None
    reason: str | None
