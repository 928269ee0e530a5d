"""What Rich Text Format says of a row of a table before its cells or behind them (\\trowd … \\row)."""

from docstage.extraction.extractors.word_old.properties import Paragraph

_MOST_CELLS = 1_000
_ABOVE = frozenset({"clvmrg"})
_BESIDE = frozenset({"clmrg"})


class RowDefinition:
    """The edges of the cells of a row, and how they are merged."""

    def __init__(self) -> None:
        self._left = 0
        self._edges: list[int] = []
        self._merges: list[tuple[bool, bool]] = []
        self._beside = self._above = False

    def take(self, word: str, number: int | None) -> None:
        """Take a word about the row."""
        if word == "trowd":
            self._edges.clear()
            self._merges.clear()
            self._left = 0
            self._beside = self._above = False
        elif word == "trleft":
            self._left = number or 0
        elif word in _BESIDE:
            self._beside = True
        elif word in _ABOVE:
            self._above = True
        elif word == "cellx" and len(self._edges) < _MOST_CELLS:
            self._edges.append(number or 0)
            self._merges.append((self._beside, self._above))
            self._beside = self._above = False

    def ended(self, depth: int) -> Paragraph:
        """The end of the row in a table that lies in this many others, itself included."""
        edges = sorted(self._edges) == self._edges and self._edges
        left = min(self._left, self._edges[0] - 1) if edges else 0
        return Paragraph(
            depth=depth,
            ends_row=True,
            edges=(left, *self._edges) if edges else (),
            merges=tuple(self._merges),
        )


WORDS = frozenset({"trowd", "trleft", "cellx", *_ABOVE, *_BESIDE})
