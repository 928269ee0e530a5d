"""What the references of a schema refer to, within the schema itself."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

_OUTSIDE = re.compile(r"[^A-Za-z0-9_]+")
_DATA = ("enum", "const", "default", "examples")


class Pointers:
    """Finds the targets of references that begin with `#`, and gives each a name."""

    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._anchors: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self.rebased = False
        for node in _objects(root):
            for keyword in ("$anchor", "$dynamicAnchor"):
                if isinstance(node.get(keyword), str):
                    self._anchors[node[keyword]] = node
            self.rebased |= node is not root and isinstance(node.get("$id"), str)

    def target_of(self, reference: str) -> Any:
        """The schema that is referred to; True, which admits anything, where there is none."""
        fragment = unquote(reference.removeprefix("#"))
        if not fragment:
            return self._root
        if not fragment.startswith("/"):
            return self._anchors.get(fragment, True)
        node: Any = self._root
        for part in fragment[1:].split("/"):
            node = _member(node, part.replace("~1", "/").replace("~0", "~"))
        return node

    def name_of(self, reference: str) -> str:
        """A name for the target, the same for every reference to it, of letters, digits and underscores."""
        target = self.target_of(reference)
        if not isinstance(target, dict):
            return "anything" if target is not False else "nothing"
        if id(target) not in self._names:
            last = reference.rsplit("/", 1)[-1].removeprefix("#")
            plain = _OUTSIDE.sub("_", last).strip("_")[:40] or "answer"
            taken = set(self._names.values())
            number = 1
            name = plain
            while name in taken or name in ("anything", "nothing"):
                number += 1
                name = f"{plain}_{number}"
            self._names[id(target)] = name
        return self._names[id(target)]


def _member(node: Any, part: str) -> Any:
    if isinstance(node, dict):
        return node.get(part, True)
    if isinstance(node, list) and part.isdigit() and int(part) < len(node):
        return node[int(part)]
    return True


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for one in node:
            yield from _objects(one)
    elif isinstance(node, dict):
        yield node
        for name, value in node.items():
            if name not in _DATA:
                yield from _objects(value)
