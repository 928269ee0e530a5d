"""What lies above the cells of a sheet: text boxes, charts, SmartArt and pictures (ECMA-376 part 1, 20.5)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from docstage.domain.content import PICTURE_MARK, ImagePart
from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.office.charts import Resolve, chart_table
from docstage.extraction.extractors.office.diagram import diagram_text
from docstage.extraction.extractors.office.drawing import (
    body_text,
    child,
    children,
    is_hidden,
    local,
    relation,
    shape_texts,
    whole,
)
from docstage.extraction.extractors.office.embedded_pictures import Pictures
from docstage.extraction.extractors.office.package import Package
from docstage.extraction.extractors.sheets.model import Drawn, Sheet

# Names of files and of kinds, which programs write where nobody described a picture.
_SAYS_NOTHING = re.compile(r"[^\s.]+\.\w{2,4}|(?:picture|image|grafik|bild)\s*\d*", re.IGNORECASE)
_ANCHORS = frozenset({"twoCellAnchor", "oneCellAnchor", "absoluteAnchor"})
_GROUPS = frozenset({"grpSp", "graphicFrame", "graphic", "graphicData"})
_WORKSHEET_SHAPES = frozenset({"sp", "cxnSp"})


@dataclass(slots=True)
class DrawingReader:
    """Reads the drawings of a workbook's sheets.

    Attributes:
        resolve: what cells show, for charts that keep no copy.
    """

    package: Package
    pictures: Pictures
    resolve: Resolve
    _part: str = ""
    _left_out: list[str] = field(default_factory=list)

    def read(self, part: str, sheet: Sheet) -> None:
        """Add what a drawing shows to its sheet; what cannot be read is told there.

        Raises:
            Unreadable: when the drawing itself cannot be read.
        """
        root = self.package.xml(part)
        self._part, self._left_out = part, sheet.left_out
        for anchor in () if root is None else children(root):
            if local(anchor) in _ANCHORS:
                row, column = _place(anchor)
                sheet.drawn += [
                    Drawn(row, column, text, images) for text, images in self._shown(anchor) if text.strip()
                ]

    def _shown(self, anchor: Element) -> Iterator[tuple[str, tuple[ImagePart, ...]]]:
        """Texts and pictures at a place, in their order."""
        waiting = list(reversed(list(children(anchor))))
        while waiting:
            element = waiting.pop()
            match local(element):
                case "sp":
                    yield self._shape(element), ()
                case "pic":
                    yield from self._picture(element)
                case "chart" if name := relation(element):
                    yield self._chart(name), ()
                case "relIds":
                    yield self._diagram(relation(element, "dm")), ()
                case name if name in _GROUPS:
                    waiting += reversed(list(children(element)))

    def _target(self, name: str | None) -> str | None:
        link = self.package.relationships(self._part).get(name or "")
        return link.target if link and not link.external and link.target in self.package else None

    def _links(self) -> dict[str, str]:
        links = self.package.relationships(self._part)
        return {name: link.target for name, link in links.items() if link.external}

    def _shape(self, shape: Element) -> str:
        body = child(shape, "txBody")
        if _is_control(shape):
            return ""
        text = "" if body is None else body_text(body, self._links())
        return f"(hidden) {text}" if text.strip() and is_hidden(shape) else text

    def _picture(self, picture: Element) -> Iterator[tuple[str, tuple[ImagePart, ...]]]:
        properties, blip = child(picture, "nvPicPr", "cNvPr"), child(picture, "blipFill", "blip")
        described = " ".join((properties.get("descr") or "").split()) if properties is not None else ""
        described = "" if _SAYS_NOTHING.fullmatch(described) else described
        target = self._target(relation(blip, "embed")) if blip is not None else None
        data = self.package.read(target) if target else None
        if data is None:
            self._left_out.append("A picture is not included: it does not lie in the file.")
            return
        image = self.pictures.take(data, "another place")
        if isinstance(image, ImagePart):
            yield f"{PICTURE_MARK} ({described})" if described else PICTURE_MARK, (image,)
        elif isinstance(image, str):
            self._left_out.append(image)
            if described:
                yield f"(A picture: {described})", ()

    def _chart(self, name: str) -> str:
        target = self._target(name)
        try:
            data = self.package.read(target) if target else None
            if data is None or target is None:
                self._left_out.append("A chart is not included: it does not lie in the file.")
                return ""
            return "\n\n".join([chart_table(data, self.resolve), *self._written_over(target)]).strip()
        except Unreadable as problem:
            self._left_out.append(f"A chart is not included: {problem.detail}")
            return ""

    def _written_over(self, chart: str) -> Iterator[str]:
        """Words of the shapes that were drawn over a chart."""
        for part in self.package.related(chart, "chartUserShapes"):
            root = self.package.xml(part)
            if root is not None:
                yield from shape_texts(root)

    def _diagram(self, name: str | None) -> str:
        target = self._target(name)
        root = self.package.xml(target) if target else None
        if root is None:
            self._left_out.append("A diagram (SmartArt) is not included: it does not lie in the file.")
            return ""
        return diagram_text(root)


def _place(anchor: Element) -> tuple[int, int]:
    """Row and column, from 1 on, where it begins; 0 where it lies freely."""
    row, column = child(anchor, "from", "row"), child(anchor, "from", "col")
    if row is None or column is None:
        return 0, 0
    return whole(row.text) + 1, whole(column.text) + 1


def _is_control(shape: Element) -> bool:
    """Whether it stands for a form control, which is read where its tick is (`controls_of`)."""
    properties = child(shape, "nvSpPr", "cNvPr")
    return properties is not None and any(local(one) == "compatExt" for one in properties.iter())
