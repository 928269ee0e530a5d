"""Many rows in one statement.

`executemany` steps through a statement row by row, and with SQLite every step gives up Python's interpreter
lock and has to win it back from a busy event loop, which may take 5 ms each. A whole group therefore travels
as one JSON parameter and is unpacked by the database, in one step.
"""

import json
from collections.abc import Iterable

from sqlalchemy import Connection, Subquery, Text, bindparam, cast, column, func, select

from docstage.domain.json_values import JsonObject
from docstage.store.values import ColumnTypes

ROWS = "rows"


def json_rows(connection: Connection, columns: ColumnTypes, parameter_name: str = ROWS) -> Subquery:
    """A table made of the JSON array of objects that is passed as a parameter.

    Args:
        columns: the members to unpack and their types.
        parameter_name: the parameter's and the table's name.
    """
    parameter = bindparam(parameter_name, type_=Text)
    if connection.dialect.name == "sqlite":
        each = func.json_each(parameter).table_valued("value")
        members = [
            func.json_extract(each.c.value, f"$.{name}", type_=kind).label(name)
            for name, kind in columns.items()
        ]
        return select(*members).subquery(parameter_name)
    from sqlalchemy.dialects.postgresql import JSONB  # not where the database is SQLite: it takes long

    record = func.jsonb_to_recordset(cast(parameter, JSONB)).table_valued(
        *(column(name, kind) for name, kind in columns.items())
    )
    named = record.render_derived(name=f"{parameter_name}_unpacked", with_types=True)
    return select(*named.c).subquery(parameter_name)


def packed(rows: Iterable[JsonObject], parameter_name: str = ROWS) -> dict[str, str]:
    """The parameter for `json_rows`."""
    return {parameter_name: json.dumps(list(rows), ensure_ascii=False, separators=(",", ":"))}
