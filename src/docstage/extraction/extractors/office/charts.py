"""Charts as tables: their series by category, from what the file keeps of the data.

Those of DrawingML (ECMA-376 part 1, 21.2, `c:chartSpace`); `chart_extended` has those that came later.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.office.chart_data import Points, points_of, text_points
from docstage.extraction.extractors.office.chart_extended import extended_chart
from docstage.extraction.extractors.office.chart_tables import Series, chart_text
from docstage.extraction.extractors.office.drawing import body_text, child, local
from docstage.extraction.extractors.office.number_formats import number_format
from docstage.extraction.extractors.office.package import parse_part

Resolve = Callable[[str], list[str]]
"""What cells show, by a reference such as `Sheet1!$A$2:$A$9`; nothing where there are none."""

_PLOT = re.compile(r"(\w+?)(?:3D)?Chart")
_KINDS = {"ofPie": "pie"}


def chart_table(xml: bytes, resolve: Resolve | None = None) -> str:
    """A chart as a Markdown table with its title, empty when it has no data.

    Args:
        xml: the part of the chart.
        resolve: asked where the chart keeps no copy of its data, as charts of some programs do not.

    Raises:
        Unreadable: when it is no XML that can be read.
    """
    root = parse_part(xml)
    if child(root, "chartData") is not None:
        return extended_chart(root, resolve)
    return _Chart(root, resolve).text()


class _Chart:
    def __init__(self, root: Element, resolve: Resolve | None) -> None:
        self._resolve = resolve
        self._chart = child(root, "chart")
        self._area = child(self._chart, "plotArea")
        date_system = child(root, "date1904")
        self._since_1904 = date_system is not None and date_system.get("val", "1") in ("1", "true")
        self._axes = _axes(self._area)

    def text(self) -> str:
        plots = [one for one in (() if self._area is None else self._area) if _PLOT.fullmatch(local(one))]
        kinds = list(dict.fromkeys(_kind(plot) for plot in plots))
        series = [one for plot in plots for one in self._series(plot)]
        titles = {one.axis for one in series if one.axis}
        title = _title(child(self._chart, "title"), self._resolve)
        return chart_text(title, kinds, series, titles.pop() if len(titles) == 1 else "")

    def _series(self, plot: Element) -> Iterator[Series]:
        ids = [one.get("val", "") for one in plot if local(one) == "axId"]
        axes = [self._axes[name] for name in ids if name in self._axes]
        category = next((axis for axis in axes if axis.is_category), axes[0] if axes else _Axis())
        value = next((axis for axis in reversed(axes) if axis is not category), _Axis())
        for one in plot:
            if local(one) == "ser":
                yield self._one(one, category, value)

    def _one(self, series: Element, category: "_Axis", value: "_Axis") -> Series:
        x, y = child(series, "xVal"), child(series, "yVal")
        categories = x if x is not None else child(series, "cat")
        dates = category.code if number_format(category.code).is_date else ""
        return Series(
            name=" ".join(text_points(child(series, "tx"), self._resolve)),
            categories=self._points(categories, dates),
            values=self._points(y if y is not None else child(series, "val"), "").labelled(_labels(series)),
            sizes=self._points(child(series, "bubbleSize"), ""),
            category_title=category.title,
            axis=value.title,
        )

    def _points(self, holder: Element | None, dates: str) -> Points:
        return points_of(holder, self._resolve, dates=dates, since_1904=self._since_1904)


@dataclass(frozen=True, slots=True)
class _Axis:
    title: str = ""
    code: str = ""
    is_category: bool = False


def _axes(area: Element | None) -> dict[str, _Axis]:
    found = {}
    for element in () if area is None else area:
        name = child(element, "axId")
        if local(element).endswith("Ax") and name is not None:
            code = child(element, "numFmt")
            found[name.get("val", "")] = _Axis(
                _title(child(element, "title"), None),
                "" if code is None else code.get("formatCode", ""),
                local(element) in ("catAx", "dateAx"),
            )
    return found


def _kind(plot: Element) -> str:
    found = _PLOT.fullmatch(local(plot))
    assert found
    return _KINDS.get(found[1], found[1])


def _title(title: Element | None, resolve: Resolve | None) -> str:
    rich = child(title, "tx", "rich")
    if rich is not None:
        return " ".join(body_text(rich).split())
    return " ".join(" ".join(text_points(child(title, "tx"), resolve)).split())


def _labels(series: Element) -> dict[int, str]:
    """What somebody typed beside single points, by their numbers."""
    found = {}
    labels = child(series, "dLbls")
    for label in () if labels is None else labels:
        number, rich = child(label, "idx"), child(label, "tx", "rich")
        if number is not None and rich is not None and number.get("val", "").isdecimal():
            words = " ".join(body_text(rich).split())
            # In brackets stand fields that repeat the value or the category.
            if words and not re.fullmatch(r"(?:\[[^\]]*\][\s,;:]*)+", words):
                found[int(number.get("val", "0")[:9])] = words
    return found
