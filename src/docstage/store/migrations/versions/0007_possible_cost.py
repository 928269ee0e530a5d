"""What calls of unknown outcome may have cost.

Until now a call that was given up, timed out or was lost with its engine counted as free, as one that was
refused. The first are of unknown cost from now on, in their run as in the ledger; the others cost nothing.
"""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

# A connection that billed nothing for an answer is free, whatever became of its other calls.
_FREE = """
UPDATE attempt SET cost = 0 WHERE cost IS NULL AND outcome <> 'in_flight' AND EXISTS (
    SELECT 1 FROM task JOIN task AS other ON other.run_id = task.run_id
        AND other.connection_id = task.connection_id
    JOIN result ON result.task_id = other.id
    WHERE task.id = attempt.task_id AND result.cost = 0 AND result.output_tokens > 0)
"""
_REFUSED = """
UPDATE attempt SET cost = 0 WHERE cost IS NULL AND outcome = 'failed' AND input_tokens IS NULL
    AND (coalesce(status_code, 200) >= 300 OR failure_kind NOT IN ('timeout', 'bad_answer', 'refusal'))
"""
_COUNT = """
UPDATE tally SET unpriced_calls = (
    SELECT count(*) FROM attempt JOIN task ON task.id = attempt.task_id
    WHERE task.run_id = tally.run_id AND task.connection_id = tally.connection_id
        AND task.prompt_id = tally.prompt_id AND attempt.cost IS NULL AND attempt.outcome <> 'in_flight')
WHERE EXISTS (SELECT 1 FROM attempt JOIN task ON task.id = attempt.task_id
    WHERE task.run_id = tally.run_id AND {lost})
"""
# What was not counted so far: calls without an answer, of which nobody knows what became of them.
_LOST = (
    "attempt.cost IS NULL AND attempt.input_tokens IS NULL "
    "AND attempt.outcome IN ('dropped', 'unknown', 'failed')"
)
_ENTER = """
INSERT INTO spending (begins_at, connection_id, connection, calls, input_tokens, cached_tokens, output_tokens,
    cost, unpriced_calls, possible_cost)
SELECT {quarter}, task.connection_id, coalesce(connection.name, 'Connection ' || task.connection_id),
    0, 0, 0, 0, 0, count(*), 0
FROM attempt JOIN task ON task.id = attempt.task_id LEFT JOIN connection ON connection.id = task.connection_id
WHERE {lost} AND attempt.finished_at IS NOT NULL
GROUP BY 1, 2, 3
ON CONFLICT (begins_at, connection_id, connection)
    DO UPDATE SET unpriced_calls = spending.unpriced_calls + excluded.unpriced_calls
"""
# SQLite cuts off when it makes a whole number, PostgreSQL rounds.
_QUARTER = {
    "sqlite": "CAST(attempt.finished_at / 900 AS INTEGER) * 900",
    "postgresql": "CAST(floor(attempt.finished_at / 900) AS BIGINT) * 900",
}


# SQLite cannot take a column's default away again. Nothing refers to these tables, so they are made anew.
_RECREATE: dict[str, Literal["auto", "always", "never"]] = {"sqlite": "always", "postgresql": "never"}


def upgrade() -> None:
    """Add what calls cost at most, which is not known of earlier ones, and count anew what is unknown."""
    for table, nullable in (("attempt", True), ("tally", False), ("spending", False)):
        with op.batch_alter_table(table, recreate=_RECREATE[op.get_bind().dialect.name]) as changed:
            default = None if nullable else "0"
            changed.add_column(
                sa.Column("possible_cost", sa.BigInteger(), nullable=nullable, server_default=default)
            )
        with op.batch_alter_table(table) as changed:
            changed.alter_column("possible_cost", server_default=None)
    for statement in (_FREE, _REFUSED, _COUNT, _ENTER):
        op.execute(statement.format(lost=_LOST, quarter=_QUARTER[op.get_bind().dialect.name]))
