"""The rows of an export: a task as a record with its structured answer, or spread over columns."""

import json
from operator import attrgetter

from docstage.domain.rows import TaskRow
from docstage.results.columns import NAMES, VALUE, Columns, column_of

_members_of = attrgetter(*NAMES)


def record(row: TaskRow) -> dict[str, object]:
    """The task under the names of its columns, every value as it is, the time in ISO 8601."""
    told = dict(zip(NAMES.values(), _members_of(row), strict=True))
    if row.finished_at is not None:
        told["finished_at"] = row.finished_at.isoformat()
    return told


def cells(columns: Columns, row: TaskRow) -> list[object]:
    """One value for each of the columns.

    Members of the answer are in columns of their own; what has none stays in `value` as JSON, so that nothing
    is lost.
    """
    told = record(row)
    if row.value is not None:
        told |= _spread(columns, row.value)
    return [told.get(name) for name in columns.names]


def _spread(columns: Columns, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        return {VALUE: as_json(value)}
    spread = {column_of(name): member for name, member in value.items() if name in columns.members}
    rest = {name: member for name, member in value.items() if name not in columns.members}
    return spread | {VALUE: as_json(rest) if rest else None}


def as_json(value: object) -> str:
    """The value as JSON text, with every script's letters as they are."""
    return json.dumps(value, ensure_ascii=False)
