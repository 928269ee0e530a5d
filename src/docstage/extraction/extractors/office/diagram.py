"""SmartArt: the words of a diagram by what they are part of (ECMA-376 part 1, 21.4)."""

from collections import defaultdict
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.office.drawing import body_text, child, local, whole

_DEEPEST = 30


def diagram_text(model: Element) -> str:
    """The words of a diagram's data (`dgm:dataModel`) as a list, each level indented, in their order."""
    points = _Points(model)
    lines: list[str] = []
    seen: set[str] = set()
    waiting = [(number, 0) for number in reversed(points.tops)]
    while waiting:
        number, level = waiting.pop()
        if number in seen:
            continue
        seen.add(number)
        if text := points.words.get(number):
            lines.append(_item(text, level))
        deeper = min(level + bool(text), _DEEPEST)
        waiting += [(below, deeper) for below in reversed(points.below[number])]
    return "\n".join(lines)


def _item(text: str, level: int) -> str:
    indent = "  " * level
    return f"{indent}- " + text.replace("\n", f"\n{indent}  ")


class _Points:
    """What a diagram consists of: words by the ids of points, and the points below each."""

    def __init__(self, model: Element) -> None:
        self.words: dict[str, str] = {}
        self.below: dict[str, list[str]] = {}
        kinds = self._read_points(model)
        below: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
        for one in _members(model, "cxnLst", "cxn"):
            if one.get("type", "parOf") == "parOf":
                order, after = whole(one.get("srcOrd")), one.get("sibTransId", "")
                below[one.get("srcId", "")].append((order, one.get("destId", ""), after))
        self._sort(below)
        roots = [number for number, kind in kinds.items() if kind == "doc"]
        inside = {number for numbers in self.below.values() for number in numbers}
        loose = [
            number for number, kind in kinds.items() if kind in ("node", "asst") and number not in inside
        ]
        self.tops = roots + loose

    def _read_points(self, model: Element) -> dict[str, str]:
        kinds = {}
        for one in _members(model, "ptLst", "pt"):
            number, kind = one.get("modelId", ""), one.get("type", "node")
            kinds[number] = kind
            words = child(one, "t")
            if words is not None and kind != "pres":
                self.words[number] = body_text(words)
        return kinds

    def _sort(self, below: dict[str, list[tuple[int, str, str]]]) -> None:
        """Order points below each other; words on an arrow to the next one come after its beginning."""
        self.below = defaultdict(list)
        for number, ordered in below.items():
            for _, one, arrow in sorted(ordered):
                self.below[number] += [one, arrow] if self.words.get(arrow) else [one]


def _members(model: Element, holder: str, name: str) -> list[Element]:
    found = child(model, holder)
    return [] if found is None else [one for one in found if local(one) == name]
