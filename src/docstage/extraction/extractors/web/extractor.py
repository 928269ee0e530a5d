"""HTML pages, and pages that browsers saved with all that belongs to them (MHTML)."""

from docstage.domain.content import Part, PartKind
from docstage.extraction.extractors.base import Extracted, Limits
from docstage.extraction.extractors.text.extractor import decode_text
from docstage.extraction.extractors.web.archive import open_archive
from docstage.extraction.extractors.web.page import Page, read_page
from docstage.extraction.known_types import MHTML


class HtmlExtractor:
    """Pages as they are shown, navigation and forms included: what is unimportant is not for us to say."""

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Convert the page to Markdown under its title. See `Extractor.extract`."""
        if media_type == MHTML:
            source, find = open_archive(data)
            page = read_page(source, limits, find)
        else:
            page = read_page(decode_text(data, markup=True), limits)
        return _extracted(page, media_type)


EXTRACTOR = HtmlExtractor


def _extracted(page: Page, media_type: str) -> Extracted:
    part = Part(PartKind.SECTION, 1, page.text, page.images)
    return Extracted((part,), media_type, page.notes, page.left_out)
