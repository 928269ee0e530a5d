"""What is made of schemas: for every schema that there can be, a request that a provider takes."""

import json
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from tests.models.schema_cases import CASES, Case, closed
from tests.models.schema_rules import CHECKS

from docstage.domain.errors import InvalidInput
from docstage.models.answers import Wanted, parse_answer
from docstage.models.schemas.choosing import dialect_of
from docstage.models.schemas.dialects import ANTHROPIC, GOOGLE, OPENAI, OPENROUTER, Dialect, Way
from docstage.models.schemas.fitting import Fitted, fit, fit_in_words, is_possible, most_sent
from docstage.models.schemas.telling import in_words
from docstage.models.schemas.validation import BadAnswer, check_value, validate_schema

MODELS = {"anthropic": "claude-sonnet-4-6", "bedrock": "us.anthropic.claude-sonnet-4-6"}
TEXT = {"type": "string"}
NAMES = st.sampled_from(["a", "b", "Größe", "a.b", "with space", ""])
_SCALARS: st.SearchStrategy[Any] = st.sampled_from([None, True, False, 0, 1, 2.5, "", "x", [], {}])
_LEAVES = st.sampled_from(
    [
        True,
        False,
        {},
        {"type": "string", "minLength": 2, "pattern": "^x"},
        {"type": "string", "format": "date"},
        {"type": "integer", "minimum": 1, "multipleOf": 2},
        {"type": ["number", "null"]},
        {"type": "boolean"},
        {"const": "x"},
        {"$ref": "#/$defs/a"},
        {"$ref": "#"},
        {"not": {"type": "string"}},
        {"type": "object"},
        {"type": "array"},
        {"required": ["a"]},
    ]
)


def _larger(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    named = st.dictionaries(NAMES, parts, max_size=3)
    several = st.lists(parts, min_size=1, max_size=3)
    return st.one_of(
        st.builds(
            lambda properties, required, more: {
                "type": "object",
                "properties": properties,
                "required": [name for name in required if name in properties],
                **more,
            },
            named,
            st.lists(NAMES, unique=True, max_size=3),
            st.sampled_from(
                [{}, {"additionalProperties": False}, {"additionalProperties": {"type": "string"}}]
            ),
        ),
        st.builds(
            lambda items, least: {"type": "array", "items": items, "minItems": least},
            parts,
            st.integers(0, 3),
        ),
        st.builds(lambda first: {"type": "array", "prefixItems": first}, several),
        st.builds(lambda word, of: {word: of}, st.sampled_from(["anyOf", "oneOf", "allOf"]), several),
        st.builds(lambda values: {"enum": values}, st.lists(_SCALARS, min_size=1, max_size=4)),
        st.builds(
            lambda one, two: {"properties": {"a": one}, "anyOf": [two, {"required": ["a"]}]}, parts, parts
        ),
        st.builds(lambda one, two: {"if": one, "then": two, "type": "object"}, parts, parts),
        st.builds(lambda one: {"$ref": "#/$defs/a", "description": "d", "properties": {"b": one}}, parts),
    )


SCHEMAS = st.builds(
    lambda root, one: {**(root if isinstance(root, dict) else {"not": {}}), "$defs": {"a": one}},
    st.recursive(_LEAVES, _larger, max_leaves=12),
    st.recursive(_LEAVES, _larger, max_leaves=6),
)


def body_of(provider: str, fitted: Fitted) -> dict[str, Any]:
    """A request with the schema, as the provider's protocol has it."""
    if provider == "anthropic":
        return {"output_config": {"format": {"type": "json_schema", "schema": fitted.schema}}}
    if provider == "ollama":
        return {"format": fitted.schema}
    if provider == "bedrock":
        text = {"type": "json_schema", "structure": {"jsonSchema": {"schema": json.dumps(fitted.schema)}}}
        return {"outputConfig": {"textFormat": text}}
    if provider == "google":
        return {
            "generationConfig": {
                "responseMimeType": "application/json",
                "responseJsonSchema": fitted.schema,
            }
        }
    told = {"name": "answer", "strict": fitted.strict, "schema": fitted.schema}
    return {"response_format": {"type": "json_schema", "json_schema": told}, **fitted.members}


@given(SCHEMAS, st.sampled_from(sorted(CHECKS)))
@settings(max_examples=400)
def test_any_schema_becomes_what_the_provider_takes(schema: dict[str, Any], provider: str) -> None:
    """What is sent keeps the provider's rules, or the schema goes into the prompt; nothing is raised."""
    fitted = fit(schema, dialect_of(provider, MODELS.get(provider, "m"), {}))
    if fitted.schema is None:
        assert json.dumps(schema, ensure_ascii=False) in str(fitted.instructions)
    else:
        assert list(CHECKS[provider](body_of(provider, fitted))) == []
        json.dumps(fitted.schema)


@given(
    SCHEMAS,
    st.recursive(
        _SCALARS, lambda parts: st.lists(parts, max_size=2) | st.dictionaries(NAMES, parts, max_size=3)
    ),
)
@settings(max_examples=300)
def test_any_answer_is_judged_by_the_users_schema(schema: dict[str, Any], value: Any) -> None:
    """Right or wrong, and never an error of docstage, whatever came back in whichever form."""
    try:
        validate_schema(schema)
    except InvalidInput:
        reject()
    for dialect in (OPENAI, ANTHROPIC, GOOGLE):
        fitted = fit(schema, dialect)
        try:
            found = parse_answer(json.dumps(value), Wanted(schema, fitted.restored))
        except BadAnswer:
            continue
        check_value(found, schema)


@pytest.mark.parametrize(
    ("schema", "way"),
    [
        (closed({"a": TEXT}), Way.SCHEMA),
        ({"type": "array", "items": TEXT}, Way.SCHEMA),
        ({"type": "object", "additionalProperties": TEXT}, Way.OBJECT),
        ({}, Way.OBJECT),
    ],
)
def test_what_cannot_be_held_goes_into_the_prompt(schema: dict[str, Any], way: Way) -> None:
    """Members of any name and values of any type are what strict modes do not know."""
    fitted = fit(schema, OPENAI)
    assert fitted.way is way
    assert (fitted.reason is None) == (way is Way.SCHEMA)


@pytest.mark.parametrize(
    "schema",
    [
        {"$schema": "http://json-schema.org/draft-07/schema#", "type": "array", "prefixItems": 5},
        {"$schema": "http://json-schema.org/draft-04/schema#", "type": "array", "prefixItems": {"a": 1}},
        {"$schema": "http://json-schema.org/draft-03/schema#", "properties": {"a": {"required": True}}},
        {"$schema": "http://json-schema.org/draft-03/schema#", "type": [{"type": "string"}], "anyOf": 3},
        {"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": True},
        {"type": "object", "properties": {"a": {"$id": "urn:b", "type": "string"}}},
        {"$dynamicRef": "#n", "$defs": {"n": {"$dynamicAnchor": "n", "type": "string"}}},
        {"type": "string", "enum": ["\ud800"]},
        {"type": "number", "minimum": 10**400, "maximum": 1e308},
        {"type": "object", "properties": {"__proto__": TEXT, "$ref": TEXT, "properties": {"type": "object"}}},
    ],
)
def test_schemas_of_every_draft_are_asked_for_somehow(schema: dict[str, Any]) -> None:
    """Whatever keywords that their draft does not know hold."""
    validate_schema(schema)
    for provider in CHECKS:
        fitted = fit(schema, dialect_of(provider, MODELS.get(provider, "m"), {}))
        assert fitted.schema is not None or fitted.instructions
        assert fitted.size > 0


def test_a_nullable_choice_lets_null_be() -> None:
    """Null is a type of its own, beside the words to choose from."""
    property_ = {"type": ["string", "null"], "enum": ["x", None], "title": "Law", "description": "Which law?"}
    schema = fit(closed({"law": property_}), ANTHROPIC).schema
    assert schema is not None
    assert schema["properties"]["law"] == {
        "anyOf": [{"type": "string", "enum": ["x"]}, {"type": "null"}],
        "description": "Which law?",
    }


def test_null_for_a_missing_member_is_taken_out_again_and_no_other() -> None:
    """Of several objects in one list, each by its own part of the schema."""
    item = {
        "type": "object",
        "properties": {"a": TEXT, "b": {"type": ["string", "null"]}, "c": TEXT},
        "required": ["b"],
    }
    fitted = fit({"type": "array", "items": {"anyOf": [item, closed({"d": TEXT})]}}, OPENAI)
    answer = {"answer": [{"a": None, "b": None, "c": "x"}, {"d": "y"}]}
    assert fitted.restored(answer) == [{"b": None, "c": "x"}, {"d": "y"}]


def test_names_come_back() -> None:
    """Also where two become the same, and within definitions."""
    names = ["Größe", "Grö-ße", "Grosse", "Größe!"]
    fitted = fit(closed({"l": {"type": "array", "items": closed(dict.fromkeys(names, TEXT))}}), ANTHROPIC)
    assert fitted.schema is not None
    sent = list(fitted.schema["properties"]["l"]["items"]["properties"])
    assert len(set(sent)) == len(names)
    assert all(name.isascii() for name in sent)
    answer = {"l": [dict(zip(sent, "abcd", strict=True))]}
    assert fitted.restored(answer) == {"l": [dict(zip(names, "abcd", strict=True))]}


def test_the_model_is_told_what_its_provider_cannot_hold() -> None:
    """In the description, and people at staging."""
    member = {"type": "string", "minLength": 3, "pattern": "^[A-Z]+$", "description": "Its code."}
    fitted = fit(closed({"code": member, "n": {"type": "number", "minimum": 0}}), ANTHROPIC)
    assert fitted.schema is not None
    assert fitted.schema["properties"]["code"]["description"] == (
        "Its code. Must be: at least 3 characters long; matches the regular expression ^[A-Z]+$."
    )
    assert in_words(fitted, "Claude", "Codes") == (
        'Claude cannot enforce `minLength` of "code", `pattern` of "code" and `minimum` of "n" for Codes: '
        "docstage checks the answers itself."
    )


def test_people_are_told_why_a_schema_is_read_in_the_prompt() -> None:
    """With the member that is to blame; not of schemas that are held as they are."""
    schema = closed({"a": {"type": "object", "additionalProperties": TEXT}})
    assert in_words(fit(schema, OPENAI), "GPT", "Facts") == (
        'GPT reads the schema of Facts in the prompt alone, because "a" has members of any name. '
        "docstage checks every answer against it."
    )
    assert in_words(fit(closed({"a": TEXT}), OPENAI), "GPT", "Facts") is None


@pytest.mark.parametrize(
    ("provider", "model", "takes"),
    [
        ("anthropic", "claude-sonnet-4-6", Way.SCHEMA),
        ("anthropic", "claude-opus-5", Way.SCHEMA),
        ("anthropic", "claude-3-5-haiku-20241022", Way.PROMPT),
        ("anthropic", "claude-sonnet-4-20250514", Way.PROMPT),
        ("anthropic", "claude-sonnet-4-0", Way.PROMPT),
        ("anthropic", "claude-opus-4-1-20250805", Way.SCHEMA),
        ("bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", Way.SCHEMA),
        ("bedrock", "anthropic.claude-3-haiku-20240307-v1:0", Way.PROMPT),
        ("bedrock", "us.anthropic.claude-sonnet-4-20250514-v1:0", Way.PROMPT),
        ("bedrock", "amazon.nova-lite-v1:0", Way.PROMPT),
        ("bedrock", "qwen.qwen3-32b-v1:0", Way.SCHEMA),
        ("groq", "llama-3.3-70b-versatile", Way.OBJECT),
        ("deepseek", "deepseek-chat", Way.OBJECT),
        ("openrouter", "anthropic/claude-sonnet-4.5", Way.SCHEMA),
        ("unheard-of", "m", Way.SCHEMA),
    ],
)
def test_models_take_schemas_in_their_way(provider: str, model: str, takes: Way) -> None:
    """By what their makers document."""
    assert dialect_of(provider, model, {}).takes is takes


@pytest.mark.parametrize("dialect", [OPENAI, OPENROUTER, GOOGLE, ANTHROPIC])
def test_a_schema_is_never_sent_many_times_as_long_as_it_is_written(dialect: Dialect) -> None:
    """Definitions that mention each other twice would double it with each level."""
    definitions = {
        f"d{level}": closed({"a": {"$ref": f"#/$defs/d{level + 1}"}, "b": {"$ref": f"#/$defs/d{level + 1}"}})
        for level in range(24)
    }
    schema = {"$ref": "#/$defs/d0", "$defs": definitions | {"d24": TEXT}}
    assert fit(schema, dialect).schema is None


@pytest.mark.parametrize(
    ("schema", "possible"),
    [
        ({"not": {}, "type": "string"}, True),  # what `not` rules out is left to the check of answers
        (closed({"a": False}), False),
        ({"allOf": [TEXT, {"type": "number"}]}, False),
        ({"type": "string", "enum": [1]}, False),
        ({"type": "object", "properties": {"a": False}}, True),
    ],
)
def test_schemas_that_no_answer_can_fulfil_are_known(schema: dict[str, Any], possible: bool) -> None:
    """As far as types and fixed values tell."""
    assert is_possible(schema) is possible


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_schema_adds_no_more_to_a_request_than_is_reserved(case: Case) -> None:
    """Whoever takes it, and also where it goes into the prompt after a refusal."""
    most = most_sent(len(json.dumps(case.schema, ensure_ascii=False).encode()))
    sizes = [fit(case.schema, dialect_of(name, MODELS.get(name, "m"), {})).size for name in CHECKS]
    assert max([*sizes, fit_in_words(case.schema).size]) <= most


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_answer_to_the_prompt_alone_needs_no_form(case: Case) -> None:
    """It comes as the user's schema has it."""
    fitted = fit_in_words(case.schema)
    assert parse_answer(json.dumps(case.good), Wanted(case.schema, fitted.restored)) == case.good
