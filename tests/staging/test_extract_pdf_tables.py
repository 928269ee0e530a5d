"""Tables, columns and reading order in PDF documents."""

import re

import pytest
from tests.staging.pdf_samples import Page, document, grid, said, table, written

from docstage.extraction.extractors.base import Limits
from docstage.extraction.extractors.pdf.extractor import EXTRACTOR
from docstage.extraction.known_types import PDF

HEAD = ["Item", "Unit", "Ordered", "Delivered", "Difference"]
STOCK = [
    HEAD,
    ["Bolts", "box", "450", "", ""],
    ["Nuts", "", "", "289", "-23"],
    ["", "bag", "", "", "15"],
    ["Washers", "bag", "", "156", ""],
]
LEFTS = [50, 150, 250, 350, 450]


def texts(*contents: str, entries: str = "", box: str = "0 0 600 800") -> list[str]:
    """The texts of pages that are drawn so."""
    data = document([Page(content, entries, box=box) for content in contents])
    return [part.text for part in EXTRACTOR().extract(data, PDF, Limits()).parts]


def tables(text: str) -> list[list[list[str]]]:
    """The tables in a text: rows of cells."""
    found: list[list[list[str]]] = [[]]
    for line in text.split("\n"):
        if line.startswith("|"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            if not all(cell == "---" for cell in cells):
                found[-1].append(cells)
        elif found[-1]:
            found.append([])
    return [rows for rows in found if rows]


def only_table(content: str, **page: str) -> list[list[str]]:
    """The only table of a page."""
    (found,) = tables(texts(content, **page)[0])
    return found


def test_empty_cells() -> None:
    """Values stay in their columns where cells before them are empty."""
    assert only_table(table(STOCK, LEFTS)) == STOCK


def test_cells_one_column_after_the_other() -> None:
    """A table that was written column by column has its rows."""
    columns = "".join(
        said(left, 700 - 18 * index, row[column])
        for column, left in enumerate(LEFTS)
        for index, row in enumerate(STOCK)
        if row[column]
    )
    assert only_table(columns) == STOCK


def test_numbers_on_the_right() -> None:
    """Numbers that end below the end of their head belong to it."""
    rows = [
        ["Year", "Revenue", "Costs"],
        ["2023", "1,250.00", "7.50"],
        ["2024", "", "12,430.25"],
        ["2025", "9.00", ""],
    ]
    rights = [100, 250, 400]
    content = "".join(
        said(right - 5.56 * len(cell), 700 - 18 * index, cell, 10)
        for index, row in enumerate(rows)
        for right, cell in zip(rights, row, strict=True)
        if cell
    )
    assert only_table(content) == rows


def test_one_string_a_row() -> None:
    """Rows that programs write as one string with jumps are taken apart."""
    rows = [["Item", "Ordered", "Left"], ["Bolts", "450", ""], ["Nuts", "", "23"], ["Screws", "7", "8"]]
    content = ""
    for index, row in enumerate(rows):
        pieces, at = [], 50.0
        for left, cell in zip((50, 200, 350), row, strict=True):
            if cell:
                pieces.append(f"{-(left - at) * 100} ({cell})")
                at = left + 5.0 * len(cell)
        content += f"BT /F 10 Tf 50 {700 - 18 * index} Td [{' '.join(pieces)}] TJ ET\n"
    found = only_table(content)
    assert found[2] == ["Nuts", "", "23"]
    assert found[1] == ["Bolts", "450", ""]


def test_ruled_table_with_merged_cells() -> None:
    """What goes over several columns stands in each of them, so that every column has its head and values."""
    lefts, tops = [50, 150, 250, 350], [720, 700, 680, 660]
    rules = "0.5 w\n" + "".join(f"{x} 660 m {x} 720 l S\n" for x in (50, 150, 350))
    rules += "250 660 m 250 700 l S\n" + "".join(f"50 {y} m 350 {y} l S\n" for y in tops)
    content = (
        rules
        + said(220, 705, "2025")
        + table([["Region", "Plan", "Actual"], ["North", "7", "9"]], [60, 160, 260], top=685, step=20)
    )
    assert only_table(content) == [["", "2025", "2025"], ["Region", "Plan", "Actual"], ["North", "7", "9"]]
    assert lefts


def test_lines_of_a_cell_are_one_cell() -> None:
    """A text that takes several lines of its cell is one text, in the row of its values."""
    rules = grid([50, 250, 350, 450], [720, 700, 664, 644])
    content = (
        rules
        + table([["Description", "Qty", "Price"]], [55, 255, 355], top=706)
        + table([["Consulting on the migration", "3", "450.00"]], [55, 255, 355], top=686)
        + said(55, 672, "of the archive", 10)
        + table([["Travel", "", "80.00"]], [55, 255, 355], top=650)
    )
    assert only_table(content) == [
        ["Description", "Qty", "Price"],
        ["Consulting on the migration of the archive", "3", "450.00"],
        ["Travel", "", "80.00"],
    ]


def test_heads_over_several_columns() -> None:
    """A head above two columns is the head of both."""
    content = (
        said(250, 718, "2024", 10)
        + said(430, 718, "2025", 10)
        + table(
            [
                ["Region", "Plan", "Actual", "Plan", "Actual"],
                ["North", "1", "2", "3", "4"],
                ["South", "5", "", "", "8"],
            ],
            [50, 210, 290, 390, 470],
        )
    )
    found = only_table(content)
    assert found[-1] == ["South", "5", "", "", "8"]
    assert found[1] == ["Region", "Plan", "Actual", "Plan", "Actual"]


def test_heads_over_several_columns_without_rules() -> None:
    """A head in the middle above two columns is the head of both, without a rule as well."""
    heads = said(252, 718, "2024", 10) + said(432, 718, "2025", 10)
    rows = [
        ["Region", "Plan", "Actual", "Plan", "Actual"],
        ["North", "1", "2", "3", "4"],
        ["South", "5", "", "", "8"],
    ]
    found = only_table(heads + table(rows, [50, 215, 290, 395, 470]))
    assert found == [["", "2024", "2024", "2025", "2025"], *rows]


def test_last_cell_of_several_lines() -> None:
    """The lines of the last cell of a table without rules belong to it, and what comes after does not."""
    rows = [
        ["Item", "Qty", "Price"],
        ["Consulting on the", "3", "450.00"],
        ["Travel", "", "80.00"],
        ["Hosting of the", "1", ""],
    ]
    content = (
        table(rows[:2], [55, 255, 355], top=700, step=24)
        + said(55, 664, "migration", 10)
        + table(rows[2:], [55, 255, 355], top=640, step=24)
        + said(55, 604, "archive", 10)
        + said(55, 560, "Payable within thirty days of the date of this invoice, without any deduction.", 10)
    )
    found = only_table(content)
    assert found == [
        rows[0],
        ["Consulting on the migration", "3", "450.00"],
        ["Travel", "", "80.00"],
        ["Hosting of the archive", "1", ""],
    ]


def test_table_over_pages() -> None:
    """A table that goes on on the next page has its head there as well."""
    first, second = texts(
        table(STOCK, LEFTS, top=120), said(50, 770, "Stock list") + table(STOCK[1:][::-1], LEFTS, top=740)
    )
    assert tables(first) == [STOCK]
    assert tables(second) == [[HEAD, *STOCK[1:][::-1]]]


def test_another_table_on_the_next_page() -> None:
    """A table with a head of its own does not get that of the page before."""
    other = [["Name", "Kind", "Width", "Height", "Depth"], *STOCK[1:]]
    pages = texts(table(STOCK, LEFTS, top=120), table(other, LEFTS, top=740))
    assert tables(pages[1]) == [other]


@pytest.mark.parametrize(
    ("matrix", "box"), [("0 1 -1 0 800 0", "0 0 800 600"), ("0 -1 1 0 0 600", "0 0 800 600")]
)
def test_sideways(matrix: str, box: str) -> None:
    """A table that was turned to fit on its page is a table."""
    assert only_table(f"q {matrix} cm\n{table(STOCK, LEFTS)}Q\n", box=box) == STOCK


def test_turned_page() -> None:
    """A page that is turned for reading has its table in reading order."""
    assert (
        only_table(f"q 0 -1 1 0 0 600 cm\n{table(STOCK, LEFTS)}Q\n", entries="/Rotate 270", box="0 0 800 600")
        == STOCK
    )


def test_bars_in_cells() -> None:
    """A bar in a cell does not end it."""
    rows = [["Sign", "Count", "Share"], ["a|b", "1", "2"], ["c", "", "3"], ["d", "4", ""]]
    (text,) = texts(table(rows, [50, 200, 350]))
    assert "| a\\|b | 1 | 2 |" in text


LEFT = [f"left words that fill the column {number}" for number in range(30)]
RIGHT = [f"right words that fill a column {number}" for number in range(30)]


def test_two_columns_of_text() -> None:
    """Text in two columns is read one column after the other."""
    (text,) = texts(written(LEFT, 50) + written(RIGHT, 320))
    assert text.split("\n") == [*LEFT, *RIGHT]


def test_two_columns_line_by_line() -> None:
    """Text in two columns is read one column after the other, however it was written."""
    rows = zip(LEFT, RIGHT, strict=True)
    content = "".join(
        said(50, 750 - 14 * index, left) + said(320, 750 - 14 * index, right)
        for index, (left, right) in enumerate(rows)
    )
    (text,) = texts(content)
    assert re.findall(
        r"(?:left|right) words that fill an? column \d+|(?:left|right) words that fill the column \d+", text
    ) == [
        *LEFT,
        *RIGHT,
    ]


def test_lists_are_no_tables() -> None:
    """The marks of a list are no column."""
    items = [f"{number}. The supplier delivers what was ordered" for number in range(1, 9)]
    content = "".join(
        said(50, 750 - 16 * index, item.split(" ")[0]) + said(80, 750 - 16 * index, item.split(" ", 1)[1])
        for index, item in enumerate(items)
    )
    assert tables(texts(content)[0]) == []


def test_rows_of_figures_in_one_string() -> None:
    """Rows that programs write as one string with blanks for gaps are rows, their figures in columns."""
    rows = [["Region", "2009", "2010", "2011"], ["North", "1,204", "1,318", "1,402"]]
    rows += [["South", "2,204", "2,318", "2,402"], ["West", "3,204", "3,318", "3,402"]]
    lines = [f"{row[0]:<12}{row[1]:>9}{row[2]:>9}{row[3]:>9}" for row in rows]
    content = "".join(said(50, 700 - 18 * index, line, 10) for index, line in enumerate(lines))
    assert only_table(content)[-3:] == rows[-3:]


def test_figures_as_close_as_words() -> None:
    """Figures of two columns that stand as close as words are two values; grouped digits stay one."""
    rows = [["Region", "First", "Second", "Third"]]
    rows += [[f"Kind {n}", f"{n},204,700", f"{n},318,500", f"1{n} 204"] for n in range(1, 6)]
    found = only_table(table(rows, [50, 200, 249, 340]))
    assert found[1:] == rows[1:]


@pytest.mark.parametrize("dots", ["." * 30, " ." * 15])
def test_leaders_to_several_columns(dots: str) -> None:
    """Dots that lead from a name to the first of several columns do not cost the table, nor make columns."""
    rows = [["Offense", "Total", "Male", "Female"]]
    rows += [[f"Kind {n} {dots}", f"{n},204", f"{n},318", f"{n}09"] for n in range(1, 7)]
    found = only_table(table(rows, [50, 330, 400, 470]))
    assert [row[1:] for row in found] == [row[1:] for row in rows]


def test_leaders_are_no_tables() -> None:
    """The lines of a table of contents stay lines."""
    content = "".join(
        said(50, 750 - 16 * index, f"{index + 1}.1")
        + said(90, 750 - 16 * index, f"Chapter {index} {'.' * 60} {index + 7}")
        for index in range(8)
    )
    assert tables(texts(content)[0]) == []


def test_nothing_is_lost() -> None:
    """Every word of a page with a table is in its text as often as on the page."""
    content = written(LEFT[:5], 50, 780) + table(STOCK, LEFTS, top=600) + written(RIGHT[:5], 50, 400)
    (text,) = texts(content)
    words = [
        word
        for line in (*LEFT[:5], *(cell for row in STOCK for cell in row), *RIGHT[:5])
        for word in line.split()
    ]
    assert sorted(word for word in text.split() if word not in ("|", "---")) == sorted(words)
