"""What two nodes admit together, as `allOf` and keywords beside each other ask.

Where that cannot be said, it is one of the two: weaker than both together, and answers are checked anyway.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from docstage.models.schemas.nodes import (
    Anything,
    Choice,
    Either,
    Items,
    Members,
    Named,
    Node,
    Noted,
    Nothing,
    Plain,
    Rule,
    type_of,
)

_BARE = Noted()
# More branches than this are not multiplied out.
_MOST_BRANCHES = 64
_MOST_WORK = 20_000
_LEAST = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_MOST = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})


class TooMuch(Exception):
    """The parts of a schema multiply beyond what is worth saying."""


def either(nodes: Iterable[Node], noted: Noted = _BARE) -> Node:
    """What any of the nodes admits, without unions in unions and without repetitions."""
    flat = _merged(_flat(nodes))
    if any(isinstance(node, Anything) and not node.rules for node in flat):
        return with_notes(Anything(), noted)
    if not flat:
        return with_notes(Nothing(), noted)
    return with_notes(flat[0] if len(flat) == 1 else Either(of=tuple(flat)), noted)


def _flat(nodes: Iterable[Node]) -> list[Node]:
    flat: list[Node] = []
    for node in nodes:
        inner = node.of if isinstance(node, Either) and not node.rules else (node,)
        flat += [one for one in inner if not isinstance(one, Nothing)]
    return flat


def _merged(nodes: list[Node]) -> list[Node]:
    """The nodes, each once, and their fixed values as one choice; of very many also those with words."""
    many = len(nodes) > _MOST_BRANCHES
    values: list[Any] = []
    rest: list[Node] = []
    for node in nodes:
        if isinstance(node, Choice) and (many or with_notes(Choice(values=()), node) == Choice(values=())):
            values += node.values
        elif many or node not in rest:
            rest.append(node)
    return [*rest, Choice(values=_once(values))] if values else rest


def _once(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple({_key(value): value for value in reversed(list(values))}.values())[::-1]


def _key(value: Any) -> tuple[str, str]:
    """What tells JSON values apart: 1 and true are two, 1 and 1.0 are one."""
    kind = type_of(value)
    return kind, json.dumps(int(value) if kind == "integer" else value, sort_keys=True)


def with_notes(node: Node, noted: Noted) -> Node:
    """The node with words and rules of another beside its own; the other's words come first."""
    if noted.title is None and noted.description is None and not noted.rules:
        return node
    return replace(
        node,
        title=noted.title or node.title,
        description=noted.description or node.description,
        rules=_both_rules(node.rules, noted.rules),
    )


class Meeting:
    """Finds what two nodes admit together, with as much work as a schema may ask for."""

    def __init__(self, most: int = _MOST_WORK) -> None:
        self._left = most

    def meet(self, one: Node, other: Node) -> Node:
        """What both admit.

        Raises:
            TooMuch: the work is used up.
        """
        self._left -= 1
        if self._left < 0:
            raise TooMuch
        if isinstance(one, Anything):
            return with_notes(other, one)
        if isinstance(other, Anything):
            return with_notes(one, other)
        if isinstance(one, Either) or isinstance(other, Either):
            return self._meet_branches(one, other)
        if isinstance(one, Named) or isinstance(other, Named):
            return other if isinstance(one, Named) else one  # the definition may contain itself
        if isinstance(one, Choice) or isinstance(other, Choice):
            return self._meet_choice(one, other)
        met = self._meet_alike(one, other)
        return met if isinstance(met, Nothing) else with_notes(with_notes(met, other), one)

    def _meet_branches(self, one: Node, other: Node) -> Node:
        mine = one.of if isinstance(one, Either) else (one,)
        theirs = other.of if isinstance(other, Either) else (other,)
        if len(mine) * len(theirs) > _MOST_BRANCHES:
            return one if isinstance(other, Either) else other
        met = either(self.meet(left, right) for left in mine for right in theirs)
        outer = [node for node in (other, one) if isinstance(node, Either)]
        for node in outer:
            met = met if isinstance(met, Nothing) else with_notes(met, node)
        return met

    def _meet_choice(self, one: Node, other: Node) -> Node:
        choice, by = (one, other) if isinstance(one, Choice) else (other, one)
        assert isinstance(choice, Choice)
        if isinstance(by, Choice):
            known = {_key(value) for value in by.values}
            kept = tuple(value for value in choice.values if _key(value) in known)
        else:
            kept = tuple(value for value in choice.values if admits_type(by, type_of(value)))
        if not kept:
            return Nothing()
        words = Noted(title=by.title, description=by.description)
        return with_notes(with_notes(Choice(values=kept), words), choice)

    def _meet_alike(self, one: Node, other: Node) -> Node:
        if isinstance(one, Plain) and isinstance(other, Plain):
            if one.type == other.type or (other.type == "number" and one.type == "integer"):
                return one
            return other if one.type == "number" and other.type == "integer" else Nothing()
        if isinstance(one, Items) and isinstance(other, Items):
            longest = max(len(one.first), len(other.first))
            first = tuple(self.meet(_at(one, place), _at(other, place)) for place in range(longest))
            return Items(others=self.meet(one.others, other.others), first=first)
        if isinstance(one, Members) and isinstance(other, Members):
            return self._meet_members(one, other)
        return Nothing()

    def _meet_members(self, one: Members, other: Members) -> Node:
        required = one.required | other.required
        named: dict[str, Node] = {}
        for name in {**one.named, **other.named}:
            met = self.meet(_member(one, name), _member(other, name))
            if isinstance(met, Nothing) and name in required:
                return Nothing()
            named[name] = met
        closed = one.closed or other.closed
        others = (
            None if closed or not (one.others or other.others) else self._others(one.others, other.others)
        )
        return Members(named=named, required=required, others=others, closed=closed)

    def _others(self, one: Node | None, other: Node | None) -> Node:
        return self.meet(one or Anything(), other or Anything())


def admits_type(node: Node, type_name: str) -> bool:
    """Whether values of a JSON type may be among those that the node admits."""
    match node:
        case Anything() | Named():
            return True
        case Plain():
            return node.type == type_name or (node.type == "number" and type_name == "integer")
        case Choice():
            return any(type_of(value) == type_name for value in node.values)
        case Either():
            return any(admits_type(one, type_name) for one in node.of)
        case _:
            return type_name == ("array" if isinstance(node, Items) else "object") and node != Nothing()


def _at(items: Items, place: int) -> Node:
    return items.first[place] if place < len(items.first) else items.others


def _member(members: Members, name: str) -> Node:
    if name in members.named:
        return members.named[name]
    return Nothing() if members.closed else members.others or Anything()


def _both_rules(mine: tuple[Rule, ...], theirs: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Both rules; of two bounds the narrower one."""
    rules = list(mine)
    for keyword, value in theirs:
        at = next((place for place, rule in enumerate(rules) if rule[0] == keyword), None)
        if at is None:
            rules.append((keyword, value))
        elif keyword in _LEAST or keyword in _MOST:
            narrower = max if keyword in _LEAST else min
            rules[at] = (keyword, narrower(rules[at][1], value))
        elif (keyword, value) not in rules:
            rules.append((keyword, value))
    return tuple(rules)


def definitions_within(node: Node) -> set[str]:
    """Names of the definitions that the node mentions."""
    match node:
        case Named():
            return {node.name}
        case Items():
            return _within([node.others, *node.first])
        case Members():
            return _within([*node.named.values(), *([node.others] if node.others else [])])
        case Either():
            return _within(node.of)
        case _:
            return set()


def _within(nodes: Iterable[Node]) -> set[str]:
    return set().union(*(definitions_within(node) for node in nodes))


def recursive_among(definitions: Mapping[str, Node]) -> frozenset[str]:
    """Names of the definitions that contain themselves."""
    reach = {name: definitions_within(node) for name, node in definitions.items()}
    changed = True
    while changed:
        changed = False
        for name, found in reach.items():
            further = set().union(*(reach.get(one, set()) for one in found)) - found
            if further:
                reach[name] = found | further
                changed = True
    return frozenset(name for name, found in reach.items() if name in found)
