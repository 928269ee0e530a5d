"""docs/architecture.md and docs/development.md name modules that there are."""

import re
from pathlib import Path

import pytest
from tests.docs.conftest import ROOT

_PACKAGE = ROOT / "src" / "docstage"
_MODULE = re.compile(r"`((?:src/docstage/)?[a-z_]+(?:/[a-z_]+)+(?:\.py)?/?)`")
_ELSEWHERE = ("api", "features", "frontend", "samples", "src", "tests", "tools")


def _modules(page: str) -> list[str]:
    """What a page says of modules of the package: `store/tasks`, `store/tasks.py` or `results/formats/`."""
    return _MODULE.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))


def _is_there(name: str) -> bool:
    place = _PACKAGE / name.removeprefix("src/docstage/").rstrip("/").removesuffix(".py")
    if name.split("/", maxsplit=1)[0] in _ELSEWHERE and (ROOT / name).exists():
        return True
    return place.is_dir() or place.with_suffix(".py").is_file()


@pytest.mark.parametrize("page", ["architecture.md", "development.md"])
def test_every_module_that_is_named_exists(page: str) -> None:
    """Who follows the path of a task finds each room."""
    named = _modules(page)
    assert len(named) > 5
    assert [name for name in named if not _is_there(name)] == []


def test_a_module_that_is_gone_is_found() -> None:
    """Packages and modules count, other names do not."""
    assert _is_there("store/tasks.py")
    assert _is_there("results/formats/")
    assert not _is_there(str(Path("store") / "catalog"))
