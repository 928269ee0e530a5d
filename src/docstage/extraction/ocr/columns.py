"""Columns of running text beside each other, which are read one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from docstage.extraction.extractors.pdf.fragments import Fragment

# In points, where letters have ten: the white between two columns, and how far lines may reach into it.
_GUTTER = 8.0
_TOUCH = 2.0
# Each of two columns has at least so many lines; and they are of so many characters, what less is cells.
_LEAST_LINES = 3
_LEAST_CHARACTERS = 16
_MOST_DEPTH = 4


@dataclass(frozen=True, slots=True)
class _Gutter:
    left: float
    right: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


def in_columns(fragments: list[Fragment], depth: int = 0) -> Iterator[list[Fragment]]:
    """Groups of fragments in the order of reading, none of which has columns of running text in it."""
    gutter = _gutter(fragments) if depth < _MOST_DEPTH else None
    if gutter is None:
        if fragments:
            yield fragments
        return
    for kind, group in _stretches(fragments, gutter):
        if kind == "across" or not _is_text(*_sides(group, gutter)):
            yield group
            continue
        for side in _sides(group, gutter):
            yield from in_columns(side, depth + 1)


def _gutter(fragments: list[Fragment]) -> _Gutter | None:
    """The white beside which most lines of two columns of text stand."""
    best, most = None, 0
    for gutter in _candidates(fragments):
        score = 0
        for kind, group in _stretches(fragments, gutter):
            left, right = _sides(group, gutter)
            if kind == "beside" and _is_text(left, right):
                score += min(len(left), len(right))
        if score > most:
            best, most = gutter, score
    return best


def _candidates(fragments: list[Fragment]) -> Iterator[_Gutter]:
    """White before places at which several lines begin."""
    begins = sorted(fragment.box.left for fragment in fragments)
    groups: list[list[float]] = []
    for left in begins:
        if groups and left - groups[-1][0] < _GUTTER:
            groups[-1].append(left)
        else:
            groups.append([left])
    for group in groups:
        if len(group) >= _LEAST_LINES:
            yield _Gutter(group[0] - _GUTTER, group[0])


def _stretches(fragments: list[Fragment], gutter: _Gutter) -> list[tuple[str, list[Fragment]]]:
    """From the top to the bottom: lines that go across the white, and those between them."""
    stretches: list[tuple[str, list[Fragment]]] = []
    for fragment in sorted(fragments, key=lambda each: -each.box.middle):
        crosses = fragment.box.left < gutter.right - _TOUCH and fragment.box.right > gutter.left + _TOUCH
        kind = "across" if crosses else "beside"
        if stretches and stretches[-1][0] == kind:
            stretches[-1][1].append(fragment)
        else:
            stretches.append((kind, [fragment]))
    return stretches


def _sides(fragments: list[Fragment], gutter: _Gutter) -> tuple[list[Fragment], list[Fragment]]:
    left = [fragment for fragment in fragments if fragment.box.right <= gutter.right - _TOUCH / 2]
    taken = {id(fragment) for fragment in left}
    return left, [fragment for fragment in fragments if id(fragment) not in taken]


def _is_text(left: list[Fragment], right: list[Fragment]) -> bool:
    """Whether both sides are lines of text rather than cells of a table."""
    return all(
        len(side) >= _LEAST_LINES and median(len(fragment.text) for fragment in side) >= _LEAST_CHARACTERS
        for side in (left, right)
    )
