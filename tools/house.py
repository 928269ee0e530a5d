"""Measures how the code is built: sizes of modules and functions, circles of imports, `Any` in the store.

`python -m tools.house` prints the figures of this tree, with a folder those of another checkout; `--check`
fails where one of them is above its bound.
"""

import ast
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tools.typed_store import found

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; `most` is its bound, None where it has none."""

    name: str
    value: float
    most: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether it keeps its bound."""
        return self.most is None or self.value <= self.most


def figures(root: Path) -> list[Figure]:
    """What is measured of the package below `src` of a checkout."""
    package = root / "src" / "docstage"
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(package.rglob("*.py"))}
    written = {path: tree for path, tree in trees.items() if "migrations" not in path.parts}
    modules = [_lines(path) for path in written if _lines(path)]
    functions = [_length(one) for tree in written.values() for one in _functions(tree)]
    return [
        Figure("modules", len(modules)),
        Figure("lines of a module, median", median(modules), 150),
        Figure("lines of the longest module", max(modules), 500),
        Figure("functions", len(functions)),
        Figure("lines of a function, median", median(functions), 9),
        Figure("functions of more than 20 lines, %", 100 * _share(functions, 20), 10),
        Figure("modules in circles of imports", len(_in_circles(_imports(package, trees))), 0),
        Figure("`Any` in the store", len(list(found(package / "store"))), 0),
    ]


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def _length(function: Function) -> int:
    """Lines of a function without its decorators and its docstring."""
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function, clean=False) is None or len(function.body) == 1:
        return whole
    return whole - ((first.end_lineno or first.lineno) - first.lineno + 1)


def _share(values: list[int], most: int) -> float:
    return sum(value > most for value in values) / len(values)


def _imports(package: Path, trees: dict[Path, ast.Module]) -> dict[str, set[str]]:
    """Which modules each module imports when it is loaded, not within functions or for types alone."""
    names = {_name(package, path): tree for path, tree in trees.items()}
    return {name: _loaded(tree.body, names.keys()) - {name} for name, tree in names.items()}


def _name(package: Path, path: Path) -> str:
    parts = path.relative_to(package.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _loaded(body: list[ast.stmt], known: Collection[str]) -> set[str]:
    imported: set[str] = set()
    for node in body:
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names if alias.name in known}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            imported |= {one for one in inner if one in known}
            if node.module in known and not all(one in known for one in inner):
                imported.add(node.module)
    return imported


def _in_circles(graph: dict[str, set[str]]) -> set[str]:
    """The modules that can be reached from themselves."""
    return {start for start in graph if start in _reached(graph, graph[start])}


def _reached(graph: dict[str, set[str]], first: set[str]) -> set[str]:
    seen, waiting = set(first), list(first)
    while waiting:
        new = graph.get(waiting.pop(), set()) - seen
        seen |= new
        waiting += new
    return seen


def main(arguments: list[str]) -> int:
    """Print the figures; returns 1 where `--check` is given and a bound is not kept."""
    folders = [one for one in arguments if not one.startswith("-")]
    measured = figures(Path(folders[0]) if folders else Path(__file__).parent.parent)
    for figure in measured:
        bound = "" if figure.most is None else f"  (at most {figure.most:g})"
        missed = "" if figure.is_met else "  MISSED"
        sys.stdout.write(f"{figure.value:7.4g}  {figure.name}{bound}{missed}\n")
    return int("--check" in arguments and not all(figure.is_met for figure in measured))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
