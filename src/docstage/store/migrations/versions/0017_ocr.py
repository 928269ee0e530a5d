"""What OCR reads: words of pictures, contents with these words, and what folders say of it.

Folders of before get what new ones have. Documents of before have no words of their pictures until they are
staged again.
"""

import sqlalchemy as sa
from alembic import op

from docstage.store.tables import CONTENT_SCHEMA

revision = "0017"
down_revision = "0016"

_SIZES = ("characters", "tokens", "least_tokens", "most_tokens", "pictured_parts", "losses", "pictures")


def upgrade() -> None:
    """Add the columns and the tables."""
    op.add_column("folder", sa.Column("ocr", sa.Text(), nullable=False, server_default="when_needed"))
    for name in ("pictures_to_read", "pictures_read"):
        op.add_column("run", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    op.add_column("document", sa.Column("ocr_key", sa.Text()))
    for name in ("images", *_SIZES):
        op.add_column("document", sa.Column(f"ocr_{name}", sa.Integer()))
    # Contents are in a file of their own on SQLite: a migration that was killed may have left it done.
    _add_hash()
    _create_picture_text()
    _create_ocr_content()


def _add_hash() -> None:
    inspector = sa.inspect(op.get_bind())
    columns = inspector.get_columns("content_image", schema=CONTENT_SCHEMA)
    if "sha256" not in {column["name"] for column in columns}:
        op.add_column("content_image", sa.Column("sha256", sa.Text()), schema=CONTENT_SCHEMA)
    op.create_index(
        "ix_content_image_sha256", "content_image", ["sha256"], schema=CONTENT_SCHEMA, if_not_exists=True
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


def _create_ocr_content() -> None:
    op.create_table(
        "ocr_content",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("content_key", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("text_zstd", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_zstd", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _SIZES),
        sa.ForeignKeyConstraint(
            ["content_key"],
            [f"{CONTENT_SCHEMA}.content.key"],
            name="fk_ocr_content_content_key",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name="pk_ocr_content"),
        schema=CONTENT_SCHEMA,
        if_not_exists=True,
    )
    op.create_index(
        "ix_ocr_content_content_key",
        "ocr_content",
        ["content_key"],
        schema=CONTENT_SCHEMA,
        if_not_exists=True,
    )
