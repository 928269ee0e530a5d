"""The first schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_STATUSES = ("saved", "staging", "staged", "analyzing", "paused", "completed", "failed", "failed_staging")
_LISTED = ", ".join(f"'{status.upper()}'" for status in _STATUSES)
_TOKENS = ("input", "cached", "output")
_SIZES = ("images", "characters", "tokens")
_TALLIED = ("queued", "running", "completed", "failed", "cancelled", "calls")


def upgrade() -> None:
    """Create every table in an empty database."""
    _create_catalog()
    _create_batches()
    _create_runs()
    _create_tasks()
    _create_contents()


def _create_catalog() -> None:
    """Folders, connections, secrets and prompts."""
    op.create_table(
        "folder",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("recursive", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("include", _JSON, nullable=False),
        sa.Column("exclude", _JSON, nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_folder"),
        sa.UniqueConstraint("name", name="uq_folder_name"),
    )
    op.create_table(
        "connection",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("base_url", sa.Text()),
        sa.Column("secret_ref", sa.Text()),
        sa.Column("temperature", sa.Double()),
        sa.Column("max_output_tokens", sa.Integer(), nullable=False),
        sa.Column("timeout", sa.Double(), nullable=False),
        sa.Column("images", sa.Boolean()),
        sa.Column("concurrency", sa.Integer(), nullable=False),
        sa.Column("requests_per_minute", sa.Integer()),
        sa.Column("tokens_per_minute", sa.BigInteger()),
        sa.Column("prices", _JSON),
        sa.Column("headers", _JSON, nullable=False),
        sa.Column("extra", _JSON, nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_connection"),
        sa.UniqueConstraint("name", name="uq_connection_name"),
    )
    op.create_table(
        "secret",
        sa.Column("id", _ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_secret"),
    )
    op.create_table(
        "prompt",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_prompt"),
        sa.UniqueConstraint("name", name="uq_prompt_name"),
    )
    op.create_table(
        "prompt_version",
        sa.Column("prompt_id", _ID, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("system", sa.Text()),
        sa.Column("schema", _JSON),
        sa.Column("created_at", sa.Double(), nullable=False),
        _cascade("prompt_version", "prompt_id", "prompt.id"),
        sa.PrimaryKeyConstraint("prompt_id", "version", name="pk_prompt_version"),
    )


def _create_batches() -> None:
    """Batches, what they are made of, and the audit log."""
    op.create_table(
        "batch",
        sa.Column("id", _ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("metadata", _JSON, nullable=False),
        sa.Column("budget", sa.BigInteger()),
        sa.Column("failure_limit", sa.Double()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("run_id", _ID),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        *(sa.Column(f"{status}_at", sa.Double()) for status in _STATUSES),
        sa.CheckConstraint(
            f"status IN ({_LISTED})",
            name=op.f("ck_batch_status"),
        ),
        sa.PrimaryKeyConstraint("id", name="pk_batch"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_batch_name", "batch", ["name"])
    op.create_index("ix_batch_status", "batch", ["status"])
    op.create_table(
        "batch_folder",
        sa.Column("batch_id", _ID, autoincrement=False, nullable=False),
        sa.Column("folder_id", _ID, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _cascade("batch_folder", "batch_id", "batch.id"),
        sa.ForeignKeyConstraint(["folder_id"], ["folder.id"], name="fk_batch_folder_folder_id"),
        sa.PrimaryKeyConstraint("batch_id", "folder_id", name="pk_batch_folder"),
    )
    op.create_index("ix_batch_folder_folder_id", "batch_folder", ["folder_id"])
    op.create_table(
        "batch_connection",
        sa.Column("batch_id", _ID, autoincrement=False, nullable=False),
        sa.Column("connection_id", _ID, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _cascade("batch_connection", "batch_id", "batch.id"),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connection.id"], name="fk_batch_connection_connection_id"
        ),
        sa.PrimaryKeyConstraint("batch_id", "connection_id", name="pk_batch_connection"),
    )
    op.create_index("ix_batch_connection_connection_id", "batch_connection", ["connection_id"])
    op.create_table(
        "batch_prompt",
        sa.Column("batch_id", _ID, autoincrement=False, nullable=False),
        sa.Column("prompt_id", _ID, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _cascade("batch_prompt", "batch_id", "batch.id"),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompt.id"], name="fk_batch_prompt_prompt_id"),
        sa.PrimaryKeyConstraint("batch_id", "prompt_id", name="pk_batch_prompt"),
    )
    op.create_index("ix_batch_prompt_prompt_id", "batch_prompt", ["prompt_id"])
    op.create_table(
        "event",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("batch_id", _ID, nullable=False),
        sa.Column("batch_name", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer()),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_status", sa.Text()),
        sa.Column("to_status", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_batch_id_id", "event", ["batch_id", "id"])


def _create_runs() -> None:
    """Runs, their documents and counters, and what is known about files and the engine."""
    op.create_table(
        "run",
        sa.Column("id", _ID, nullable=False),
        sa.Column("batch_id", _ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("snapshot", _JSON, nullable=False),
        sa.Column("analyze_when_staged", sa.Boolean(), nullable=False),
        sa.Column("scanned", sa.Boolean(), nullable=False),
        sa.Column("begun_at", sa.Double(), nullable=False),
        sa.Column("staged_at", sa.Double()),
        sa.Column("closed_at", sa.Double()),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("encoded", sa.Integer(), nullable=False),
        sa.Column("unreadable", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        _cascade("run", "batch_id", "batch.id"),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sa.UniqueConstraint("batch_id", "number", name="uq_run_batch_id_number"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "document",
        sa.Column("id", _ID, nullable=False),
        sa.Column("run_id", _ID, autoincrement=False, nullable=False),
        sa.Column("folder_id", _ID, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("detail", sa.Text()),
        sa.Column("sha256", sa.Text()),
        sa.Column("content_key", sa.Text()),
        sa.Column("media_type", sa.Text()),
        sa.Column("pages", sa.Integer()),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _SIZES),
        sa.Column("milliseconds", sa.Double()),
        _cascade("document", "run_id", "run.id"),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
        sa.UniqueConstraint("run_id", "folder_id", "path", name="uq_document_run_id_folder_id_path"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_document_run_id_status", "document", ["run_id", "status"])
    op.create_table(
        "seen_file",
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ns", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text()),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("root", "path", name="pk_seen_file"),
    )
    op.create_table(
        "tally",
        sa.Column("run_id", _ID, autoincrement=False, nullable=False),
        sa.Column("connection_id", _ID, autoincrement=False, nullable=False),
        sa.Column("prompt_id", _ID, autoincrement=False, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _TALLIED),
        *(sa.Column(f"{name}_tokens", sa.BigInteger(), nullable=False) for name in _TOKENS),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("unpriced_calls", sa.Integer(), nullable=False),
        sa.Column("latency_ms", sa.Double(), nullable=False),
        _cascade("tally", "run_id", "run.id"),
        sa.PrimaryKeyConstraint("run_id", "connection_id", "prompt_id", name="pk_tally"),
    )
    op.create_table(
        "engine",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("state", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_engine"),
    )


def _create_tasks() -> None:
    """Tasks, their results and the calls made for them."""
    op.create_table(
        "task",
        sa.Column("id", _ID, nullable=False),
        sa.Column("run_id", _ID, autoincrement=False, nullable=False),
        sa.Column("document_id", _ID, nullable=False),
        sa.Column("connection_id", _ID, nullable=False),
        sa.Column("prompt_id", _ID, nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("failure_kind", sa.Text()),
        sa.Column("message", sa.Text()),
        _cascade("task", "document_id", "document.id"),
        _cascade("task", "run_id", "run.id"),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
        sa.UniqueConstraint(
            "run_id",
            "document_id",
            "connection_id",
            "prompt_id",
            name="uq_task_run_id_document_id_connection_id_prompt_id",
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_task_run_id_id", "task", ["run_id", "id"])
    op.create_index("ix_task_document_id", "task", ["document_id"])
    _partial_index("ix_task_queued", "task", ["run_id", "connection_id", "id"], "status = 0")
    _partial_index("ix_task_running", "task", ["run_id"], "status = 1")
    _partial_index("ix_task_undone", "task", ["run_id", "failure_kind", "id"], "status >= 3")
    op.create_table(
        "result",
        sa.Column("task_id", _ID, autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON()),
        *(sa.Column(f"{name}_tokens", sa.Integer()) for name in _TOKENS),
        sa.Column("cost", sa.BigInteger()),
        sa.Column("latency_ms", sa.Double(), nullable=False),
        sa.Column("model", sa.Text()),
        sa.Column("finish_reason", sa.Text()),
        sa.Column("finished_at", sa.Double(), nullable=False),
        _cascade("result", "task_id", "task.id"),
        sa.PrimaryKeyConstraint("task_id", name="pk_result"),
    )
    op.create_table(
        "attempt",
        sa.Column("task_id", _ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("failure_kind", sa.Text()),
        sa.Column("message", sa.Text()),
        sa.Column("status_code", sa.Integer()),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("finished_at", sa.Double()),
        sa.Column("latency_ms", sa.Double()),
        *(sa.Column(f"{name}_tokens", sa.Integer()) for name in _TOKENS),
        sa.Column("cost", sa.BigInteger()),
        _cascade("attempt", "task_id", "task.id"),
        sa.PrimaryKeyConstraint("task_id", "number", name="pk_attempt"),
    )
    _partial_index("ix_attempt_in_flight", "attempt", ["task_id"], "outcome = 'in_flight'")


def _create_contents() -> None:
    """Encoded contents: on SQLite a file of their own, which is attached under this name."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE SCHEMA IF NOT EXISTS content")
    op.create_table(
        "content",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("detail", sa.Text()),
        sa.Column("media_type", sa.Text()),
        sa.Column("pages", sa.Integer()),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _SIZES),
        sa.Column("text_zstd", sa.LargeBinary()),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_content"),
        schema="content",
    )
    op.create_table(
        "content_image",
        sa.Column("content_key", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        _cascade("content_image", "content_key", "content.content.key"),
        sa.PrimaryKeyConstraint("content_key", "position", name="pk_content_image"),
        schema="content",
    )


def _cascade(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE")


def _partial_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
