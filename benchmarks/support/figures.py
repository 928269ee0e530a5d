"""What a benchmark found, and how it is shown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from rich.console import Console
from rich.table import Table

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mark:
    """What a figure has to reach.

    Attributes:
        words: the mark as it is shown.
        met: whether the figure reaches it.
    """

    words: str
    met: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure.

    Attributes:
        name: what was measured.
        value: how much, in `unit`.
        reference: what it is compared with, measured in the same run and the same unit, or None.
        mark: what it has to reach, or None when it is only told.
    """

    name: str
    value: float
    unit: str
    reference: float | None = None
    mark: Mark | None = None

    @property
    def ratio(self) -> float | None:
        """The figure in terms of its reference."""
        return self.value / self.reference if self.reference else None


@dataclass(frozen=True, slots=True)
class Options:
    """How a benchmark is to run.

    Attributes:
        quick: smaller, once instead of three times: shows that it works, not how fast.
        before: a revision whose readers are compared with those of today.
    """

    quick: bool = False
    before: str | None = None

    @property
    def repeats(self) -> int:
        """How often a measurement is made; the best one counts, because others may use the machine."""
        return 1 if self.quick else 3

    def best(self, measure: Callable[[], T], key: Callable[[T], float]) -> T:
        """The measurement with the smallest key of as many as are made."""
        return min((measure() for _ in range(self.repeats)), key=key)


def at_least(value: float, least: float, words: str) -> Mark:
    """A mark that is met from `least` on."""
    return Mark(words, value >= least)


def at_most(value: float, most: float, words: str) -> Mark:
    """A mark that is met up to `most`."""
    return Mark(words, value <= most)


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which the share of the values lies, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def show(figures: Iterable[Figure]) -> None:
    """Print figures as a table."""
    table = Table()
    for heading in ("figure", "value", "reference", "ratio", "mark", ""):
        table.add_column(heading, justify="right" if heading in {"value", "reference", "ratio"} else "left")
    for figure in figures:
        table.add_row(*_cells(figure))
    Console(width=130).print(table)


def _cells(figure: Figure) -> tuple[str, ...]:
    reference = "" if figure.reference is None else f"{_number(figure.reference)} {figure.unit}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    mark = figure.mark.words if figure.mark else ""
    verdict = "" if figure.mark is None else ("met" if figure.mark.met else "MISSED")
    return figure.name, f"{_number(figure.value)} {figure.unit}", reference, ratio, mark, verdict


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
