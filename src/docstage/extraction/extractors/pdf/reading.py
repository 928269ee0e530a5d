"""The text of a PDF page in the order in which it is read, its tables as tables."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docstage.extraction.extractors.base import tidy
from docstage.extraction.extractors.pdf.annotations import Remark
from docstage.extraction.extractors.pdf.fragments import Fragment, Turn, fragments_of
from docstage.extraction.extractors.pdf.material import lines_of_tables, may_have_tables
from docstage.extraction.extractors.pdf.tables import Table, tables_of
from docstage.extraction.extractors.pdf.text import Box, Line, PageText, flowing

# Running heads and feet have at most so many lines.
_RUNNING = 4
# A note belongs to a line at most so far above it, in points.
_CLOSELY = 30.0
# Drawings have more; to look for tables in them takes long and finds none.
_MOST_LINES = 3_000
_MOST_FRAGMENTS = 6_000
_MOST_UPRIGHTS = 1_000


@dataclass(frozen=True, slots=True)
class Reading:
    """What is written on a page, with the places of its lines, when the page itself is closed.

    Attributes:
        characters: as PDFium orders them.
        lines: of these.
        tables: which of the lines make up tables.
        turn: how the page was turned for that.
    """

    characters: str
    lines: tuple[Line, ...]
    tables: tuple[Table, ...]
    turn: Turn | None = None

    def text(self, remarks: Iterable[Remark] = (), head: list[str] | None = None) -> str:
        """The text with its tables in Markdown, and each remark after the line beside which it stands.

        Args:
            remarks: what was written onto the page.
            head: of a table of the page before that goes on in the first one of this page.
        """
        remarks = tuple(remarks)
        if not remarks and not self.tables:
            return tidy(flowing(self.characters))
        beside, others = self._placed(remarks)
        owner = {line: table for table in self.tables for line in table.lines}
        begun: set[int] = set()
        pieces: list[str] = []
        last = 0
        for number, line in enumerate(self.lines):
            table = owner.get(number)
            if table is None:
                # What is between two lines is a line break, or the mark of a broken word.
                pieces.append(self.characters[last : line.end])
            elif id(table) not in begun:
                pieces.append(f"\n\n{_written(table, None if begun else head)}\n\n")
                begun.add(id(table))
            pieces += [f"\n{remark.words}" for remark in beside.get(number, ())]
            last = line.end
        pieces.append(self.characters[last:])
        return tidy("\n\n".join(filter(None, (flowing("".join(pieces)).strip(), _listed(others)))))

    @property
    def first_table(self) -> Table | None:
        """The table with which the page begins, but for a running head."""
        early = [table for table in self.tables if min(table.lines) < _RUNNING]
        return early[0] if early else None

    @property
    def last_table(self) -> Table | None:
        """The table with which the page ends, but for a running foot."""
        late = [table for table in self.tables if max(table.lines) >= len(self.lines) - _RUNNING]
        return late[-1] if late else None

    def _placed(self, remarks: Iterable[Remark]) -> tuple[dict[int, list[Remark]], list[Remark]]:
        """The remarks by the line after which they belong, and those that stand beside none."""
        owner = {line: max(table.lines) for table in self.tables for line in table.lines}
        beside: dict[int, list[Remark]] = {}
        others: list[Remark] = []
        for remark in remarks:
            number = nearest_line(self.lines, self.turn(remark.box) if self.turn else remark.box)
            if number is None:
                others.append(remark)
                continue
            number = owner.get(number, number)
            while self._goes_on(number):
                number += 1
            beside.setdefault(number, []).append(remark)
        return beside, others

    def _goes_on(self, number: int) -> bool:
        """Whether the last word of a line ends in the next one."""
        end = self.lines[number].end
        return number + 1 < len(self.lines) and self.characters[end : end + 1] == "\ufffe"


def read_lines(text: PageText, rules: list[Box], *, annotated: bool) -> Reading:
    """Read a page.

    Args:
        text: the page.
        rules: upright and level lines on it.
        annotated: whether there are remarks whose lines have to be known.
    """
    turn = Turn(text)
    runs = [turn(box) for box in text.rectangles()] if turn.quarters else text.rectangles()
    has_tables = may_have_tables(text, runs, rules)
    if not has_tables and not annotated:
        return Reading(text.characters, (), ())
    lines = tuple(text.lines())
    if turn.quarters:
        lines = tuple(Line(line.start, line.end, turn(line.box)) for line in lines)
    tables: list[Table] = []
    if has_tables and 2 <= len(lines) <= _MOST_LINES:
        tables = _tables(text, runs, lines, [turn(rule) for rule in rules], turn)
    return Reading(text.characters, lines, tuple(tables), turn)


def nearest_line(lines: tuple[Line, ...], box: Box) -> int | None:
    """The line beside which something stands: at its height, else closely above; None where there is none."""
    if len(lines) > _MOST_LINES:
        return None
    at_height = [n for n, line in enumerate(lines) if line.box.bottom - 3 <= box.middle <= line.box.top + 3]
    if at_height:
        return min(at_height, key=lambda n: _distance(lines[n].box, box))
    above = [n for n, line in enumerate(lines) if 0 <= line.box.bottom - box.top <= _CLOSELY]
    return min(above, key=lambda n: lines[n].box.bottom - box.top, default=None)


def _distance(line: Box, box: Box) -> float:
    """How far something stands from a line; what is after it belongs to it sooner than what is before."""
    return max(box.left - line.right, 3 * (line.left - box.right), 0.0)


def _listed(remarks: list[Remark]) -> str:
    return "\n".join(remark.words for remark in remarks)


def _written(table: Table, head: list[str] | None) -> str:
    if table.is_prose:
        columns = zip(*table.cells, strict=True)
        return "\n\n".join("\n".join(filter(None, column)) for column in columns)
    return markdown([head, *table.cells] if head else table.cells)


def markdown(cells: list[list[str]]) -> str:
    """A table in Markdown."""
    rows = ["| " + " | ".join(_cell(text) for text in row) + " |" for row in cells]
    rows.insert(1, "|" + " --- |" * len(cells[0]))
    return "\n".join(rows)


def continued_head(before: Table | None, after: Table | None) -> list[str] | None:
    """The head of a table that goes on on the next page without its head; None when it does not."""
    if (
        before is None
        or after is None
        or before.is_prose
        or after.is_prose
        or len(before.columns) != len(after.columns)
    ):
        return None
    head, first = before.cells[0], after.cells[0]
    if first == head or not _has_figure(first) or _has_figure(head):
        return None
    fits = all(
        one[0] < other[1] and other[0] < one[1]
        for one, other in zip(before.columns, after.columns, strict=True)
    )
    return head if fits else None


def _has_figure(row: list[str]) -> bool:
    return any(character.isdigit() for text in row for character in text)


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|")


def _tables(
    text: PageText, runs: list[Box], lines: Sequence[Line], rules: list[Box], turn: Turn
) -> list[Table]:
    material = lines_of_tables(text, runs, lines, rules)
    if len(material) < 2:
        return []
    uprights = [rule for rule in rules if rule.height > 3 * (rule.right - rule.left)]
    if len(uprights) > _MOST_UPRIGHTS:
        uprights = []
    fragments: list[Fragment] = []
    for number in material:
        fragments += fragments_of(text, number, lines[number], turn, uprights)
    return list(tables_of(fragments, rules)) if len(fragments) <= _MOST_FRAGMENTS else []
