"""Where the shapes of a slide lie, and what they inherit from its layout and its master."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.office.drawing import child, children, local, whole
from docstage.extraction.extractors.office.reading_order import Box
from docstage.extraction.extractors.office.scale import Scale

# What a placeholder is called on a slide and on the master it inherits from (ECMA-376 part 1, 19.7.10).
_ON_MASTER = {"ctrTitle": "title", "subTitle": "body", "obj": "body", "chart": "body", "tbl": "body"}
_TITLES = frozenset({"title", "ctrTitle"})


WHOLE_SLIDE = Scale()


def scale_inside(group: Element, scale: Scale) -> Scale:
    """That of a group's children (`a:chOff`, `a:chExt`)."""
    transform = child(group, "grpSpPr", "xfrm")
    outer, inner = _box(transform, "off", "ext"), _box(transform, "chOff", "chExt")
    if outer is None or inner is None or not inner.width or not inner.height:
        return scale
    return Scale.of(inner, scale.place(outer))


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What a shape stands for: `p:ph`."""

    kind: str
    index: str | None

    @property
    def is_title(self) -> bool:
        """Whether it is the title of its slide."""
        return self.kind in _TITLES


def placeholder(shape: Element) -> Placeholder | None:
    """The placeholder that a shape fills, None for a shape of its own."""
    for properties in shape:
        found = child(properties, "nvPr", "ph")
        if found is not None:
            return Placeholder(found.get("type", "obj"), found.get("idx"))
    return None


def own_box(shape: Element) -> Box | None:
    """Where a shape says that it lies."""
    for holder in ("spPr", "xfrm", "grpSpPr"):
        found = child(shape, holder)
        transform = found if holder == "xfrm" else child(found, "xfrm")
        if transform is not None:
            return _box(transform, "off", "ext")
    return None


def quarter_turns(shape: Element) -> int:
    """By how many quarters a shape is turned to the right; 0 where it stands aslant."""
    transform = child(shape, "spPr", "xfrm")
    turned = whole(None if transform is None else transform.get("rot")) / 5_400_000  # 60,000ths of a degree
    return int(turned) % 4 if turned == int(turned) else 0


def _box(transform: Element | None, corner: str, size: str) -> Box | None:
    start, extent = child(transform, corner), child(transform, size)
    if start is None or extent is None:
        return None
    return Box(
        *(float(whole(one)) for one in (start.get("x"), start.get("y"), extent.get("cx"), extent.get("cy")))
    )


class Ancestry:
    """The layout and the master of a slide, which have places and styles for its placeholders.

    Args:
        layout: `p:sldLayout`.
        master: `p:sldMaster`.
    """

    def __init__(self, layout: Element | None, master: Element | None) -> None:
        self._layout = list(_placeholders(layout))
        self._master = list(_placeholders(master))
        self._styles = child(master, "txStyles")

    def box(self, held: Placeholder) -> Box | None:
        """Where a placeholder lies that does not say so itself."""
        return next((found for shape in self._above(held) if (found := own_box(shape))), None)

    def styles(self, held: Placeholder | None) -> list[Element]:
        """Lists of styles that its text inherits, the nearest first."""
        if held is None:
            return []
        lists = [child(shape, "txBody", "lstStyle") for shape in self._above(held)]
        name = "titleStyle" if held.is_title else "bodyStyle"
        return [one for one in (*lists, child(self._styles, name)) if one is not None]

    def _above(self, held: Placeholder) -> Iterator[Element]:
        on_layout = _match(held, self._layout)
        if on_layout is not None:
            yield on_layout[1]
            held = Placeholder(on_layout[0].kind, None)
        on_master = _match(Placeholder(_ON_MASTER.get(held.kind, held.kind), None), self._master)
        if on_master is not None:
            yield on_master[1]


def _match(
    held: Placeholder, among: Sequence[tuple[Placeholder, Element]]
) -> tuple[Placeholder, Element] | None:
    """The placeholder of the same index, else of the same kind."""
    by_index = (one for one in among if held.index is not None and one[0].index == held.index)
    by_kind = (one for one in among if one[0].kind == held.kind or (held.is_title and one[0].is_title))
    return next(by_index, None) or next(by_kind, None)


def _placeholders(sheet: Element | None) -> Iterator[tuple[Placeholder, Element]]:
    for shape in shapes(sheet):
        held = placeholder(shape)
        if held is not None:
            yield held, shape


def shapes(sheet: Element | None) -> Iterable[Element]:
    """The shapes of a slide, a layout, a master or a page of notes."""
    tree = child(sheet, "cSld", "spTree")
    return () if tree is None else children(tree)


def plain_words(sheet: Element | None) -> Iterator[Element]:
    """The shapes of a layout or a master that its slides show as they are: those that are no placeholders."""
    for shape in shapes(sheet):
        if placeholder(shape) is None and local(shape) != "pic":
            yield shape
