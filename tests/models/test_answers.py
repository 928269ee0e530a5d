"""JSON Schemas and the answers that must fulfil them."""

import socket
from typing import Any

import pytest

from docstage.domain.errors import InvalidInput
from docstage.models.answers import BadAnswer, compile_schema, parse_answer, validate_schema

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"items": {"type": "array", "items": {"$ref": "#/$defs/item"}}},
    "required": ["items"],
    "additionalProperties": False,
    "$defs": {
        "item": {
            "type": "object",
            "properties": {"price": {"type": "number"}},
            "required": ["price"],
            "additionalProperties": False,
        }
    },
}


@pytest.mark.parametrize(
    "text", ['{"items": []}', ' ```json\n{"items": []}\n``` ', '```\n{"items": []}\n```\n']
)
def test_answers_are_parsed(text: str) -> None:
    """Plain JSON and JSON within a Markdown fence give the same value."""
    assert parse_answer(text, SCHEMA) == {"items": []}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"items": [{"price": 1}, {"price": "x"}]}', "At items/1/price: 'x' is not of type 'number'"),
        ("{}", "At the top level: 'items' is a required property"),
        ("Sure! Here it is.", "not JSON"),
        ('{"items": [{"price": NaN}]}', "NaN"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_wrong_answers_say_what_is_wrong(text: str, words: str) -> None:
    """A refused answer names the place and the reason."""
    with pytest.raises(BadAnswer, match=words):
        parse_answer(text, SCHEMA)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "strin"}, "At type"),
        ({"properties": {"a": {"pattern": "("}}}, "pattern"),
        ({"$ref": "#/$defs/missing"}, "does not define"),
        ({"$ref": "other.json"}, "refers to"),
        ({"items": {"$ref": "https://example.org/schema.json"}}, "refers to"),
        ({"minimum": float("nan")}, "not JSON"),
        ({"type": object}, "not JSON"),
    ],
)
def test_unusable_schemas_are_refused(schema: dict[str, Any], words: str) -> None:
    """A schema that could not judge answers is refused before any call is paid for."""
    with pytest.raises(InvalidInput, match=words):
        validate_schema(schema)


def test_schemas_never_reach_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the check of a schema nor that of an answer opens a connection."""

    def refuse(*_arguments: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(InvalidInput):
        validate_schema({"$ref": "http://127.0.0.1:9/schema"})
    validate_schema({"$schema": "http://127.0.0.1:9/dialect", "type": "object"})
    assert parse_answer("{}", {"$id": "http://127.0.0.1:9/id", "type": "object"}) == {}


def test_keywords_in_data_are_no_keywords() -> None:
    """A property, or a value, that is called `$ref` is not taken for a reference."""
    validate_schema({"properties": {"$ref": {"type": "string"}}, "enum": [{"$ref": "elsewhere"}]})


@pytest.mark.parametrize(
    ("change", "strict", "closed"),
    [
        ({}, True, True),
        ({"required": []}, False, True),
        ({"additionalProperties": True}, False, False),
        ({"uniqueItems": True}, False, True),
        ({"type": "array"}, False, False),
    ],
)
def test_strictness(change: dict[str, Any], strict: bool, closed: bool) -> None:
    """Only what strict mode takes is sent as strict, and only closed schemas natively elsewhere."""
    compiled = compile_schema(SCHEMA | change)
    assert (compiled.strict, compiled.closed) == (strict, closed)
