"""Values as the text of cells, which no spreadsheet takes for a formula."""

import re
from collections.abc import Iterable, Iterator

from docstage.domain.rows import TaskRow
from docstage.results.columns import Columns
from docstage.results.table import as_json, cells

# A cell that begins so, also after blanks, is a formula for some spreadsheet (OWASP, "CSV Injection"); wide
# forms stand for narrow ones in East Asian versions. Apostrophes count like blanks: so what got one more can
# be told from what had it before, and taking one away gives back the text.
_FORMULA = re.compile(r"[\s'\ufeff\u200b]*[=+\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z")


def lines_of_cells(columns: Columns, rows: Iterable[TaskRow]) -> Iterator[Iterable[str]]:
    """The names of the columns, then the cells of every row."""
    yield columns.names
    for row in rows:
        yield map(_cell, cells(columns, row))


def _cell(value: object) -> str:
    """Numbers and texts as they are, structure as JSON; an apostrophe before what could be a formula."""
    if value is None:
        return ""
    return _harmless(as_json(value) if isinstance(value, bool | dict | list) else str(value))


def _harmless(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text
