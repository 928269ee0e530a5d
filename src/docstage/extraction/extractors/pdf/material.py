"""Which lines of a PDF page may belong to tables, found by what costs little: most pages have none."""

import re
from collections.abc import Container, Sequence
from itertools import islice, pairwise

from docstage.extraction.extractors.pdf.text import Box, Line, PageText

# Lines of print in a column of text are longer, cells of a table hardly ever, in heights of their letters.
_LONG_LINE = 9.0
_LEAST_GAP = 0.9
_STACK = 4
_NEAR = 3.0
_FAR = 6.0
_COMPANY = 12
_RULED = 6
# A page of small print has 500 runs of text, one of a map has 50,000.
_MOST_RUNS = 6_000
# Letters are half as wide as high; of lines that are longer than this there is more white than black.
_STRETCHED = 1.1
_LIST_ITEM = re.compile(
    r"\s*([•‣◦▪▫·*–—\-o§]|[\ue000-\uf8ff]|\(?([0-9.]{1,6}|[A-Za-z]|[ivxlc]{1,5})[.):]+)\s"
)

_FIGURE = re.compile(r"[-+–—(<$€£¥]{0,3}\d[\d.,]{0,20}[%)*]{0,3}|[-–—]|\.{2,3}")
_LEAST_FIGURES, _LEAST_ROWS = 3, 3

_Gaps = dict[int, list[tuple[float, float]]]


def _has_stretched_lines(text: PageText, runs: list[Box]) -> bool:
    """Whether lines that are one run each are much longer than their letters: they jump to other columns."""
    lines = [line for line in text.characters.split("\r\n") if line.strip()]
    if len(lines) != len(runs):
        return False
    pairs = zip(lines, runs, strict=True)
    return sum(box.right - box.left > _STRETCHED * box.height * len(line) for line, box in pairs) > 1


def may_have_tables(text: PageText, runs: list[Box], rules: list[Box]) -> bool:
    """Whether a page is worth looking for tables on it.

    Args:
        text: the page.
        runs: where its text stands, in PDFium's order.
        rules: upright and level lines on it.
    """
    return (
        _has_gaps(runs, _least_gap(rules)) or _has_stretched_lines(text, runs) or _has_rows_of_figures(text)
    )


def _has_rows_of_figures(text: PageText) -> bool:
    """Whether there are rows of figures, which programs also write in one run each, with blanks for gaps."""
    rows = (line for line in text.characters.split("\r\n") if _is_row_of_figures(line))
    return len(list(islice(rows, _LEAST_ROWS))) == _LEAST_ROWS


def _is_row_of_figures(line: str) -> bool:
    words = line.split()
    return len(words) >= _LEAST_FIGURES and sum(map(_is_figure, words)) >= max(_LEAST_FIGURES, len(words) / 2)


def _is_figure(word: str) -> bool:
    return _FIGURE.fullmatch(word) is not None


def _least_gap(rules: list[Box]) -> float:
    """Columns may be closer to each other where rules part them."""
    return _LEAST_GAP / 2 if len(rules) >= _RULED else _LEAST_GAP


def _has_gaps(runs: list[Box], least: float) -> bool:
    """Whether there are gaps between runs of text at one height, or something is beside what came before."""
    if len(runs) > _MOST_RUNS:
        return False
    gaps, last = 0, None
    for index, box in enumerate(runs):
        if last is not None:
            left, bottom, right, top = box
            last_left, last_bottom, last_right, last_top = last
            if bottom > last_top:
                if any(each.bottom < top and bottom < each.top for each in runs[:index]):
                    return True
            elif top > (last_bottom + last_top) / 2:
                gap = left - last_right if left > last_right else last_left - right
                if gap > least * (last_top - last_bottom) and gap > least * (top - bottom):
                    gaps += 1
                    if gaps > 1:
                        return True
        last = box
    return False


def lines_of_tables(text: PageText, runs: list[Box], lines: Sequence[Line], rules: list[Box]) -> list[int]:
    """The lines of which tables may consist: those with something beside it, and short ones near these."""
    gaps = _gaps(text, runs, lines, _least_gap(rules))
    _add_stretched(gaps, lines)
    _add_rows_of_figures(gaps, text, lines)
    long = _stacked(lines, gaps.keys())
    short = sorted((n for n in range(len(lines)) if n not in long), key=lambda n: -lines[n].box.middle)
    _add_beside(gaps, lines, short)
    seeds = _in_company(lines, gaps, short)
    near: set[int] = set()
    for ordered in (short, short[::-1]):
        last = None
        for number in ordered:
            box = lines[number].box
            if number in seeds:
                last = box
            elif last is not None and abs(box.middle - last.middle) < _NEAR * max(last.height, box.height):
                near.add(number)
    return sorted(seeds | near)


def _in_company(lines: Sequence[Line], gaps: _Gaps, ordered: list[int]) -> set[int]:
    """The lines with a gap that have another one with a gap there closely below: a table has rows."""
    found: set[int] = set()
    gapped = [number for number in ordered if number in gaps]
    for place, one in enumerate(gapped):
        above = lines[one].box
        for other in gapped[place + 1 : place + _COMPANY]:
            below = lines[other].box
            apart = above.middle - below.middle
            if apart > _FAR * max(above.height, below.height):
                break
            if apart > below.height / 2 and _share_a_gap(gaps[one], gaps[other]):
                found |= {one, other}
    return found


def _share_a_gap(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> bool:
    return any(first[0] < second[1] and second[0] < first[1] for first in one for second in other)


def _gaps(text: PageText, boxes: list[Box], lines: Sequence[Line], least: float) -> _Gaps:
    """The wide gaps in lines, between two runs of text; not the one after the mark of a list."""
    found: _Gaps = {}
    size = 0.6 * sorted(box.height for box in boxes)[len(boxes) // 2] if boxes else 0.0
    number, last = 0, None
    listed = -1
    for box in boxes:
        start = number
        x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
        while number < len(lines):
            left, bottom, right, top = lines[number].box
            if left - 1 <= x <= right + 1 and bottom - 2 <= y <= top + 2:
                break
            number += 1
        else:
            number, last = start, None
            continue
        if number == start and last is not None:
            left, right = (last.right, box.left) if box.left >= last.right else (box.right, last.left)
            if right - left > least * max(last.height, box.height, size):
                line = lines[number]
                if listed != number and _LIST_ITEM.match(text.characters, line.start, line.end):
                    listed = number
                else:
                    found.setdefault(number, []).append((left, right))
        last = box
    return found


def _stacked(lines: Sequence[Line], gapped: Container[int]) -> set[int]:
    """The lines of prose: long ones without a gap, several below each other."""
    found: set[int] = set()
    run: list[int] = []
    for number, line in enumerate(lines):
        is_long = line.box.right - line.box.left > _LONG_LINE * line.box.height and number not in gapped
        if is_long and (not run or _goes_on(lines[run[-1]].box, line.box)):
            run.append(number)
            continue
        if len(run) >= _STACK:
            found.update(run)
        run = [number] if is_long else []
    if len(run) >= _STACK:
        found.update(run)
    return found


def _goes_on(above: Box, below: Box) -> bool:
    return above.middle > below.middle > above.middle - 3 * max(above.height, below.height) and (
        abs(above.left - below.left) < 4 * above.height
    )


def _add_beside(gaps: _Gaps, lines: Sequence[Line], ordered: list[int]) -> None:
    """Add the gaps between lines, from the top to the bottom, that stand beside each other."""
    for one, other in pairwise(ordered):
        first, second = lines[one].box, lines[other].box
        if abs(first.middle - second.middle) < min(first.height, second.height) / 2:
            left, right = (
                (first.right, second.left) if first.left < second.left else (second.right, first.left)
            )
            for number in (one, other):
                gaps.setdefault(number, []).append((left, right))


def _add_stretched(gaps: _Gaps, lines: Sequence[Line]) -> None:
    """Add the lines that are much longer than their letters; where their gaps are is not known yet."""
    for number, line in enumerate(lines):
        length = line.box.right - line.box.left
        if number not in gaps and length > _STRETCHED * line.box.height * (line.end - line.start):
            gaps[number] = [(line.box.left, line.box.right)]


def _add_rows_of_figures(gaps: _Gaps, text: PageText, lines: Sequence[Line]) -> None:
    """Add the lines that mostly are figures; where their gaps are is not known yet."""
    for number, line in enumerate(lines):
        if number not in gaps and _is_row_of_figures(text.characters[line.start : line.end]):
            gaps[number] = [(line.box.left, line.box.right)]
