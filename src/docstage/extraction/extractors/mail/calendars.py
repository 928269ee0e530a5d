"""Calendars and cards of people as files of their own."""

from docstage.extraction.extractors.base import Extracted, Limits
from docstage.extraction.extractors.mail.calendar import read_calendar
from docstage.extraction.extractors.text.extractor import decode_text


class CalendarExtractor:
    """Appointments, tasks and people, each with its fields."""

    def extract(self, data: bytes, media_type: str, _limits: Limits, /) -> Extracted:
        """Write each field on a line. See `Extractor.extract`."""
        text = decode_text(data)
        return Extracted.whole(read_calendar(text) or text, media_type)


EXTRACTOR = CalendarExtractor
