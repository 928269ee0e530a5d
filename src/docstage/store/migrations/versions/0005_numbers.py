"""Numbers that are given out once.

SQLite gave the number of the last folder, connection or prompt again once it was deleted. It can be told not
to only when it makes a table, and would carry the deletion of the old table on to those that refer to it. So
these are emptied for as long as that takes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_REFERRING = ("prompt_version", "batch_folder", "batch_connection", "batch_prompt")
_PUT_ASIDE = ("CREATE TEMP TABLE kept_{0} AS SELECT * FROM {0}", "DELETE FROM {0}")
_PUT_BACK = ("INSERT INTO {0} SELECT * FROM kept_{0}", "DROP TABLE kept_{0}")
_IN_USE = "SELECT max(id) FROM {0}"
# What outlives deleted rows and still names their numbers.
_FROZEN = "SELECT max(json_extract(one.value, '$.id')) FROM run, json_each(run.snapshot, '$.{0}s') AS one"
_PAID = "SELECT max(connection_id) FROM spending"
_NAMED = {
    "folder": (_IN_USE, _FROZEN),
    "connection": (_IN_USE, _FROZEN, _PAID),
    "prompt": (_IN_USE, _FROZEN),
    "secret": (_IN_USE,),
}


def upgrade() -> None:
    """Make the tables anew, with all they hold. PostgreSQL never gave a number out twice."""
    if op.get_bind().dialect.name != "sqlite":
        return
    _each(_PUT_ASIDE)
    for table in _NAMED:
        # Everything else is copied as it is.
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass
        _begin_above(table)
    _each(_PUT_BACK)


def _each(statements: tuple[str, str]) -> None:
    for table in _REFERRING:
        for statement in statements:
            op.execute(statement.format(table))


def _begin_above(table: str) -> None:
    """Let the next number be above every one that is named somewhere."""
    c = op.get_bind()
    last = max(c.scalar(sa.text(statement.format(table))) or 0 for statement in _NAMED[table])
    values = {"name": table, "last": last}
    c.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
    c.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values)
