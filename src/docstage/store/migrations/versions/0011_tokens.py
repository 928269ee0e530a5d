"""Tokens of documents at least and at most, what connections really count, and how much models take.

Documents and contents of before have no such counts; a content gets them when it is staged again.
"""

import sqlalchemy as sa
from alembic import op

from docstage.store.tables import CONTENT_SCHEMA

revision = "0011"
down_revision = "0010"

_SUMS = ("weight", "expected", "told", "inverse", "ratio")


def upgrade() -> None:
    """Add columns, none of which is known of earlier rows, and the table of calibrations."""
    for name in ("least_tokens", "most_tokens"):
        op.add_column("document", sa.Column(name, sa.Integer()))
        # Contents are in a file of their own on SQLite: a migration that was killed may have left it done.
        if name not in _columns_of_contents():
            op.add_column("content", sa.Column(name, sa.Integer()), schema=CONTENT_SCHEMA)
    op.add_column("connection", sa.Column("context_tokens", sa.Integer()))
    op.add_column("connection", sa.Column("known_context_tokens", sa.Integer()))
    op.add_column("connection", sa.Column("context_known_at", sa.Double()))
    op.create_table(
        "token_calibration",
        sa.Column("connection_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in _SUMS),
        sa.PrimaryKeyConstraint("connection_id", "model", name="pk_token_calibration"),
    )


def _columns_of_contents() -> set[str]:
    inspector = sa.inspect(op.get_bind())
    return {column["name"] for column in inspector.get_columns("content", schema=CONTENT_SCHEMA)}
