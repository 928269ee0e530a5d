"""How large a schema is that is about to be sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docstage.models.schemas.dialects import Dialect, Limits


class TooLarge(Exception):
    """The schema has more of something than the provider takes; the message says of what."""


@dataclass(slots=True)
class _Size:
    members: int = 0
    depth: int = 0
    choices: int = 0
    text: int = 0
    optional: int = 0
    unions: int = 0


_WORDS = {
    "members": "members",
    "depth": "objects within each other",
    "choices": "values to choose from",
    "text": "characters of names and values",
    "optional": "members that may be missing",
    "unions": "members of more than one type",
}


def check_limits(schema: dict[str, Any], dialect: Dialect) -> None:
    """Refuse a schema that is larger than the dialect's provider takes.

    Raises:
        TooLarge: it is.
    """
    size = _Size()
    for part in (schema, *schema.get("$defs", {}).values()):
        _measure(part, 0, size)
    limits: Limits = dialect.limits
    for name, words in _WORDS.items():
        most, found = getattr(limits, name), getattr(size, name)
        if most is not None and found > most:
            raise TooLarge(f"it has {found:,} {words}, and {most:,} are taken")


def _measure(node: dict[str, Any], depth: int, size: _Size) -> None:
    values = node.get("enum", ())
    size.choices += len(values)
    size.text += sum(len(value) for value in values if isinstance(value, str))
    properties = node.get("properties", {})
    if "properties" in node:
        depth += 1
        size.depth = max(size.depth, depth)
    size.members += len(properties)
    size.text += sum(map(len, properties))
    size.optional += len(properties.keys() - set(node.get("required", ())))
    size.unions += sum("anyOf" in member for member in properties.values())
    for part in _parts(node):
        _measure(part, depth, size)


def _parts(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schemas within a schema that was written for a provider."""
    yield from node.get("properties", {}).values()
    yield from node.get("anyOf", ())
    yield from node.get("prefixItems", ())
    for keyword in ("items", "additionalProperties"):
        if isinstance(node.get(keyword), dict):
            yield node[keyword]
