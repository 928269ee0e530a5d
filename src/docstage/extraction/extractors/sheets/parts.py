"""Sheets as models read them: tables, what lies above them, comments, and what is hidden."""

import re
from collections.abc import Iterable, Iterator, Sequence, Set

from docstage.domain.content import Part, PartKind
from docstage.extraction.extractors.base import Attachment, Extracted
from docstage.extraction.extractors.pipe_tables import pipe_table
from docstage.extraction.extractors.sheets.model import (
    Area,
    Comment,
    Drawn,
    Row,
    Sheet,
    address,
    column_letters,
    listed,
)
from docstage.extraction.extractors.sheets.regions import Region, regions_of

# A merged cell is repeated below each column that it heads, but no paragraph is.
_LONGEST_REPEATED = 80
_MOST_LINKED, _MOST_NOTES = 30, 20
# Rows that all merged cells together may reach over, and how far below one the columns are that it heads.
_MOST_WORK, _NEAR = 3_000_000, 40


def extracted(
    sheets: Sequence[Sheet],
    media_type: str,
    notes: Sequence[str] = (),
    attachments: tuple[Attachment, ...] = (),
) -> Extracted:
    """A workbook, each of its sheets a part.

    Args:
        notes: what is worth knowing of the workbook, besides what its sheets tell.
    """
    parts = tuple(part_of(sheet, number) for number, sheet in enumerate(sheets, 1))
    told = [*notes, *(note for sheet in sheets for note in sheet_notes(sheet))]
    if len(told) > _MOST_NOTES:
        told[_MOST_NOTES:] = [f"{len(told) - _MOST_NOTES:,} more notes are left out."]
    embedded = tuple(attachment for sheet in sheets for attachment in sheet.attachments)
    return Extracted(parts, media_type, tuple(told), attachments=(*attachments, *embedded))


def part_of(sheet: Sheet, number: int) -> Part:
    """The sheet as a part."""
    set_links(sheet)
    fill_merged(sheet)
    regions = list(regions_of(sheet.rows))
    pieces = [
        *([_HIDDEN_SHEET] if sheet.hidden else []),
        *_tables(sheet, regions),
        *_drawn(sheet.drawn),
        *_comments(sheet.comments),
        *_margins(sheet.margins),
        *_hidden(sheet),
    ]
    images = tuple(image for drawn in _ordered(sheet.drawn) for image in drawn.images)
    left_out = tuple(sheet.left_out)
    return Part(PartKind.SHEET, number, "\n\n".join(pieces), images, sheet.name, left_out=left_out)


# What the codes of headers and footers stand for (ECMA-376 part 1, 18.3.1.46): looks say nothing.
_MARGIN_LOOK = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|K\d\d[+-]\d{3}|\d+|[BIUESXYGOH])')
_MARGIN_FIELD = re.compile("&[PNDTFZA]")
_AMPERSAND = "\ue000"
_FEW_LETTERS = 4
_GAP = "\n\n"
_HIDDEN_SHEET = "(This sheet is hidden.)"


def sheet_notes(sheet: Sheet) -> Iterator[str]:
    """Sentences about what a reader would not see at first sight."""
    if sheet.hidden:
        yield f"Sheet '{sheet.name}' (hidden) is included."
    if sheet.hidden_rows or sheet.hidden_columns:
        yield f"Hidden rows or columns of sheet '{sheet.name}' are included."
    if sheet.uncomputed:
        count = len(sheet.uncomputed)
        what = "1 formula" if count == 1 else f"{count:,} formulas"
        yield f"The file keeps no value of {what} on sheet '{sheet.name}': what is typed there is shown."


def set_links(sheet: Sheet) -> None:
    """Write the addresses that cells lead to behind their words."""
    for area, target in sheet.links:
        for number in range(area.top, min(area.bottom, area.top + _MOST_LINKED) + 1):
            row = sheet.rows.get(number, {})
            for column in [one for one in row if area.left <= one <= area.right]:
                if target not in row[column] and target.removeprefix("mailto:") not in row[column]:
                    row[column] = f"[{row[column]}]({target})"


def fill_merged(sheet: Sheet) -> None:
    """Repeat short merged cells in all their columns and rows in use, so that each value has its heads."""
    left = _MOST_WORK
    for area in sheet.merged:
        text = sheet.rows.get(area.top, {}).get(area.left)
        left -= min(area.bottom - area.top, len(sheet.rows)) + 1
        if text and left > 0:
            _fill(sheet, area, text)


def _fill(sheet: Sheet, area: Area, text: str) -> None:
    rows = sheet.rows
    numbers = _numbers(rows, area)
    near = [
        rows[number] for number in (*numbers, *range(area.bottom + 1, area.bottom + _NEAR)) if number in rows
    ]
    used = {column for row in near for column in row}
    if (
        len(rows[area.top]) == 1
        and area.right > area.left
        and area.left <= min(used)
        and max(used) <= area.right
    ):
        sheet.titles.add(area.top)
    elif len(text) <= _LONGEST_REPEATED:
        for number in numbers:
            filled = {
                **dict.fromkeys((one for one in used if area.left <= one <= area.right), text),
                **rows[number],
            }
            rows[number] = dict(sorted(filled.items()))


def _numbers(rows: dict[int, Row], area: Area) -> list[int]:
    if area.bottom - area.top < len(rows):
        return [number for number in range(area.top, area.bottom + 1) if number in rows]
    return sorted(number for number in rows if area.top <= number <= area.bottom)


def _tables(sheet: Sheet, regions: Sequence[Region]) -> Iterator[str]:
    alone = len(regions) == 1 and regions[0].area.top == 1 and regions[0].area.left == 1
    for region in regions:
        table = _table(region, sheet.titles)
        if alone:
            yield table
        else:
            single = "\n" not in table and not table.startswith("|")
            yield f"{region.area.address}{': ' if single else _GAP}{table}"


def _table(region: Region, titles: Set[int]) -> str:
    """A region as a Markdown table below its titles, all rows with all columns."""
    numbers = list(region.numbers)
    above: list[str] = []
    while numbers and numbers[0] in titles and len(region.rows[numbers[0]]) == 1:
        above += region.rows[numbers.pop(0)].values()
    left, right = region.area.left, region.area.right
    rows = [region.rows[number] for number in numbers]
    if left == right and (len(rows) == 1 or any(len(row[left]) > _LONGEST_REPEATED for row in rows)):
        above += [row[left] for row in rows]
        rows = []
    lines = [_line(row, left, right) for row in rows]
    table = "\n".join([*lines[:1], f"|{' --- |' * (right - left + 1)}", *lines[1:]]) if lines else ""
    return "\n\n".join(piece for piece in ("\n".join(above), table) if piece)


def _line(row: Row, left: int, right: int) -> str:
    width = right - left + 1
    texts = list(row.values()) if len(row) == width else [row.get(one, "") for one in range(left, right + 1)]
    line = f"| {' | '.join(texts)} |"
    if line.count("|") == width + 1 and "\n" not in line and "\r" not in line:
        return line
    return pipe_table([texts]).partition("\n")[0]


def _ordered(drawn: Iterable[Drawn]) -> list[Drawn]:
    return sorted(drawn, key=lambda one: (one.row, one.column))


def _drawn(drawn: Sequence[Drawn]) -> Iterator[str]:
    for one in _ordered(drawn):
        place = f"At {address(one.row, one.column)}: " if one.row and one.column else ""
        yield f"{place}{one.text}"


def _comments(comments: Sequence[Comment]) -> Iterator[str]:
    if comments:
        # Threads keep the order in which they were written.
        ordered = sorted(comments, key=lambda one: (one.row, one.column))
        yield "\n".join(["Comments:", *map(_comment, ordered)])


def _comment(comment: Comment) -> str:
    place = address(comment.row, comment.column)
    words = "\n  ".join(line for line in comment.text.splitlines() if line.strip())
    return f"- {place}, {comment.author}: {words}" if comment.author else f"- {place}: {words}"


def _hidden(sheet: Sheet) -> Iterator[str]:
    told = [
        (
            "Hidden rows",
            [f"{first}-{last}" if last > first else str(first) for first, last in sheet.hidden_rows],
        ),
        ("Hidden columns", [_columns(first, last) for first, last in sheet.hidden_columns]),
        ("Hidden by their format", sheet.veiled),
    ]
    lines = [f"{name}: {listed(places)}" for name, places in told if places]
    if lines:
        yield f"({'. '.join(lines)}.)"


def _margins(margins: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Headers and footers that say more than numbers, dates and names of the file."""
    for name, codes in margins:
        plain = _MARGIN_FIELD.sub("", _MARGIN_LOOK.sub("", codes.replace("&&", _AMPERSAND)))
        pieces = [" ".join(piece.split()).replace(_AMPERSAND, "&") for piece in re.split("&[LCR]", plain)]
        words = " | ".join(piece for piece in pieces if piece)
        if sum(letter.isalpha() for letter in words) > _FEW_LETTERS:
            yield f"(Printed {name}: {words})"


def _columns(first: int, last: int) -> str:
    return column_letters(first) if first == last else f"{column_letters(first)}-{column_letters(last)}"
