"""Answers quote the document, and fulfil the schema they are asked for."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.simulator.chat import LEASE, body, call, with_schema

from docstage.simulator.facts import Facts
from docstage.simulator.request import parse, split_document
from docstage.simulator.schema_answers import schema_answer

Start = Callable[..., str]

EXTRACT = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "date": {"type": "string", "format": "date"},
        "amount": {"type": "number"},
        "parties": {"type": "array", "items": {"type": "string"}},
        "contact_email": {"type": "string", "format": "email"},
        "kind": {"enum": ["invoice", "lease", "letter"]},
        "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    },
    "required": ["title", "date", "amount", "parties"],
    "additionalProperties": False,
}
NODE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "next": {"$ref": "#/$defs/node"}},
            "required": ["name"],
        }
    },
    "$ref": "#/$defs/node",
}


async def test_the_answer_quotes_what_the_prompt_asks_for(simulator: Start) -> None:
    """Sentences that share words with the prompt, dates and amounts; nothing that does not bear on it."""
    content = (await call(simulator(), body())).content
    assert "2026-04-01" in content
    assert "EUR 3,750.00" in content
    assert "The roof is red" not in content


async def test_a_message_without_a_document_is_answered(simulator: Start) -> None:
    """The whole message is taken for the document."""
    message = {"role": "user", "content": "The deadline is 3 May 2026. When is the deadline?"}
    reply = await call(simulator(), {"model": "simulated-small", "messages": [message]})
    assert "2026-05-03" in reply.content


async def test_a_schema_is_filled_from_the_document(simulator: Start) -> None:
    """Property names, formats, enums and patterns choose the values."""
    value = json.loads((await call(simulator(), with_schema(EXTRACT))).content)
    assert value == {
        "title": "Lease agreement",
        "date": "2026-03-12",
        "amount": 3750,
        "parties": ["Birch Tools Limited", "Harbour Estates"],
        "contact_email": "anna.keller@birch.example",
        "kind": "lease",
        "currency": "EUR",
    }


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"const": 7},
        {"type": ["null", "integer"], "minimum": 5, "maximum": 6},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"type": "integer", "multipleOf": 7, "minimum": 10, "maximum": 20},
        {"type": "string", "minLength": 500, "maxLength": 600},
        {"type": "string", "format": "date-time"},
        {"type": "array", "items": {"type": "integer"}, "minItems": 5},
        {"type": "array", "items": {"type": "string"}, "maxItems": 1},
        {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True},
        {"type": "array", "prefixItems": [{"const": 1}, {"type": "null"}], "items": False},
        {"anyOf": [{"type": "null"}, {"type": "boolean"}]},
        {"allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {}}, "required": ["a", "b"]}]},
        {"required": ["free"], "properties": {"deep": {"properties": {"deeper": {"type": "boolean"}}}}},
        NODE,
    ],
)
async def test_many_kinds_of_schema_are_fulfilled(simulator: Start, schema: dict[str, Any]) -> None:
    """Types, bounds, lengths, lists, alternatives, references and recursion."""
    reply = await call(simulator(), with_schema(schema))
    assert reply.status == 200, reply.text
    jsonschema.validate(json.loads(reply.content), schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "^zq{7}x$"},
        {"$ref": "#/$defs/missing"},
        {"$ref": "#"},
        {"type": "nonsense"},
        {"properties": []},
        {"not": {}},
    ],
)
async def test_a_schema_beyond_the_rules_is_refused(simulator: Start, schema: dict[str, Any]) -> None:
    """The error is a 400 that says why; no wrong answer is sent."""
    reply = await call(simulator(), with_schema(schema))
    assert (reply.status, reply.body["error"]["code"]) == (400, "unsupported_schema")


async def test_a_json_object_is_one(simulator: Start) -> None:
    """The response format without a schema asks for any object."""
    reply = await call(simulator(), body(response_format={"type": "json_object"}))
    assert json.loads(reply.content) == {}


@given(
    st.recursive(
        st.sampled_from(
            [{"type": "string"}, {"type": "integer", "minimum": 3}, {"type": "boolean"}, {"enum": [1, "x"]}]
        ),
        lambda inner: st.one_of(
            st.builds(lambda item: {"type": "array", "items": item, "minItems": 1}, inner),
            st.builds(
                lambda parts: {"type": "object", "properties": parts, "required": list(parts)},
                st.dictionaries(st.sampled_from(["date", "total", "name", "other"]), inner),
            ),
        ),
        max_leaves=6,
    ),
    st.text(max_size=200),
)
def test_nested_schemas_are_fulfilled_for_any_document(schema: dict[str, Any], document: str) -> None:
    """Whatever the document has or lacks."""
    request = parse(json.dumps(body(document)).encode())
    jsonschema.validate(json.loads(schema_answer(request, schema, seed=1)), schema)


def test_facts_are_found_in_their_usual_forms() -> None:
    """Dates in five forms, amounts with the currency before or after, numbers in two notations."""
    facts = Facts(
        "2026-01-02, 03.02.2026, 4/5/2026, 6 June 2026, July 7th, 2026, 31 February 2026. 1.234,50 € $99"
    )
    assert facts.dates == ("2026-01-02", "2026-02-03", "2026-04-05", "2026-06-06", "2026-07-07")
    assert facts.amounts == ("1.234,50 €", "$99")
    assert facts.numbers == (1234.5, 99.0)
    assert Facts(LEASE).emails == ("anna.keller@birch.example",)


def test_the_document_may_contain_its_own_end_mark() -> None:
    """The last end mark counts."""
    assert split_document("<document>a </document> b</document>\nWhy?") == ("a </document> b", "Why?")


@pytest.mark.parametrize("member", [{"format": "date"}, {"pattern": r"^\d{4}-\d{2}-\d{2}$"}])
@pytest.mark.parametrize("text", ["Due on 2026-13-99.", "Due on 29 February 2023.", "Due on 2024-02-29."])
def test_dates_in_answers_exist(member: dict[str, Any], text: str) -> None:
    """Digits in the shape of a date are no answer for a date, however its field was written."""
    asked = {"model": "simulated-small", "messages": [{"role": "user", "content": text}]}
    request = parse(json.dumps(asked).encode())
    schema = {"type": "object", "properties": {"due": {"type": "string", **member}}, "required": ["due"]}
    due = json.loads(schema_answer(request, schema, seed=1))["due"]
    assert date.fromisoformat(due).isoformat() == due
    assert due == "2024-02-29" or "2024" not in text
