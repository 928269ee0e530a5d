"""Whether rows and columns of fragments are a table, or text in columns, a list, a formula, a drawing."""

import re
from itertools import pairwise
from statistics import median

from docstage.extraction.extractors.pdf.fragments import Fragment
from docstage.extraction.extractors.pdf.rows import Row

Cells = list[list[list[Fragment]]]
"""Rows of columns of what stands there, in reading order."""

_NUMBER = re.compile(r"[-+(<>~]*[$€£¥]?\s?[-+]?\d[\d.,'/: ]*\s?(%|[$€£¥]|[A-Za-z]{1,4})?\)?|[-–—]|[Nn]/?[Aa]")
_BULLET = re.compile("[•‣◦▪▫·*–—\\-o§+»→✓]|[\ue000-\uf8ff]")
_LIST_MARK = re.compile(
    r"[•‣◦▪▫·*–—\-o§+»→]|[\ue000-\uf8ff]|\[?\(?([0-9]{1,3}|[A-Za-z]|[ivxlcIVXLC]{1,6})[\].):]+([0-9]{1,3}\.?)*"
    r"|\.?[0-9]{1,3}(\.[0-9]{1,3})*"
)
# What is left of a formula when its letters are taken for cells.
_SCRAP = re.compile(r"[a-wyz.,;:·|()=+∈∑∗†‡]{1,2}|\([a-z]\)")
_LEADERS = re.compile(r"[._·…]{5}|(\. ){4}")
_LONG_CELL = 60
_LONG_CELL_OF_TWO = 40
# Newspapers have lines of 25 characters and more, and columns of more lines than most tables have such rows.
_LINE_OF_PROSE = 24
_LEAST_LINES = 6
# In heights of letters: words of prose are closer than a column is to the next; columns begin or end in line.
_WIDE = 0.8
_FAR = 1.5
_IN_LINE = 0.35
_ALIGNED_SHARE = 0.6


def is_table(cells: Cells, rows: list[Row], *, ruled: bool) -> bool:
    """Judge by what is in the cells, and by how they stand.

    Args:
        cells: for each row, what is in its columns.
        rows: the same, as they stand on the page.
        ruled: whether rules part rows and columns.
    """
    texts = as_texts(cells)
    filled = [text for row in texts for text in row if text]
    columns = [[text for text in column if text] for column in zip(*texts, strict=True)]
    if len(columns) < 2 or _are_contents(texts):
        return False
    if ruled:
        return True
    most = _LONG_CELL if len(columns) > 2 else _LONG_CELL_OF_TWO
    if all(_BULLET.fullmatch(text) for text in columns[0]) or sum(map(len, filled)) > most * len(filled):
        return False
    if len(columns) == 2 and all(_LIST_MARK.fullmatch(text) for text in columns[0]):
        return False
    if len(texts) < _LEAST_LINES and sum(bool(_SCRAP.fullmatch(text)) for text in filled) * 4 > len(filled):
        return False
    numeric = any(_are_numbers(column[1:]) for column in columns[1:])
    few = sum(row.is_gapped for row in rows) < 3
    wide = _FAR if len(columns) == 2 and not numeric else _WIDE
    return (
        _is_filled(texts, rows, numeric)
        and _stands_apart(cells, wide, 1.0 if few else 0.5)
        and _stands_in_line(cells)
    )


def _are_contents(texts: list[list[str]]) -> bool:
    """Whether dots lead to page numbers in the last column; to several columns they lead in tables, too."""
    return sum(bool(_LEADERS.search(text)) for row in texts for text in row[-2:]) * 4 > len(texts)


def are_columns_of_text(cells: Cells, rows: list[Row]) -> bool:
    """Whether it is prose in columns that was written line by line over all of them."""
    gapped = [row for row in rows if row.is_gapped]
    if len(gapped) < _LEAST_LINES or len(gapped) * 4 < len(rows) * 3 or not _written_in_lines(gapped):
        return False
    columns = [[as_text(cell) for cell in column if cell] for column in zip(*cells, strict=True)]
    return all(
        len(column) * 3 >= len(rows) * 2 and sum(map(len, column)) >= _LINE_OF_PROSE * len(column)
        for column in columns
    )


def _written_in_lines(rows: list[Row]) -> bool:
    """Whether most rows are one line to PDFium."""
    return sum(len({each.line for each in row.fragments}) == 1 for row in rows) * 4 >= 3 * len(rows)


def as_texts(cells: Cells) -> list[list[str]]:
    """The words of all cells."""
    return [[as_text(cell) for cell in row] for row in cells]


def is_number(text: str) -> bool:
    """Whether a cell has a number or a sign for none, and nothing else."""
    return bool(_NUMBER.fullmatch(text))


def as_text(cell: list[Fragment]) -> str:
    """The words of a cell."""
    return " ".join(fragment.text for fragment in cell)


def _are_numbers(texts: list[str]) -> bool:
    return bool(texts) and sum(map(is_number, texts)) * 2 >= len(texts)


def _is_filled(texts: list[list[str]], rows: list[Row], numeric: bool) -> bool:
    """Whether there are enough rows and values, written row by row, or numbers."""
    gapped = sum(row.is_gapped for row in rows)
    if not numeric and (gapped < 3 or not _in_rows(rows)):
        return False
    filled = sum(bool(text) for row in texts for text in row)
    return filled * (3 if numeric and len(texts) > 3 else 2) >= len(texts) * len(texts[0])


def _in_rows(rows: list[Row]) -> bool:
    """Whether PDFium has what stands beside each other in the same line, or in lines next to each other."""
    gapped = [row for row in rows if row.is_gapped]
    together = sum(
        max(each.line for each in row.fragments) - min(each.line for each in row.fragments) <= 3
        for row in gapped
    )
    return together * 2 >= len(gapped)


def _stands_apart(cells: Cells, wide: float, share: float) -> bool:
    """Whether this share of the columns is farther from the next one than words are."""
    gaps: dict[int, list[float]] = {}
    for row in cells:
        used = [(index, cell) for index, cell in enumerate(row) if cell]
        for (index, cell), (_, after) in pairwise(used):
            gap = after[0].box.left - cell[-1].box.right
            gaps.setdefault(index, []).append(gap / cell[-1].size)
    return sum(median(found) >= wide for found in gaps.values()) >= share * len(gaps)


def _stands_in_line(cells: Cells) -> bool:
    """Whether the columns but a quarter have their left edges, right edges or middles in line."""
    columns = [[row[index] for row in cells if row[index]] for index in range(len(cells[0]))]
    judged = [column for column in columns if len(column) > 1]
    aligned = sum(map(_is_aligned, judged))
    return aligned >= 2 and aligned * 4 >= 3 * len(judged) if judged else False


def _is_aligned(column: list[list[Fragment]]) -> bool:
    size = median(cell[0].size for cell in column)
    lefts = [cell[0].box.left for cell in column]
    rights = [cell[-1].box.right for cell in column]
    middles = [(left + right) / 2 for left, right in zip(lefts, rights, strict=True)]
    return any(
        _share_in_line(places, _IN_LINE * size) >= _ALIGNED_SHARE for places in (lefts, rights, middles)
    )


def _share_in_line(places: list[float], width: float) -> float:
    """How many of the places lie within this width, at most."""
    ordered, start, most = sorted(places), 0, 0
    for end, place in enumerate(ordered):
        while place - ordered[start] > width:
            start += 1
        most = max(most, end - start + 1)
    return most / len(ordered)
