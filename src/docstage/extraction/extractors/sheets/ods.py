"""Sheets of OpenDocument 1.3 (part 3, chapter 9), as files and flat."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from docstage.domain.content import PICTURE_MARK
from docstage.extraction.extractors.base import Extracted
from docstage.extraction.extractors.office.embedded_pictures import Pictures, unmarked
from docstage.extraction.extractors.office.number_formats import general
from docstage.extraction.extractors.open_document.blocks import Blocks
from docstage.extraction.extractors.open_document.names import (
    DRAW,
    DUBLIN,
    OFFICE,
    TABLE,
    TEXT,
    find,
    under,
    whole,
)
from docstage.extraction.extractors.open_document.package import Source
from docstage.extraction.extractors.open_document.shapes import form_values
from docstage.extraction.extractors.open_document.styles import Styles
from docstage.extraction.extractors.open_document.tables import table_rows
from docstage.extraction.extractors.sheets.model import (
    MOST_COLUMNS,
    MOST_ROWS,
    Allowance,
    Area,
    Comment,
    Drawn,
    Row,
    Sheet,
    address,
)
from docstage.extraction.extractors.sheets.parts import extracted

_CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
_PARAGRAPH, _ANNOTATION, _SHAPES = f"{TEXT}p", f"{OFFICE}annotation", f"{TABLE}shapes"
_COLUMNS = frozenset({f"{TABLE}table-columns", f"{TABLE}table-header-columns", f"{TABLE}table-column-group"})
# What makes a cell without words one that shows something.
_TELLING = frozenset(
    {
        f"{OFFICE}value-type",
        f"{TABLE}formula",
        f"{TABLE}number-columns-spanned",
        f"{TABLE}number-rows-spanned",
    }
)
_UNSEEN = frozenset({"collapse", "filter"})
# A reference in a formula, such as `[.B2:.B9]` or `[$Costs.A1]`, and the name of the language before it.
_REFERENCE = re.compile(r"\[([^\]]*)\]")
_LANGUAGE = re.compile(r"^[a-z]+:=?|^=")


def read_sheets(source: Source, body: Element, media_type: str, pictures: Pictures) -> Extracted:
    """Read a spreadsheet (`office:spreadsheet`)."""
    reader = _Workbook(source, body, pictures)
    sheets = [reader.sheet(table) for table in body if table.tag == f"{TABLE}table"]
    found = reader.blocks.shapes.found
    if sheets:
        sheets[-1].left_out += found.left_out
    return extracted(sheets, media_type, notes=pictures.notes(), attachments=tuple(found.attachments))


class _Workbook:
    def __init__(self, source: Source, body: Element, pictures: Pictures) -> None:
        self._styles = Styles(source.roots, source.content)
        forms: dict[str, str] = {}
        for holder in body.iter(f"{OFFICE}forms"):
            forms |= form_values(holder)
        self.blocks = Blocks(self._styles, source.members, pictures, forms)
        self._allowance = Allowance(pictures.limits.text_characters)

    def sheet(self, table: Element) -> Sheet:
        shown = self._styles.property("table", table.get(f"{TABLE}style-name"), "table", f"{TABLE}display")
        sheet = Sheet(table.get(f"{TABLE}name", ""), shown == "false")
        sheet.hidden_columns = list(_hidden_columns(table))
        self._add_rows(sheet, table)
        for shape in under(table, _SHAPES):
            self._add_shape(sheet, shape, 0, 0)
        return sheet

    def _add_rows(self, sheet: Sheet, table: Element) -> None:
        number = 1
        for element in table_rows(table):
            again = max(whole(element, f"{TABLE}number-rows-repeated", 1), 1)
            last = min(number + again - 1, MOST_ROWS)
            if element.get(f"{TABLE}visibility") in _UNSEEN:
                sheet.hidden_rows.append((number, last))
            row = self._row(sheet, element, number)
            for one in range(number, last + 1) if row else ():
                self._allowance.spend(row)
                sheet.rows[one] = dict(row)
            number += again

    def _row(self, sheet: Sheet, element: Element, number: int) -> Row:
        row: Row = {}
        column = 1
        for cell in element:
            if cell.tag in _CELLS:
                again = max(whole(cell, f"{TABLE}number-columns-repeated", 1), 1)
                if len(cell) or not _TELLING.isdisjoint(cell.attrib):
                    self._add_cell(sheet, row, cell, _Place(number, column, again))
                column += again
        return row

    def _add_cell(self, sheet: Sheet, row: Row, cell: Element, place: "_Place") -> None:
        rows = max(whole(cell, f"{TABLE}number-rows-spanned", 1), 1)
        columns = max(whole(cell, f"{TABLE}number-columns-spanned", 1), 1)
        if rows > 1 or columns > 1:
            bottom, right = place.row + rows - 1, place.column + columns - 1
            sheet.merged.append(
                Area(place.row, place.column, min(bottom, MOST_ROWS), min(right, MOST_COLUMNS))
            )
        text = self._shown(sheet, cell, place)
        if text and not text.isspace():
            last = min(place.column + place.again, MOST_COLUMNS + 1)
            row |= dict.fromkeys(range(place.column, last), text)

    def _shown(self, sheet: Sheet, cell: Element, place: "_Place") -> str:
        """What a cell shows; what lies above it goes to the sheet."""
        words = (
            cell[0].text or "" if len(cell) == 1 and _is_plain(cell[0]) else self._words(sheet, cell, place)
        )
        kind = cell.get(f"{OFFICE}value-type")
        if kind == "date":
            return _date(cell.get(f"{OFFICE}date-value", ""), words)
        # Hashes stand where a number is too wide for its column.
        if words and words.strip("#"):
            return words
        value = _value(cell, kind) if kind else ""
        if not value and (formula := cell.get(f"{TABLE}formula")) and kind != "string":
            sheet.uncomputed.append(address(place.row, place.column))
            return _typed(formula)
        return value

    def _words(self, sheet: Sheet, cell: Element, place: "_Place") -> str:
        holder = Element("cell")
        for one in cell:
            if one.tag == _ANNOTATION:
                self._add_comment(sheet, one, place)
            elif one.tag.startswith(DRAW):
                self._add_shape(sheet, one, place.row, place.column)
            else:
                holder.append(one)
        return unmarked("\n".join(self.blocks.text(one) for one in holder if one.tag == _PARAGRAPH))

    def _add_comment(self, sheet: Sheet, annotation: Element, place: "_Place") -> None:
        author = find(annotation, f"{DUBLIN}creator")
        text = "\n".join(self.blocks.text(one) for one in annotation if one.tag == _PARAGRAPH).strip()
        if text:
            by = (author.text or "").strip() if author is not None else ""
            sheet.comments.append(Comment(place.row, place.column, text, by))

    def _add_shape(self, sheet: Sheet, shape: Element, row: int, column: int) -> None:
        shapes = self.blocks.shapes
        text, images = shapes.pictures.placed(shapes.text(shape).strip())
        if text.replace(PICTURE_MARK, "") or images:
            sheet.drawn.append(Drawn(row, column, text, images))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a cell stands, and in how many columns it is repeated."""

    row: int
    column: int
    again: int


def _is_plain(element: Element) -> bool:
    """Whether it is a paragraph of nothing but words without blanks in a row."""
    return element.tag == _PARAGRAPH and not len(element) and "  " not in (element.text or "")


def _hidden_columns(table: Element) -> Iterator[tuple[int, int]]:
    column = 1
    waiting = list(reversed(table))
    while waiting:
        one = waiting.pop()
        if one.tag == f"{TABLE}table-column":
            again = max(whole(one, f"{TABLE}number-columns-repeated", 1), 1)
            if one.get(f"{TABLE}visibility") in _UNSEEN:
                yield column, min(column + again - 1, MOST_COLUMNS)
            column += again
        elif one.tag in _COLUMNS:
            waiting += reversed(one)


def _date(value: str, words: str) -> str:
    """A date in ISO form, with its time where that is shown."""
    day, _, time = value.partition("T")
    if not day:
        return words
    return (
        f"{day} {time[:8].removesuffix(':00')}" if time.strip("0:.") and (":" in words or not words) else day
    )


def _value(cell: Element, kind: str) -> str:
    """The value of a cell that keeps no words."""
    if kind == "boolean":
        return cell.get(f"{OFFICE}boolean-value", "").upper()
    if kind == "string":
        return cell.get(f"{OFFICE}string-value", "")
    if kind == "time":
        return cell.get(f"{OFFICE}time-value", "")
    try:
        number = float(cell.get(f"{OFFICE}value", ""))
    except ValueError:
        return ""
    if kind == "percentage":
        return f"{general(number * 100)}%"
    return f"{general(number)} {cell.get(f'{OFFICE}currency', '')}".strip()


def _typed(formula: str) -> str:
    """A formula as it is typed."""
    plain = _LANGUAGE.sub("", formula)
    return "=" + _REFERENCE.sub(
        lambda found: found[1].replace("$", "").replace(":.", ":").removeprefix("."), plain
    )
