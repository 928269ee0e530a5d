"""Rows that travel as one parameter arrive as they left."""

from typing import Any

import pytest
from sqlalchemy import BigInteger, Double, Integer, Text, select

from docstage.store.database import Database
from docstage.store.rows import json_rows, packed

_COLUMNS: dict[str, Any] = {"a": Text(), "b": BigInteger(), "c": Double()}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ü'\"\\\n\r\t",
        "😀𝔘",
        '{"a": [1, "b"]}',
        "[1]",
        "null",
        "123",
        "\u2028\x7f\x01",
        "%s :x $.a ::",
        None,
    ],
    ids=repr,
)
def test_texts_arrive_unchanged(database: Database, text: str | None) -> None:
    """Quotes, control characters, characters beyond 16 bits, and text that looks like JSON."""
    with database.read() as c:
        rows = json_rows(c, _COLUMNS)
        found = c.execute(select(rows), packed([{"a": text, "b": 1, "c": 0.0}])).one()
    assert found.a == text


@pytest.mark.parametrize("number", [0, -1, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), None])
def test_whole_numbers_arrive_exactly(database: Database, number: int | None) -> None:
    """Up to 64 bits, beyond what a float holds."""
    with database.read() as c:
        found = c.execute(select(json_rows(c, _COLUMNS)), packed([{"a": "", "b": number, "c": None}])).one()
    assert found.b == number


@pytest.mark.parametrize("number", [0.1, -1e-300, 1e300, 1_700_000_000.123456, 3, None])
def test_fractions_arrive_exactly(database: Database, number: float | None) -> None:
    """Every bit of a float, and whole numbers in its place."""
    with database.read() as c:
        found = c.execute(select(json_rows(c, _COLUMNS)), packed([{"a": "", "b": 0, "c": number}])).one()
    assert found.c == number


def test_missing_members_are_null_and_others_ignored(database: Database) -> None:
    """Rows need not have every column, and may have more."""
    with database.read() as c:
        found = c.execute(select(json_rows(c, _COLUMNS)), packed([{"d": 1}, {"a": "x", "e": {}}])).all()
    assert [tuple(row) for row in found] == [(None, None, None), ("x", None, None)]


def test_no_rows_are_none(database: Database) -> None:
    """An empty group is an empty table."""
    with database.read() as c:
        assert c.execute(select(json_rows(c, _COLUMNS)), packed([])).all() == []


def test_two_tables_in_one_statement(database: Database) -> None:
    """Each travels under its own name."""
    with database.read() as c:
        left, right = json_rows(c, {"n": Integer()}, "one"), json_rows(c, {"n": Integer()}, "two")
        statement = select(left.c.n, right.c.n).where(left.c.n < right.c.n).order_by(left.c.n, right.c.n)
        numbers = [{"n": n} for n in (1, 2, 3)]
        found = c.execute(statement, packed(numbers, "one") | packed(numbers, "two")).all()
    assert [tuple(row) for row in found] == [(1, 2), (1, 3), (2, 3)]
