"""What folders say of archives and attachments, and the files that contents hold.

Folders of before get what new ones have: archives are opened, attachments read in their place.
"""

import sqlalchemy as sa
from alembic import op

from docstage.store.tables import CONTENT_SCHEMA

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Add the columns and the table."""
    for name, usual in (("archives", "open"), ("attachments", "in_place")):
        op.add_column("folder", sa.Column(name, sa.Text(), nullable=False, server_default=usual))
    # Contents are in a file of their own on SQLite: a migration that was killed may have left it done.
    op.create_table(
        "content_members",
        sa.Column("content_key", sa.Text(), nullable=False),
        sa.Column("members_zstd", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["content_key"],
            [f"{CONTENT_SCHEMA}.content.key"],
            name="fk_content_members_content_key",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("content_key", name="pk_content_members"),
        schema=CONTENT_SCHEMA,
        if_not_exists=True,
    )
