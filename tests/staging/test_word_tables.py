"""Tables of Word: each value below the head of its column."""

from tests.staging.word_samples import docx, lvl, numbering, p, read, tbl, tc, text

from docstage.extraction.extractors.base import Limits
from docstage.extraction.extractors.office.package import zip_package
from docstage.extraction.extractors.pipe_tables import spread
from docstage.extraction.extractors.word.extractor import read_word
from docstage.extraction.known_types import DOCX


def rows(body: str) -> list[list[str]]:
    """The cells of a table, without the line below its head."""
    shown = text(body).splitlines()
    assert set(shown[1]) <= set("| -")
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in (shown[0], *shown[2:])]


def span(columns: int) -> str:
    """The properties of a cell over several columns."""
    return f'<w:gridSpan w:val="{columns}"/>'


def test_cells_stand_below_their_heads() -> None:
    """Rows may begin later and end earlier, and cells may span columns and rows."""
    body = tbl(
        tc("h1") + tc("h2") + tc("h3") + tc("h4"),
        '<w:trPr><w:gridBefore w:val="1"/><w:gridAfter w:val="1"/></w:trPr>' + tc("b") + tc("c"),
        tc("wide", span(2)) + tc("tall", '<w:vMerge w:val="restart"/>') + tc("d"),
        tc("a") + tc("b") + tc("hidden", "<w:vMerge/>") + tc("d"),
        tc("a") + tc("b") + tc("", '<w:vMerge w:val="continue"/>') + tc("d"),
        tc("a") + tc("b") + tc("new"),
    )
    assert rows(body) == [
        ["h1", "h2", "h3", "h4"],
        ["", "b", "c", ""],
        ["wide", "wide", "tall", "d"],
        ["a", "b", "tall", "d"],
        ["a", "b", "tall", "d"],
        ["a", "b", "new", ""],
    ]


def test_merges_without_a_beginning() -> None:
    """A cell that continues nothing shows what it holds; old horizontal merges are merges too."""
    merged = '<w:hMerge w:val="{}"/>'.format
    body = tbl(
        tc("up", "<w:vMerge/>") + tc("x", merged("restart")) + tc("", merged("continue")),
        tc("a") + tc("b") + tc("c"),
    )
    assert rows(body) == [["up", "x", "x"], ["a", "b", "c"]]


def test_what_would_end_a_cell_is_escaped() -> None:
    """Pipes and several paragraphs stay within their cell."""
    body = tbl(tc("a|b") + tc(p("one") + p("two")), tc("c") + tc("d"))
    assert text(body).splitlines()[0] == "| a\\|b | one<br>two |"


def test_rows_and_cells_in_controls() -> None:
    """Rows and cells inside content controls are where they stand; deleted and hidden ones are not read."""
    control = "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>".format
    row = "<w:tr>{}</w:tr>".format
    body = (
        "<w:tbl>"
        + row(tc("a") + control(tc("b")))
        + control(row(tc("c") + tc("d")))
        + row('<w:trPr><w:del w:author="A"/></w:trPr>' + tc("gone") + tc("gone"))
        + row("<w:trPr><w:hidden/></w:trPr>" + tc("hidden") + tc("hidden"))
        + row('<w:trPr><w:ins w:author="A"/></w:trPr>' + tc("e") + tc("f"))
        + "</w:tbl>"
    )
    document = read(body)
    assert document.parts[0].text == "| a | b |\n| --- | --- |\n| c | d |\n| e | f |"
    assert document.left_out == ("A hidden row of a table is left out.",)


def test_tables_in_tables() -> None:
    """A table in a cell is a table of its own below, named where it stands; a frame is what it holds."""
    inner = tbl(tc("x") + tc("y"), tc("1") + tc("2")) + p("")
    body = tbl(tc("left") + tc(p("see") + inner), tc("a") + tc("b"))
    assert text(body) == (
        "| left | see<br>[Inner table 1, below] |\n| --- | --- |\n| a | b |\n\n"
        "Inner table 1:\n\n| x | y |\n| --- | --- |\n| 1 | 2 |"
    )
    assert text(tbl(tc(p("framed") + p("words")))) == "framed\n\nwords"
    assert text(tbl(tc("top"), tc(inner))) == "top\n\n| x | y |\n| --- | --- |\n| 1 | 2 |"


def test_numbers_in_cells() -> None:
    """Rows that Word numbers have their numbers."""
    lists = {"numbering.xml": numbering({1: lvl(0, "decimal", "%1.")}, {1: (1, "")})}
    number = p("", number=(1, 0))
    shown = text(tbl(tc("No") + tc("What"), tc(number) + tc("a"), tc(number) + tc("b")), lists)
    assert shown.splitlines()[2:] == ["| 1. | a |", "| 2. | b |"]


def test_endless_spans() -> None:
    """Spans of billions of columns, and many of them, end in a table that can be borne."""
    wide = tbl(tc("a", span(2**31)) + tc("b", span(2**31)), *[tc("x" * 1_000, span(60))] * 200)
    document = read_word(zip_package(docx(wide)), DOCX, Limits())
    assert len(document.parts[0].text) < 20_000_000


def test_narrow_columns_beside_spanning_cells() -> None:
    """A column in which no word has room belongs to the next one, also where a cell before spans it."""
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in (2_000, 4_000, 1, 2_000))
    first = tc("a") + tc("b", span(2)) + tc("c")
    second = tc("d") + tc("e") + tc("f", span(2))
    table = f"<w:tblGrid>{grid}</w:tblGrid><w:tr>{first}</w:tr><w:tr>{second}</w:tr>"
    assert text(f"<w:tbl>{table}</w:tbl>") == "| a | b | c |\n| --- | --- | --- |\n| d | e | f |"


def test_cells_on_each_other_are_all_read() -> None:
    """No cell is lost where rows say that cells lie on each other."""
    cells = [(0, 0, 2, 2, "a"), (0, 1, 1, 1, "b"), (1, 0, 1, 1, "c"), (1, 0, 1, 1, "d")]
    assert spread(cells) == [["a", "b"], ["c d", "a"]]
