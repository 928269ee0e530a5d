"""Looks for `Any` in the types of the store: what its functions take and give must be said.

`python -m tools.typed_store` names each place, and fails where there is one.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

STORE = Path(__file__).resolve().parents[1] / "src" / "docstage" / "store"


def places(source: str) -> list[int]:
    """The lines on which a module says `Any`: imported, as a member of `typing`, or in quotes."""
    return sorted({line for node in ast.walk(ast.parse(source)) for line in _said(node)})


def found(folder: Path) -> Iterator[str]:
    """Each place below a folder, as `path:line`."""
    for path in sorted(folder.rglob("*.py")):
        for line in places(path.read_text(encoding="utf-8")):
            yield f"{path}:{line}"


def _said(node: ast.AST) -> Iterator[int]:
    if isinstance(node, ast.ImportFrom):
        names = {one.name for one in node.names}
        if "Any" in names or ("*" in names and node.module in {"typing", "typing_extensions"}):
            yield node.lineno
    elif isinstance(node, ast.Name | ast.Attribute):
        if _name(node) == "Any":
            yield node.lineno
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_said_in(node.value):
        yield node.lineno


def _name(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr


def _is_said_in(text: str) -> bool:
    """Whether a text is a type in quotes that says it."""
    try:
        quoted = ast.walk(ast.parse(text, mode="eval")) if "Any" in text else ()
    except SyntaxError:
        return False  # words
    return any(isinstance(one, ast.Name | ast.Attribute) and _name(one) == "Any" for one in quoted)


def main() -> int:
    """Name the places; 1 where there are any."""
    every = list(found(STORE))
    for place in every:
        print(f"{place}: Any; say the type instead", file=sys.stderr)  # noqa: T201
    return bool(every)


if __name__ == "__main__":
    sys.exit(main())
