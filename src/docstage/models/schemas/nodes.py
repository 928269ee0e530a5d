"""JSON Schemas as a small algebra: what a value may be, without the hundred ways of writing it down.

A node admits at least every answer that people mean by the schema it was read from: rules that it cannot hold
are kept beside it as `rules`, and answers are always validated against the schema itself. It may leave out
values that nobody asks a model for, such as members of an object that names its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

#: A validation keyword with its value. Which of them a provider enforces, its dialect says.
Rule: TypeAlias = tuple[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What any node may carry.

    Attributes:
        title: and `description`: the schema's own words for the model, or None.
        rules: further keywords that the value must fulfil.
    """

    title: str | None = None
    description: str | None = None
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Anything(Noted):
    """Any JSON value."""


@dataclass(frozen=True, slots=True)
class Nothing(Noted):
    """No value at all."""


@dataclass(frozen=True, slots=True)
class Plain(Noted):
    """Any value of a simple type."""

    type: Literal["string", "integer", "number", "boolean", "null"]


@dataclass(frozen=True, slots=True)
class Choice(Noted):
    """One of some values, each of any type; there is at least one."""

    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Items(Noted):
    """A list: the first items by their places, then any number of others."""

    others: "Node"
    first: "tuple[Node, ...]" = ()


@dataclass(frozen=True, slots=True)
class Members(Noted):
    """An object.

    Attributes:
        named: members by their names.
        required: names of those that must be there.
        others: what members of other names are; None where none may be, or nobody asks for any.
        closed: whether the schema forbids others in so many words.
    """

    named: "Mapping[str, Node]"
    required: frozenset[str] = frozenset()
    others: "Node | None" = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Either(Noted):
    """What any of two or more nodes admits."""

    of: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Named(Noted):
    """A definition, by its name."""

    name: str


Node: TypeAlias = Anything | Nothing | Plain | Choice | Items | Members | Either | Named


@dataclass(frozen=True, slots=True)
class Grammar:
    """A whole schema.

    Attributes:
        root: the answer.
        definitions: nodes by the names that `Named` uses.
        recursive: names of definitions that contain themselves.
    """

    root: Node
    definitions: Mapping[str, Node]
    recursive: frozenset[str]


def type_of(value: Any) -> str:
    """The JSON type of a value; whole numbers are `integer`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"
