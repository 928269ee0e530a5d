"""The parts of documents: how many, how many are pictures, what is left out; and the receipt of a content.

Documents and contents of before have none; a document gets them when it is staged again.
"""

import sqlalchemy as sa
from alembic import op

from docstage.store.tables import CONTENT_SCHEMA

revision = "0013"
down_revision = "0012"

_COUNTS = ("parts", "pictured_parts", "losses")


def upgrade() -> None:
    """Add columns, none of which is known of earlier rows."""
    for name in _COUNTS:
        op.add_column("document", sa.Column(name, sa.Integer()))
    # Contents are in a file of their own on SQLite: a migration that was killed may have left it done.
    there = _columns_of_contents()
    for name in _COUNTS:
        if name not in there:
            op.add_column("content", sa.Column(name, sa.Integer()), schema=CONTENT_SCHEMA)
    if "receipt_zstd" not in there:
        op.add_column("content", sa.Column("receipt_zstd", sa.LargeBinary()), schema=CONTENT_SCHEMA)


def _columns_of_contents() -> set[str]:
    inspector = sa.inspect(op.get_bind())
    return {column["name"] for column in inspector.get_columns("content", schema=CONTENT_SCHEMA)}
