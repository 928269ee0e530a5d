"""Finds schemas that contain themselves without end, so that no answer could ever be checked."""

from collections.abc import Iterator
from typing import Any

from docstage.models.schemas.pointers import Pointers

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
# Keywords whose schemas look at the same value; those of members and items look at a smaller one.
_LISTS = ("allOf", "anyOf", "oneOf")
_SINGLE = ("not", "if", "then", "else")


def endless_reference(root: dict[str, Any], nodes: Iterator[dict[str, Any]]) -> str | None:
    """A reference that leads back to itself while the same value is looked at, or None.

    Args:
        nodes: every object of the schema in which keywords stand.
    """
    pointers = Pointers(root)
    if pointers.rebased:
        return None
    done: set[int] = set()
    return next((found for node in nodes if (found := _visit(node, pointers, done, []))), None)


def _visit(node: Any, pointers: Pointers, done: set[int], path: list[int]) -> str | None:
    if not isinstance(node, dict) or id(node) in done:
        return None
    path.append(id(node))
    for reference, part in _in_place(node, pointers):
        found = reference if id(part) in path else _visit(part, pointers, done, path)
        if found:
            return found
    path.pop()
    done.add(id(node))
    return None


def _in_place(node: dict[str, Any], pointers: Pointers) -> Iterator[tuple[str, Any]]:
    """The schemas that look at the same value, with the reference that leads to each."""
    for keyword in _REFERENCES:
        if isinstance(reference := node.get(keyword), str):
            yield reference, pointers.target_of(reference)
    for keyword in _LISTS:
        branches = node.get(keyword)
        yield from (("", branch) for branch in (branches if isinstance(branches, list) else ()))
    yield from (("", node.get(keyword)) for keyword in _SINGLE)
