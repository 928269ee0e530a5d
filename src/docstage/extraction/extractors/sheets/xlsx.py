"""Workbooks of Office Open XML (ECMA-376 part 1, chapter 18)."""

import posixpath
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from docstage.domain.content import PICTURE_MARK, DocumentReason, ImagePart
from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.office.drawing import child, local, relation
from docstage.extraction.extractors.office.embedded_pictures import Pictures
from docstage.extraction.extractors.office.package import Package
from docstage.extraction.extractors.sheets.controls import controls_of
from docstage.extraction.extractors.sheets.model import Allowance, Comment, Drawn, Sheet, address, area_of
from docstage.extraction.extractors.sheets.xlsx_cells import Book, Referred, SheetEvents
from docstage.extraction.extractors.sheets.xlsx_comments import comments_of, persons_of
from docstage.extraction.extractors.sheets.xlsx_drawings import DrawingReader
from docstage.extraction.extractors.sheets.xlsx_rich import rich_values
from docstage.extraction.extractors.sheets.xlsx_styles import looks_of, shared_strings
from docstage.extraction.extractors.sheets.xml import read_events
from docstage.extraction.extractors.word.embedded import embedded

_TRUE = ("1", "true")
_MOST_RESOLVED = 100_000
_MOST_SHEETS = 2_000
_REFERENCE = re.compile(r"('(?:[^']|'')+'|[^'!,()]+)!([$A-Za-z\d:]+)")
_DAMAGED = "The file has no workbook inside: it is damaged. Open it in its program and save it anew."


@dataclass(frozen=True, slots=True)
class Entry:
    """A sheet as the workbook names it, by the id of a relationship."""

    name: str
    hidden: bool
    relation: str


@dataclass(slots=True)
class _Bound:
    """A sheet and its part."""

    sheet: Sheet
    part: str
    referred: Referred


def read_xlsx(package: Package, pictures: Pictures) -> list[Sheet]:
    """The sheets of a workbook in their order.

    Raises:
        Unreadable: TOO_COMPLEX, TOO_LARGE or DAMAGED.
    """
    return XmlWorkbook(package, pictures).read()


class PackagedWorkbook(ABC):
    """A workbook in a package; of what its parts consist, subclasses know."""

    def __init__(self, package: Package, pictures: Pictures) -> None:
        self.package = package
        self._pictures = pictures
        main = package.main or _known(package)
        if main is None:
            raise Unreadable(DocumentReason.DAMAGED, _DAMAGED)
        self.main = main
        self.allowance = Allowance(pictures.limits.text_characters)
        self._bound: list[_Bound] = []

    @abstractmethod
    def entries(self) -> list[Entry]:
        """The sheets that the workbook names, in their order."""

    @abstractmethod
    def fill(self, sheet: Sheet, data: bytes) -> Referred:
        """Fill a sheet with what its part says."""

    @abstractmethod
    def comments(self, part: str) -> list[Comment]:
        """The comments of the sheet in this part."""

    def read(self) -> list[Sheet]:
        """The sheets in their order.

        Raises:
            Unreadable: TOO_COMPLEX, TOO_LARGE or DAMAGED.
        """
        entries = self.entries()
        if len(entries) > _MOST_SHEETS:
            detail = f"It has {len(entries):,} sheets, more than {_MOST_SHEETS:,}. Split the workbook."
            raise Unreadable(DocumentReason.TOO_COMPLEX, detail)
        found = [self._sheet(entry) for entry in entries]
        reader = DrawingReader(self.package, self._pictures, self._resolve)
        for bound in self._bound:
            bound.sheet.comments = self.comments(bound.part)
            self._add_links(bound)
            self._add_files(bound)
            self._add_pictures(bound)
            for part in self.package.related(bound.part, "vmlDrawing"):
                bound.sheet.drawn += controls_of(self.package.read(part) or b"")
            for drawing in bound.referred.drawings:
                self._add_drawing(reader, bound, drawing)
        return found

    def related(self, kind: str) -> str:
        """The name of the first part that the workbook names as of this kind, empty where there is none."""
        return next(iter(self.package.related(self.main, kind)), "")

    def _sheet(self, entry: Entry) -> Sheet:
        sheet = Sheet(entry.name, entry.hidden)
        link = self.package.relationships(self.main).get(entry.relation)
        data = self.package.read(link.target) if link and not link.external else None
        if link is None or data is None:
            sheet.left_out.append("The sheet is not included: it does not lie in the file.")
        else:
            self._bound.append(_Bound(sheet, link.target, self.fill(sheet, data)))
        return sheet

    def _add_links(self, bound: _Bound) -> None:
        links = self.package.relationships(bound.part)
        for area, name, place in bound.referred.links:
            target = links[name].target if name in links else ""
            bound.sheet.links.append((area, f"{target}#{place}" if place else target))

    def _add_files(self, bound: _Bound) -> None:
        """Add the files that were put on a sheet as objects."""
        for kind in ("package", "oleObject"):
            for part in self.package.related(bound.part, kind):
                data = self.package.read(part)
                found = embedded(data, posixpath.basename(part)) if data else None
                if found is not None:
                    bound.sheet.attachments.append(found)
                else:
                    bound.sheet.left_out.append("An embedded object is not read: it is of no known kind.")

    def _add_pictures(self, bound: _Bound) -> None:
        """Add the pictures that stand in cells."""
        for row, column, value in bound.referred.pictures:
            data = self.package.read(value.picture)
            if data is None:
                bound.sheet.left_out.append("A picture is not included: it does not lie in the file.")
                continue
            before = self._pictures.shown_at(data)
            image = self._pictures.take(data, f"{bound.sheet.name}, {address(row, column)}")
            if isinstance(image, ImagePart):
                text = f"{PICTURE_MARK} ({value.text})" if value.text else PICTURE_MARK
                bound.sheet.drawn.append(Drawn(row, column, text, (image,)))
            elif isinstance(image, str):
                bound.sheet.left_out.append(image)
            elif before:
                bound.sheet.drawn.append(Drawn(row, column, f"(the picture of {before} again)"))

    def _add_drawing(self, reader: DrawingReader, bound: _Bound, name: str) -> None:
        link = self.package.relationships(bound.part).get(name)
        try:
            if link and not link.external:
                reader.read(link.target, bound.sheet)
        except Unreadable as problem:
            bound.sheet.left_out.append(f"Its drawings are not included: {problem.detail}")

    def _resolve(self, reference: str) -> list[str]:
        """What cells show, by a reference to one area or several."""
        sheets = {bound.sheet.name.lower(): bound.sheet for bound in self._bound}
        found: list[str] = []
        for name, place in _REFERENCE.findall(reference):
            sheet = sheets.get(name.strip("'").replace("''", "'").lower())
            if sheet is not None:
                found += islice(_cells(sheet, place), _MOST_RESOLVED)
        return found[:_MOST_RESOLVED]


class XmlWorkbook(PackagedWorkbook):
    """A workbook whose parts are XML."""

    def __init__(self, package: Package, pictures: Pictures) -> None:
        super().__init__(package, pictures)
        root = package.xml(self.main)
        if root is None:
            raise Unreadable(DocumentReason.DAMAGED, _DAMAGED)
        self._root = root
        properties, calculation = child(root, "workbookPr"), child(root, "calcPr")
        since_1904 = properties is not None and properties.get("date1904") in _TRUE
        self._book = Book(
            shared_strings(package.read(self.related("sharedStrings"))),
            looks_of(package.xml(self.related("styles")), since_1904=since_1904),
            self.allowance,
            calculation is not None and calculation.get("fullCalcOnLoad") in _TRUE,
            rich_values(package, self.main),
        )
        self._persons = persons_of(package, self.main)

    def entries(self) -> list[Entry]:
        """See `PackagedWorkbook.entries`."""
        sheets = child(self._root, "sheets")
        return [
            Entry(one.get("name", ""), one.get("state", "visible") != "visible", relation(one) or "")
            for one in (() if sheets is None else sheets)
            if local(one) == "sheet"
        ]

    def fill(self, sheet: Sheet, data: bytes) -> Referred:
        """See `PackagedWorkbook.fill`."""
        events = SheetEvents(sheet, self._book)
        read_events(data, events)
        events.finish()
        return events.referred

    def comments(self, part: str) -> list[Comment]:
        """See `PackagedWorkbook.comments`."""
        return comments_of(self.package, part, self._persons)


def _cells(sheet: Sheet, place: str) -> Iterator[str]:
    area = area_of(place)
    if area is None or not sheet.rows:
        return
    for number in range(area.top, min(area.bottom, max(sheet.rows)) + 1):
        row = sheet.rows.get(number, {})
        for column in range(area.left, area.right + 1):
            yield row.get(column, "")


def _known(package: Package) -> str | None:
    """The workbook of a package whose links are lost."""
    return next(
        (name for name in package.names if name.lower().endswith(("xl/workbook.xml", "xl/workbook.bin"))),
        None,
    )
