"""What models wrote in calls that failed, their thoughts, and which calls ask to mend an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns; of earlier calls nothing was kept."""
    op.add_column("attempt", sa.Column("text", sa.Text()))
    op.add_column("attempt", sa.Column("thoughts", sa.Text()))
    op.add_column("attempt", sa.Column("repairs", sa.SmallInteger()))
