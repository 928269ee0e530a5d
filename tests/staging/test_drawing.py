"""Words of DrawingML: text, lists, tables and diagrams."""

from xml.etree import ElementTree

import pytest

from docstage.extraction.extractors.office.diagram import diagram_text
from docstage.extraction.extractors.office.drawing import body_text, shape_texts, table_text
from docstage.extraction.extractors.office.drawing_numbers import auto_number
from docstage.extraction.extractors.pipe_tables import pipe_table, spread

_SPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
)


def element(inner: str, tag: str = "p:txBody") -> ElementTree.Element:
    """An element that holds this markup."""
    return ElementTree.fromstring(f"<{tag} {_SPACES}>{inner}</{tag}>")


def paragraph(text: str, properties: str = "") -> str:
    """A paragraph of one run."""
    return f"<a:p>{properties}<a:r><a:t>{text}</a:t></a:r></a:p>"


def numbered(text: str, kind: str = "arabicPeriod", level: int = 0, more: str = "") -> str:
    """A paragraph with a computed number."""
    return paragraph(text, f'<a:pPr lvl="{level}"><a:buAutoNum type="{kind}" {more}/></a:pPr>')


def cell(text: str, attributes: str = "") -> str:
    """A cell of a table."""
    return f"<a:tc {attributes}><a:txBody>{paragraph(text)}</a:txBody></a:tc>"


def test_runs_fields_and_breaks() -> None:
    """Runs follow each other, fields show what they last showed, and a break ends a line."""
    runs = "<a:r><a:t>Page </a:t></a:r><a:fld><a:t>4</a:t></a:fld><a:br/><a:r><a:t>of_x000B_9</a:t></a:r>"
    assert body_text(element(f"<a:p>{runs}</a:p>")) == "Page 4\nof\n9"
    unshown = '<a:fld type="slidenum"><a:t>‹#›</a:t></a:fld>'
    assert body_text(element(f"<a:p>{unshown}</a:p>")) == ""


def test_addresses_stand_behind_their_words() -> None:
    """A link's address follows its words once, however many runs they have."""
    link = '<a:rPr><a:hlinkClick r:id="r1"/></a:rPr>'
    runs = f"<a:r>{link}<a:t>our </a:t></a:r><a:r>{link}<a:t>terms</a:t></a:r><a:r><a:t>.</a:t></a:r>"
    links = {"r1": "https://example.com/terms"}
    assert body_text(element(f"<a:p>{runs}</a:p>"), links) == "our terms (https://example.com/terms)."
    same = f"<a:p><a:r>{link}<a:t>example.com/terms</a:t></a:r></a:p>"
    assert body_text(element(same), links) == "example.com/terms"


def test_numbers_count_by_level() -> None:
    """Numbers go on below deeper ones, start anew after shallower ones and where another kind begins."""
    lines = [
        numbered("one"),
        numbered("inner", "alphaLcParenR", 1),
        numbered("inner", "alphaLcParenR", 1),
        numbered("two"),
        numbered("again", "alphaLcParenR", 1),
        paragraph("between"),
        numbered("seven", more='startAt="7"'),
        numbered("eight", more='startAt="7"'),
    ]
    assert body_text(element("".join(lines))).split("\n") == [
        "1. one", "  a) inner", "  b) inner", "2. two", "  a) again", "between", "7. seven", "8. eight",
    ]  # fmt: skip


def test_bullets_are_inherited() -> None:
    """A paragraph has the bullet of the nearest style that says anything about it."""
    far = element('<a:lvl1pPr><a:buChar char="•"/></a:lvl1pPr>', "a:lstStyle")
    near = element("<a:lvl1pPr><a:buNone/></a:lvl1pPr>", "a:lstStyle")
    assert body_text(element(paragraph("x")), styles=[far]) == "- x"
    assert body_text(element(paragraph("x")), styles=[near, far]) == "x"
    own = paragraph("x", '<a:pPr><a:buChar char="•"/></a:pPr>')
    assert body_text(element(own), styles=[near, far]) == "- x"


@pytest.mark.parametrize(
    ("kind", "number", "shown"),
    [
        ("alphaUcPeriod", 27, "AA."),
        ("romanLcParenBoth", 14, "(xiv)"),
        ("romanUcPeriod", 1_990, "MCMXC."),
        ("arabicPlain", 3, "3"),
        ("circleNumWdWhitePlain", 2, "②"),
        ("ea1JpnKorPeriod", 5, "5."),
        ("romanLcPeriod", 2_000_000_000, "2000000000."),
        ("alphaLcPeriod", 2_000_000_000, "2000000000."),
    ],
)
def test_kinds_of_numbers(kind: str, number: int, shown: str) -> None:
    """Numbers look as their kind wants; where its letters end they are figures."""
    assert auto_number(kind, number) == shown


def test_merged_cells_keep_columns() -> None:
    """A merged cell stands in every column and row that it spans, so that values keep their heads."""
    rows = [
        cell("Region") + cell("2025", 'gridSpan="2"') + cell("", 'hMerge="1"'),
        cell("North", 'rowSpan="2"') + cell("a|b") + cell("2"),
        cell("", 'vMerge="1"') + cell("3") + cell("4"),
    ]
    table = element("".join(f"<a:tr>{row}</a:tr>" for row in rows), "a:tbl")
    assert table_text(table).split("\n") == [
        "| Region | 2025 | 2025 |",
        "| --- | --- | --- |",
        "| North | a\\|b | 2 |",
        "| North | 3 | 4 |",
    ]


def test_merged_cells_without_the_covered_ones() -> None:
    """Columns hold where a program leaves out the cells that a merged one covers."""
    rows = [cell("Head", 'gridSpan="2"') + cell("Last"), cell("1") + cell("2") + cell("3")]
    table = element("".join(f"<a:tr>{row}</a:tr>" for row in rows), "a:tbl")
    assert table_text(table).split("\n")[0] == "| Head | Head | Last |"


def test_cells_that_say_they_span_everything() -> None:
    """A cell spans no more columns than its table has, so that the words beside it are not lost."""
    everything = f'gridSpan="{2**31 - 1}" rowSpan="{2**31 - 1}"'
    table = element(f"<a:tr>{cell('a', everything)}{cell('b', everything)}</a:tr>", "a:tbl")
    assert {"a", "b"} <= set(table_text(table).split("\n")[0].split())


def test_spans_are_bounded() -> None:
    """A table of cells that all span everything costs no more than its words are worth."""
    everything = 2**31
    rows = spread((row, 0, everything, everything, "x" * 1_000) for row in range(1_000))
    assert sum(len(text) for row in rows for text in row) <= 6_000_000
    assert len(spread([(everything, everything, 1, 1, "far")])) == 0


def test_long_texts_are_repeated_in_the_head_alone() -> None:
    """A merged cell of many words does not repeat them beside and below itself, but where it is a head."""
    long = "words " * 40
    rows = spread([(0, 0, 1, 2, long), (1, 0, 2, 1, long), (1, 1, 1, 1, "a"), (2, 1, 1, 1, "b")])
    assert rows == [[long, long], [long, "a"], ["", "b"]]


def test_table_without_words() -> None:
    """A table without words is nothing, and line breaks stay inside their cell."""
    assert pipe_table([["", " "], [""]]) == ""
    assert pipe_table([["a\nb"], ["c", "d"]]) == "| a<br>b |  |\n| --- | --- |\n| c | d |"


def test_shapes_in_groups_and_alternatives() -> None:
    """Shapes in groups are read, of alternatives the one that is understood."""
    shape = "<p:sp><p:txBody>{}</p:txBody></p:sp>".format
    choice = f'<mc:Choice Requires="a14">{shape(paragraph("chosen"))}</mc:Choice>'
    fallback = f"<mc:Fallback>{shape(paragraph('else'))}</mc:Fallback>"
    tree = (
        f"<p:grpSp><p:grpSp>{shape(paragraph('deep'))}</p:grpSp></p:grpSp>"
        f"<mc:AlternateContent>{choice}{fallback}</mc:AlternateContent>"
        "<mc:AlternateContent><mc:Choice><p:contentPart/></mc:Choice>"
        f"{fallback}</mc:AlternateContent>"
        f'<mc:AlternateContent><mc:Choice Requires="pslz">{shape(paragraph("unknown"))}</mc:Choice>'
        f"{fallback}</mc:AlternateContent>"
    )
    assert shape_texts(element(tree, "p:spTree")) == ["deep", "chosen", "else", "else"]


def point(number: int, text: str, kind: str = "node") -> str:
    """A point of a diagram."""
    return f'<dgm:pt modelId="{number}" type="{kind}"><dgm:t>{paragraph(text)}</dgm:t></dgm:pt>'


def connection(above: int, below: int, order: int = 0, kind: str = "parOf", arrow: int = 0) -> str:
    """That a point of a diagram is below another one."""
    return f'<dgm:cxn type="{kind}" srcId="{above}" destId="{below}" srcOrd="{order}" sibTransId="{arrow}"/>'


def diagram(points: str, connections: str) -> str:
    """What is read of a diagram."""
    inner = f"<dgm:ptLst>{points}</dgm:ptLst><dgm:cxnLst>{connections}</dgm:cxnLst>"
    return diagram_text(element(inner, "dgm:dataModel"))


def test_diagram_in_order_with_levels() -> None:
    """Points stand in their order below what they are part of, those that only present others do not."""
    points = (
        point(1, "", "doc")
        + point(2, "Second")
        + point(3, "First")
        + point(4, "Detail")
        + point(5, "First", "pres")
    )
    connections = (
        connection(1, 2, 1) + connection(1, 3, 0) + connection(3, 4) + connection(5, 3, kind="presOf")
    )
    assert diagram(points, connections) == "- First\n  - Detail\n- Second"


def test_diagram_with_words_on_arrows_and_loose_points() -> None:
    """Words on an arrow follow where it begins, and a point that is part of nothing is not lost."""
    points = point(1, "", "doc") + point(2, "Order") + point(3, "ships", "sibTrans") + point(4, "Loose")
    assert diagram(points, connection(1, 2, arrow=3)) == "- Order\n- ships\n- Loose"


def test_diagram_in_circles() -> None:
    """Points that are part of each other end."""
    points = point(1, "", "doc") + point(2, "a") + point(3, "b")
    assert diagram(points, connection(1, 2) + connection(2, 3) + connection(3, 2)) == "- a\n  - b"
