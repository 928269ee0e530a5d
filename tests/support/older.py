"""Databases as older versions of docstage left them."""

from alembic import command
from alembic.config import Config
from sqlalchemy import column, inspect, select, table, text

from docstage.store.database import Database
from docstage.store.migrate import FOLDER
from docstage.store.tables import metadata

# Above every number that a test gives out: PostgreSQL knows which it has, also those of rows that are gone.
_GIVEN_OUT = 1_000


def bring_to(database: Database, revision: str) -> None:
    """Give an empty database the schema of a revision."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with database.write() as c:
        config.attributes["connection"] = c
        command.upgrade(config, revision)


def copy_rows(current: Database, older: Database) -> dict[str, list[str]]:
    """Fill a database of an older schema with what it can hold of one of today's.

    So what made the rows may know columns that the older schema has not.

    Returns:
        The columns that were copied, by table.
    """
    copied = {}
    with current.read() as c, older.write() as o:
        there = inspect(o)
        for one in metadata.sorted_tables:
            if not there.has_table(one.name, one.schema):
                continue
            names = [
                found["name"] for found in there.get_columns(one.name, one.schema) if found["name"] in one.c
            ]
            copied[one.key] = names
            rows = [dict(row._mapping) for row in c.execute(select(*(one.c[name] for name in names)))]
            if rows:
                columns = (column(name, one.c[name].type) for name in names)
                o.execute(table(one.name, *columns, schema=one.schema).insert(), rows)
            if not older.is_sqlite and "id" in names and not one.schema:
                sequence = f"pg_get_serial_sequence('{one.name}', 'id')"  # null where numbers are given
                o.execute(text(f"SELECT setval({sequence}, {_GIVEN_OUT}) WHERE {sequence} IS NOT NULL"))
    return copied
