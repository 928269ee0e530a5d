"""Results as CSV for spreadsheets and as JSON lines for programs, written while they are read.

Columns of the CSV, in order: those of `ExportRow`, each under its own name, but `cost` in US dollars as
`cost_usd` and `finished_at` as an ISO 8601 time in UTC. Where a prompt's schema is an object, each of its
members has a column `value.<member>` in place of `value`, numbers and texts as they are, the rest as JSON;
what has no column of its own stays in `value` as JSON, so that nothing is lost.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

# A cell that begins so, also after blanks, is a formula for some spreadsheet (OWASP, "CSV Injection"); wide
# forms stand for narrow ones in East Asian versions. Apostrophes count like blanks: so what got one more can
# be told from what had it before, and taking one away gives back the text.
_FORMULA = re.compile(r"[\s'\ufeff\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")
_VALUE = "value"


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One task with its answer."""

    id: int
    run: int
    document_id: int
    document: str
    folder_id: int
    connection_id: int
    connection: str
    prompt_id: int
    prompt: str
    status: str
    attempts: int
    failure_kind: str | None
    message: str | None
    text: str | None
    value: Any
    input_tokens: int | None
    cached_tokens: int | None
    output_tokens: int | None
    cost: float | None
    latency_ms: float | None
    model: str | None
    finish_reason: str | None
    finished_at: float | None


_NAMES = tuple(field.name for field in fields(ExportRow))
_RENAMED = {"cost": "cost_usd"}


def json_lines(rows: Iterable[ExportRow]) -> Iterator[str]:
    """One JSON object a line, structured values as they are."""
    for row in rows:
        yield json.dumps(_named(row), ensure_ascii=False) + "\n"


def csv_lines(rows: Iterable[ExportRow], schemas: Mapping[int, Mapping[str, Any] | None]) -> Iterator[str]:
    """The header and a line for each row, as RFC 4180 wants them, formulas made harmless.

    Args:
        schemas: the JSON Schema of each prompt by its id, None where it has none.
    """
    members = _members(schemas)
    columns = [column for name in _NAMES for column in _columns(name, members)]
    yield _line(columns)
    for row in rows:
        cells = _named(row) | _flattened(row.value, members)
        yield _line([_cell(cells.get(column)) for column in columns])


def _named(row: ExportRow) -> dict[str, Any]:
    cells = {_RENAMED.get(name, name): value for name, value in asdict(row).items()}
    if row.finished_at is not None:
        cells["finished_at"] = datetime.fromtimestamp(row.finished_at, UTC).isoformat()
    return cells


def _members(schemas: Mapping[int, Mapping[str, Any] | None]) -> list[str]:
    """The members of all schemas that are objects, each once."""
    properties = (schema.get("properties") for schema in schemas.values() if schema)
    return list(dict.fromkeys(name for found in properties if isinstance(found, dict) for name in found))


def _columns(name: str, members: list[str]) -> list[str]:
    own = _RENAMED.get(name, name)
    return [own, *(f"{_VALUE}.{member}" for member in members)] if name == _VALUE else [own]


def _flattened(value: Any, members: list[str]) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        return {_VALUE: _json(value)}
    rest = {name: member for name, member in value.items() if name not in members}
    cells = {f"{_VALUE}.{name}": member for name, member in value.items() if name in members}
    return cells | {_VALUE: _json(rest) if rest else None}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | dict | list):
        return _harmless(_json(value))
    return _harmless(str(value))


def _harmless(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _line(cells: list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()
