"""Holds the rules of the pages' sources: python -m tools.page_rules [folder of the sources]

No circle of imports, no import from what is shared to what uses it, no file of more than 300 lines, no folder
of more than 15 files.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SOURCES = Path(__file__).resolve().parent.parent / "frontend" / "src"
MOST_LINES = 300
MOST_FILES = 15
#: What may not be imported from below a folder, directly.
FORBIDDEN: Mapping[str, Sequence[str]] = {"shared": ("features", "shell"), "features": ("shell",)}
_SUFFIXES = (".ts", ".tsx", ".css")
_WRITTEN = (".d.ts",)  # by a program
_IMPORT = re.compile(r"""(?:\bfrom|\bimport|\bimport\(|\bnew URL\(|@import)\s*["'](\.[^"']+)["']""")


def faults(folder: Path) -> Iterator[str]:
    """What breaks a rule below a folder, each in a line."""
    files = [path for path in sorted(folder.rglob("*")) if path.suffix in _SUFFIXES and _is_source(path)]
    for path in files:
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES:
            yield f"{path.relative_to(folder)}: {lines} lines, of {MOST_LINES} at most"
    for one in sorted({path.parent for path in files}):
        if (count := sum(path.parent == one for path in files)) > MOST_FILES:
            yield f"{one.relative_to(folder)}: {count} files, of {MOST_FILES} at most"
    graph = {path: [*_imports(path)] for path in files}
    for path, targets in graph.items():
        yield from (f"{path.relative_to(folder)}: imports {one}" for one in _outward(folder, path, targets))
    if circle := _circle(graph):
        yield "a circle of imports: " + " -> ".join(str(path.relative_to(folder)) for path in circle)


def _is_source(path: Path) -> bool:
    return not path.name.endswith(_WRITTEN)


def _imports(path: Path) -> Iterator[Path]:
    """The files that a file names, also those that it fetches later or takes only types of."""
    for name in _IMPORT.findall(path.read_text(encoding="utf-8")):
        target = (path.parent / name).resolve()
        names = [target, *(target.with_name(target.name + suffix) for suffix in _SUFFIXES)]
        found = [*names, target / "index.ts", target / "index.tsx"]
        yield from (one for one in found if one.is_file())


def _outward(folder: Path, path: Path, targets: Sequence[Path]) -> Iterator[str]:
    forbidden = FORBIDDEN.get(path.relative_to(folder).parts[0], ())
    for target in targets:
        if target.is_relative_to(folder) and target.relative_to(folder).parts[0] in forbidden:
            yield str(target.relative_to(folder))


def _circle(graph: Mapping[Path, Sequence[Path]]) -> list[Path]:
    """Files that import each other in a circle, from one to the same again; empty where there is none."""
    seen: set[Path] = set()
    for start in graph:
        trail: list[Path] = []
        ways = [iter([start])]
        while ways:
            path = next(ways[-1], None)
            if path is None:
                ways.pop()
                trail = trail[:-1]
            elif path in trail:
                return [*trail[trail.index(path) :], path]
            elif path not in seen:
                seen.add(path)
                trail.append(path)
                ways.append(iter(graph.get(path, ())))
    return []


def main(arguments: Sequence[str]) -> int:
    """Print what breaks a rule; 1 if anything does."""
    folder = Path(arguments[0]).resolve() if arguments else SOURCES
    found = list(faults(folder))
    sys.stderr.write("".join(f"{one}\n" for one in found))
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
