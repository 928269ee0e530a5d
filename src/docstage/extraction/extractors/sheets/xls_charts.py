"""Charts of old workbooks ([MS-XLS] 2.1.7.20.1), from the copies of their cells that they keep."""

import struct
from collections import defaultdict
from dataclasses import dataclass
from typing import Protocol

from docstage.extraction.extractors.office.chart_data import Points
from docstage.extraction.extractors.office.chart_tables import Series, chart_text
from docstage.extraction.extractors.sheets.biff import Record, Texts
from docstage.extraction.extractors.sheets.xlsx_styles import Look

CHART = b"\x20\x00"
"""The kind of stream, in the record with which it begins."""

_SERIES, _SERIES_TEXT, _TEXT, _LINK, _BEGIN, _END, _DATA, _INDEX = (
    0x1003, 0x100D, 0x1025, 0x1027, 0x1033, 0x1034, 0x1051, 0x1065,
)  # fmt: skip
_NUMBER, _LABEL = 0x203, 0x204
_KINDS = {
    0x1017: "bar", 0x1018: "line", 0x1019: "pie", 0x101A: "area", 0x101B: "scatter",
    0x103E: "radar", 0x103F: "surface", 0x1040: "radar",
}  # fmt: skip
# What the copies are of, and what a title belongs to.
_VALUES, _CATEGORIES, _SIZES = 1, 2, 3
_TITLE, _VALUE_AXIS, _CATEGORY_AXIS = 1, 2, 3
_MOST_POINTS = 1_000_000


class Shared(Protocol):
    """What a chart takes from its workbook."""

    @property
    def texts(self) -> Texts: ...
    def by_format(self, number: int, /) -> Look: ...


@dataclass(slots=True)
class _Named:
    """A series: its name, and the numbers of the formats of values and categories."""

    name: str = ""
    values: int = 0
    categories: int = 0


class ChartRecords:
    """Collects the records of a chart."""

    def __init__(self, book: Shared) -> None:
        self._book = book
        self._kinds: dict[str, None] = {}
        self._series: list[_Named] = []
        self._titles: dict[int, str] = {}
        self._path: list[int] = []
        self._last = 0
        self._text = ""
        self._index = 0
        self._points: dict[tuple[int, int], dict[int, str]] = defaultdict(dict)
        self._count = 0

    def take(self, record: Record) -> None:
        """Take a record."""
        kind, data = record.kind, record.data
        if kind == _BEGIN:
            self._path.append(self._last)
        elif kind == _END:
            self._path[-1:] = []
        else:
            self._last = kind
            if kind in _KINDS:
                self._kinds[_KINDS[kind]] = None
            elif kind in (_NUMBER, _LABEL):
                self._take_point(kind, data)
            else:
                self._take_other(kind, data)

    def _take_other(self, kind: int, data: bytes) -> None:
        if kind == _SERIES:
            self._series.append(_Named())
        elif kind == _TEXT:
            self._text = ""
        elif kind == _SERIES_TEXT:
            self._take_text(self._book.texts.short(data, 2).strip())
        elif kind == _LINK:
            self._titles.setdefault(int.from_bytes(data[:2], "little"), self._text)
        elif kind == _DATA and self._series:
            self._take_format(data)
        elif kind == _INDEX:
            self._index = int.from_bytes(data[:2], "little")

    def text(self) -> str:
        """The chart as tables, empty where it keeps no copies."""
        if not self._points:
            return ""
        found = [self._one(number, named) for number, named in enumerate(self._series)]
        series = [one for one in found if one.values.levels]
        title = " ".join(self._titles.get(_TITLE, "").split())
        return chart_text(title, list(self._kinds), series, self._titles.get(_VALUE_AXIS, ""))

    def _take_text(self, text: str) -> None:
        if self._path[-1:] == [_SERIES] and self._series:
            self._series[-1].name = self._series[-1].name or text
        else:
            self._text = text

    def _take_format(self, data: bytes) -> None:
        kind, _, _, number = struct.unpack_from("<BBHH", data)
        if self._path[-1:] == [_SERIES] and kind == _VALUES:
            self._series[-1].values = number
        elif self._path[-1:] == [_SERIES] and kind == _CATEGORIES:
            self._series[-1].categories = number

    def _take_point(self, kind: int, data: bytes) -> None:
        point, series = struct.unpack_from("<HH", data)
        self._count += 1
        if self._count > _MOST_POINTS:
            return
        if kind == _LABEL:
            shown = self._book.texts.long(data, 6)
        else:
            shown = self._look(series).number(repr(struct.unpack_from("<d", data, 6)[0]))
        self._points[self._index, series][point] = shown

    def _look(self, series: int) -> Look:
        named = self._series[series] if series < len(self._series) else _Named()
        return self._book.by_format(named.categories if self._index == _CATEGORIES else named.values)

    def _one(self, number: int, named: _Named) -> Series:
        def points(kind: int) -> Points:
            found = self._points.get((kind, number))
            return Points([found] if found else [])

        return Series(
            named.name,
            points(_CATEGORIES),
            points(_VALUES),
            points(_SIZES),
            self._titles.get(_CATEGORY_AXIS, ""),
            self._titles.get(_VALUE_AXIS, ""),
        )
