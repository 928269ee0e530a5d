"""How much a connection's model reasons. Null, as for earlier ones, leaves it to the provider."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column."""
    op.add_column("connection", sa.Column("reasoning", sa.Text()))
