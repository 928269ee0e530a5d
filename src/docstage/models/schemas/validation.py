"""JSON Schemas that users write: whether answers can be checked against them, and the check itself."""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from docstage.domain.errors import InvalidInput
from docstage.domain.formats import format_checker, in_words, with_formats
from docstage.models.schemas.endless import endless_reference

if TYPE_CHECKING:
    from jsonschema import SchemaError, ValidationError
    from jsonschema.protocols import Validator

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
# Members whose values hold named subschemas, so that their keys are no keywords.
_NAMED = ("properties", "$defs", "definitions", "patternProperties", "dependentSchemas")


_TOO_DEEP = "The answer is nested too deeply."


class BadAnswer(ValueError):
    """The answer is no JSON, or does not fulfil the schema; says where and why."""


_KEPT = 256
# The schema is kept beside its identity, so that the identity cannot pass to another object.
_BY_IDENTITY: dict[int, tuple[Mapping[str, Any], "Validator"]] = {}


def validate_schema(schema: Mapping[str, Any]) -> None:
    """Check that answers can be validated against the schema, without any access to the network.

    Raises:
        InvalidInput: it is no valid JSON Schema, or refers to something outside itself.
    """
    try:
        text = json.dumps(schema, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(f"The schema is not JSON: {error}.") from None
    try:
        _compile(text)
    except RecursionError:
        raise InvalidInput("The schema is nested too deeply.") from None


def validator_of(schema: Mapping[str, Any]) -> "Validator":
    """What checks answers to the schema, and never fetches anything; those of the latest schemas are kept.

    Every call of a prompt brings the same schema object, so it is known by its identity first, and by its
    content only when it is new. It must therefore not be changed after its first use.

    Raises:
        InvalidInput: as `validate_schema`.
    """
    known = _BY_IDENTITY.get(id(schema))
    if known is not None and known[0] is schema:
        return known[1]
    compiled = _compile(json.dumps(schema))
    if len(_BY_IDENTITY) >= _KEPT:
        _BY_IDENTITY.clear()
    _BY_IDENTITY[id(schema)] = (schema, compiled)
    return compiled


def check_value(value: Any, schema: Mapping[str, Any]) -> None:
    """Check a parsed answer.

    Raises:
        BadAnswer: it does not fulfil the schema.
    """
    from jsonschema.exceptions import best_match

    try:
        error = best_match(validator_of(schema).iter_errors(value))
    except RecursionError:
        raise BadAnswer(_TOO_DEEP) from None
    except BaseException as failure:
        # A library below jsonschema panics where Python's own recursion ends, with an error of its own.
        if type(failure).__module__ != "pyo3_runtime":
            raise
        raise BadAnswer(_TOO_DEEP) from None
    if error is not None:
        raise BadAnswer(_describe(error))


@lru_cache(maxsize=_KEPT)
def _compile(text: str) -> "Validator":
    from jsonschema import Draft202012Validator, SchemaError
    from jsonschema.validators import validator_for
    from referencing import Registry

    schema = json.loads(text)
    if not isinstance(schema, dict):
        raise InvalidInput("A JSON Schema must be an object.")
    validator_class = validator_for(schema, default=Draft202012Validator)
    try:
        validator_class.check_schema(schema)
    except SchemaError as error:
        raise InvalidInput(f"This is no valid JSON Schema: {_describe(error)}") from None
    _check_references(schema)
    if reference := endless_reference(schema, _subschemas(schema)):
        raise InvalidInput(f"The schema contains itself without end: {reference!r} leads back to itself.")
    # An empty registry: the library's own would fetch what a reference names.
    return validator_class(with_formats(schema), registry=Registry(), format_checker=format_checker())


def _check_references(schema: dict[str, Any]) -> None:
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT202012

    resolver = Registry().with_resource("", Resource.from_contents(schema, DRAFT202012)).resolver()
    for node in _subschemas(schema):
        for keyword in _REFERENCES:
            target = node.get(keyword)
            if isinstance(target, str) and not target.startswith("#"):
                raise InvalidInput(f"The schema refers to {target!r}: it may refer only to itself (#...).")
            if isinstance(target, str):
                _resolve(resolver, target)


def _resolve(resolver: Any, target: str) -> None:
    from referencing.exceptions import Unresolvable

    try:
        resolver.lookup(target)
    except Unresolvable:
        raise InvalidInput(f"The schema refers to {target!r}, which it does not define.") from None


def _subschemas(node: Any) -> Iterator[dict[str, Any]]:
    """Every object of the schema in which keywords stand."""
    if isinstance(node, list):
        for item in node:
            yield from _subschemas(item)
    if not isinstance(node, dict):
        return
    yield node
    for key, value in node.items():
        if key in _NAMED and isinstance(value, dict):
            yield from _subschemas(list(value.values()))
        elif key not in ("enum", "const", "default", "examples"):
            yield from _subschemas(value)


def _describe(error: "ValidationError | SchemaError") -> str:
    """Where and why, in at most some 300 characters."""
    path = "/".join(str(part) for part in error.absolute_path) or "the top level"
    message = error.message
    if error.validator == "format" and (wanted := in_words(str(error.validator_value))):
        message = f"{error.instance!r} is not {wanted}"
    if len(message) > 240:
        message = f"{message[:160]} … {message[-70:]}"
    return f"At {path}: {message}."
