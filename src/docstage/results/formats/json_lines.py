"""JSON lines: an object for each task, with structured values as they are."""

from collections.abc import Iterable, Iterator

from docstage.domain.rows import TaskRow
from docstage.results.columns import Columns
from docstage.results.formats.format import Format
from docstage.results.table import as_json, record


def _write(_columns: Columns, rows: Iterable[TaskRow]) -> Iterator[bytes]:
    for row in rows:
        yield f"{as_json(record(row))}\n".encode()


JSON_LINES = Format(
    name="jsonl",
    title="JSON lines",
    description="For programs: a line a task, with every value as it is.",
    media_type="application/jsonl",
    suffix=".jsonl",
    write=_write,
)
