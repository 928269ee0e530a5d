"""What a simulated provider does not take: members of requests, output limits, schemas."""

from collections.abc import Iterator, Mapping
from typing import Any

from docstage.simulator.errors import ErrorReply, bad_request
from docstage.simulator.kinds import Schemas
from docstage.simulator.profile import Profile
from docstage.simulator.request import ChatRequest

# What OpenAI's strict mode knows, by its guide to structured outputs ("Supported schemas").
_STRICT = frozenset(
    {
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "const",
        "anyOf",
        "$ref",
        "$defs",
    }
    | {"definitions", "description", "title", "pattern", "format", "minimum", "maximum", "exclusiveMinimum"}
    | {"exclusiveMaximum", "multipleOf", "minItems", "maxItems", "$schema"}
)
_NAMED = ("properties", "$defs", "definitions")
# What other names of a member there are.
_INSTEAD = {"max_tokens": " Use 'max_completion_tokens' instead."}


def refusal_of(profile: Profile, request: ChatRequest) -> ErrorReply | None:
    """Why the provider takes no such request, or None."""
    for name in profile.refuses:
        if name in request.members:
            return unsupported(name)
    most = profile.largest_output
    if most is not None and (request.max_tokens or 0) > most:
        message = (
            f"max_tokens is too large: {request.max_tokens}. This model supports at most {most} completion "
            f"tokens, whereas you provided {request.max_tokens}."
        )
        return bad_request(message, param="max_tokens")
    return _schema_refusal(profile.schemas, request)


def unsupported(name: str) -> ErrorReply:
    """The answer to a request with a member that is not taken."""
    message = f"Unsupported parameter: '{name}' is not supported with this model.{_INSTEAD.get(name, '')}"
    return bad_request(message, "unsupported_parameter", name)


def _schema_refusal(rule: Schemas, request: ChatRequest) -> ErrorReply | None:
    if request.form is None or request.schema is None:
        return None
    if rule is Schemas.NONE:
        return unsupported("response_format")
    if rule is Schemas.OBJECT and request.form == "json_schema":
        message = "This model does not support response_format of type 'json_schema'. Use 'json_object'."
        return bad_request(message, param="response_format")
    if rule is Schemas.STRICT and request.form == "json_schema":
        fault = _first_fault(request.schema)
        if fault is not None:
            message = f"Invalid schema for response_format 'answer': {fault}"
            return bad_request(message, param="response_format")
    return None


def _first_fault(schema: Mapping[str, Any]) -> str | None:
    try:
        return next(_faults(schema, ()), None)
    except (AttributeError, TypeError, RecursionError) as error:
        return f"It is no JSON Schema: {error}."


def _faults(schema: Any, path: tuple[str, ...]) -> Iterator[str]:
    """What strict mode does not take of a schema."""
    if not isinstance(schema, Mapping):
        return
    where = f"In context={path}"
    if unknown := sorted(schema.keys() - _STRICT):
        yield f"{where}, '{unknown[0]}' is not permitted."
    if not path and schema.get("type") != "object":
        yield f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{schema.get('type')}\"'."
    if "object" in schema.get("type", ()) or "properties" in schema:
        yield from _object_faults(schema, where)
    for name in _NAMED:
        for key, one in schema.get(name, {}).items():
            yield from _faults(one, (*path, name, key))
    yield from _faults(schema.get("items"), (*path, "items"))
    for index, one in enumerate(schema.get("anyOf", ())):
        yield from _faults(one, (*path, "anyOf", str(index)))


def _object_faults(schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if schema.get("additionalProperties") is not False:
        yield f"{where}, 'additionalProperties' is required to be supplied and to be false."
    if missing := [name for name in schema.get("properties", {}) if name not in schema.get("required", ())]:
        yield (
            f"{where}, 'required' is required to be supplied and to be an array including every key in "
            f"properties. Missing '{missing[0]}'."
        )
