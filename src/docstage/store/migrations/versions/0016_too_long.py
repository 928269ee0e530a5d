"""What prompts say of documents that are too long, and what is sent of those.

Prompts of before refuse them, as they did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"

_NUMBERS = ("tokens", "least_tokens", "most_tokens")


def upgrade() -> None:
    """Add the column and the table."""
    op.add_column("prompt_version", sa.Column("too_long", sa.Text(), nullable=False, server_default="refuse"))
    op.create_table(
        "stretch",
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=False),
        sa.Column("pictures", sa.Integer(), nullable=False),
        sa.Column("covers", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _NUMBERS),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_stretch_task_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("task_id", name="pk_stretch"),
    )
