"""The tables. Timestamps are seconds since the epoch (UTC), money is whole nano-dollars.

`sqlite_autoincrement` keeps SQLite from handing out the number of a deleted row again, which a late answer
could mistake for its own.

Encoded contents live in a schema of their own, which on SQLite is a file of its own (see `database`).
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy import event as events
from sqlalchemy.types import TypeEngine

from docstage.domain.content import DocumentStatus
from docstage.domain.json_values import JsonValue
from docstage.domain.lifecycle import BatchStatus
from docstage.domain.tasks import TaskStatus

CONTENT_SCHEMA = "content"
# The batch that runs belong to while they are deleted in steps. It is never shown.
GRAVEYARD = 0

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_ID = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only for INTEGER


class _Json(TypeDecorator[JsonValue]):
    """JSON, on PostgreSQL as JSONB, whose dialect is imported only there: it takes long."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[JsonValue]:
        """The type of a column in this database."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(JSON())
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB())


_JSON = _Json()


def _id() -> Column[int]:
    return Column("id", _ID, primary_key=True)


def _parent(name: str, target: str, *, primary_key: bool = False) -> Column[int]:
    key = ForeignKey(target, ondelete="CASCADE")
    return Column(name, _ID, key, nullable=False, primary_key=primary_key, autoincrement=False)


def _partial(name: str, condition: str, *columns: str) -> Index:
    return Index(name, *columns, sqlite_where=text(condition), info={"where": condition})


@events.listens_for(metadata, "before_create")
def _say_where(_target: object, connection: Connection, **_options: object) -> None:
    """Conditions of partial indexes on PostgreSQL: to give them above would import its dialect."""
    if connection.dialect.name == "postgresql":
        for index in (
            one for table in metadata.tables.values() for one in table.indexes if "where" in one.info
        ):
            index.dialect_options["postgresql"]["where"] = text(index.info["where"])


folder = Table(
    "folder",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("path", Text, nullable=False),
    Column("recursive", Boolean, nullable=False),
    Column("hidden", Boolean, nullable=False),
    Column("include", _JSON, nullable=False),
    Column("exclude", _JSON, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("archives", Text, nullable=False, server_default="open"),  # or skip
    Column("attachments", Text, nullable=False, server_default="in_place"),  # or apart, leave_out
    Column("ocr", Text, nullable=False, server_default="when_needed"),  # or always, never
    sqlite_autoincrement=True,
)

connection = Table(
    "connection",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("provider", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("base_url", Text),
    Column("secret_ref", Text),  # env:NAME, file:PATH or stored:ID
    Column("temperature", Double),
    Column("max_output_tokens", Integer, nullable=False),
    Column("timeout", Double, nullable=False),  # seconds a call
    Column("images", Boolean),  # null: as the catalogue says
    Column("concurrency", Integer, nullable=False),  # calls at once
    Column("requests_per_minute", Integer),
    Column("tokens_per_minute", BigInteger),
    Column("prices", _JSON),  # USD per million tokens: input, output, cached
    Column("headers", _JSON, nullable=False),  # by name, sealed
    Column("extra", _JSON, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("context_tokens", Integer),  # null: as the server says, or the catalogue
    Column("known_context_tokens", Integer),  # what the server said last
    Column("context_known_at", Double),
    Column("reasoning", Text),  # off, low, medium, high or tokens; null: the provider's own
    sqlite_autoincrement=True,
)

# What calls of a connection were expected to take, and took: see `domain/calibration`.
token_calibration = Table(
    "token_calibration",
    metadata,
    Column("connection_id", _ID, primary_key=True, autoincrement=False),
    Column("model", Text, primary_key=True),
    Column("calls", BigInteger, nullable=False),
    *(Column(name, Double, nullable=False) for name in ("weight", "expected", "told", "inverse", "ratio")),
)

secret = Table(
    "secret",
    metadata,
    _id(),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Double, nullable=False),
    sqlite_autoincrement=True,
)

prompt = Table(
    "prompt",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    sqlite_autoincrement=True,
)

prompt_version = Table(
    "prompt_version",
    metadata,
    _parent("prompt_id", "prompt.id", primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("system", Text),
    Column("schema", _JSON),
    Column("created_at", Double, nullable=False),
    Column("too_long", Text, nullable=False, server_default="refuse"),  # see `stretches.TooLong`
)

_STATUSES = ", ".join(f"'{status}'" for status in BatchStatus)

batch = Table(
    "batch",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("description", Text),
    Column("metadata", _JSON, nullable=False),
    Column("budget", BigInteger),  # nano-dollars; null: none
    Column("failure_limit", Double),  # share of tasks, 0 to 1, past which the batch fails; null: none
    Column("status", Text, nullable=False),
    Column("status_reason", Text),
    Column("version", Integer, nullable=False),  # counts every change of status
    Column("run_id", _ID),  # the current run; no foreign key, the two tables would need each other
    Column("runs", Integer, nullable=False),  # how many were begun
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    *(Column(f"{status.lower()}_at", Double) for status in BatchStatus),
    CheckConstraint(f"status IN ({_STATUSES})", name="status"),
    Index("ix_batch_status", "status"),
    Index("ix_batch_name", "name"),
    sqlite_autoincrement=True,
)

batch_folder = Table(
    "batch_folder",
    metadata,
    _parent("batch_id", "batch.id", primary_key=True),
    Column("folder_id", _ID, ForeignKey("folder.id"), primary_key=True, autoincrement=False, index=True),
    Column("position", Integer, nullable=False),
)
batch_connection = Table(
    "batch_connection",
    metadata,
    _parent("batch_id", "batch.id", primary_key=True),
    Column(
        "connection_id", _ID, ForeignKey("connection.id"), primary_key=True, autoincrement=False, index=True
    ),
    Column("position", Integer, nullable=False),
)
batch_prompt = Table(
    "batch_prompt",
    metadata,
    _parent("batch_id", "batch.id", primary_key=True),
    Column("prompt_id", _ID, ForeignKey("prompt.id"), primary_key=True, autoincrement=False, index=True),
    Column("position", Integer, nullable=False),
)

run = Table(
    "run",
    metadata,
    _id(),
    _parent("batch_id", "batch.id"),
    Column("number", Integer, nullable=False),
    Column("snapshot", _JSON, nullable=False),
    Column("analyze_when_staged", Boolean, nullable=False),
    Column("scanned", Boolean, nullable=False),  # every folder has been listed
    Column("begun_at", Double, nullable=False),
    Column("staged_at", Double),
    Column("closed_at", Double),  # null while it is the batch's current run
    # How many of its documents have each status, kept in the transactions that change them.
    *(Column(status.lower(), Integer, nullable=False) for status in DocumentStatus),
    UniqueConstraint("batch_id", "number"),
    sqlite_autoincrement=True,
)

document = Table(
    "document",
    metadata,
    _id(),
    _parent("run_id", "run.id"),
    Column("folder_id", _ID, nullable=False),
    Column("path", Text, nullable=False),  # below the folder, with forward slashes
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("detail", Text),
    Column("sha256", Text),
    Column("content_key", Text),
    Column("media_type", Text),
    Column("pages", Integer),
    Column("images", Integer, nullable=False),
    Column("characters", Integer, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("milliseconds", Double),  # time spent on encoding it in this run; null: reused
    Column("least_tokens", Integer),  # of its text; null: an earlier version counted them
    Column("most_tokens", Integer),
    Column("parts", Integer),  # numbered, with something in them; null: an earlier version encoded it
    Column("pictured_parts", Integer),  # parts that are pictures
    Column("losses", Integer),  # sentences about what is left out
    UniqueConstraint("run_id", "folder_id", "path"),
    Index("ix_document_run_id_status", "run_id", "status"),
    Index("ix_document_run_id_id", "run_id", "id"),
    Index("ix_document_run_id_path_id", "run_id", "path", "id"),
    Index("ix_document_sha256", "sha256"),
    _partial("ix_document_purged", "reason = 'purged'", "run_id"),
    sqlite_autoincrement=True,
)

# What a path held when it was last read, so that unchanged files need not be read again.
seen_file = Table(
    "seen_file",
    metadata,
    Column("root", Text, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("media_type", Text),
    Column("seen_at", Double, nullable=False),
    Index("ix_seen_file_sha256", "sha256"),
)

_QUEUED, _RUNNING = int(TaskStatus.QUEUED), int(TaskStatus.RUNNING)


task = Table(
    "task",
    metadata,
    _id(),
    _parent("run_id", "run.id"),
    Column("document_id", _ID, ForeignKey("document.id", ondelete="CASCADE"), nullable=False),
    Column("connection_id", _ID, nullable=False),
    Column("prompt_id", _ID, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False),  # calls begun, ever
    Column("tries", SmallInteger, nullable=False),  # those that count against the cap
    Column("failure_kind", Text),
    Column("message", Text),
    UniqueConstraint("run_id", "document_id", "connection_id", "prompt_id"),
    Index("ix_task_run_id_id", "run_id", "id"),
    Index("ix_task_document_id", "document_id"),
    _partial("ix_task_queued", f"status = {_QUEUED}", "run_id", "connection_id", "id"),
    _partial("ix_task_running", f"status = {_RUNNING}", "run_id"),
    Index("ix_task_run_id_status_id", "run_id", "status", "id"),
    _partial("ix_task_failure", "failure_kind IS NOT NULL", "run_id", "failure_kind", "id", "status"),
    sqlite_autoincrement=True,
)


def has_status(status: TaskStatus) -> ColumnElement[bool]:
    """The condition that a task has a status, in the words of the partial indexes.

    They are used only where the condition is written out; a bound parameter could be anything.
    """
    return task.c.status == literal_column(str(int(status)))


result = Table(
    "result",
    metadata,
    _parent("task_id", "task.id", primary_key=True),
    Column("text", Text, nullable=False),
    Column("value", JSON),  # as text on PostgreSQL too: JSONB would lose the order of members
    Column("input_tokens", Integer),  # null: the provider did not say
    Column("cached_tokens", Integer),
    Column("output_tokens", Integer),
    Column("cost", BigInteger),  # nano-dollars; null: unknown
    Column("latency_ms", Double, nullable=False),
    Column("model", Text),
    Column("finish_reason", Text),
    Column("finished_at", Double, nullable=False),
    Column("cache_write_tokens", Integer),
    Column("reasoning_tokens", Integer),
    Column("cost_source", Text),  # how `cost` is known; null: it is unknown, or nothing was billed
)

attempt = Table(
    "attempt",
    metadata,
    _parent("task_id", "task.id", primary_key=True),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("outcome", Text, nullable=False),
    Column("failure_kind", Text),
    Column("message", Text),
    Column("status_code", Integer),
    Column("started_at", Double, nullable=False),
    Column("finished_at", Double),
    Column("latency_ms", Double),
    Column("input_tokens", Integer),
    Column("cached_tokens", Integer),
    Column("output_tokens", Integer),
    Column("cost", BigInteger),  # nano-dollars, 0 for one that was not billed; null: unknown, or in flight
    Column("possible_cost", BigInteger),  # at most, while `cost` is null and the price is known
    Column("text", Text),  # what the model wrote, of calls that failed; at most `written.MOST_CHARACTERS`
    Column("thoughts", Text),  # what it wrote before its answer, of every call; as long
    Column("repairs", SmallInteger),  # the number of the attempt whose answer it asks to mend
    Column("cache_write_tokens", Integer),
    Column("reasoning_tokens", Integer),
    Column("cost_source", Text),  # how `cost` is known; null: it is unknown, or nothing was billed
    _partial("ix_attempt_in_flight", "outcome = 'in_flight'", "task_id"),
)

# What is sent of a document that is too long: of the tasks that are sent its beginning.
stretch = Table(
    "stretch",
    metadata,
    _parent("task_id", "task.id", primary_key=True),
    Column("characters", Integer, nullable=False),  # of the content's text
    Column("pictures", Integer, nullable=False),
    Column("covers", Text, nullable=False),  # in words, without any of the document
    Column("tokens", Integer, nullable=False),  # of its text, as expected
    Column("least_tokens", Integer, nullable=False),
    Column("most_tokens", Integer, nullable=False),
)

# Counters per cell of the matrix, kept in the transaction that changes what they count.
tally = Table(
    "tally",
    metadata,
    _parent("run_id", "run.id", primary_key=True),
    Column("connection_id", _ID, primary_key=True, autoincrement=False),
    Column("prompt_id", _ID, primary_key=True, autoincrement=False),
    *(Column(status.name.lower(), Integer, nullable=False) for status in TaskStatus),
    Column("calls", Integer, nullable=False),  # attempts that came back
    Column("input_tokens", BigInteger, nullable=False),
    Column("cached_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False),  # nano-dollars, of the calls whose cost is known
    Column("unpriced_calls", Integer, nullable=False),  # calls that are over and whose cost is unknown
    Column("latency_ms", Double, nullable=False),  # sum over the calls
    Column("possible_cost", BigInteger, nullable=False),  # at most, of these and of the calls in flight
    Column("cache_write_tokens", BigInteger, nullable=False),
    Column("reasoning_tokens", BigInteger, nullable=False),
)

# What calls cost, when and with which connection: kept in the transaction that records the calls, and longer
# than the batches they were made for. A quarter of an hour is the step in which days of all zones begin.
spending = Table(
    "spending",
    metadata,
    Column("begins_at", BigInteger, primary_key=True, autoincrement=False),  # of the quarter, in seconds
    # No foreign key, and the name as it was: the ledger outlives the connection.
    Column("connection_id", _ID, primary_key=True, autoincrement=False),
    Column("connection", Text, primary_key=True),
    Column("calls", BigInteger, nullable=False),  # that came back
    Column("input_tokens", BigInteger, nullable=False),
    Column("cached_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
    Column("cost", BigInteger, nullable=False),  # nano-dollars, of the calls whose cost is known
    Column("unpriced_calls", BigInteger, nullable=False),  # calls whose cost is unknown
    Column("possible_cost", BigInteger, nullable=False),  # at most, of these, as far as their price is known
    Column("cache_write_tokens", BigInteger, nullable=False),
    Column("reasoning_tokens", BigInteger, nullable=False),
)

event = Table(
    "event",
    metadata,
    _id(),
    Column("at", Double, nullable=False),
    Column("batch_id", _ID, nullable=False),  # no foreign key: the log outlives the batch
    Column("batch_name", Text, nullable=False),
    Column("run", Integer),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("from_status", Text),
    Column("to_status", Text),
    Column("reason", Text),
    Index("ix_event_batch_id_id", "batch_id", "id"),
    sqlite_autoincrement=True,
)

# Requests that callers marked with a key and that were carried out.
request_key = Table(
    "request_key",
    metadata,
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("batch_id", _ID, nullable=False),  # no foreign key: the batch may be deleted
    Column("at", Double, nullable=False),
)

# What was deleted and is not yet gone from the disk; see `erasures`.
erasure = Table(
    "erasure",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("at", Double, nullable=False),
)

# What the engine last said of itself, its lanes and its speed.
engine = Table(
    "engine",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1: one engine a database
    Column("pid", Integer, nullable=False),
    Column("host", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("started_at", Double, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("state", _JSON, nullable=False),  # lanes by connection id, rates by run id
)
