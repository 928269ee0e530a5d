"""HTML as tags and texts, cut as browsers do (WHATWG HTML, section 13.2.5), in one pass whatever it is."""

import re
from collections.abc import Iterator
from html import unescape

# Possessive throughout: a tag is gone through once, and one that never ends once as well.
_ATTRIBUTE = r"""[^\s/>=][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+|(?=[>]))?+)?+"""
_TAG = re.compile(rf"([^<]*+)<(/?+)([a-zA-Z][^\s/>]*+)((?:[\s/]++|{_ATTRIBUTE}|=)*+)>")
_PAIR = re.compile(r"""([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]*+)))?+""")
_LOOSE_TAG = re.compile(r"()<(/?+)([a-zA-Z][^\s/>]*+)([^<>]*+)>")
_LETTER = re.compile(r"/?[a-zA-Z]")
_BOGUS = re.compile(r"</[^a-zA-Z]")
_COMMENT_END = re.compile(r"--!?>")
# A tag whose quotes are in disorder is gone through to the end of the page for nothing.
_MOST_DISORDER = 8
# What these hold is text, whatever it looks like; of the second kind it may have entities.
_RAW = frozenset({"script", "style", "xmp", "iframe", "noembed", "noframes"})
_ESCAPABLE = frozenset({"title", "textarea"})
VERBATIM = _RAW | _ESCAPABLE

_XML = re.compile(r"\s*(?:<\?xml\s|<!DOCTYPE\s+html[^>]*XHTML)", re.IGNORECASE)
# As an atomic group: Python before 3.11.5 loses the way in a possessive one that a lookahead ends.
_EMPTY_ELEMENT = re.compile(r"""<([a-zA-Z][^\s/>]*+)((?>(?:"[^"]*+"|'[^']*+'|[^<>"'/]++|/(?!>))*))/>""")
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
VOID = frozenset(
    [
        "area",
        "base",
        "basefont",
        "bgsound",
        "br",
        "col",
        "embed",
        "frame",
        "hr",
        "img",
        "input",
        "keygen",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    ]
)


Token = tuple[str, str, bool, int]
"""A text, or the start or end of an element.

Its name in small letters, empty for a text; what the text says, or the attributes of a start as they are
written; whether it is an end; and where it ends in the source.
"""


def without_xml(page: str) -> str:
    """A page that was written as XML, with what HTML knows otherwise said in its words."""
    if not _XML.match(page):
        return page
    if "<![CDATA[" in page:
        # Up to where the last one ends, each has an end.
        last = page.rfind("]]>") + 3
        page = _CDATA.sub(_escaped, page[:last]) + page[last:]
    return _EMPTY_ELEMENT.sub(_in_two_tags, page)


def _escaped(found: re.Match[str]) -> str:
    return str(found[1]).replace("&", "&amp;").replace("<", "&lt;")


def _in_two_tags(found: re.Match[str]) -> str:
    name = found[1]
    return found[0] if name.lower() in VOID else f"<{name}{found[2]}></{name}>"


def attributes(written: str) -> dict[str, str]:
    """The attributes of a tag; of two with one name the first."""
    found: dict[str, str] = {}
    for name, double, single, bare in _PAIR.findall(written):
        value = double or single or bare
        found.setdefault(name.lower(), unescape(value) if "&" in value else value)
    return found


def tokens(page: str, start: int = 0) -> Iterator[Token]:
    """All there is from a place on, comments left out.

    What follows the start of a `VERBATIM` element is one text, and then its end.
    """
    place, last, disorder = start, page.rfind(">"), 0
    while place <= last:
        found = _TAG.match(page, place) if disorder < _MOST_DISORDER else None
        if found is None:
            opening = page.find("<", place)
            if not 0 <= opening < last:
                break
            skipped = _skipped(page, opening)
            if opening > place:
                yield "", _text(page[place:opening]), False, opening
            place = opening
            if skipped > opening:
                place = skipped
                continue
            found = _LOOSE_TAG.match(page, opening)
            disorder += 1 if _LETTER.match(page, opening + 1) else 0
            if found is None:
                place = opening + 1
                yield "", "<", False, place
                continue
        text, slash, name, written = found.groups()
        name, place = name.lower(), found.end()
        if text:
            yield "", unescape(text) if "&" in text else text, False, place
        yield name, written, slash == "/", place
        if name in VERBATIM and not slash:
            end = _end_of(page, name, place)
            text = page[place:end]
            yield "", _text(text) if name in _ESCAPABLE else text, False, end
            place = end
    if place < len(page):
        yield "", _text(page[place:]), False, len(page)


def _text(source: str) -> str:
    return unescape(source) if "&" in source else source


def _skipped(page: str, opening: int) -> int:
    """Where a comment or the like ends that begins here; the same place when it is text."""
    if page.startswith("<!--", opening):
        if page.startswith((">", "->"), opening + 4):
            return page.index(">", opening) + 1
        end = _COMMENT_END.search(page, opening + 4)
        return end.end() if end else len(page)
    if page.startswith(("<!", "<?"), opening) or _BOGUS.match(page, opening):
        end_of_other = page.find(">", opening)
        return end_of_other + 1 if end_of_other >= 0 else len(page)
    return opening


def _end_of(page: str, name: str, place: int) -> int:
    """Where the end tag of an element that holds only text begins."""
    end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(page, place)
    return end.start() if end else len(page)
