"""Objects inside OpenDocument files: charts as tables, formulas on one line, tables of other documents."""

from collections.abc import Callable
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.office.mathml import math_text
from docstage.extraction.extractors.open_document.names import CHART, MATH, OFFICE, TABLE, find
from docstage.extraction.extractors.open_document.tables import table_text

Words = Callable[[Element], str]


def object_text(root: Element, words: Words) -> str:
    """What an embedded object shows, empty when nothing of it can be told.

    Args:
        root: its markup.
        words: what a paragraph or a cell shows.
    """
    if root.tag == f"{MATH}math":
        return math_text(root)
    body = find(root, f"{OFFICE}body")
    inner = None if body is None else next(iter(body), None)
    if inner is None:
        return ""
    if inner.tag == f"{OFFICE}chart":
        return chart_text(inner, words)
    tables = [table_text(table, words) for table in inner.iter(f"{TABLE}table")]
    paragraphs = [words(inner)] if not tables else []
    return "\n\n".join(text for text in (*tables, *paragraphs) if text.strip())


def chart_text(holder: Element, words: Words) -> str:
    """A chart (`chart:chart`) as a table of its own copy of the data, below its titles."""
    chart = find(holder, f"{CHART}chart")
    if chart is None:
        return ""
    titles = [_title(chart, name, words) for name in ("title", "subtitle")]
    axes = [_title(axis, "title", words) for axis in chart.iter(f"{CHART}axis")]
    table = next(chart.iter(f"{TABLE}table"), None)
    figures = "" if table is None else table_text(table, words)
    head = ": ".join(["Chart", " - ".join(title for title in titles if title)]).removesuffix(": ")
    named = f"Axes: {', '.join(axis for axis in axes if axis)}" if any(axes) else ""
    return "\n\n".join(part for part in ("\n".join(line for line in (head, named) if line), figures) if part)


def _title(element: Element, name: str, words: Words) -> str:
    found = find(element, f"{CHART}{name}")
    return "" if found is None else " ".join(words(found).split())


def is_formula(root: Element) -> bool:
    """Whether an object is a formula, which belongs into its sentence."""
    return root.tag == f"{MATH}math"
