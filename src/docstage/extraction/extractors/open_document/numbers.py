"""Numbers of lists and headings in OpenDocument, which are computed and stand in no file (part 3, 19.880)."""

from collections import defaultdict
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.office.drawing_numbers import letters, roman
from docstage.extraction.extractors.open_document.names import LIBRE, STYLE, TEXT, XML, whole
from docstage.extraction.extractors.open_document.styles import Styles

_DEEPEST = 10
_MOST = 10_000_000  # a number beyond is a mistake, or wants to be too long


class Counter:
    """Counts the items of one list, level by level from 1."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def next(self, level: int, start: int, said: int | None = None) -> None:
        """Count an item; `start` is where its level begins, `said` is what it says itself."""
        self._counts = {deep: count for deep, count in self._counts.items() if deep <= level}
        number = said if said is not None else self._counts[level] + 1 if level in self._counts else start
        self._counts[level] = min(number, _MOST)

    def at(self, level: int, start: int) -> int:
        """The number that a level has reached."""
        return self._counts.get(level, start)


class Numbers:
    """The numbers of a document's lists and headings."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._headings = Counter()
        self._by_style: dict[str, Counter] = defaultdict(Counter)
        self._by_id: dict[str, Counter] = {}

    def counter(self, listed: Element, style: str) -> Counter:
        """What counts the items of a list that begins: a new count, or that of a list which it continues."""
        continued = self._by_id.get(listed.get(f"{TEXT}continue-list", ""))
        if continued is not None:
            counter = continued
        elif listed.get(f"{TEXT}continue-numbering") == "true":
            counter = self._by_style[style]
        else:
            counter = Counter()
        self._by_style[style] = counter
        if name := listed.get(f"{XML}id"):
            self._by_id[name] = counter
        return counter

    def of_list(self, name: str) -> Counter:
        """What counts the paragraphs that say which list they belong to (`text:numbered-paragraph`)."""
        return self._by_id.setdefault(name, Counter())

    def item(self, counter: Counter, style: str, level: int, said: int | None) -> str:
        """The bullet or number of the next item, indented by its level."""
        levels = _levels(self._styles.lists.get(style))
        counter.next(level, _start(levels.get(level)), said)
        indent = "  " * (min(level, _DEEPEST) - 1)
        own = levels.get(level)
        if own is None or not own.tag.endswith("list-level-style-number"):
            return f"{indent}- "
        shown = _shown(levels, counter, level)
        return f"{indent}{shown} " if shown.strip() else indent

    def heading(self, heading: Element, level: int) -> str:
        """The number of the next heading, empty where its level has none."""
        levels = _levels(self._styles.outline)
        said = None
        if heading.get(f"{TEXT}restart-numbering") == "true":
            said = whole(heading, f"{TEXT}start-value", 1)
        own = levels.get(level)
        self._headings.next(level, _start(own), said)
        return "" if own is None else _shown(levels, self._headings, level).strip()


def _levels(style: Element | None) -> dict[int, Element]:
    return {whole(one, f"{TEXT}level", 0): one for one in (() if style is None else style)}


def _start(level: Element | None) -> int:
    return 1 if level is None else whole(level, f"{TEXT}start-value", 1)


def _shown(levels: dict[int, Element], counter: Counter, level: int) -> str:
    own = levels[level]
    if not own.get(f"{STYLE}num-format"):
        return own.get(f"{STYLE}num-prefix", "") + own.get(f"{STYLE}num-suffix", "")
    pattern = own.get(f"{LIBRE}num-list-format")
    if pattern is not None:
        for deep in range(level, 0, -1):
            pattern = pattern.replace(f"%{deep}%", _number(levels, counter, deep))
        return pattern
    count = min(max(whole(own, f"{TEXT}display-levels", 1), 1), level, _DEEPEST)
    shown = ".".join(_numbers(levels, counter, range(level - count + 1, level + 1)))
    return own.get(f"{STYLE}num-prefix", "") + shown + own.get(f"{STYLE}num-suffix", "")


def _numbers(levels: dict[int, Element], counter: Counter, shown: range) -> Iterator[str]:
    return (number for deep in shown if (number := _number(levels, counter, deep)))


def _number(levels: dict[int, Element], counter: Counter, level: int) -> str:
    own = levels.get(level)
    number = counter.at(level, _start(own))
    match "" if own is None else own.get(f"{STYLE}num-format", ""):
        case "":
            return ""
        case "a":
            return letters(number)
        case "A":
            return letters(number).upper()
        case "i":
            return roman(number)
        case "I":
            return roman(number).upper()
    return str(number)
