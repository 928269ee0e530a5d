"""What was deleted and is not yet gone from the disk, and how contents without a document are found."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_PURGED = sa.text("reason = 'purged'")


def upgrade() -> None:
    """Create the table and the indexes."""
    op.create_table(
        "erasure",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_erasure"),
    )
    op.create_index("ix_document_sha256", "document", ["sha256"])
    op.create_index(
        "ix_document_purged", "document", ["run_id"], sqlite_where=_PURGED, postgresql_where=_PURGED
    )
    op.create_index("ix_seen_file_sha256", "seen_file", ["sha256"])
