"""Tokens that are billed apart, and how costs are known.

Nobody knows of earlier calls what they wrote to caches or spent on reasoning: null there, 0 in sums.
"""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_TOKENS = ("cache_write_tokens", "reasoning_tokens")
# SQLite cannot take a column's default away again. Nothing refers to these tables, so they are made anew.
_RECREATE: dict[str, Literal["auto", "always", "never"]] = {"sqlite": "always", "postgresql": "never"}


def upgrade() -> None:
    """Add the columns."""
    for table in ("result", "attempt"):
        for name in _TOKENS:
            op.add_column(table, sa.Column(name, sa.Integer()))
        op.add_column(table, sa.Column("cost_source", sa.Text()))
    for table in ("tally", "spending"):
        with op.batch_alter_table(table, recreate=_RECREATE[op.get_bind().dialect.name]) as changed:
            for name in _TOKENS:
                changed.add_column(sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
        with op.batch_alter_table(table) as changed:
            for name in _TOKENS:
                changed.alter_column(name, server_default=None)
