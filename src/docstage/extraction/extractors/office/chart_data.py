"""The copies of cells that charts keep (ECMA-376 part 1, 21.2.2: `c:strRef`, `c:numRef` and their like)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.office.drawing import child, local, whole
from docstage.extraction.extractors.office.number_formats import number_format

_MOST_POINTS = 1_000_000


@dataclass(slots=True)
class Points:
    """Points by their numbers, of one level or more, the outermost first."""

    levels: list[dict[int, str]] = field(default_factory=list)

    @property
    def numbers(self) -> set[int]:
        """The numbers of all points."""
        return {number for level in self.levels for number in level}

    def at(self, number: int) -> tuple[str, ...]:
        """What stands at a number on each level."""
        return tuple(level.get(number, "") for level in self.levels)

    def labelled(self, labels: Mapping[int, str]) -> "Points":
        """The same with words beside some points."""
        if not labels or not self.levels:
            return self
        values = {
            number: f"{text} ({labels[number]})" if labels.get(number, text) != text else text
            for number, text in self.levels[-1].items()
        }
        return Points([*self.levels[:-1], values])


def points_of(
    holder: Element | None,
    resolve: Callable[[str], list[str]] | None,
    *,
    dates: str = "",
    since_1904: bool = False,
) -> Points:
    """The points that an element such as `c:cat` or `c:val` holds.

    Args:
        dates: the code of the axis, by which numbers without a date's format of their own are shown.
    """
    source = next(iter(holder), None) if holder is not None else None
    if source is None:
        return Points()
    copies = [source] if local(source).endswith("Lit") else [one for one in source if "Cache" in local(one)]
    data = next(iter(copies), None)
    show = _Shower(data, dates, since_1904)
    levels = [one for one in (() if data is None else data) if local(one) == "lvl"]
    if levels:
        read = [_level(level, show) for level in levels]
        return Points([*(_filled(level, read[0]) for level in reversed(read[1:])), read[0]])
    found = {} if data is None else _level(data, show)
    formula = child(source, "f")
    if not found and resolve and formula is not None and formula.text:
        found = dict(enumerate(resolve(formula.text)))
    return Points([found] if found else [])


def text_points(holder: Element | None, resolve: Callable[[str], list[str]] | None) -> list[str]:
    """The texts that an element holds, such as the name of a series."""
    plain = child(holder, "v")
    if plain is not None:
        return [plain.text or ""]
    points = points_of(holder, resolve)
    return [level[number] for level in points.levels for number in sorted(level) if level[number]]


@dataclass(slots=True)
class _Shower:
    """Shows the points of a copy by its number format."""

    data: Element | None
    dates: str
    since_1904: bool
    code: str = ""

    def __post_init__(self) -> None:
        code = child(self.data, "formatCode")
        self.code = (code.text or "") if code is not None else ""

    def show(self, point: Element) -> str:
        value = child(point, "v")
        text = (value.text or "") if value is not None else ""
        if self.data is None or not local(self.data).startswith("num"):
            return text
        code = point.get("formatCode") or self.code
        if self.dates and not number_format(code).is_date:
            code = self.dates
        return shown_number(text, code, since_1904=self.since_1904)


def shown_number(text: str, code: str, *, since_1904: bool = False) -> str:
    """A number in its format; what is no number as it stands."""
    try:
        return number_format(code).number(float(text), since_1904=since_1904)
    except ValueError:
        return text


def _level(holder: Element, show: _Shower) -> dict[int, str]:
    found: dict[int, str] = {}
    for point in holder:
        number = whole(point.get("idx"), -1)
        if local(point) == "pt" and number >= 0 and len(found) < _MOST_POINTS:
            found[number] = show.show(point)
    return found


def _filled(level: dict[int, str], inner: dict[int, str]) -> dict[int, str]:
    """An outer level, which names only the first of the points that it is about, named for all."""
    filled, last = {}, ""
    for number in sorted(inner.keys() | level.keys()):
        last = level.get(number) or last
        filled[number] = last
    return filled
