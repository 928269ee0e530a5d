"""How each provider takes a JSON Schema, by what it documents.

What a dialect does not name is never sent: a schema is written from the dialect's own words alone, so that a
keyword nobody thought of cannot be refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class Way(StrEnum):
    """How a schema reaches the model."""

    SCHEMA = "schema"  # beside the prompt: the provider holds the answer to it
    OBJECT = "object"  # in the prompt, and the provider is asked for some JSON object
    PROMPT = "prompt"  # in the prompt alone


@dataclass(frozen=True, slots=True)
class Limits:
    """What a schema may have of each; None where nothing is documented.

    Attributes:
        members: named members in all.
        depth: objects within each other.
        choices: values of all enumerations together.
        text: characters of names and of enumerated texts.
        optional: members that may be missing.
        unions: members of more than one type.
    """

    members: int | None = None
    depth: int | None = None
    choices: int | None = None
    text: int | None = None
    optional: int | None = None
    unions: int | None = None


@dataclass(frozen=True, slots=True)
class Dialect:
    """A way of taking schemas.

    Attributes:
        takes: the best way.
        instead: the way of a schema that does not fit.
        why: why it takes no schema, where it does not, in words that follow "because".
        as_is: it takes any schema as the user wrote it.
        unread: the model does not read the schema that its server holds it to, so that the prompt has it too.
        strict: the flag of OpenAI's form, None where it is not sent.
        optional: members may be missing; else every one is required, and null stands for a missing one.
        maps: objects may have members of any name.
        anything: a value may be of any type.
        recursive: a definition may contain itself.
        tuples: items of a list may be told by their places.
        any_root: the answer need not be an object.
        empty: an object may have no members at all.
        apart: branches that are objects must differ in their first member.
        choices: types whose values may be enumerated.
        rules: keywords that may stand beside a type.
        formats: values of `format`.
        most_items: the highest `minItems` and `maxItems` that may be asked for, or None.
        names: what names of members look like; others are changed on the way, and back in the answer.
        limits: how large a schema may be.
        members: what goes with it into the body of a request.
    """

    takes: Way = Way.SCHEMA
    instead: Way = Way.OBJECT
    why: str | None = None
    as_is: bool = False
    unread: bool = False
    strict: bool | None = True
    optional: bool = False
    maps: bool = False
    anything: bool = False
    recursive: bool = False
    tuples: bool = False
    any_root: bool = False
    empty: bool = True
    apart: bool = False
    choices: frozenset[str] = frozenset({"string", "integer", "number", "boolean"})
    rules: frozenset[str] = frozenset()
    formats: frozenset[str] = frozenset()
    most_items: int | None = None
    names: re.Pattern[str] | None = None
    limits: Limits = Limits()
    members: Mapping[str, Any] = field(default_factory=dict)


_SHORT_NAMES = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_DATES = frozenset({"date-time", "time", "date"})
_TEXTS = _DATES | {"duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})

# platform.openai.com, guide to structured outputs, "Supported schemas": a closed object at the root, all
# members required, 5,000 of them, 10 levels, 1,000 enumerated values, 120,000 characters of names and values;
# recursion. Branches that share their first member are refused ("must not share identical first keys").
OPENAI = Dialect(
    recursive=True,
    apart=True,
    rules=_BOUNDS | {"pattern", "format", "minItems", "maxItems"},
    formats=_TEXTS,
    limits=Limits(members=5_000, depth=10, choices=1_000, text=120_000),
)
# learn.microsoft.com, structured outputs of Azure OpenAI: of the same, no keyword beside a type, 100 members,
# 5 levels.
AZURE = replace(OPENAI, rules=frozenset(), formats=frozenset(), limits=Limits(100, 5, 500, 15_000))
# platform.claude.com, structured outputs, "JSON Schema limitations" and "Schema complexity limits": closed
# objects, no recursion, no bounds but `minItems` of 0 or 1; 24 optional members, 16 of more than one type.
# Names as in schemas of tools ("Property keys should match pattern").
ANTHROPIC = Dialect(
    instead=Way.PROMPT,
    strict=None,
    optional=True,
    rules=frozenset({"format", "minItems"}),
    most_items=1,
    formats=_TEXTS | {"uri"},
    names=_SHORT_NAMES,
    limits=Limits(optional=24, unions=16),
)
# ai.google.dev, `responseJsonSchema`: only these keywords; recursion within optional members alone, and
# members of any name come back empty: both go into the prompt; no choice of booleans, nulls or empty texts.
GOOGLE = Dialect(
    strict=None,
    optional=True,
    tuples=True,
    any_root=True,
    empty=False,
    choices=frozenset({"string", "integer", "number"}),
    rules=frozenset({"format", "minimum", "maximum", "minItems", "maxItems"}),
    most_items=100,
    formats=_DATES,
)
# docs.aws.amazon.com, "Get validated JSON results from models": the rules of Anthropic, for every model.
BEDROCK = ANTHROPIC
# docs.mistral.ai, custom structured outputs; docs.x.ai, structured outputs (no `allOf`, no lengths of texts);
# docs.together.ai, JSON mode. None says what becomes of bounds, nor how large a schema may be; what goes
# through them to OpenAI is held to its limits.
CLOSED = Dialect(apart=True, limits=OPENAI.limits)
MISTRAL = XAI = CLOSED
TOGETHER = replace(CLOSED, unread=True)
# openrouter.ai, structured outputs: `require_parameters` keeps calls from hosts that would ignore the schema.
OPENROUTER = replace(CLOSED, members={"provider": {"require_parameters": True}})
# console.groq.com, api-docs.deepseek.com: JSON mode; few models of Groq take a schema, none of DeepSeek.
JSON_MODE = Dialect(takes=Way.OBJECT, why="it takes no schemas")
# The converter of llama.cpp (json-schema-to-grammar), which Ollama and LM Studio use too. It fails on many
# patterns and on long repetitions.
GRAMMAR = Dialect(
    instead=Way.PROMPT,
    unread=True,
    optional=True,
    maps=True,
    anything=True,
    tuples=True,
    any_root=True,
    choices=frozenset({"string", "integer", "number", "boolean", "array", "object"}),
    rules=frozenset({"format", "minItems", "maxItems"}),
    most_items=100,
    formats=_DATES,
)
# docs.vllm.ai, structured outputs, over xgrammar, which refuses patterns of names, unique items, `contains`.
VLLM = replace(GRAMMAR, tuples=False, any_root=False, formats=_TEXTS - {"duration", "hostname"})
# llama.cpp's own server, whose converter also follows references.
LLAMA_CPP = replace(GRAMMAR, recursive=True)
# A server that nobody knows: what all take.
UNKNOWN = replace(CLOSED, instead=Way.PROMPT, unread=True)
# Models without either, such as Claude 3.
IN_WORDS = Dialect(takes=Way.PROMPT, why="its model takes no schemas")
OWN_FORMAT = Dialect(takes=Way.PROMPT, why="the connection says itself which form answers have")
AS_WRITTEN = Dialect(as_is=True)
