"""Answers that fulfil a JSON Schema, taken from the document where the property names say what is meant."""

import json
import re
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import jsonschema
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for

from docstage.domain.formats import format_checker, with_formats
from docstage.simulator.answers import picture_note, relevant
from docstage.simulator.facts import Facts, facts_of, words
from docstage.simulator.request import ChatRequest
from docstage.simulator.schema_parts import GIVE_UP_DEPTH, Schema, implied_type, resolve, within
from docstage.simulator.strings import string_value

# Recursive schemas end here: below this depth only required properties and items are filled in.
MAX_DEPTH = 6
# Items of a list that the schema does not limit.
_ITEMS = 3


class UnsupportedSchema(Exception):
    """No answer could be made that fulfils the schema; the message says what is wrong with the best one."""


def schema_answer(request: ChatRequest, schema: Schema, seed: int) -> str:
    """The answer as JSON, always the same for the same seed, model, document and schema.

    Raises:
        UnsupportedSchema: the schema is invalid, or beyond what the rules can fulfil.
    """
    document = picture_note(request.images) if request.shows_only_pictures else request.document
    return _filled(schema, facts_of(document), f"{seed}/{request.model}")


def light_schema_answer(request: ChatRequest, schema: Schema, seed: int) -> str:
    """The answer as JSON without a look at the document: made once for each schema.

    Raises:
        UnsupportedSchema: the schema is invalid, or beyond what the rules can fulfil.
    """
    return _light(json.dumps(schema), f"{seed}/{request.model}")


@lru_cache(maxsize=256)
def _light(schema: str, salt: str) -> str:
    return _filled(json.loads(schema), Facts(""), salt)


def _filled(schema: Schema, facts: Facts, salt: str) -> str:
    try:
        value = _Filler(with_formats(schema), facts, salt).filled()
        _validator(json.dumps(schema)).validate(value)
    except (jsonschema.ValidationError, jsonschema.SchemaError) as error:
        raise UnsupportedSchema(error.message) from None
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, re.error) as error:
        raise UnsupportedSchema(f"The schema is not understood: {error}") from None
    return json.dumps(value, ensure_ascii=False)


def wrong_answer(schema: Schema) -> str:
    """JSON that does not fulfil the schema; if every value does, then no JSON at all."""
    validator = _validator(json.dumps(schema))
    candidates: tuple[Any, ...] = ({"unexpected": True}, [], "unexpected", None)
    wrong = (json.dumps(value) for value in candidates if not validator.is_valid(value))
    return next(wrong, "This is not JSON.")


def almost_answer(answer: str, schema: Schema) -> str:
    """An answer as models break it: one member has a value that does not fulfil the schema, or is missing."""
    validator = _validator(json.dumps(schema))
    value = json.loads(answer)
    members = list(value) if isinstance(value, dict) else []
    others: tuple[Any, ...] = ("about five", [], None)
    broken = [value | {name: other} for name in members for other in others]
    broken += [{name: kept for name, kept in value.items() if name != gone} for gone in members]
    wrong = (json.dumps(one, ensure_ascii=False) for one in broken if not validator.is_valid(one))
    return next(wrong, wrong_answer(schema))


@lru_cache(maxsize=256)
def _validator(schema: str) -> Validator:
    parsed = json.loads(schema)
    kind = validator_for(parsed, default=jsonschema.Draft202012Validator)
    kind.check_schema(parsed)
    validator: Validator = kind(with_formats(parsed), format_checker=format_checker())
    return validator


class _Filler:
    """Makes values for the parts of one schema."""

    def __init__(self, root: Schema, facts: Facts, salt: str) -> None:
        self._root = root
        self._facts = facts
        self._salt = salt
        # A small model overlooks things.
        self._items = _ITEMS - 1 if "small" in salt else _ITEMS

    def filled(self) -> Any:
        """A value for the whole."""
        return self.value(self._root, "", 0, 0)

    def value(self, schema: Schema | bool, name: str, index: int, depth: int) -> Any:
        """A value for the part named so; the index tells the items of a list apart."""
        if depth > GIVE_UP_DEPTH:
            raise ValueError("it requires itself without end")
        resolved = resolve({} if isinstance(schema, bool) else schema, self._root)
        if "const" in resolved:
            return resolved["const"]
        if "enum" in resolved:
            return self._choice(resolved["enum"], name, index)
        kind = implied_type(resolved)
        if kind == "object":
            return self._object(resolved, index, depth)
        if kind == "array":
            return self._array(resolved, name, depth)
        return self._scalar(resolved, kind, name, index)

    def _scalar(self, schema: Schema, kind: str, name: str, index: int) -> Any:
        match kind:
            case "number" | "integer":
                return self._number(schema, kind, index)
            case "boolean":
                return bool(self._words(name) & words(self._facts.text))
            case "null":
                return None
        hint = f"{name} {schema.get('description', '')}"
        sentences = relevant(self._facts, self._words(hint), self._salt.encode()[:64])
        return string_value(schema, name, self._facts, sentences, index)

    def _choice(self, values: list[Any], name: str, index: int) -> Any:
        """The value that the document mentions most; else one chosen by hash."""
        text = self._facts.text.lower()
        mentions = [text.count(value.lower()) if isinstance(value, str) and value else 0 for value in values]
        if any(mentions):
            return values[mentions.index(max(mentions))]
        return values[(self._hash(name) + index) % len(values)]

    def _object(self, schema: Schema, index: int, depth: int) -> dict[str, Any]:
        properties: Schema = schema.get("properties", {})
        required: list[str] = schema.get("required", [])
        names = list(properties) if depth < MAX_DEPTH else []
        names += [name for name in required if name not in names]
        return {name: self.value(properties.get(name, {}), name, index, depth + 1) for name in names}

    def _array(self, schema: Schema, name: str, depth: int) -> list[Any]:
        least = schema.get("minItems", 0)
        usual = max(least, self._items)
        wanted = min(usual, schema.get("maxItems", usual))
        parts: list[Any] = list(schema.get("prefixItems", []))
        if schema.get("items") is False:
            wanted = min(wanted, len(parts))
        parts += [schema.get("items", {})] * (wanted - len(parts))
        count = wanted if depth < MAX_DEPTH else least
        values = (self.value(part, name, index, depth + 1) for index, part in enumerate(parts[:count]))
        found = list(values)
        unique = [value for place, value in enumerate(found) if value not in found[:place]]
        return unique if len(unique) >= least else found

    def _number(self, schema: Schema, kind: str, index: int) -> float | int:
        numbers = self._facts.numbers
        value = numbers[index % len(numbers)] if numbers else self._hash(str(index)) % 100
        return within(schema, value, whole=kind == "integer")

    def _words(self, name: str) -> frozenset[str]:
        return words(re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name))

    def _hash(self, name: str) -> int:
        digest = blake2b(f"{self._salt}/{name}/{self._facts.text[:1_000]}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big")
