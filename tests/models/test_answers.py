"""JSON Schemas and the answers that must fulfil them."""

import json
import socket
from typing import Any

import pytest

from docstage.domain.errors import InvalidInput
from docstage.models.answers import Wanted, parse_answer
from docstage.models.schemas.validation import BadAnswer, validate_schema

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


def parsed(text: str, schema: dict[str, Any]) -> Any:
    """The value of an answer to a prompt with this schema."""
    return parse_answer(text, Wanted(schema))


@pytest.mark.parametrize(
    "text", ['{"items": []}', ' ```json\n{"items": []}\n``` ', '```\n{"items": []}\n```\n']
)
def test_answers_are_parsed(text: str) -> None:
    """Plain JSON and JSON within a Markdown fence give the same value."""
    assert parsed(text, SCHEMA) == {"items": []}


TOTAL: dict[str, Any] = {"type": "object", "properties": {"total": {"type": "number"}}, "required": ["total"]}


@pytest.mark.parametrize(
    "text",
    [
        '\ufeff{"total": 3}',
        'Here it is: {"total": 3}. I hope it helps!',
        'Sure!\n\n```json\n{"total": 3}\n```\nThat is the total.',
        '~~~\n{"total": 3}\n~~~',
        '```json {"total": 3} ```',
        'First {"note": "a draft"}, then {"total": 3}',
        'For {x} in [the set]: see [1], {"total": 3}',
        '{"total": 3}\n{"total": 3}',
        'An example is {"total": 0}.\n```json\n{"total": 3}\n```',
        'A string: {"note": "a } in it, and a \\" too"} {"total": 3}',
        '"{\\"total\\": 3}"',
        '{"name": "answer", "arguments": {"total": 3}}',
        '<tool_call>\n{"name": "answer", "arguments": "{\\"total\\": 3}"}\n</tool_call>',
        f'The schema is {json.dumps(TOTAL)}, so: {{"total": 3}}',
    ],
)
def test_a_value_is_found_where_it_stands(text: str) -> None:
    """Behind a byte order mark, in a fence, amid prose, in a string or a call of a tool."""
    assert parsed(text, TOTAL) == {"total": 3}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"total": 1} or {"total": 2}', "2 different JSON values"),
        ('```\n{"total": 1}\n```\n```\n{"total": 2}\n```', "2 different JSON values"),
        ('{"parts": [{"total": 3}, {"total"', "not JSON"),  # what is whole in it is a part of what is not
        ('It is {"total": 3} and {"total": ', "not JSON"),
        ('{"total": 3,}', "not JSON"),
        ("{'total': 3}", "not JSON"),
        (json.dumps(TOTAL), "the schema itself"),
        ('It is {"total": "three"}.', "At total"),
    ],
)
def test_nothing_is_guessed(text: str, words: str) -> None:
    """Of two values none is taken, no part of a broken one, and nothing is mended."""
    with pytest.raises(BadAnswer, match=words):
        parsed(text, TOTAL | {"properties": {"total": {"type": "number"}}})


@pytest.mark.parametrize(
    "text", ['{"' * 200_000, "[1] " * 100_000, "```\n" * 100_000, '{"a": "' + '\\"' * 200_000]
)
def test_hostile_answers_are_read_in_one_go(text: str) -> None:
    """However many brackets, fences and quotes they have."""
    with pytest.raises(BadAnswer):
        parsed(text, TOTAL)


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
        parsed(text, SCHEMA)


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "strin"}, "At type"),
        ({"properties": {"a": {"pattern": "("}}}, "pattern"),
        ({"$ref": "#/$defs/missing"}, "does not define"),
        ({"$ref": "#"}, "contains itself without end"),
        ({"anyOf": [{"type": "null"}, {"not": {"$ref": "#"}}]}, "contains itself without end"),
        (
            {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
            "without end",
        ),
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
    assert parsed("{}", {"$id": "http://127.0.0.1:9/id", "type": "object"}) == {}


def test_keywords_in_data_are_no_keywords() -> None:
    """A property, or a value, that is called `$ref` is not taken for a reference."""
    validate_schema({"properties": {"$ref": {"type": "string"}}, "enum": [{"$ref": "elsewhere"}]})


OLD_DATE = {"type": ["string", "null"], "pattern": r"^\d{4}-\d{2}-\d{2}$"}


@pytest.mark.parametrize(
    ("member", "good", "bad", "words"),
    [
        ({"format": "date"}, "2024-02-29", "2026-13-99", "'2026-13-99' is not a day that exists"),
        ({"format": "date"}, "2000-02-29", "2100-02-29", "not a day that exists"),
        ({"format": "date"}, "2026-01-31", "20260131", "written YYYY-MM-DD"),
        (OLD_DATE, "2024-02-29", "2023-02-29", "not a day that exists"),
        ({"format": "time"}, "23:59:60Z", "24:10:00Z", "not a time of the day"),
        ({"format": "date-time"}, "2026-02-28T08:00:00+02:00", "2026-02-30T08:00:00Z", "not a day and time"),
        ({"format": "email"}, "ann@example.org", "ann at example.org", "not an e-mail address"),
        ({"format": "ipv4"}, "192.0.2.1", "192.0.2.256", "not an IPv4 address"),
        ({"format": "ipv6"}, "2001:db8::1", "2001:db8::g", "not an IPv6 address"),
        ({"format": "uuid"}, "123e4567-e89b-42d3-a456-426614174000", "123e4567", "not a UUID"),
    ],
)
def test_formats_are_checked(member: dict[str, Any], good: str, bad: str, words: str) -> None:
    """A text in the shape of a date, but of no day there is, is a bad answer; null may stay."""
    schema = {"type": "object", "properties": {"list": {"type": "array", "items": member}}}
    assert parsed(json.dumps({"list": [good]}), schema) == {"list": [good]}
    with pytest.raises(BadAnswer, match=f"At list/1: .*{words}"):
        parsed(json.dumps({"list": [good, bad]}), schema)
    if member is OLD_DATE:
        assert parsed('{"list": [null]}', schema) == {"list": [None]}


def test_other_formats_are_notes_to_the_model() -> None:
    """What is not checked refuses nothing."""
    schema = {"type": "string", "format": "phone"}
    assert parsed('"yes"', schema) == "yes"


def test_answers_of_any_depth_are_judged() -> None:
    """A schema that contains itself may be fulfilled as deep as one can look, and no deeper."""
    schema = {"type": "object", "properties": {"a": {"$ref": "#"}}, "additionalProperties": False}
    validate_schema(schema)
    for depth, words in ((10, None), (400, "nested too deeply"), (5_000, "nested too deeply")):
        text = '{"a":' * depth + "{}" + "}" * depth
        if words is None:
            parse_answer(text, Wanted(schema))
            continue
        with pytest.raises(BadAnswer, match=words):
            parse_answer(text, Wanted(schema))
