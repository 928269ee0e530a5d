"""Writes the series of a chart as tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from docstage.extraction.extractors.office.chart_data import Points
from docstage.extraction.extractors.pipe_tables import pipe_table


@dataclass(frozen=True, slots=True)
class Series:
    """A series of a chart.

    Attributes:
        categories: what its points are about; the x values of a scatter chart.
        sizes: of bubbles.
        category_title, axis: titles of the axes by which its categories and values are drawn.
    """

    name: str
    categories: Points
    values: Points
    sizes: Points = field(default_factory=Points)
    category_title: str = ""
    axis: str = ""


def chart_text(title: str, kinds: Sequence[str], series: Sequence[Series], axis: str = "") -> str:
    """A chart: a line that says what it is, and its figures in as few tables as they fit in.

    Args:
        kinds: such as `bar`, in the order of the plots.
        axis: the title of the one axis of values, if there is one.
    """
    tables = [table for group in _groups(series) if (table := _table(group, named=not axis))]
    if not tables and not title:
        return ""
    kind = f" ({' and '.join(kinds)})" if kinds else ""
    lines = [f"Chart{kind}: {title}" if title else f"Chart{kind}"]
    if axis:
        lines.append(f"Values: {axis}")
    return "\n\n".join(["\n".join(lines), *tables])


def _groups(series: Sequence[Series]) -> Iterator[list[Series]]:
    """Series that have the same categories."""
    groups: dict[object, list[Series]] = {}
    # A series without categories is about those of the first one, as it is drawn.
    first = next((one.categories for one in series if one.categories.levels), Points())
    for one in series:
        categories = one.categories if one.categories.levels else first
        key = tuple(tuple(sorted(level.items())) for level in categories.levels)
        groups.setdefault(key, []).append(one)
    yield from groups.values()


def _table(group: Sequence[Series], *, named: bool) -> str:
    categories = next((one.categories for one in group if one.categories.levels), Points())
    numbers = sorted(set().union(*(one.values.numbers for one in group)) | categories.numbers)
    if not any(one.values.levels for one in group):
        return ""
    levels = max(len(categories.levels), 1)
    head = [*[""] * (levels - 1), next((one.category_title for one in group if one.category_title), "")]
    for one in group:
        name = f"{one.name} ({one.axis})" if named and one.axis else one.name
        head += [name, f"{name} (size)"] if one.sizes.levels else [name]
    return pipe_table([head, *(_row(number, categories, group) for number in numbers)])


def _row(number: int, categories: Points, group: Sequence[Series]) -> list[str]:
    # Points without a category are counted, as charts show them.
    row = list(categories.at(number)) if categories.levels else [str(number + 1)]
    for one in group:
        row.append(" ".join(one.values.at(number)))
        if one.sizes.levels:
            row.append(" ".join(one.sizes.at(number)))
    return row
