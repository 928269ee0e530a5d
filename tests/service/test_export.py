"""The text of exports."""

import csv
import io
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docstage.results.export import ExportRow, csv_lines, json_lines

OBJECT = {"type": "object", "properties": {"kind": {}, "due": {}}}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def _row(**changes: Any) -> ExportRow:
    values: dict[str, Any] = {
        "id": 1,
        "run": 1,
        "document_id": 1,
        "document": "a.txt",
        "folder_id": 1,
        "connection_id": 1,
        "connection": "Small",
        "prompt_id": 1,
        "prompt": "Kind",
        "status": "COMPLETED",
        "attempts": 1,
    }
    rest = dict.fromkeys(ExportRow.__slots__)
    return ExportRow(**{**rest, **values, **changes})


def _read(rows: list[ExportRow], schemas: Mapping[int, Any]) -> list[dict[str, str]]:
    text = "".join(csv_lines(rows, schemas))
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _as_it_was(cell: str) -> str:
    """The text of a cell, as docs/api.md says that it is found."""
    return cell[1:] if re.match("'(?:[\\s'\ufeff\u200b]*[=+\\-@＝＋－＠]|'*[\t\r\n])", cell) else cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-cmd", "@x", "\tx", "\rx", "\n=x", "-1-1", " =1", "＝1", "'=x", "' @x"]
)
def test_formulas_get_an_apostrophe(text: str) -> None:
    """A spreadsheet shows them as text."""
    assert _read([_row(text=text)], {1: None})[0]["text"] == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "+1.5", "-1e9", "plain", "'x", "1=1", "it's = x", ""])
def test_numbers_and_plain_text_stay(text: str) -> None:
    """What spreadsheets take for a number or a text is not touched."""
    assert _read([_row(text=text)], {1: None})[0]["text"] == text


@given(text=st.text())
def test_any_text_survives_but_for_the_apostrophe(text: str) -> None:
    """Quotes, commas and line ends come back as they went in, and no cell begins as a formula."""
    cell = _read([_row(text=text)], {1: None})[0]["text"]
    assert cell in {text, f"'{text}"}
    assert _as_it_was(cell) == text
    assert not cell.startswith(_FORMULA) or float(cell) is not None


def test_members_have_columns_of_their_own() -> None:
    """Members of all schemas have columns, once each; what is left over, or is no object, stays JSON."""
    schemas = {1: OBJECT, 2: {"type": "array"}, 3: None}
    rows = [
        _row(value={"kind": "a", "due": [1], "more": True}),
        _row(prompt_id=2, value=[1, 2]),
        _row(value={"kind": None, "due": False}),
        _row(prompt_id=3),
    ]
    read = _read(rows, schemas)
    cells = [(row["value"], row["value.kind"], row["value.due"]) for row in read]
    assert cells == [
        ('{"more": true}', "a", "[1]"),
        ("[1, 2]", "", ""),
        ("", "", "false"),
        ("", "", ""),
    ]


def test_json_lines_keep_values_as_they_are() -> None:
    """Numbers stay numbers, times are ISO 8601, and money has its unit in its name."""
    line = next(json_lines([_row(value={"a": [1]}, cost=0.5, finished_at=0.0)]))
    row = json.loads(line)
    assert (row["value"], row["cost_usd"], row["finished_at"]) == (
        {"a": [1]},
        0.5,
        "1970-01-01T00:00:00+00:00",
    )
    assert list(row)[:3] == ["id", "run", "document_id"]
