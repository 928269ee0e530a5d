"""Small documents that each show a kind of fault: what models must get of them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from docstage.extraction.extractors import Extracted, Limits, extract

CASES = Path(__file__).parents[3] / "shared" / "cases" / "documents"
EXPECTED = json.loads((CASES / "expect.json").read_text()) if CASES.exists() else []


@pytest.mark.skipif(not EXPECTED, reason="the cases are not beside this checkout")
def test_there_are_cases() -> None:
    """The list of cases is not empty, so that the test below is not either."""
    assert len(EXPECTED) >= 19


@pytest.mark.parametrize("case", EXPECTED, ids=lambda case: case["file"])
def test_case(case: dict[str, Any]) -> None:
    """What a reader would see of the document is in it."""
    document = extract((CASES / case["file"]).read_bytes(), case["file"], Limits())
    text = document.text
    for wanted in case.get("has", ()):
        assert re.search(wanted, text), text
    for unwanted in case.get("lacks", ()):
        assert not re.search(unwanted, text), text
    for row, column, value in case.get("cell", ()):
        assert value in _cells(text, row, column), text
    for first, second, most in case.get("lines", ()):
        assert _lines_between(text, first, second) <= most, text
    assert len(text) <= case.get("most", len(text)), len(text)
    if "picture_or" in case:
        assert document.images or re.search(case["picture_or"], text)
        assert _shows(document, len(re.findall("Invoice", case["picture_or"])))


def _shows(document: Extracted, pictures: int) -> bool:
    return len(document.images) >= pictures


def _cells(text: str, row: str, column: str) -> set[str]:
    """The values below a column's head, in the rows that have the words: of all tables."""
    found: set[str] = set()
    head: list[list[str]] = []
    for line in text.split("\n"):
        if not line.lstrip().startswith("|"):
            head = []
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if row in cells:
            places = {i for known in head for i, cell in enumerate(known) if cell == column}
            found |= {cells[i] for i in places if i < len(cells)}
        head.append(cells)
    return found


def _lines_between(text: str, first: str, second: str) -> int:
    lines = text.split("\n")
    places = [next(i for i, line in enumerate(lines) if words in line) for words in (first, second)]
    return abs(places[1] - places[0])
