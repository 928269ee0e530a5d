"""Words of DrawingML, which Word, Excel and PowerPoint have in common (ECMA-376 part 1, chapters 20 and 21).

Elements are told by their local names, since strict and transitional files have other namespaces.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from docstage.domain.content import PICTURE_MARK
from docstage.extraction.extractors.office.drawing_numbers import auto_number
from docstage.extraction.extractors.office.math import linear
from docstage.extraction.extractors.pipe_tables import pipe_table, spread

_LEVELS = 9
_UNSHOWN = "\u2039#\u203a"  # stands where the number of a slide will be
# A vertical tab, which PowerPoint writes for a line break that somebody pasted (ECMA-376 part 1, 22.9.2.19).
_ESCAPED_BREAK = re.compile("_x000[BbDd]_")
_SELF_TOLD = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
# Extensions whose elements are read here, by their usual prefixes; of others their fallback is read.
_READ = frozenset(
    {
        *("a14", "a16", "asvg", "c14", "cx", *(f"cx{n}" for n in range(1, 9)), "dgm14", "p14", "p15"),
        *("w14", "w15", "w16", "wpc", "wpg", "wps", "x14", "x15", "xdr14"),
    }
)
_NOT_READ = frozenset({"contentPart", "model3d"})

NO_LINKS: Mapping[str, str] = {}


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def child(element: Element | None, *names: str) -> Element | None:
    """The element that the path of names leads to."""
    for name in names:
        if element is None:
            return None
        # A plain loop: it is asked for several times for every run of a slide.
        for one in element:
            if one.tag.rpartition("}")[2] == name:
                element = one
                break
        else:
            return None
    return element


def children(element: Element) -> Iterator[Element]:
    """The children, of alternatives (`mc:AlternateContent`) the one that is read."""
    waiting = list(reversed(element))
    while waiting:
        one = waiting.pop()
        if local(one) == "AlternateContent":
            waiting += reversed(_alternative(one))
        else:
            yield one


def _alternative(element: Element) -> list[Element]:
    choices = [one for one in element if local(one) == "Choice"]
    for choice in choices:
        understood = _READ.issuperset(choice.get("Requires", "").split())
        if understood and not any(local(one) in _NOT_READ for one in choice.iter()):
            return list(choice)
    fallback = child(element, "Fallback")
    if fallback is not None:
        return list(fallback)
    return list(choices[0]) if choices else []


def relation(element: Element, name: str = "id") -> str | None:
    """The id of a relationship that an attribute names, such as `r:id`."""
    return next((value for key, value in element.attrib.items() if key.endswith("}" + name)), None)


def whole(value: str | None, default: int = 0) -> int:
    """A number of an attribute, the default where it is none."""
    try:
        return int(value or default)
    except ValueError:
        return default


def body_text(body: Element, links: Mapping[str, str] = NO_LINKS, styles: Sequence[Element] = ()) -> str:
    """The paragraphs of a text body (`a:txBody` and its like), with bullets and computed numbers.

    Args:
        body: what holds `a:p`.
        links: addresses by ids of relationships.
        styles: lists of styles (`a:lstStyle`) that it inherits from, the nearest first.
    """
    own = child(body, "lstStyle")
    numbers = _Numbers([one for one in (own, *styles) if one is not None])
    lines = []
    for paragraph in children(body):
        if local(paragraph) == "p":
            text = paragraph_text(paragraph, links)
            lines.append(numbers.mark(paragraph) + text if text.strip() else "")
    return "\n".join(lines).strip("\n")


def paragraph_text(paragraph: Element, links: Mapping[str, str] = NO_LINKS) -> str:
    """The words of a paragraph, with the addresses that they lead to behind them."""
    shown: list[tuple[str, str | None]] = []
    for run in children(paragraph):
        text, address = _run_text(run), _address(run, links)
        if shown and shown[-1][1] == address:
            text = shown.pop()[0] + text
        shown.append((text, address))
    return "".join(_with_address(text, address) for text, address in shown)


def _run_text(run: Element) -> str:
    match local(run):
        case "r" | "fld":
            found = child(run, "t")
            text = "" if found is None or found.text in (None, _UNSHOWN) else str(found.text)
            return _ESCAPED_BREAK.sub("\n", text).replace("\v", "\n").replace(PICTURE_MARK, "")
        case "br":
            return "\n"
        case "m":
            return "".join(linear(one) for one in run)
        case "oMath" | "oMathPara":
            return linear(run)
    return ""


def _address(run: Element, links: Mapping[str, str]) -> str | None:
    link = child(run, "rPr", "hlinkClick")
    return None if link is None else links.get(relation(link) or "")


def _with_address(text: str, address: str | None) -> str:
    if not address or not text.strip():
        return text
    told = _SELF_TOLD.sub("", address).rstrip("/") in text
    return text if told else f"{text.rstrip()} ({address}){text[len(text.rstrip()) :]}"


class _Numbers:
    """Counts the numbered paragraphs of a text body, level by level."""

    def __init__(self, styles: Sequence[Element]) -> None:
        self._styles = styles
        self._counts: dict[int, tuple[tuple[str, int], int]] = {}

    def mark(self, paragraph: Element) -> str:
        """What stands before a paragraph that has words: its bullet or number, indented by its level."""
        own = child(paragraph, "pPr")
        level = min(max(whole(None if own is None else own.get("lvl")), 0), _LEVELS - 1)
        self._counts = {deep: count for deep, count in self._counts.items() if deep <= level}
        bullet = self._bullet(own, level)
        if bullet is None or local(bullet) == "buNone":
            self._counts.pop(level, None)
            return ""
        if local(bullet) != "buAutoNum":
            self._counts.pop(level, None)
            return f"{'  ' * level}- "
        return f"{'  ' * level}{self._number(bullet, level)} "

    def _number(self, bullet: Element, level: int) -> str:
        kind = (bullet.get("type", "arabicPeriod"), max(whole(bullet.get("startAt"), 1), 1))
        before, number = self._counts.get(level, (None, 0))
        number = number + 1 if before == kind else kind[1]
        self._counts[level] = (kind, number)
        return auto_number(kind[0], number)

    def _bullet(self, own: Element | None, level: int) -> Element | None:
        inherited = (child(style, f"lvl{level + 1}pPr") for style in self._styles)
        for properties in (own, *inherited):
            for one in () if properties is None else properties:
                if local(one) in ("buNone", "buChar", "buAutoNum", "buBlip"):
                    return one
        return None


def table_text(table: Element, links: Mapping[str, str] = NO_LINKS) -> str:
    """A table (`a:tbl`) in Markdown. A merged cell is repeated in all columns and rows that it spans."""
    rows = [one for one in table if local(one) == "tr"]
    grid = child(table, "tblGrid")
    width = max(len(grid) if grid is not None else 0, *(len(row) for row in rows), 1)
    cells = (cell for number, row in enumerate(rows) for cell in _cells(number, row, links, width))
    return pipe_table(spread(cells))


def _cells(
    number: int, row: Element, links: Mapping[str, str], width: int
) -> Iterator[tuple[int, int, int, int, str]]:
    """Cells of a row. Those that a merged one covers are there, though some programs leave them out."""
    column, covered = 0, 0
    for cell in row:
        if local(cell) != "tc":
            continue
        merged = {name for name in ("hMerge", "vMerge") if cell.get(name) in ("1", "true")}
        if "hMerge" not in merged:
            column, covered = max(column, covered), 0
        columns = min(max(whole(cell.get("gridSpan"), 1), 1), width)
        body = None if merged else child(cell, "txBody")
        text = "" if body is None else body_text(body, links)
        yield number, column, max(whole(cell.get("rowSpan"), 1), 1), columns, text
        covered = max(covered, column + columns) if columns > 1 else covered
        column += 1


def shape_texts(tree: Element, links: Mapping[str, str] = NO_LINKS) -> list[str]:
    """The words and tables of all shapes, those in groups too, in the order of the file."""
    found, waiting = [], [tree]
    while waiting:
        element = waiting.pop()
        match local(element):
            case "txBody":
                found.append(body_text(element, links))
            case "tbl":
                found.append(table_text(element, links))
            case _:
                waiting += reversed(list(children(element)))
    return [text for text in found if text.strip()]


def is_hidden(shape: Element) -> bool:
    """Whether a shape is hidden (`hidden` of its `cNvPr`)."""
    for properties in shape:
        own = child(properties, "cNvPr")
        if own is not None:
            return own.get("hidden") in ("1", "true")
    return False
