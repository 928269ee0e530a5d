"""Invariants of the files of a SQLite database. A PostgreSQL server looks after its own."""

from collections.abc import Iterator

from sqlalchemy import Connection

from docstage.store.invariants.finding import Broken, Invariant, Place, collected
from docstage.store.tables import CONTENT_SCHEMA

_SCHEMAS = ("main", CONTENT_SCHEMA)


def _damage(c: Connection) -> Broken:
    return collected(_said_by(c, "integrity_check") if c.dialect.name == "sqlite" else ())


def _said_by(c: Connection, pragma: str) -> Iterator[Place]:
    for schema in _SCHEMAS:
        for (said,) in c.exec_driver_sql(f"PRAGMA {schema}.{pragma}"):
            if said != "ok":
                yield {"file": schema, "says": said}


def _missing_parents(c: Connection) -> Broken:
    return collected(_orphans(c) if c.dialect.name == "sqlite" else ())


def _orphans(c: Connection) -> Iterator[Place]:
    for schema in _SCHEMAS:
        for table, row, parent, _ in c.exec_driver_sql(f"PRAGMA {schema}.foreign_key_check"):
            yield {"table": table, "row": row, "parent": parent}


FILES = (Invariant("database files", _damage), Invariant("references", _missing_parents))
