"""CSV: lines as RFC 4180 wants them, with formulas made harmless."""

import csv
import io
from collections.abc import Iterable, Iterator

from docstage.domain.rows import TaskRow
from docstage.results.cells import lines_of_cells
from docstage.results.columns import Columns
from docstage.results.formats.format import Format


def _write(columns: Columns, rows: Iterable[TaskRow]) -> Iterator[bytes]:
    for cells in lines_of_cells(columns, rows):
        line = io.StringIO()
        csv.writer(line).writerow(cells)
        yield line.getvalue().encode()


COMMA_SEPARATED = Format(
    name="csv",
    title="CSV",
    description="For spreadsheets: a line a task, with all columns, and one for each field of an answer.",
    media_type="text/csv; charset=utf-8",
    suffix=".csv",
    write=_write,
)
