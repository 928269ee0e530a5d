"""What each provider documents of the schemas that it takes: checks of whole requests, apart from docstage's.

Sources: platform.openai.com (structured outputs, supported schemas), learn.microsoft.com (Azure OpenAI,
structured outputs), platform.claude.com (structured outputs, JSON Schema limitations and schema complexity
limits; property keys as its API tells them), ai.google.dev (`responseJsonSchema` of GenerationConfig),
docs.aws.amazon.com (Bedrock, validated JSON results), docs.mistral.ai, docs.x.ai and docs.together.ai
(structured outputs), openrouter.ai (structured outputs), console.groq.com and api-docs.deepseek.com (JSON
mode), the converter of llama.cpp (json-schema-to-grammar) and `has_xgrammar_unsupported_json_features` of
vLLM.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Body = dict[str, Any]
_SIMPLE = {"string", "number", "integer", "boolean", "null"}
_TYPES = _SIMPLE | {"array", "object"}
_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
_CORE = {"type", "properties", "required", "additionalProperties", "items", "enum", "anyOf", "description"}
_OPENAI_FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
_PROPERTY_KEY = re.compile(r"^[a-zA-Z0-9_.-]{1,64}$")


@dataclass(frozen=True, slots=True)
class Asked:
    """How a request asks for a form: the schema that is held, or None, and the text that the model reads."""

    schema: Any
    text: str


def _text(body: Body) -> str:
    return json.dumps(body.get("messages") or body.get("contents"), ensure_ascii=False)


def asked_of(body: Body) -> Asked:
    """The schema of a request to any provider."""
    form = body.get("response_format") or {}
    configuration = body.get("generationConfig") or {}
    schema = form.get("json_schema", {}).get("schema")
    if "output_config" in body:
        schema = body["output_config"]["format"]["schema"]
    elif "outputConfig" in body:
        schema = json.loads(body["outputConfig"]["textFormat"]["structure"]["jsonSchema"]["schema"])
    elif isinstance(body.get("format"), dict):  # of Ollama's own API
        schema = body["format"]
    elif "responseJsonSchema" in configuration:
        schema = configuration["responseJsonSchema"]
    return Asked(schema, _text(body))


def nodes_of(schema: Any, at: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema within a schema, with its place."""
    assert isinstance(schema, dict), f"{at} is {schema!r}"
    yield at, schema
    for name, member in schema.get("properties", {}).items():
        yield from nodes_of(member, f"{at}/{name}")
    for keyword in ("anyOf", "allOf", "oneOf", "prefixItems"):
        for place, branch in enumerate(schema.get(keyword, ())):
            yield from nodes_of(branch, f"{at}/{keyword}/{place}")
    for name, definition in schema.get("$defs", {}).items():
        yield from nodes_of(definition, f"{at}/$defs/{name}")
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from nodes_of(schema[keyword], f"{at}/{keyword}")


def _keywords(schema: Any, allowed: set[str]) -> Iterator[str]:
    for at, node in nodes_of(schema):
        for keyword in node.keys() - allowed:
            yield f"{at}: {keyword} is not supported"


def _typed(schema: Any) -> Iterator[str]:
    """Every node says what it is, and lists say what their items are."""
    for at, node in nodes_of(schema):
        if not node.keys() & {"type", "anyOf", "$ref"}:
            yield f"{at}: schema must have a 'type' key"
        if "type" in node and node["type"] not in _TYPES:
            yield f"{at}: {node['type']} is no type"
        if node.get("type") == "array" and "items" not in node and "prefixItems" not in node:
            yield f"{at}: array schema missing items"


def _closed(schema: Any, *, all_required: bool) -> Iterator[str]:
    for at, node in nodes_of(schema):
        if node.get("type") != "object":
            continue
        if node.get("additionalProperties") is not False:
            yield f"{at}: 'additionalProperties' is required to be supplied and to be false"
        if all_required and set(node.get("required", ())) != set(node.get("properties", {})):
            yield f"{at}: 'required' is required to include every key in properties"


def _references(schema: Any, *, recursive: bool) -> Iterator[str]:
    for at, node in nodes_of(schema):
        if "$ref" not in node:
            continue
        if len(node) > 1:
            yield f"{at}: $ref cannot have keywords beside it"
        name = node["$ref"].removeprefix("#/$defs/")
        if name not in schema.get("$defs", {}):
            yield f"{at}: {node['$ref']} is not defined"
        if not recursive:
            yield f"{at}: recursive schemas are not supported"


def _depth(node: Any, depth: int = 0) -> int:
    depth += "properties" in node
    within = [*node.get("properties", {}).values(), *node.get("anyOf", ())]
    within += [node["items"]] if isinstance(node.get("items"), dict) else []
    return max([depth, *(_depth(one, depth) for one in within)])


def _within(schema: Any, members: int, depth: int, choices: int) -> Iterator[str]:
    parts = [schema, *schema.get("$defs", {}).values()]
    if sum(len(node.get("properties", {})) for _, node in nodes_of(schema)) > members:
        yield f"more than {members} object properties"
    if max(map(_depth, parts)) > depth:
        yield f"more than {depth} levels of nesting"
    if sum(len(node.get("enum", ())) for _, node in nodes_of(schema)) > choices:
        yield f"more than {choices} enum values"


def _openai_like(schema: Any, more: set[str], members: int, depth: int) -> Iterator[str]:
    yield from _keywords(schema, _CORE | {"$ref", "$defs"} | more)
    yield from _typed(schema)
    yield from _closed(schema, all_required=True)
    yield from _references(schema, recursive=True)
    yield from _within(schema, members, depth, 1_000)
    if schema.get("type") != "object":
        yield "schema must be a JSON Schema of 'type: \"object\"'"
    for at, node in nodes_of(schema):
        if node.get("format", "date") not in _OPENAI_FORMATS:
            yield f"{at}: {node['format']} is not a valid format"
        if "(?" in node.get("pattern", ""):
            yield f"{at}: look-around is not supported"
        firsts = [next(iter(one["properties"])) for one in node.get("anyOf", ()) if one.get("properties")]
        kinds = [
            json.dumps(one["properties"][next(iter(one["properties"]))])
            for one in node.get("anyOf", ())
            if one.get("properties")
        ]
        if len(set(firsts)) < len(firsts) and len(set(kinds)) < len(kinds):
            yield f"{at}: objects in 'anyOf' must not share identical first keys"


def _chat_schema(body: Body, *, strict: bool | None = True) -> Iterator[str]:
    form = body["response_format"]
    if form.keys() != {"type", "json_schema"} or form["type"] != "json_schema":
        yield "response_format is not of the type json_schema"
    told = form["json_schema"]
    if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", told.get("name", "")):
        yield "json_schema.name is not of the pattern"
    if told.keys() - {"name", "strict", "schema", "description"}:
        yield "unknown member of json_schema"
    if strict is not None and told.get("strict") is not strict:
        yield f"strict is {told.get('strict')}"


def check_openai(body: Body) -> Iterator[str]:
    """OpenAI's strict mode."""
    yield from _chat_schema(body)
    more = _BOUNDS | {"pattern", "format", "minItems", "maxItems"}
    yield from _openai_like(asked_of(body).schema, more, 5_000, 10)


def check_azure(body: Body) -> Iterator[str]:
    """Azure's, which is narrower."""
    yield from _chat_schema(body)
    yield from _openai_like(asked_of(body).schema, set(), 100, 5)


def check_closed(body: Body) -> Iterator[str]:
    """What every server of OpenAI's form takes."""
    yield from _chat_schema(body)
    yield from _openai_like(asked_of(body).schema, set(), 5_000, 10)


def check_openrouter(body: Body) -> Iterator[str]:
    """As others, and only by hosts that hold to the schema."""
    yield from check_closed(body)
    if body.get("provider") != {"require_parameters": True}:
        yield "hosts may ignore the schema"


def _anthropic(schema: Any) -> Iterator[str]:
    yield from _keywords(schema, _CORE | {"const", "allOf", "$ref", "$defs", "format", "minItems"})
    yield from _typed(schema)
    yield from _closed(schema, all_required=False)
    yield from _references(schema, recursive=False)
    optional = union = 0
    for at, node in nodes_of(schema):
        if node.get("minItems", 0) not in (0, 1):
            yield f"{at}: 'minItems' values other than 0 or 1 are not supported"
        if any(isinstance(value, dict | list) for value in node.get("enum", ())):
            yield f"{at}: enum of complex types"
        if node.get("format", "uri") not in _OPENAI_FORMATS | {"uri"}:
            yield f"{at}: format {node['format']}"
        for name, member in node.get("properties", {}).items():
            if not _PROPERTY_KEY.match(name):
                yield f"{at}: Property keys should match pattern '^[a-zA-Z0-9_.-]{{1,64}}$'"
            optional += name not in node.get("required", ())
            union += "anyOf" in member or isinstance(member.get("type"), list)
    if optional > 24 or union > 16:
        yield f"Schema is too complex: {optional} optional parameters, {union} with union types"


def check_anthropic(body: Body) -> Iterator[str]:
    """Claude's."""
    if body["output_config"]["format"].keys() != {"type", "schema"}:
        yield "output_config.format has other members"
    yield from _anthropic(asked_of(body).schema)


def check_bedrock(body: Body) -> Iterator[str]:
    """Bedrock's Converse API, with the rules of Claude."""
    if body["outputConfig"]["textFormat"]["type"] != "json_schema":
        yield "no json_schema"
    yield from _anthropic(asked_of(body).schema)


_GOOGLE = _CORE - {"enum"} | {"$id", "$defs", "$ref", "$anchor", "format", "title", "enum", "prefixItems"}
_GOOGLE |= {"minItems", "maxItems", "minimum", "maximum", "oneOf", "propertyOrdering"}


def check_google(body: Body) -> Iterator[str]:
    """Gemini's `responseJsonSchema`."""
    if body["generationConfig"].get("responseMimeType") != "application/json":
        yield "responseMimeType is required"
    schema = asked_of(body).schema
    yield from _keywords(schema, _GOOGLE)
    yield from _typed(schema)
    yield from _references(schema, recursive=False)
    for at, node in nodes_of(schema):
        values = node.get("enum", ())
        if any(isinstance(value, bool) or not isinstance(value, str | int | float) for value in values):
            yield f"{at}: enum is for strings and numbers"
        if "" in values:
            yield f"{at}: enum: cannot be empty"
        if node.get("type") == "object" and not node.get("properties"):
            yield f"{at}: should be non-empty for OBJECT type"
        if isinstance(node.get("additionalProperties"), dict) or node.get("additionalProperties") is True:
            yield f"{at}: members of any name come back empty"
        if node.get("type") == "string" and node.get("format", "date") not in {"date", "time", "date-time"}:
            yield f"{at}: format {node['format']}"


def check_grammar(body: Body) -> Iterator[str]:
    """What llama.cpp's server takes."""
    yield from _chat_schema(body, strict=None)
    yield from _convertible(asked_of(body).schema)


def check_ollama(body: Body) -> Iterator[str]:
    """What Ollama's own API takes: the schema itself, which llama.cpp's converter reads."""
    if "response_format" in body:
        yield "response_format is of the OpenAI API"
    yield from _convertible(body["format"])


def _convertible(schema: Any) -> Iterator[str]:
    """What the converter of llama.cpp reads."""
    read = (
        _CORE
        | _BOUNDS
        | {"const", "oneOf", "allOf", "$ref", "$defs", "prefixItems", "format", "minItems", "maxItems"}
    )
    yield from _keywords(schema, read)
    yield from _references(schema, recursive=True)
    for at, node in nodes_of(schema):
        if max(node.get("minItems", 0), node.get("maxItems", 0)) > 2_000:
            yield f"{at}: number of repetitions exceeds sane defaults"


def check_vllm(body: Body) -> Iterator[str]:
    """What xgrammar takes in vLLM."""
    yield from check_grammar(body)
    for at, node in nodes_of(asked_of(body).schema):
        unsupported = {"multipleOf", "uniqueItems", "contains", "patternProperties", "propertyNames", "allOf"}
        for keyword in node.keys() & unsupported:
            yield f"{at}: {keyword} is not supported by xgrammar"
        if node.get("format", "date") not in _OPENAI_FORMATS:
            yield f"{at}: Unknown format: {node['format']}"


def check_json_mode(body: Body) -> Iterator[str]:
    """Any JSON object; the word must be in the prompt."""
    if body.get("response_format") != {"type": "json_object"}:
        yield f"response_format is {body.get('response_format')}"
    if "json" not in asked_of(body).text.lower():
        yield "'messages' must contain the word 'json' in some form"


#: Checks of requests that carry a schema, by provider.
CHECKS: dict[str, Callable[[Body], Iterator[str]]] = {
    "openai": check_openai,
    "azure": check_azure,
    "anthropic": check_anthropic,
    "bedrock": check_bedrock,
    "google": check_google,
    "mistral": check_closed,
    "xai": check_closed,
    "together": check_closed,
    "openrouter": check_openrouter,
    "openai-compatible": check_closed,
    "groq": check_json_mode,
    "deepseek": check_json_mode,
    "ollama": check_ollama,
    "lmstudio": check_grammar,
    "llamacpp": check_grammar,
    "vllm": check_vllm,
}


def problems_of(provider: str, body: Body) -> list[str]:
    """Why the provider would refuse a request, by what it documents."""
    asked = asked_of(body)
    if asked.schema is not None or provider in ("groq", "deepseek"):
        return list(CHECKS[provider](body))
    shown = "JSON Schema" in asked.text
    forms = body.get("response_format"), body.get("format")
    form = next(filter(None, forms), body.get("generationConfig", {}).get("responseMimeType"))
    known = form in (None, {"type": "json_object"}, "application/json", "json")
    return [] if shown and known else [f"the schema is nowhere: {form}"]
