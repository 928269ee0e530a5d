"""Charts as tables, by category and series."""

import pytest

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.office.charts import chart_table

_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_EXTENDED = "http://schemas.microsoft.com/office/drawing/2014/chartex"


def chart(area: str, title: str = "") -> bytes:
    """A chart with this plot area."""
    return (
        f'<c:chartSpace xmlns:c="{_DRAWING}/chart" xmlns:a="{_DRAWING}/main">'
        f"<c:chart>{title}<c:plotArea>{area}</c:plotArea></c:chart></c:chartSpace>"
    ).encode()


def points(*texts: str, code: str = "") -> str:
    """A copy of cells."""
    shown = "".join(
        f'<c:pt idx="{index}"><c:v>{text}</c:v></c:pt>' for index, text in enumerate(texts) if text
    )
    return f'{code and f"<c:formatCode>{code}</c:formatCode>"}<c:ptCount val="{len(texts)}"/>{shown}'


def series(name: str, categories: str, values: str, *, kind: str = "cat", value: str = "val") -> str:
    """A series whose categories are texts."""
    return (
        f"<c:ser><c:tx><c:strRef><c:strCache>{points(name)}</c:strCache></c:strRef></c:tx>"
        f"<c:{kind}>{categories}</c:{kind}>"
        f"<c:{value}><c:numRef><c:numCache>{values}</c:numCache></c:numRef></c:{value}></c:ser>"
    )


def texts(*of: str) -> str:
    """Categories that are texts."""
    return f"<c:strRef><c:strCache>{points(*of)}</c:strCache></c:strRef>"


def rich(text: str) -> str:
    """Words that somebody typed."""
    return f"<c:tx><c:rich><a:p><a:r><a:t>{text}</a:t></a:r></a:p></c:rich></c:tx>"


def titled(text: str) -> str:
    """A title."""
    return f"<c:title>{rich(text)}</c:title>"


def test_series_by_category() -> None:
    """Series of all plots share a table, with the titles of chart and axes."""
    quarters = texts("Q1", "Q2", "Q3")
    emea = series("EMEA", quarters, points("1.5", "", "2", code="0.00"))
    bars = f'<c:barChart>{emea}<c:axId val="1"/></c:barChart>'
    lines = (
        f"<c:lineChart>{series('Margin', quarters, points('0.1', '0.25', '', code='0%'))}"
        '<c:axId val="1"/><c:axId val="2"/></c:lineChart>'
    )
    axes = (
        f'<c:catAx><c:axId val="1"/>{titled("Quarter")}</c:catAx>'
        f'<c:valAx><c:axId val="2"/>{titled("Share")}</c:valAx>'
    )
    assert chart_table(chart(bars + lines + axes, titled("Sales"))) == (
        "Chart (bar and line): Sales\nValues: Share\n\n"
        "| Quarter | EMEA | Margin |\n| --- | --- | --- |\n"
        "| Q1 | 1.50 | 10% |\n| Q2 |  | 25% |\n| Q3 | 2.00 |  |"
    )


def test_points_of_a_scatter_chart() -> None:
    """Each y stands beside its x; series with other xs have a table of their own; bubbles have sizes."""
    x = f"<c:numLit>{points('1', '2')}</c:numLit>"
    size = f"<c:bubbleSize><c:numLit>{points('7', '8')}</c:numLit></c:bubbleSize></c:ser>"
    first = series("A", x, points("10", "20"), kind="xVal", value="yVal").replace("</c:ser>", size)
    second = series("B", f"<c:numLit>{points('5')}</c:numLit>", points("50"), kind="xVal", value="yVal")
    assert chart_table(chart(f"<c:bubbleChart>{first}{second}</c:bubbleChart>")) == (
        "Chart (bubble)\n\n|  | A | A (size) |\n| --- | --- | --- |\n| 1 | 10 | 7 |\n| 2 | 20 | 8 |\n\n"
        "|  | B |\n| --- | --- |\n| 5 | 50 |"
    )


def test_dates_and_levels_as_categories() -> None:
    """Dates are in ISO form, by the axis where the data do not say it; an outer level is named for all."""
    days = f"<c:numRef><c:numCache>{points('45356', '45387', code='General')}</c:numCache></c:numRef>"
    line = f'<c:lineChart>{series("A", days, points("1", "2"))}<c:axId val="1"/></c:lineChart>'
    axis = '<c:dateAx><c:axId val="1"/><c:numFmt formatCode="d/m/yyyy"/></c:dateAx>'
    assert "| 2024-03-05 | 1 |\n| 2024-04-05 | 2 |" in chart_table(chart(line + axis))
    levels = (
        "<c:multiLvlStrRef><c:multiLvlStrCache>"
        f"<c:lvl>{points('Q1', 'Q2', 'Q1')}</c:lvl><c:lvl>{points('2023', '', '2024')}</c:lvl>"
        "</c:multiLvlStrCache></c:multiLvlStrRef>"
    )
    table = chart_table(chart(f"<c:pie3DChart>{series('A', levels, points('1', '2', '3'))}</c:pie3DChart>"))
    assert table.startswith("Chart (pie)")
    assert "| 2023 | Q1 | 1 |\n| 2023 | Q2 | 2 |\n| 2024 | Q1 | 3 |" in table


def test_chart_without_copies() -> None:
    """Where the chart keeps no copy of its cells, these are asked for."""
    cells = {"S!$B$1": ["Sum"], "S!$A$2:$A$3": ["x", "y"], "S!$B$2:$B$3": ["4 €", "5 €"]}
    one = (
        "<c:ser><c:tx><c:strRef><c:f>S!$B$1</c:f></c:strRef></c:tx>"
        "<c:cat><c:strRef><c:f>S!$A$2:$A$3</c:f></c:strRef></c:cat>"
        "<c:val><c:numRef><c:f>S!$B$2:$B$3</c:f></c:numRef></c:val></c:ser>"
    )
    plot = chart(f"<c:barChart>{one}</c:barChart>")
    assert "|  | Sum |\n| --- | --- |\n| x | 4 € |\n| y | 5 € |" in chart_table(plot, cells.__getitem__)
    assert chart_table(plot) == ""


def test_labels_that_somebody_typed() -> None:
    """Words beside a point belong to it; fields that repeat the value do not."""
    labels = "".join(
        f'<c:dLbl><c:idx val="{n}"/>{rich(words)}</c:dLbl>' for n, words in enumerate(["record", "[VALUE]"])
    )
    one = series("A", texts("x", "y"), points("1", "2")).replace(
        "</c:ser>", f"<c:dLbls>{labels}</c:dLbls></c:ser>"
    )
    assert "| x | 1 (record) |\n| y | 2 |" in chart_table(chart(f"<c:barChart>{one}</c:barChart>"))


def test_charts_of_office_2016() -> None:
    """Waterfalls and their like keep their data apart from their series."""
    xml = (
        f'<cx:chartSpace xmlns:cx="{_EXTENDED}"><cx:chartData><cx:data id="0"><cx:strDim type="cat">'
        '<cx:lvl ptCount="2"><cx:pt idx="0">Start</cx:pt><cx:pt idx="1">End</cx:pt></cx:lvl></cx:strDim>'
        '<cx:numDim type="val"><cx:lvl ptCount="2" formatCode="0.0"><cx:pt idx="0">5</cx:pt>'
        '<cx:pt idx="1">-7.25</cx:pt></cx:lvl></cx:numDim></cx:data></cx:chartData><cx:chart><cx:title>'
        "<cx:tx><cx:txData><cx:v>Cash</cx:v></cx:txData></cx:tx></cx:title><cx:plotArea><cx:plotAreaRegion>"
        '<cx:series layoutId="waterfall"><cx:tx><cx:txData><cx:v>EUR</cx:v></cx:txData></cx:tx>'
        '<cx:dataId val="0"/></cx:series></cx:plotAreaRegion></cx:plotArea></cx:chart></cx:chartSpace>'
    )
    assert chart_table(xml.encode()) == (
        "Chart (waterfall): Cash\n\n|  | EUR |\n| --- | --- |\n| Start | 5.0 |\n| End | -7.3 |"
    )


def test_hostile_charts() -> None:
    """Numbers of points are not believed, and what is no XML has its reason."""
    far = '<c:pt idx="2147483647"><c:v>1</c:v></c:pt><c:pt idx="-4"><c:v>2</c:v></c:pt><c:pt idx="x"/>'
    one = series("A", texts("x"), f'<c:ptCount val="4294967295"/>{far}')
    assert len(chart_table(chart(f"<c:barChart>{one}</c:barChart>"))) < 200
    with pytest.raises(Unreadable) as caught:
        chart_table(b"<c:chartSpace")
    assert caught.value.reason is DocumentReason.DAMAGED
