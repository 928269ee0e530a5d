"""Reading JSON Schemas: references, joined and alternative parts, implied types, bounds of numbers."""

from collections.abc import Iterable, Mapping
from typing import Any

Schema = Mapping[str, Any]
# References and required parts that go on beyond this are taken to be endless.
GIVE_UP_DEPTH = 40
_KEYWORD_TYPES = (
    ("properties", "object"),
    ("required", "object"),
    ("items", "array"),
    ("minItems", "array"),
    ("minimum", "number"),
    ("maximum", "number"),
)


def resolve(schema: Schema, root: Schema) -> Schema:
    """The schema with its reference followed, its parts joined, and one of its alternatives chosen.

    Raises:
        ValueError: the references go round in circles.
        LookupError: a reference leads nowhere.
    """
    for _ in range(GIVE_UP_DEPTH):
        if "$ref" in schema:
            schema = {**_target(schema["$ref"], root), **_without(schema, "$ref")}
        elif alternatives := schema.get("anyOf") or schema.get("oneOf"):
            chosen = next((part for part in alternatives if part.get("type") != "null"), alternatives[0])
            schema = {**_without(schema, "anyOf", "oneOf"), **chosen}
        elif "allOf" in schema:
            parts = [resolve(part, root) for part in schema["allOf"]]
            schema = _joined([_without(schema, "allOf"), *parts])
        else:
            return schema
    raise ValueError("its references go round in circles")


def implied_type(schema: Schema) -> str:
    """The type to answer with; where none is given, the one that the other keywords speak of."""
    kind = schema.get("type")
    if isinstance(kind, list):
        return next((item for item in kind if item != "null"), "null")
    if isinstance(kind, str):
        return kind
    return next((implied for keyword, implied in _KEYWORD_TYPES if keyword in schema), "string")


def within(schema: Schema, value: float, *, whole: bool) -> float | int:
    """The number next to the value that the schema's bounds and step allow."""
    step = schema.get("multipleOf") or (1 if whole else None)
    low = _bound(schema, "minimum", "exclusiveMinimum", step or 0.01)
    high = _bound(schema, "maximum", "exclusiveMaximum", -(step or 0.01))
    value = value if low is None else max(low, value)
    value = value if high is None else min(high, value)
    if step:
        value = _stepped(value, step, low, high)
    return int(value) if float(value).is_integer() else value


def _bound(schema: Schema, included: str, excluded: str, inwards: float) -> float | None:
    """A bound that is itself allowed, or None: an excluded one is moved inwards by the step."""
    if excluded in schema:
        bound: float = schema[excluded] + inwards
        return bound
    return schema.get(included)


def _stepped(value: float, step: float, low: float | None, high: float | None) -> float:
    """The multiple of the step next to the value that is within the bounds."""
    stepped = round(value / step) * step
    if low is not None and stepped < low:
        stepped += step
    return stepped - step if high is not None and stepped > high else stepped


def _target(reference: str, root: Schema) -> Schema:
    node: Any = root
    for step in reference.removeprefix("#").split("/")[1:]:
        node = node[step.replace("~1", "/").replace("~0", "~")]
    target: Schema = node
    return target


def _without(schema: Schema, *names: str) -> Schema:
    return {name: value for name, value in schema.items() if name not in names}


def _joined(parts: Iterable[Schema]) -> Schema:
    """One schema of several that hold at once: properties and required names are added up."""
    joined: dict[str, Any] = {}
    for part in parts:
        properties = {**joined.get("properties", {}), **part.get("properties", {})}
        required = [*joined.get("required", []), *part.get("required", [])]
        joined |= part
        joined |= {"properties": properties} if properties else {}
        joined |= {"required": required} if required else {}
    return joined
