"""Schemas as people write them, each with an answer that fulfils it and one that does not."""

from dataclasses import dataclass, field
from typing import Any

NOT_JSON = object()


@dataclass(frozen=True, slots=True)
class Case:
    """A schema.

    Attributes:
        good: an answer that fulfils it.
        bad: one that does not; NOT_JSON where every value fulfils it.
        names: for members whose names some providers do not take, what Latin letters leave of them.
    """

    name: str
    schema: dict[str, Any]
    good: Any
    bad: Any
    names: dict[str, str] = field(default_factory=dict)


def closed(properties: dict[str, Any], more: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object with these members alone, all required, unless more keywords say otherwise."""
    names = list(properties)
    whole = {"type": "object", "properties": properties, "required": names, "additionalProperties": False}
    return whole | (more or {})


TEXT = {"type": "string"}
NUMBER = {"type": "number"}
_PARTY = closed({"kind": {"const": "party"}, "name": TEXT})
_DATE = closed({"kind": {"const": "date"}, "day": TEXT})
_NODE = {
    "type": "object",
    "properties": {"value": TEXT, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
    "required": ["value"],
}
_DEEP: dict[str, Any] = closed({"end": TEXT})
_DEEP_ANSWER: Any = {"end": "x"}
for _ in range(12):
    _DEEP = closed({"in": _DEEP})
    _DEEP_ANSWER = {"in": _DEEP_ANSWER}
_MANY = {f"field_{number}": {"type": ["number", "null"]} for number in range(130)}

CASES = (
    Case(
        # as the pages write columns that a document need not have
        "columns of the pages",
        closed(
            {
                "Tenant": {"type": ["string", "null"], "description": "Who rents?"},
                "Total_amount": {"type": ["number", "null"], "title": "Total amount (EUR)"},
                "Signed": {"type": "boolean"},
                "Begin": {"type": ["string", "null"], "format": "date"},
                "Law": {"type": ["string", "null"], "enum": ["German", "Swiss", None]},
                "Parties": {"type": ["array", "null"], "items": TEXT},
            }
        ),
        {
            "Tenant": None,
            "Total_amount": 3.5,
            "Signed": True,
            "Begin": "2026-02-28",
            "Law": None,
            "Parties": ["A"],
        },
        {
            "Tenant": None,
            "Total_amount": 3.5,
            "Signed": True,
            "Begin": "2026-02-30",
            "Law": None,
            "Parties": [],
        },
    ),
    Case(
        "members that may be missing",
        {"type": "object", "properties": {"a": TEXT, "b": NUMBER}, "required": ["a"]},
        {"a": "x"},
        {"b": 1},
    ),
    Case(
        "a missing member in a list",
        {
            "type": "object",
            "properties": {
                "l": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"a": TEXT, "b": NUMBER}, "required": ["a"]},
                }
            },
        },
        {"l": [{"a": "x"}, {"a": "y", "b": 2}]},
        {"l": [{"b": 2}]},
    ),
    Case("empty", {}, {"anything": [1, None]}, NOT_JSON),
    Case("true within", closed({"a": True}), {"a": {"b": [1]}}, {"a": 1, "b": 2}),
    Case("a list", {"type": "array", "items": TEXT, "minItems": 1}, ["a", "b"], []),
    Case("a text", {"type": "string", "maxLength": 5}, "short", "far too long"),
    Case("a choice", {"enum": ["yes", "no", "unclear"]}, "no", "perhaps"),
    Case(
        "a choice of several types",
        closed({"a": {"enum": ["x", 1, 2.5, True, None]}}),
        {"a": 2.5},
        {"a": "y"},
    ),
    Case(
        "a choice of objects", closed({"a": {"enum": [{"b": 1}, {"b": 2}]}}), {"a": {"b": 2}}, {"a": {"b": 3}}
    ),
    Case(
        "a constant",
        closed({"version": {"const": 2}, "kind": {"const": "lease"}}),
        {"version": 2, "kind": "lease"},
        {"version": 3, "kind": "lease"},
    ),
    Case(
        "alternatives at the root",
        {"anyOf": [closed({"a": TEXT}), closed({"b": NUMBER})]},
        {"b": 2},
        {"a": 1},
    ),
    Case(
        "alternatives told apart",
        closed({"found": {"oneOf": [_PARTY, _DATE]}}),
        {"found": {"kind": "date", "day": "x"}},
        {"found": {"kind": "date", "name": "x"}},
    ),
    Case(
        "alternatives that begin alike",
        closed({"found": {"anyOf": [closed({"a": TEXT}), closed({"a": NUMBER, "b": TEXT})]}}),
        {"found": {"a": 1, "b": "x"}},
        {"found": {"a": 1}},
    ),
    Case(
        "all of",
        {
            "allOf": [
                {"type": "object", "properties": {"a": TEXT}, "required": ["a"]},
                {"properties": {"b": NUMBER}, "required": ["b"]},
            ]
        },
        {"a": "x", "b": 1},
        {"a": "x"},
    ),
    Case("not", closed({"a": {"type": "string", "not": {"enum": ["n/a"]}}}), {"a": "x"}, {"a": "n/a"}),
    Case(
        "if, then",
        closed(
            {"paid": {"type": "boolean"}, "sum": {"type": ["number", "null"]}},
            {
                "if": {"properties": {"paid": {"const": True}}},
                "then": {"properties": {"sum": {"type": "number"}}},
            },
        ),
        {"paid": False, "sum": None},
        {"paid": True, "sum": None},
    ),
    Case(
        "at least one of two",
        {
            "type": "object",
            "properties": {"a": TEXT, "b": TEXT},
            "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
        },
        {"b": "x"},
        {},
    ),
    Case(
        "items by place",
        closed({"range": {"type": "array", "prefixItems": [NUMBER, TEXT], "items": False, "minItems": 2}}),
        {"range": [1, "km"]},
        {"range": ["km", 1]},
    ),
    Case(
        "a pair, as libraries write it",
        closed({"range": {"type": "array", "prefixItems": [NUMBER, TEXT], "minItems": 2, "maxItems": 2}}),
        {"range": [1, "km"]},
        {"range": [1, "km", 2]},
    ),
    Case(
        "items by place, draft 7",
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object",
            "properties": {"r": {"type": "array", "items": [NUMBER, TEXT], "additionalItems": False}},
            "required": ["r"],
        },
        {"r": [1, "km"]},
        {"r": ["km", 1]},
    ),
    Case("members of any name", {"type": "object", "additionalProperties": NUMBER}, {"any": 1}, {"any": "x"}),
    Case(
        "members by pattern",
        {"type": "object", "patternProperties": {"^s_": TEXT}, "additionalProperties": False},
        {"s_a": "x"},
        {"t": "x"},
    ),
    Case(
        "open on purpose",
        closed({"a": TEXT}, {"additionalProperties": True}),
        {"a": "x", "more": 1},
        {"more": 1},
    ),
    Case(
        "bounds",
        closed(
            {
                "n": {"type": "integer", "minimum": 1, "maximum": 9, "multipleOf": 2},
                "t": {"type": "string", "minLength": 2, "pattern": "^[A-Z]+$"},
                "l": {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 3, "uniqueItems": True},
            }
        ),
        {"n": 4, "t": "AB", "l": [1, 2]},
        {"n": 4, "t": "AB", "l": [1, 1]},
    ),
    Case(
        "a pattern with look-ahead",
        closed({"t": {"type": "string", "pattern": r"^(?=.*\d)[a-z0-9]+$"}}),
        {"t": "a1"},
        {"t": "a"},
    ),
    Case(
        "formats",
        closed(
            {
                "a": {"type": "string", "format": "email"},
                "b": {"type": "string", "format": "phone"},
                "c": {"type": "string", "format": "uri"},
            }
        ),
        {"a": "a@b.org", "b": "1", "c": "x"},
        {"a": "a", "b": "1", "c": "x"},
    ),
    Case(
        "definitions",
        closed(
            {
                "l": {"type": "array", "items": {"$ref": "#/$defs/i"}},
                "one": {"$ref": "#/$defs/i", "description": "The first."},
            },
            {"$defs": {"i": closed({"q": NUMBER})}},
        ),
        {"l": [{"q": 1}], "one": {"q": 2}},
        {"l": [{"q": "x"}], "one": {"q": 2}},
    ),
    Case(
        "definitions, draft 7",
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "definitions": {"i i/i": {"type": "object", "properties": {"q": NUMBER}, "required": ["q"]}},
            "type": "object",
            "properties": {"a": {"$ref": "#/definitions/i%20i~1i"}},
            "required": ["a"],
        },
        {"a": {"q": 1}},
        {"a": {}},
    ),
    Case(
        "recursion",
        {"$ref": "#/$defs/node", "$defs": {"node": _NODE}},
        {"value": "a", "children": [{"value": "b"}]},
        {"value": "a", "children": [{}]},
    ),
    Case(
        "recursion to the root",
        {
            "type": "object",
            "properties": {"v": TEXT, "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
            "required": ["v", "next"],
            "additionalProperties": False,
        },
        {"v": "a", "next": {"v": "b", "next": None}},
        {"v": "a", "next": {"v": 1, "next": None}},
    ),
    Case(
        "strange names",
        closed({"Größe (cm)": NUMBER, "a.b": TEXT, "сумма": NUMBER, "": TEXT, "x" * 80: TEXT}),
        {"Größe (cm)": 1, "a.b": "x", "сумма": 2, "": "y", "x" * 80: "z"},
        {"Größe (cm)": 1, "a.b": "x", "сумма": "2", "": "y", "x" * 80: "z"},
        {"Größe (cm)": "Groe_cm", "сумма": "member_3", "": "member_4", "x" * 80: "x" * 60},
    ),
    Case(
        "notes",
        closed(
            {
                "a": {
                    "type": "string",
                    "title": "A",
                    "default": "x",
                    "examples": ["x"],
                    "deprecated": True,
                    "x-order": 1,
                }
            },
            {
                "title": "T",
                "description": "D",
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$id": "urn:x",
                "$comment": "c",
            },
        ),
        {"a": "x"},
        {"a": None},
    ),
    Case(
        "many choices",
        closed({"code": {"enum": [f"C{number}" for number in range(1_500)]}}),
        {"code": "C7"},
        {"code": "C1500"},
    ),
    Case("deep", _DEEP, _DEEP_ANSWER, {"in": {}}),
    Case("many members", closed(_MANY), dict.fromkeys(_MANY, 1), dict.fromkeys(_MANY, "1")),
    Case(
        "no type",
        {"properties": {"a": {"description": "Anything that fits."}, "n": {"minimum": 0}}, "required": ["n"]},
        {"n": 1},
        {"n": -1},
    ),
    Case("null alone", closed({"a": {"type": "null"}, "b": TEXT}), {"a": None, "b": "x"}, {"a": 1, "b": "x"}),
    Case("an empty object", closed({"a": closed({})}), {"a": {}}, {"a": {"b": 1}}),
    Case(
        "two types with rules",
        closed({"v": {"type": ["string", "integer"], "minLength": 2, "minimum": 10}}),
        {"v": 12},
        {"v": 2},
    ),
    Case(
        "forbidden member",
        {"type": "object", "properties": {"a": TEXT, "old": False}, "required": ["a"]},
        {"a": "x"},
        {"a": "x", "old": 1},
    ),
    Case(
        "a choice with an empty text",
        closed({"a": {"type": "string", "enum": ["", "x"]}}),
        {"a": ""},
        {"a": "y"},
    ),
    Case(
        "dependent members",
        closed({"a": TEXT, "b": TEXT}, {"required": [], "dependentRequired": {"a": ["b"]}}),
        {"a": "x", "b": "y"},
        {"a": "x"},
    ),
    Case(
        "an anchor",
        closed({"a": {"$ref": "#it"}}, {"$defs": {"i": {"$anchor": "it", "type": "string"}}}),
        {"a": "x"},
        {"a": 1},
    ),
)
