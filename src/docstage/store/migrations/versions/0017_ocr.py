"""What OCR reads of pictures, and what folders say of it. Folders of before get what new ones have."""

import sqlalchemy as sa
from alembic import op

from docstage.store.tables import CONTENT_SCHEMA

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column("folder", sa.Column("ocr", sa.Text(), nullable=False, server_default="when_needed"))
    # Contents are in a file of their own on SQLite: a migration that was killed may have left it done.
    _add_hash()
    _create_picture_text()


def _add_hash() -> None:
    inspector = sa.inspect(op.get_bind())
    columns = inspector.get_columns("content_image", schema=CONTENT_SCHEMA)
    if "digest" not in {column["name"] for column in columns}:
        op.add_column("content_image", sa.Column("digest", sa.Text()), schema=CONTENT_SCHEMA)
    op.create_index(
        "ix_content_image_digest", "content_image", ["digest"], schema=CONTENT_SCHEMA, if_not_exists=True
    )


def _create_picture_text() -> None:
    op.create_table(
        "picture_text",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("turned", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text()),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "engine", name="pk_picture_text"),
        schema=CONTENT_SCHEMA,
        if_not_exists=True,
    )
