"""Serial numbers of spreadsheets as dates and times, in ISO form."""

import math
from dataclasses import dataclass
from datetime import date, timedelta

from docstage.extraction.extractors.office.number_codes import Section

_LAST = 2_958_465  # 9999-12-31
_MILLISECONDS = 86_400_000
# The calendar of 1900 has a 29th of February, which is day 60; before it, days are numbered one higher.
_LEAP_DAY = 60
_SINCE_1904 = 1_462
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_YEARS, _DAY_NUMBERS = "yebg", ("d", "dd")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment as clocks and calendars show it.

    Attributes:
        days: whole days of its serial number.
        day: the date; None for what no calendar has, the days 0 and 60 of 1900.
        milliseconds: since midnight.
    """

    days: int
    day: date | None
    milliseconds: int

    @property
    def iso_day(self) -> str:
        """The date in ISO form."""
        if self.day is None:
            return "1900-02-29" if self.days == _LEAP_DAY else "1900-01-00"
        return self.day.isoformat()


def moment(serial: float, *, since_1904: bool, step: int) -> Moment | None:
    """The moment of a serial number, None where spreadsheets show no date.

    Args:
        serial: days since the calendar's beginning.
        since_1904: its day 0 is the first of January 1904.
        step: milliseconds to which it is rounded, as what is shown needs.
    """
    if not 0 <= serial <= _LAST + 1:
        return None
    ticks = round(serial * _MILLISECONDS / step) * step
    days, milliseconds = divmod(ticks, _MILLISECONDS)
    if since_1904:
        days += _SINCE_1904
    elif days in (0, _LEAP_DAY):
        return Moment(days, None, milliseconds)
    if days > _LAST:
        return None
    start = date(1899, 12, 31) if days < _LEAP_DAY and not since_1904 else date(1899, 12, 30)
    return Moment(days, start + timedelta(days), milliseconds)


class DateLook:
    """How a section with letters of dates shows a serial number."""

    def __init__(self, section: Section) -> None:
        self._tokens = section.tokens
        dates = [text for kind, text in section.tokens if kind == "date"]
        letters = {text[0] for text in dates}
        self._elapsed = "elapsed" in section.kinds
        self._year = any(letter in letters for letter in _YEARS)
        self._month = "m" in letters
        self._number = any(text in _DAY_NUMBERS for text in dates)
        self._hours = "h" in letters
        self._seconds = next((text for _, text in section.tokens if text[:1] == "s"), None)
        self._decimals = min(len((self._seconds or "").partition(".")[2]), 3)
        # Where only words of a date are shown, or parts that no ISO form has, they are shown as they are.
        in_iso = self._hours or ((self._year or self._number) and (self._month or self._year))
        self._spelt = self._elapsed or not in_iso
        self._before = self._words_before()

    def show(self, serial: float, *, since_1904: bool) -> str | None:
        """The moment as it is shown, None where it is none."""
        if self._elapsed:
            return self._show_elapsed(serial)
        step = 10 ** (3 - self._decimals) if self._seconds else 1_000
        found = moment(serial, since_1904=since_1904, step=step)
        if found is None:
            return None
        if self._spelt:
            return "".join(self._piece(kind, text, found, found.milliseconds) for kind, text in self._tokens)
        shown = " ".join(piece for piece in (self._day(found), self._time(found)) if piece)
        return f"{self._before}{shown}"

    def _words_before(self) -> str:
        words = ""
        for kind, text in self._tokens:
            if kind in ("date", "elapsed", "noon"):
                break
            words += text
        return words if any(letter.isalpha() for letter in words) else ""

    def _day(self, found: Moment) -> str:
        if self._number and (self._month or self._year):
            return found.iso_day
        if not self._year:
            return ""
        return found.iso_day[:7] if self._month else found.iso_day[:4]

    def _time(self, found: Moment) -> str:
        if not self._hours:
            return ""
        hours, rest = divmod(found.milliseconds, 3_600_000)
        minutes, rest = divmod(rest, 60_000)
        shown = f"{hours:02}:{minutes:02}"
        return f"{shown}:{self._rounded(rest)}" if self._seconds else shown

    def _rounded(self, milliseconds: int) -> str:
        seconds, rest = divmod(milliseconds, 1_000)
        return f"{seconds:02}.{rest:03}"[: 3 + self._decimals] if self._decimals else f"{seconds:02}"

    def _show_elapsed(self, serial: float) -> str:
        step = 10 ** (3 - self._decimals) if self._seconds else 1_000
        ticks = round(abs(serial) * _MILLISECONDS / step) * step if math.isfinite(serial) else 0
        days, rest = divmod(ticks, _MILLISECONDS)
        found = Moment(days, None, rest)
        shown = "".join(self._piece(kind, text, found, ticks) for kind, text in self._tokens)
        return f"-{shown}" if serial < 0 and ticks else shown

    def _piece(self, kind: str, text: str, found: Moment, ticks: int) -> str:
        if kind == "elapsed":
            unit = {"h": 3_600_000, "m": 60_000, "s": 1_000}[text[0]]
            return f"{ticks // unit:0{len(text.partition('.')[0])}}{self._fraction(text, ticks)}"
        if kind != "date":
            return "" if kind == "noon" else text
        return self._letters(text, found)

    def _fraction(self, text: str, ticks: int) -> str:
        digits = f"{ticks % 1_000:03}"[: self._decimals]
        return f".{digits}" if "." in text else ""

    def _letters(self, text: str, found: Moment) -> str:
        width = min(len(text.partition(".")[0]), 2)
        match text[0]:
            case "h":
                return f"{found.milliseconds // 3_600_000:0{width}}"
            case "n":
                return f"{found.milliseconds // 60_000 % 60:0{width}}"
            case "s":
                seconds = f"{found.milliseconds // 1_000 % 60:0{width}}"
                return seconds + self._fraction(text, found.milliseconds)
            case "m" if found.day:
                month = _MONTHS[found.day.month - 1]
                return {3: month[:3], 4: month, 5: month[0]}.get(len(text), f"{found.day.month:0{width}}")
            case "d" | "a" if found.day:
                return self._weekday(text, found.day) if len(text) > 2 else f"{found.day.day:0{width}}"
        return "" if text[0] == "g" else found.iso_day

    def _weekday(self, text: str, day: date) -> str:
        name = _DAYS[day.weekday()]
        return name[:3] if len(text) == 3 else name
