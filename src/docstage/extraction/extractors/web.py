"""HTML pages."""

import html
import re

from docstage.extraction.extractors.base import Extracted, Limits, tidy
from docstage.extraction.extractors.text import decode_text
from docstage.extraction.extractors.xberg_reader import convert, markdown
from docstage.extraction.known_types import HTML

_TITLE = re.compile(r"<title[^>]*>([^<]*)</title>", re.IGNORECASE)
# The text is decoded already; what the page says of its encoding would mislead the converter.
_CHARSET = re.compile(r"(<meta[^>]{0,500}?charset\s*=\s*[\"']?\s*)[\w.:-]+", re.IGNORECASE)
# What lies in these is not shown. No pattern here reads any part of a page more often than twice.
_HIDING = re.compile(r"<(/?)(?:script|style|svg|template|noscript|head)\b[^<>]*>", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_TAG = re.compile(r"<[^<>]*>")
# The converter leaves out, without a word, what is nested too deeply for it. A page that has lost more than
# this share of its words is given without its form instead.
_LOST = 0.5


class HtmlExtractor:
    """HTML by xberg, navigation and forms included: what is unimportant is not for us to say."""

    def extract(self, data: bytes, media_type: str, _limits: Limits, /) -> Extracted:
        """Convert the page to Markdown under its title. See `Extractor.extract`."""
        return Extracted.whole(html_to_text(decode_text(data, markup=True)), media_type)


EXTRACTOR = HtmlExtractor


def html_to_text(page: str) -> str:
    """Convert a page to Markdown.

    Raises:
        Unreadable: when it cannot be converted.
    """
    text = markdown(convert(_CHARSET.sub(r"\1utf-8", page, count=3).encode("utf-8", "replace"), HTML).content)
    bare = _bare(page)
    if _words(text) < _LOST * _words(bare):
        text = tidy(bare)
    found = _TITLE.search(page)
    title = " ".join(html.unescape(found[1]).split()) if found else ""
    return text if not title or f"# {title}\n" in text else f"Title: {title}\n\n{text}"


def _words(text: str) -> int:
    return len(_WORD.findall(text))


def _bare(page: str) -> str:
    """The page's text without any tag."""
    shown = "".join(part.partition("<!--")[0] for part in page.split("-->"))
    first, *rest = _HIDING.split(shown)
    pieces = [first, *(text for slash, text in zip(rest[0::2], rest[1::2], strict=True) if slash)]
    return html.unescape(_TAG.sub(" ", " ".join(pieces)))
