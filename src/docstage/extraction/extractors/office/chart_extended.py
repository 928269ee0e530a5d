"""Charts that came with Office 2016 ([MS-ODRAWXML] 2.24.3): waterfalls, funnels, tree maps, histograms."""

from collections.abc import Callable
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.office.chart_data import Points, shown_number
from docstage.extraction.extractors.office.chart_tables import Series, chart_text
from docstage.extraction.extractors.office.drawing import body_text, child, local, whole

Resolve = Callable[[str], list[str]]


def extended_chart(root: Element, resolve: Resolve | None) -> str:
    """The chart as a Markdown table with its title."""
    held, region = child(root, "chartData"), child(root, "chart", "plotArea", "plotAreaRegion")
    data = {one.get("id", ""): one for one in (() if held is None else held) if local(one) == "data"}
    plotted = [one for one in (() if region is None else region) if local(one) == "series"]
    series = [_series(one, data, resolve) for one in plotted if one.get("hidden") not in ("1", "true")]
    kinds = list(dict.fromkeys(one.get("layoutId", "") for one in plotted))
    return chart_text(_text(child(root, "chart", "title")), [kind for kind in kinds if kind], series)


def _series(series: Element, data: dict[str, Element], resolve: Resolve | None) -> Series:
    link = child(series, "dataId")
    holder = data.get("" if link is None else link.get("val", ""))
    dimensions = {one.get("type", ""): one for one in (() if holder is None else holder)}
    categories = [one for kind, one in dimensions.items() if kind in ("cat", "colorStr", "entityId")]
    values = [one for kind, one in dimensions.items() if kind in ("val", "size", "y", "x", "colorVal")]
    return Series(
        _text(series),
        _points(categories[0], resolve) if categories else Points(),
        _points(values[0], resolve) if values else Points(),
    )


def _points(dimension: Element, resolve: Resolve | None) -> Points:
    levels = [_level(one, number=local(dimension) == "numDim") for one in dimension if local(one) == "lvl"]
    found = [level for level in reversed(levels) if level]
    formula = child(dimension, "f")
    if not found and resolve and formula is not None and formula.text:
        found = [dict(enumerate(resolve(formula.text)))]
    return Points(found)


def _level(level: Element, *, number: bool) -> dict[int, str]:
    code = level.get("formatCode", "") if number else ""
    return {
        whole(point.get("idx"), 0): shown_number(point.text or "", code) if number else point.text or ""
        for point in level
        if local(point) == "pt"
    }


def _text(holder: Element | None) -> str:
    """The words of a title or the name of a series."""
    rich, plain = child(holder, "tx", "rich"), child(holder, "tx", "txData", "v")
    words = body_text(rich) if rich is not None else (plain.text or "" if plain is not None else "")
    return " ".join(words.split())
