"""Reads a JSON Schema of any draft into nodes."""

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

from docstage.domain.formats import DATE_PATTERN, with_formats
from docstage.models.schemas.meeting import Meeting, TooMuch, either, recursive_among, with_notes
from docstage.models.schemas.nodes import (
    Anything,
    Choice,
    Either,
    Grammar,
    Items,
    Members,
    Named,
    Node,
    Noted,
    Nothing,
    Plain,
    Rule,
)
from docstage.models.schemas.pointers import Pointers

_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_TEXTS = ("minLength", "maxLength", "pattern", "format", "contentEncoding", "contentMediaType")
_LISTS = ("minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains", "unevaluatedItems")
_OBJECTS = ("minProperties", "maxProperties", "propertyNames")
_DEPENDENT = ("dependentRequired", "dependentSchemas", "dependencies")
_ANY = ("not", "if", "then", "else")
_OF_LISTS = ("items", "prefixItems", "additionalItems")
_OF_OBJECTS = ("properties", "required", "additionalProperties", "patternProperties", "unevaluatedProperties")
_TYPES = ("string", "number", "integer", "boolean", "null", "array", "object")
# Drafts in which keywords beside `$ref` mean nothing.
_OLD_DRAFTS = ("draft-03", "draft-04", "draft-06", "draft-07")
_DEEPEST = 200


class Unreadable(Exception):
    """The schema says what nodes cannot; the message says why, in words that follow "because"."""


def read_schema(schema: Mapping[str, Any]) -> Grammar:
    """The schema as nodes.

    Raises:
        Unreadable: it renames what its references mean, or is nested too deeply.
    """
    try:
        reader = _Reader(with_formats(dict(schema)))
        root = reader.read(reader.root)
        definitions = reader.definitions()
    except RecursionError:
        raise Unreadable("it is nested too deeply") from None
    except TooMuch:
        raise Unreadable("it combines too many parts") from None
    except (TypeError, ValueError, LookupError, AttributeError):
        # Keywords that its draft does not know, or had a form of its own for, may hold anything.
        raise Unreadable("it is written for another draft of JSON Schema") from None
    return Grammar(root, definitions, recursive_among(definitions))


class _Reader:
    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root
        self._pointers = Pointers(root)
        if self._pointers.rebased:
            raise Unreadable("it changes the base of its references ($id)")
        self._old = any(draft in str(root.get("$schema", "")) for draft in _OLD_DRAFTS)
        self._definitions: dict[str, Node] = {}
        self._open: list[str] = []
        self._meeting = Meeting()
        self._depth = 0

    def definitions(self) -> dict[str, Node]:
        """Every definition that was mentioned."""
        return self._definitions

    def read(self, schema: Any) -> Node:
        """The node of a schema."""
        if not isinstance(schema, dict):
            return Nothing() if schema is False else Anything()
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unreadable("it is nested too deeply")
        try:
            return self._read(schema)
        finally:
            self._depth -= 1

    def _read(self, schema: dict[str, Any]) -> Node:
        noted = Noted(
            title=_text(schema.get("title")),
            description=_text(schema.get("description")),
            rules=_rules(schema, _ANY),
        )
        reference = schema.get("$ref", schema.get("$dynamicRef", schema.get("$recursiveRef")))
        if isinstance(reference, str):
            return self._referred(reference, schema, noted)
        return with_notes(self._own(schema), noted)

    def _referred(self, reference: str, schema: dict[str, Any], noted: Noted) -> Node:
        named = self._named(reference)
        beside = Anything() if self._old else self._own(schema)
        if isinstance(beside, Anything) and not beside.rules:
            return with_notes(named, noted)
        return with_notes(self._meeting.meet(self._expanded(named), beside), noted)

    def _named(self, reference: str) -> Named:
        """The definition, which is read when it is first mentioned."""
        name = self._pointers.name_of(reference)
        if name not in self._definitions and name not in self._open:
            self._open.append(name)
            node = self.read(self._pointers.target_of(reference))
            self._open.remove(name)
            self._definitions[name] = node
        return Named(name=name)

    def _expanded(self, node: Node) -> Node:
        """What a definition says, where it is known already; one within itself is not."""
        seen = set()
        while isinstance(node, Named) and node.name in self._definitions and node.name not in seen:
            seen.add(node.name)
            node = with_notes(self._definitions[node.name], Noted(rules=node.rules))
        return node

    def _own(self, schema: dict[str, Any]) -> Node:
        """What all keywords but those of references admit."""
        parts = [self._typed(schema)]
        if isinstance(values := schema.get("enum"), list):
            parts.append(Choice(values=tuple(values)) if values else Nothing())
        if "const" in schema:
            parts.append(Choice(values=(schema["const"],)))
        parts += [self._branches(word, schema[word]) for word in ("anyOf", "oneOf") if word in schema]
        parts += [self._expanded(self.read(branch)) for branch in schema.get("allOf", ())]
        met = reduce(self._meeting.meet, parts)
        if schema.get("unevaluatedProperties") is False:
            return _closed(met)
        return met

    def _branches(self, keyword: str, branches: list[Any]) -> Node:
        nodes = [self.read(branch) for branch in branches]
        exclusive = keyword == "oneOf" and not _disjoint([self._expanded(node) for node in nodes])
        return either(nodes, Noted(rules=(("oneOf", "exactly one"),)) if exclusive else Noted())

    def _typed(self, schema: dict[str, Any]) -> Node:
        """What `type` and the keywords of each type admit."""
        told = schema.get("type")
        names = [told] if isinstance(told, str) else told if isinstance(told, list) else _implied(schema)
        if not names:
            return Anything()
        return either(self._of_type(name, schema) for name in names if name in _TYPES)

    def _of_type(self, name: str, schema: dict[str, Any]) -> Node:
        match name:
            case "array":
                return self._items(schema)
            case "object":
                return self._members(schema)
            case "string":
                return Plain(type="string", rules=_rules(schema, _TEXTS))
            case "number" | "integer" as number:
                return Plain(type=number, rules=_rules(schema, _NUMBERS))
            case _:
                return Plain(type="boolean" if name == "boolean" else "null")

    def _items(self, schema: dict[str, Any]) -> Node:
        items = schema.get("items", True)
        first = items if isinstance(items, list) else schema.get("prefixItems", [])
        others = schema.get("additionalItems", True) if isinstance(items, list) else items
        read = tuple(self.read(one) for one in first)
        most = schema.get("maxItems")
        if read and isinstance(most, int) and most <= len(read):  # as libraries write a pair
            others = False
        return Items(others=self.read(others), first=read, rules=_rules(schema, _LISTS))

    def _members(self, schema: dict[str, Any]) -> Node:
        told = schema.get("properties", {})
        required = _texts(schema.get("required"))
        named = {name: self.read(member) for name, member in told.items()}
        others, closed = self._others(schema, bool(named or required))
        for name in required:
            named.setdefault(name, Nothing() if closed else others or Anything())
        if any(isinstance(named[name], Nothing) for name in required):
            return Nothing()
        rules = _rules(schema, (*_OBJECTS, *_DEPENDENT, "patternProperties"))
        return Members(named=named, required=frozenset(required), others=others, closed=closed, rules=rules)

    def _others(self, schema: dict[str, Any], names_some: bool) -> tuple[Node | None, bool]:
        """What members of other names are, None where nobody asks for any; and whether they are forbidden."""
        patterns = schema.get("patternProperties", {})
        told = schema.get("additionalProperties")
        beside = [self.read(pattern) for pattern in patterns.values()] if isinstance(patterns, dict) else []
        if told is False and not beside:
            return None, True
        if told is None and names_some and not beside:
            return None, False
        return either([*beside, *([] if told is False else [self.read(told)])]), False


def _closed(node: Node) -> Node:
    if isinstance(node, Either):
        return either((_closed(one) for one in node.of), node)
    if isinstance(node, Members) and not node.closed:
        return Members(
            named=node.named,
            required=node.required,
            closed=True,
            title=node.title,
            description=node.description,
            rules=node.rules,
        )
    return node


def _implied(schema: dict[str, Any]) -> list[str]:
    """The types that keywords speak of, where the schema names none."""
    kinds = {
        "object": (*_OF_OBJECTS, *_OBJECTS, *_DEPENDENT),
        "array": (*_OF_LISTS, *_LISTS),
        "string": _TEXTS,
        "number": _NUMBERS,
    }
    return [name for name, keywords in kinds.items() if any(keyword in schema for keyword in keywords)]


def _rules(schema: dict[str, Any], keywords: Iterable[str]) -> tuple[Rule, ...]:
    """The keywords that rule something out."""
    found = [(keyword, schema[keyword]) for keyword in keywords if keyword in schema]
    if ("format", "date") in found and ("pattern", DATE_PATTERN) in found:
        found.remove(("pattern", DATE_PATTERN))  # it says less
    return tuple((keyword, value) for keyword, value in found if not _says_nothing(keyword, value))


def _says_nothing(keyword: str, value: Any) -> bool:
    if isinstance(value, bool):  # `exclusiveMinimum` of draft 4, which goes with `minimum`
        return not value or keyword.startswith("exclusive")
    return value in ({}, []) or (keyword in ("minLength", "minItems", "minProperties") and value == 0)


def _disjoint(nodes: list[Node]) -> bool:
    """Whether no value can be of two of the nodes, as far as types or a common fixed member tell."""
    return all(_apart(one, other) for place, one in enumerate(nodes) for other in nodes[place + 1 :])


def _apart(one: Node, other: Node) -> bool:
    if isinstance(one, Members) and isinstance(other, Members):
        shared = (name for name in one.required & other.required)
        return any(_apart(one.named[name], other.named[name]) for name in shared)
    if isinstance(one, Anything | Named) or isinstance(other, Anything | Named):
        return False
    if isinstance(one, Items) and isinstance(other, Items):
        return False
    return isinstance(Meeting().meet(one, other), Nothing)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
