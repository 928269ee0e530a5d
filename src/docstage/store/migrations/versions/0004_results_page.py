"""Indexes for what pages ask of large runs: tasks of a status or kind of failure, documents in order."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the indexes; one of them takes the place of an older one."""
    op.drop_index("ix_task_undone", "task")
    op.create_index("ix_task_run_id_status_id", "task", ["run_id", "status", "id"])
    known = sa.text("failure_kind IS NOT NULL")
    op.create_index(
        "ix_task_failure",
        "task",
        ["run_id", "failure_kind", "id", "status"],
        sqlite_where=known,
        postgresql_where=known,
    )
    op.create_index("ix_document_run_id_id", "document", ["run_id", "id"])
    op.create_index("ix_document_run_id_path_id", "document", ["run_id", "path", "id"])
