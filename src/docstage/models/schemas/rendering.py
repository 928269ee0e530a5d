"""Writes nodes as the JSON Schema that a dialect takes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from docstage.models.schemas.dialects import Dialect
from docstage.models.schemas.measuring import TooLarge, check_limits
from docstage.models.schemas.meeting import admits_type, either, with_notes
from docstage.models.schemas.naming import names_for
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
    type_of,
)
from docstage.models.schemas.rules import described, split_rules

ANSWER = "answer"
NULL = Plain(type="null")
# More than this is not sent out: definitions that are mentioned often multiply.
_MOST_PARTS = 20_000


class DoesNotFit(Exception):
    """The dialect cannot say it; the message says why, in words that follow "because"."""


@dataclass(frozen=True, slots=True)
class Changed:
    """How members of an object are called and filled, other than the user's schema has it.

    Attributes:
        names: the user's names by those that were sent.
        forced: names, as sent, of members that are null where they would be missing.
    """

    names: dict[str, str]
    forced: frozenset[str]


@dataclass(slots=True)
class SentSchema:
    """A schema as it is sent.

    Attributes:
        schema: the whole of it.
        wrapped: the answer is the only member of the object that it asks for.
        changes: what was changed in objects, by the identity of their part of `schema`.
        dropped: names of members by the keywords that could not be said of them.
    """

    schema: dict[str, Any] = field(default_factory=dict)
    wrapped: bool = False
    changes: dict[int, Changed] = field(default_factory=dict)
    dropped: dict[str, list[str]] = field(default_factory=dict)


def write_schema(grammar: Grammar, dialect: Dialect) -> SentSchema:
    """The schema in the dialect's words.

    Raises:
        DoesNotFit: there are none for it, or it is larger than the provider takes.
    """
    try:
        sent = _Writer(grammar, dialect).whole()
        check_limits(sent.schema, dialect)
    except RecursionError:
        raise DoesNotFit("it is nested too deeply") from None
    except TooLarge as error:
        raise DoesNotFit(str(error)) from None
    return sent


class _Writer:
    def __init__(self, grammar: Grammar, dialect: Dialect) -> None:
        self._grammar = grammar
        self._dialect = dialect
        self._sent_schema = SentSchema()
        self._definitions: dict[str, Any] = {}
        self._path: list[str] = []  # the user's names of the members that are being sent
        self._sent = ""  # the name of the innermost, as it is sent
        self._parts = 0

    def whole(self) -> SentSchema:
        """The root, within an object where the provider wants one, with the definitions that it mentions."""
        root = self._resolved(self._grammar.root)
        if isinstance(root, Nothing):
            raise DoesNotFit("no answer can fulfil it")
        self._sent_schema.wrapped = not (isinstance(root, Members) or self._dialect.any_root)
        if self._sent_schema.wrapped:
            root = Members(named={ANSWER: self._grammar.root}, required=frozenset({ANSWER}))
        schema = self._sent_schema.schema = self._node(root)
        if self._definitions:
            schema["$defs"] = self._definitions
        return self._sent_schema

    def _resolved(self, node: Node) -> Node:
        seen: set[str] = set()
        while isinstance(node, Named) and node.name not in seen:
            seen.add(node.name)
            node = self._grammar.definitions[node.name]
        return node

    def _node(self, node: Node) -> dict[str, Any]:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise DoesNotFit("its definitions multiply to more than is sensible")
        kept, dropped = split_rules(node, self._dialect)
        for keyword in dropped:
            self._drop(keyword[0])
        schema = self._shape(node) | dict(kept)
        if words := described(node, dropped, self._sent):
            schema = _with_description(schema, words)
        return schema

    def _shape(self, node: Node) -> dict[str, Any]:
        match node:
            case Plain():
                return {"type": node.type}
            case Choice():
                return self._choice(node)
            case Items():
                return self._items(node)
            case Members():
                return self._members(node)
            case Either():
                return self._either(node)
            case _:
                return self._named(node) if isinstance(node, Named) else self._open_or_empty(node)

    def _open_or_empty(self, node: Anything | Nothing) -> dict[str, Any]:
        if isinstance(node, Nothing):
            raise DoesNotFit(f"no value can be {self._here()}")
        if not self._dialect.anything:
            raise DoesNotFit(f"it leaves open what {self._here()} is")
        return {}

    def _choice(self, node: Choice) -> dict[str, Any]:
        types = {type_of(value) for value in node.values}
        if types & {"array", "object"}:
            if not types <= self._dialect.choices | {"null"}:
                raise DoesNotFit(f"{self._here()} is one of several lists or objects")
            return {"enum": list(node.values)}
        numbers = {"integer", "number"} & types
        plain = ("string", "boolean", "null")
        groups: list[tuple[str, set[str]]] = [(name, {name}) for name in plain if name in types]
        if numbers:
            groups.insert("string" in types, (max(numbers), numbers))
        branches = [
            self._of_one_type(name, [value for value in node.values if type_of(value) in kinds])
            for name, kinds in groups
        ]
        return branches[0] if len(branches) == 1 else {"anyOf": branches}

    def _of_one_type(self, name: str, values: list[Any]) -> dict[str, Any]:
        if name == "null" or (name == "boolean" and len(values) == 2):
            return {"type": name}
        unsayable = name not in self._dialect.choices or (not self._dialect.empty and "" in values)
        if unsayable:
            self._drop("enum")
            return {"type": name}
        return {"type": name, "enum": values}

    def _items(self, node: Items) -> dict[str, Any]:
        if not node.first:
            return {"type": "array", "items": self._node(node.others)}
        if self._dialect.tuples:
            first = [self._node(one) for one in node.first]
            closed = isinstance(node.others, Nothing)
            others = {} if closed else {"items": self._node(node.others)}
            return {"type": "array", "prefixItems": first, **others}
        self._drop("prefixItems")
        return {"type": "array", "items": self._node(either([*node.first, node.others]))}

    def _members(self, node: Members) -> dict[str, Any]:
        if node.others is not None and not self._dialect.maps:
            raise DoesNotFit(f"{self._here()} has members of any name")
        named = {name: one for name, one in node.named.items() if not isinstance(one, Nothing)}
        if not named and not (self._dialect.empty or node.others):
            raise DoesNotFit(f"{self._here()} is an object without members")
        names = names_for(named, self._dialect.names)
        forced = {
            name
            for name, member in named.items()
            if not (name in node.required or self._dialect.optional or self._admits_null(member))
        }
        properties = {}
        for name, member in named.items():
            self._path.append(name)
            self._sent = names[name]
            wanted = either([member, NULL]) if name in forced else member
            properties[names[name]] = self._node(
                wanted if names[name] == name else with_notes(wanted, Noted(title=wanted.title or name))
            )
            self._path.pop()
        required = [names[name] for name in named if name in node.required or not self._dialect.optional]
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if required or not self._dialect.optional:
            schema["required"] = required
        others = False if node.others is None else self._node(node.others) or True
        schema["additionalProperties"] = others
        self._change(schema, names, {names[name] for name in forced})
        return schema

    def _change(self, schema: dict[str, Any], names: dict[str, str], forced: set[str]) -> None:
        renamed = {sent: name for name, sent in names.items() if sent != name}
        if renamed or forced:
            key = id(schema["properties"])
            self._sent_schema.changes[key] = Changed(renamed, frozenset(forced))

    def _admits_null(self, member: Node) -> bool:
        resolved = self._resolved(member)
        branches = resolved.of if isinstance(resolved, Either) else (resolved,)
        return any(admits_type(self._resolved(branch), "null") for branch in branches)

    def _either(self, node: Either) -> dict[str, Any]:
        branches = [self._node(branch) for branch in node.of]
        flat = [one for branch in branches for one in _branches_of(branch)]
        if self._dialect.apart and not _apart(flat):
            raise DoesNotFit(f"alternatives of {self._here()} begin with the same member")
        return {"anyOf": flat}

    def _named(self, node: Named) -> dict[str, Any]:
        if node.name not in self._grammar.recursive:
            return self._node(self._grammar.definitions[node.name])
        if not self._dialect.recursive:
            raise DoesNotFit(f"{self._here()} contains itself")
        if node.name not in self._definitions:
            self._definitions[node.name] = {}
            self._definitions[node.name] = self._node(self._grammar.definitions[node.name])
        return {"$ref": f"#/$defs/{node.name}"}

    def _drop(self, keyword: str) -> None:
        found = self._sent_schema.dropped.setdefault(keyword, [])
        if (name := self._path[-1] if self._path else "") not in found:
            found.append(name)

    def _here(self) -> str:
        return f'"{self._path[-1]}"' if self._path else "the answer"


def _with_description(schema: dict[str, Any], words: str) -> dict[str, Any]:
    """The schema with words before its own. Nothing may stand beside `$ref`."""
    if "$ref" in schema:
        return {"description": words, "anyOf": [schema]}
    own = schema.get("description")
    return {**schema, "description": f"{words} {own}" if own else words}


def _branches_of(branch: dict[str, Any]) -> Iterable[dict[str, Any]]:
    return branch["anyOf"] if branch.keys() == {"anyOf"} else (branch,)


def _apart(branches: list[dict[str, Any]]) -> bool:
    """Whether objects among the branches can be told apart by their first member."""
    firsts = [next(iter(branch["properties"].items()), None) for branch in branches if "properties" in branch]
    for place, one in enumerate(firsts):
        for other in firsts[place + 1 :]:
            if one and other and one[0] == other[0] and not _fixed_apart(one[1], other[1]):
                return False
    return True


def _fixed_apart(one: dict[str, Any], other: dict[str, Any]) -> bool:
    values = [set(map(repr, schema.get("enum", ()))) for schema in (one, other)]
    return all(values) and not values[0] & values[1]
