"""Brings an answer to the schema that was sent back to the user's own."""

from collections.abc import Mapping
from typing import Any

from docstage.models.schemas.nodes import type_of
from docstage.models.schemas.rendering import ANSWER, Changed, SentSchema


def restore(value: Any, sent: SentSchema) -> Any:
    """The answer without what was put around it, under the user's names, without null for what is missing."""
    if not (sent.wrapped or sent.changes):
        return value
    restored = _Restorer(sent).restored(value, sent.schema)
    if sent.wrapped and isinstance(restored, dict) and restored.keys() == {ANSWER}:
        return restored[ANSWER]
    return restored


class _Restorer:
    def __init__(self, sent: SentSchema) -> None:
        self._changes = sent.changes
        self._definitions: Mapping[str, Any] = sent.schema.get("$defs", {})

    def restored(self, value: Any, schema: Any) -> Any:
        if not isinstance(schema, dict):
            return value
        if "$ref" in schema:
            return self.restored(value, self._referred(schema))
        if "anyOf" in schema:
            fitting = (branch for branch in schema["anyOf"] if self._fits(value, branch))
            return self.restored(value, next(fitting, None))
        if isinstance(value, list) and schema.get("type") == "array":
            return self._list(value, schema)
        if isinstance(value, dict) and schema.get("type") == "object":
            return self._object(value, schema)
        return value

    def _referred(self, schema: dict[str, Any]) -> Any:
        return self._definitions[schema["$ref"].rsplit("/", 1)[-1]]

    def _list(self, value: list[Any], schema: dict[str, Any]) -> list[Any]:
        first = schema.get("prefixItems", [])
        parts = [*first, *[schema.get("items")] * (len(value) - len(first))]
        return [self.restored(one, part) for one, part in zip(value, parts, strict=False)]

    def _object(self, value: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
        properties = schema["properties"]
        changed = self._changes.get(id(properties), _UNCHANGED)
        return {
            changed.names.get(name, name): self.restored(one, properties.get(name, _others(schema)))
            for name, one in value.items()
            if not (one is None and name in changed.forced)
        }

    def _fits(self, value: Any, schema: Any) -> bool:
        """Whether a value is of a branch, as far as types, fixed values and names of members tell."""
        if "$ref" in schema:
            return self._fits(value, self._referred(schema))
        if "anyOf" in schema:
            return any(self._fits(value, branch) for branch in schema["anyOf"])
        if "enum" in schema:
            return value in schema["enum"]
        kind, wanted = type_of(value), schema.get("type", "")
        if kind not in (wanted, "integer" if wanted == "number" else wanted):
            return not wanted
        return kind != "object" or self._has_members(value, schema)

    def _has_members(self, value: dict[str, Any], schema: dict[str, Any]) -> bool:
        properties = schema["properties"]
        if not value.keys() >= set(schema.get("required", ())):
            return False
        parts = ((one, properties.get(name, schema["additionalProperties"])) for name, one in value.items())
        return all(part is not False and (part is True or self._fits(one, part)) for one, part in parts)


_UNCHANGED = Changed({}, frozenset())


def _others(schema: dict[str, Any]) -> Any:
    return schema["additionalProperties"]
