"""What statements are made of, and what is stored, said in types."""

from collections.abc import Mapping
from typing import TypeAlias

from sqlalchemy import ColumnElement, Select
from sqlalchemy.types import TypeEngine

from docstage.domain.json_values import JsonValue

ColumnValue: TypeAlias = "JsonValue | bytes"
ColumnValues: TypeAlias = Mapping[str, ColumnValue]
"""What is written into columns, by their names; the database looks at the kinds of values."""

Expression: TypeAlias = ColumnElement[int] | ColumnElement[float] | ColumnElement[str] | ColumnElement[bool]
ColumnTypes: TypeAlias = Mapping[str, TypeEngine[int] | TypeEngine[float] | TypeEngine[str]]
Rows: TypeAlias = Select[*tuple[object, ...]]
"""A statement that can be narrowed further; what it selects is said where it is executed."""
