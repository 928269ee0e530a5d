"""The text of a picture from its lines: columns one after the other, tables as tables, paragraphs apart."""

from itertools import pairwise
from statistics import median

from docstage.extraction.extractors.base import tidy
from docstage.extraction.extractors.pdf.fragments import Fragment, Word
from docstage.extraction.extractors.pdf.reading import markdown
from docstage.extraction.extractors.pdf.rows import Row, rows_of
from docstage.extraction.extractors.pdf.tables import Table, tables_of
from docstage.extraction.extractors.pdf.text import Box
from docstage.extraction.ocr.columns import in_columns
from docstage.extraction.ocr.readers import ReadLine

# Tables are looked for as in PDFs, whose letters mostly have this size in points.
_POINTS = 10.0
_MOST_FRAGMENTS = 6_000
# Paragraphs are further apart than their lines.
_APART = 1.45


def text_of(lines: tuple[ReadLine, ...]) -> str:
    """The text in the order in which it is read."""
    if not lines:
        return ""
    scale = _POINTS / max(median(line.box.height for line in lines), 1.0)
    fragments = [_fragment(line, number, scale) for number, line in enumerate(lines)]
    return tidy("\n\n".join(filter(None, map(_block, in_columns(fragments)))))


def _fragment(line: ReadLine, number: int, scale: float) -> Fragment:
    """The line in points, its words where they must about stand."""
    box = Box(*(edge * scale for edge in line.box))
    step = (box.right - box.left) / len(line.text)
    words, at = [], 0
    for text in line.text.split():
        at = line.text.index(text, at)
        left = box.left + at * step
        at += len(text)
        words.append(Word(text, Box(left, box.bottom, box.left + at * step, box.top)))
    return Fragment(tuple(words), box, number, box.height, " ".join(line.text.split()))


def _block(fragments: list[Fragment]) -> str:
    """Fragments that stand in one column: its tables, and the rows around them."""
    tables = list(tables_of(fragments, [])) if len(fragments) <= _MOST_FRAGMENTS else []
    owner = {line: table for table in tables for line in table.lines}
    pieces: list[str] = []
    rows: list[Row] = []
    begun: set[int] = set()
    for row in rows_of(fragments):
        table = owner.get(row.fragments[0].line)
        if table is None:
            rows.append(row)
            continue
        if id(table) not in begun:
            pieces += [_paragraphs(rows), _written(table)]
            rows = []
            begun.add(id(table))
    return "\n\n".join(filter(None, [*pieces, _paragraphs(rows)]))


def _written(table: Table) -> str:
    if table.is_prose:
        return "\n\n".join("\n".join(filter(None, column)) for column in zip(*table.cells, strict=True))
    return markdown(table.cells)


def _paragraphs(rows: list[Row]) -> str:
    if not rows:
        return ""
    steps = [above.box.middle - below.box.middle for above, below in pairwise(rows)]
    usual = median(steps) if steps else 0.0
    pieces = [_row(rows[0])]
    for step, (above, row) in zip(steps, pairwise(rows), strict=True):
        apart = step > _APART * max(min(usual, 2 * max(above.size, row.size)), row.size)
        pieces.append(("\n\n" if apart else "\n") + _row(row))
    return "".join(pieces)


def _row(row: Row) -> str:
    return " ".join(fragment.text for fragment in row.fragments)
