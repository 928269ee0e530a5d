"""TSV: one line a task with one tab between two cells, so that it can be split without a parser.

What would break a line is written as in other programs' TSV (PostgreSQL's `COPY`, MySQL's dumps): a tab
as `\\t`, line ends as `\\n` and `\\r`, and the backslash itself as `\\\\`.
"""

from collections.abc import Iterable, Iterator

from docstage.domain.rows import TaskRow
from docstage.results.cells import lines_of_cells
from docstage.results.columns import Columns
from docstage.results.formats.format import Format

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def _write(columns: Columns, rows: Iterable[TaskRow]) -> Iterator[bytes]:
    for cells in lines_of_cells(columns, rows):
        line = "\t".join(cell.translate(_ESCAPES) for cell in cells)
        yield f"{line}\n".encode()


TAB_SEPARATED = Format(
    name="tsv",
    title="TSV",
    description="For what splits lines at tabs: a line a task, with a column for each field of an answer.",
    media_type="text/tab-separated-values; charset=utf-8",
    suffix=".tsv",
    write=_write,
)
