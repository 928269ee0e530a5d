"""A ledger of what calls cost, filled with what is still known of earlier calls."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_SUMS = ("calls", "input_tokens", "cached_tokens", "output_tokens", "cost", "unpriced_calls")
_ENTER = """
INSERT INTO spending (begins_at, connection_id, connection, {columns})
SELECT {quarter}, task.connection_id, coalesce(connection.name, 'Connection ' || task.connection_id),
    count(*), coalesce(sum(attempt.input_tokens), 0), coalesce(sum(attempt.cached_tokens), 0),
    coalesce(sum(attempt.output_tokens), 0), coalesce(sum(attempt.cost), 0),
    coalesce(sum(CASE WHEN attempt.cost IS NULL AND (attempt.input_tokens IS NOT NULL
        OR attempt.outcome IN ('completed', 'discarded')) THEN 1 ELSE 0 END), 0)
FROM attempt JOIN task ON task.id = attempt.task_id LEFT JOIN connection ON connection.id = task.connection_id
WHERE attempt.outcome NOT IN ('in_flight', 'unknown') AND attempt.finished_at IS NOT NULL
GROUP BY 1, 2, 3
"""
# SQLite cuts off when it makes a whole number, PostgreSQL rounds.
_QUARTER = {
    "sqlite": "CAST(attempt.finished_at / 900 AS INTEGER) * 900",
    "postgresql": "CAST(floor(attempt.finished_at / 900) AS BIGINT) * 900",
}


def upgrade() -> None:
    """Create the ledger and enter the calls that are kept."""
    op.create_table(
        "spending",
        sa.Column("begins_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("connection_id", _ID, autoincrement=False, nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _SUMS),
        sa.PrimaryKeyConstraint("begins_at", "connection_id", "connection", name="pk_spending"),
    )
    op.execute(_ENTER.format(columns=", ".join(_SUMS), quarter=_QUARTER[op.get_bind().dialect.name]))
