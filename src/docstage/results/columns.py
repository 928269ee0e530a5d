"""Which columns an export has, and what they are called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from docstage.domain.rows import TaskRow

VALUE = "value"
_RENAMED = {"cost": "cost_usd", "possible_cost": "possible_cost_usd"}
_LEFT_OUT = {"purged"}  # the message says it

# Members of a row and the names under which they leave, in order.
NAMES = {
    field.name: _RENAMED.get(field.name, field.name)
    for field in fields(TaskRow)
    if field.name not in _LEFT_OUT
}


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table in which each answer is spread.

    Attributes:
        names: those of `NAMES`; where a prompt's schema is an object, each of its members has a column
            `value.<member>` behind `value`.
        members: the members that have columns.
    """

    names: tuple[str, ...]
    members: frozenset[str]

    @classmethod
    def of(cls, schemas: Iterable[Mapping[str, Any] | None]) -> Self:
        """The columns for answers to prompts with these JSON Schemas, None for free text."""
        properties = (schema.get("properties") for schema in schemas if schema)
        members = dict.fromkeys(name for found in properties if isinstance(found, dict) for name in found)
        names = list(NAMES.values())
        behind = names.index(VALUE) + 1
        names[behind:behind] = map(column_of, members)
        return cls(tuple(names), frozenset(members))


def column_of(member: str) -> str:
    """The column of a member of answers."""
    return f"{VALUE}.{member}"
