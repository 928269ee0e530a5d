"""Shares of a page: what is covered, to a 64th of its width and height."""

from docstage.extraction.extractors.pdf.text import Box

_CELLS = 64


class Grid:
    """The cells of a page that something lies upon. What lies outside the page does not count."""

    def __init__(self, page: Box) -> None:
        self._page = page
        self._rows = [0] * _CELLS

    def cover(self, box: Box) -> None:
        """Mark the cells that a rectangle touches."""
        left, bottom, right, top = self._page
        if not box.meets(self._page):
            return
        across = _CELLS / max(right - left, 1e-6)
        up = _CELLS / max(top - bottom, 1e-6)
        first, last = _cell((box.left - left) * across), _cell((box.right - left) * across)
        mask = (2 << last) - (1 << first)
        for row in range(_cell((box.bottom - bottom) * up), _cell((box.top - bottom) * up) + 1):
            self._rows[row] |= mask

    @property
    def share(self) -> float:
        """How much of the page is covered, 0 to 1."""
        return sum(map(int.bit_count, self._rows)) / _CELLS**2

    def share_without(self, other: "Grid") -> float:
        """How much of the page is covered, and not by the other."""
        pairs = zip(self._rows, other._rows, strict=True)
        return sum((row & ~their).bit_count() for row, their in pairs) / _CELLS**2

    def add(self, other: "Grid") -> None:
        """Mark what the other has marked."""
        self._rows = [row | their for row, their in zip(self._rows, other._rows, strict=True)]


def _cell(place: float) -> int:
    return min(max(int(place), 0), _CELLS - 1)
