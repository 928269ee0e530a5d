"""The rule of docs/development.md that the store's types are said."""

from pathlib import Path

import pytest
from tools.typed_store import STORE, found, places

PLANTED = {
    "an argument": "from typing import Any\ndef read(c: Any) -> int: ...",
    "what it gives, nested": "import typing\ndef read(c: int) -> dict[str, list[typing.Any]]: ...",
    "an attribute": "from typing import Any\nclass Row:\n    value: Any | None",
    "keywords": "from typing import Any\nasync def read(*, c: int, **more: Any) -> None: ...",
    "in quotes": "import typing as t\ndef read(c: 'list[Any]') -> 'dict[str, t.Any]': ...",
    "under another name": "from typing import Any as Whatever\ndef read(c: Whatever) -> None: ...",
    "all of typing": "from typing import *",
    "an alias": "from typing import Any\nRow = dict[str, Any]",
}


@pytest.mark.parametrize("source", PLANTED.values(), ids=PLANTED.keys())
def test_a_planted_any_is_found(tmp_path: Path, source: str) -> None:
    """However it is said, in a module at any depth."""
    planted = tmp_path / "parts" / "rows.py"
    planted.parent.mkdir()
    planted.write_text(source)
    assert [one.rpartition(":")[0] for one in found(tmp_path)] == [str(planted)] * len(places(source))
    assert places(source)


def test_the_line_is_named() -> None:
    """Each line on which it is said, once."""
    assert places("from typing import Any\n\ndef read(c: Any, d: Any) -> Any: ...\n") == [1, 3]


def test_what_only_looks_like_it_is_none() -> None:
    """Words of comments and texts, and names that contain it."""
    assert places('"""Any text."""\n# Any\nAnyone = 1\nword = "Any number will do."\n') == []


def test_the_store_says_its_types() -> None:
    """No module of it says that it takes or gives anything at all."""
    assert list(found(STORE)) == []
